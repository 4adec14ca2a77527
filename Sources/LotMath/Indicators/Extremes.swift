/// The largest of the last `length` values.
///
/// NaN until `length` finite values in a row were seen.
///
/// - Complexity: O(1) a value amortised; memory O(length). See ``WindowMaximum``.
/// - SeeAlso: TA-Lib, function MAX.
struct Highest: UnaryKernel {
    private var window: WindowMaximum

    /// The largest of `length` values, at least 1.
    init(length: Int) { window = WindowMaximum(length: length) }

    @inline(__always)
    mutating func step(_ value: Double) -> Double { window.step(value) }

    static let definition = IndicatorDefinition(
        "highest", "Largest value of a window.",
        parameters: [.length("length", 30)],
        warmUp: "length" - 1, memory: .window,
        formula: "largest of the last `length` values",
        talib: "MAX",
        kernel: { Highest(length: Int($0[0])) })
}

/// The smallest of the last `length` values: minus the largest of their negatives.
///
/// NaN until `length` finite values in a row were seen.
///
/// - Complexity: O(1) a value amortised; memory O(length). See ``WindowMaximum``.
/// - SeeAlso: TA-Lib, function MIN.
struct Lowest: UnaryKernel {
    private var window: WindowMaximum

    /// The smallest of `length` values, at least 1.
    init(length: Int) { window = WindowMaximum(length: length) }

    @inline(__always)
    mutating func step(_ value: Double) -> Double { -window.step(-value) }

    static let definition = IndicatorDefinition(
        "lowest", "Smallest value of a window.",
        parameters: [.length("length", 30)],
        warmUp: "length" - 1, memory: .window,
        formula: "smallest of the last `length` values",
        talib: "MIN",
        kernel: { Lowest(length: Int($0[0])) })
}

/// Donchian channel: the highest high and the lowest low of the last `length` bars.
///
/// `upper = max(high)`, `lower = min(low)`, `middle = (upper + lower) / 2`, the current bar
/// included. A break-out is a close above the channel of the bar *before*: shift it by one. NaN
/// until `length` bars in a row had finite highs and lows.
///
/// - Complexity: O(1) a bar amortised; memory O(length). See ``WindowMaximum``.
/// - SeeAlso: Faith, "Way of the Turtle", 2007, for the channels of 20 and 55 days.
struct DonchianChannel: Kernel {
    private var highs: WindowMaximum
    private var lows: WindowMaximum

    /// A channel of `length` bars, at least 1.
    init(length: Int) {
        highs = WindowMaximum(length: length)
        lows = WindowMaximum(length: length)
    }

    @inline(__always)
    mutating func step(_ row: RangeRow) -> Lines3 {
        let upper = highs.step(row.high)
        let lower = -lows.step(-row.low)
        let middle = (upper + lower) / 2
        return middle.isNaN ? .none : Lines3(upper, middle, lower)
    }

    static let definition = IndicatorDefinition(
        "donchian", "Donchian channel.",
        inputs: .range, parameters: [.length("length", 20)],
        outputs: ["upper", "middle", "lower"],
        warmUp: "length" - 1, memory: .window,
        formula: """
            `upper`: highest high, `lower`: lowest low of the last `length` bars, this one \
            included; `middle = (upper + lower) / 2`
            """,
        talib: "DONCHIAN", source: "Faith 2007",
        kernel: { DonchianChannel(length: Int($0[0])) })
}
