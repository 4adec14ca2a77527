/// On-balance volume: volume added where the close rose, taken off where it fell.
///
/// - Complexity: O(1) a bar.
struct OnBalanceVolume: Kernel {
    private var last = Double.nan
    private var sum = Double.nan

    @inline(__always)
    mutating func step(_ row: Pair) -> Double {
        let (close, volume) = (row.first, row.second)
        if sum.isNaN {
            // The first bar, or the first after a bad one.
            sum = volume + close * 0
        } else {
            let change = close > last ? volume : close < last ? -volume : volume * 0
            sum += change + close * 0
        }
        last = close
        if !sum.isFinite { sum = .nan }
        return sum
    }

    static let definition = IndicatorDefinition(
        "obv", "On-balance volume.",
        inputs: [.column(.close), .column(.volume)], warmUp: 0, memory: .recurrence,
        formula: """
            sum of the volumes since the first bar: added where `close > close[1]`, taken off \
            where `close < close[1]`; begins with the volume of the first bar
            """,
        talib: "OBV", source: "Granville 1963",
        kernel: { _ in OnBalanceVolume() })
}

/// Volume of a bar times where its close lies in its range: 1 at the high, −1 at the low.
@inline(__always)
func moneyFlow(_ row: VolumeRow) -> Double {
    let (high, low, close) = (row.prices.high, row.prices.low, row.prices.close)
    let flow = ((close - low) - (high - close)) / (high - low) * row.volume
    return high > low ? flow : (high - low + close) * 0 * row.volume
}

/// Accumulation/distribution line: the money flow so far.
///
/// - Complexity: O(1) a bar.
struct AccumulationLine: Kernel {
    private var sum = 0.0

    @inline(__always)
    mutating func step(_ row: VolumeRow) -> Double {
        sum += moneyFlow(row)
        guard sum.isFinite else {
            sum = 0
            return .nan
        }
        return sum
    }

    static let definition = IndicatorDefinition(
        "adl", aliases: ["ad"], "Accumulation/distribution line.",
        inputs: .volumes, warmUp: 0, memory: .recurrence,
        formula: """
            sum of `((close − low) − (high − close)) / (high − low) · volume` since the first \
            bar; 0 for a bar without range
            """,
        talib: "AD", source: "Chaikin 1974",
        kernel: { _ in AccumulationLine() })
}

/// Chaikin money flow: the money flow of a window as a share of its volume, −1 … 1.
///
/// - Complexity: O(1) a bar; memory O(length).
struct ChaikinMoneyFlow: Kernel {
    private var flows: WindowSum
    private var volumes: WindowSum

    /// A window of `length` bars, at least 1.
    init(length: Int) {
        flows = WindowSum(length: length)
        volumes = WindowSum(length: length)
    }

    @inline(__always)
    mutating func step(_ row: VolumeRow) -> Double {
        let flow = flows.step(moneyFlow(row))
        let volume = volumes.step(row.volume)
        return volume == 0 ? flow * 0 : flow / volume
    }

    static let definition = IndicatorDefinition(
        "cmf", "Chaikin money flow, −1 … 1.",
        inputs: .volumes, parameters: [.length("length", 20)],
        warmUp: "length" - 1, memory: .window,
        formula: """
            what `adl` adds, summed over `length` bars, `/ sum of volume`; 0 where no volume was
            """,
        talib: "CMF", source: "Chaikin 1974",
        kernel: { ChaikinMoneyFlow(length: Int($0[0])) })
}
