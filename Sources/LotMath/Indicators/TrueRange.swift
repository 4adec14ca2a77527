/// The range of a bar, a gap to the close before it included; NaN if a number is not finite.
@inline(__always)
func trueRange(_ row: PriceRow, after close: Double) -> Double {
    let top = row.high > close ? row.high : close
    let bottom = row.low < close ? row.low : close
    let range = top - bottom + (row.high - row.low + row.close + close) * 0
    return range.isFinite ? range : .nan
}

/// True range of each bar.
///
/// - Complexity: O(1) a bar.
struct TrueRange: BarKernel {
    private var last = Double.nan

    @inline(__always)
    mutating func step(_ row: PriceRow) -> Double {
        let range = trueRange(row, after: last)
        last = row.close
        return range
    }

    static let definition = IndicatorDefinition(
        "true_range", aliases: ["trange"], "True range.",
        inputs: .prices, warmUp: 1, memory: .window,
        formula: "`max(high, close[1]) − min(low, close[1])`",
        talib: "TRANGE", source: "Wilder 1978",
        kernel: { _ in TrueRange() })
}

/// Average true range in percent of the close.
///
/// - Complexity: O(1) a bar.
struct NormalizedRange: BarKernel {
    private var average: AverageTrueRange

    /// An average over `length` ranges, at least 1.
    init(length: Int) { average = AverageTrueRange(length: length) }

    @inline(__always)
    mutating func step(_ row: PriceRow) -> Double {
        let range = average.step(row)
        return row.close == 0 ? range * 0 : range / row.close * 100
    }

    static let definition = IndicatorDefinition(
        "natr", "Average true range in percent of the close.",
        inputs: .prices, parameters: [.length("length", 14)],
        warmUp: "length", memory: .recurrence,
        formula: "`atr(length) / close · 100`; 0 where the close is 0",
        talib: "NATR", source: "Forman 2006",
        kernel: { NormalizedRange(length: Int($0[0])) })
}
