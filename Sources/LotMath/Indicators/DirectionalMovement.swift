/// Wilder's directional movement: how far highs rise and lows fall beyond the bar before, smoothed.
///
/// Sums over the first `length − 1` movements, then `sum += new − sum / length`. A bar with a price
/// that is not finite makes it begin again.
///
/// - Complexity: O(1) a bar.
/// - SeeAlso: TA-Lib, functions PLUS_DI, MINUS_DI, DX (unstable period 0).
struct DirectionalMovement: Sendable {
    private let length: Int
    private let share: Double
    /// Movements since the beginning; -1 before the first bar.
    private var seen = -1
    private var last = PriceRow(high: 0, low: 0, close: 0)
    private var plus = 0.0
    private var minus = 0.0
    private var range = 0.0

    /// Movement over `length` bars, at least 2.
    init(length: Int) {
        self.length = length
        share = Double(length)
    }

    /// The share of the range that was upward, 0 … 100.
    var plusIndex: Double { range == 0 ? 0 : 100 * (plus / range) }

    /// The share of the range that was downward, 0 … 100.
    var minusIndex: Double { range == 0 ? 0 : 100 * (minus / range) }

    /// How far one of them outweighs the other, 0 … 100; `nil` where nothing moved.
    var index: Double? {
        let (up, down) = (plusIndex, minusIndex)
        return up + down == 0 ? nil : 100 * (abs(down - up) / (up + down))
    }

    /// Takes the next bar; returns whether the indexes have a value.
    @inline(__always)
    mutating func step(_ row: PriceRow) -> Bool {
        let up = row.high - last.high
        let down = last.low - row.low
        let new = trueRange(row, after: last.close)
        last = row
        guard seen >= 0, (plus + minus + range + new).isFinite else {
            (plus, minus, range) = (0, 0, 0)
            seen = (row.high - row.low + row.close).isFinite ? 0 : -1
            return false
        }
        seen &+= 1
        if seen >= length {
            plus -= plus / share
            minus -= minus / share
            range -= range / share
        }
        plus += up > 0 && up > down ? up : 0
        minus += down > 0 && up < down ? down : 0
        range += new
        return seen >= length
    }
}

/// The share of the range that was upward movement.
struct PlusIndex: BarKernel {
    private var movement: DirectionalMovement

    /// Movement over `length` bars, at least 2.
    init(length: Int) { movement = DirectionalMovement(length: length) }

    @inline(__always)
    mutating func step(_ row: PriceRow) -> Double {
        movement.step(row) ? movement.plusIndex : .nan
    }

    static let definition = IndicatorDefinition(
        "plus_di", "Plus directional indicator, 0 … 100.",
        inputs: .prices, parameters: [.length("length", 14, minimum: 2)],
        warmUp: "length", memory: .recurrence,
        formula: """
            `100 · up / range`: Wilder's sums, `sum += new − sum / length`, of `high − high[1]` \
            where it is above 0 and above `low[1] − low`, and of `true_range`; seed: the sums of \
            the first `length − 1`
            """,
        talib: "PLUS_DI", source: "Wilder 1978",
        kernel: { PlusIndex(length: Int($0[0])) })
}

/// The share of the range that was downward movement.
struct MinusIndex: BarKernel {
    private var movement: DirectionalMovement

    /// Movement over `length` bars, at least 2.
    init(length: Int) { movement = DirectionalMovement(length: length) }

    @inline(__always)
    mutating func step(_ row: PriceRow) -> Double {
        movement.step(row) ? movement.minusIndex : .nan
    }

    static let definition = IndicatorDefinition(
        "minus_di", "Minus directional indicator, 0 … 100.",
        inputs: .prices, parameters: [.length("length", 14, minimum: 2)],
        warmUp: "length", memory: .recurrence,
        formula: """
            as `plus_di`, of `low[1] − low` where it is above 0 and above `high − high[1]`
            """,
        talib: "MINUS_DI", source: "Wilder 1978",
        kernel: { MinusIndex(length: Int($0[0])) })
}
