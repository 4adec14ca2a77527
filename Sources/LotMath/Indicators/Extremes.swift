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

    static let definition = IndicatorDefinition.unary(
        "highest", "Largest of the last `length` values.",
        parameters: [.length("length", 30)],
        warmUp: { Int($0[0]) - 1 },
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

    static let definition = IndicatorDefinition.unary(
        "lowest", "Smallest of the last `length` values.",
        parameters: [.length("length", 30)],
        warmUp: { Int($0[0]) - 1 },
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
struct DonchianChannel: BarTripleKernel {
    private var highs: WindowMaximum
    private var lows: WindowMaximum

    /// A channel of `length` bars, at least 1.
    init(length: Int) {
        highs = WindowMaximum(length: length)
        lows = WindowMaximum(length: length)
    }

    @inline(__always)
    mutating func step(_ row: PriceRow) -> (Double, Double, Double) {
        let upper = highs.step(row.high)
        let lower = -lows.step(-row.low)
        let middle = (upper + lower) / 2
        return middle.isNaN ? (.nan, .nan, .nan) : (upper, middle, lower)
    }

    static let definition = IndicatorDefinition.barsTriple(
        "donchian", "Highest high, middle and lowest low of the last `length` bars.",
        parameters: [.length("length", 20)],
        outputs: ["upper", "middle", "lower"],
        warmUp: { Int($0[0]) - 1 },
        kernel: { DonchianChannel(length: Int($0[0])) })
}
