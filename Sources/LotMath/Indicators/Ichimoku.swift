/// Ichimoku cloud: middles of windows of three lengths, the cloud as it stands at each bar.
///
/// Charts draw the cloud into the future and the lagging line into the past. Here each line is what
/// the chart shows above the newest bar, so nothing is known too early; for the lagging line
/// compare the close with `ctx.close:shift(n)`.
///
/// - Complexity: O(1) a bar amortised; memory O(lengths).
struct Ichimoku: Kernel {
    private var conversion: MiddleOfRange
    private var base: MiddleOfRange
    private var slow: MiddleOfRange
    private var spanA: DelayLine?
    private var spanB: DelayLine?
    /// Rows that every line needs, and finite rows in a row so far.
    private let needed: Int
    private var finite = 0

    /// Windows of these lengths, and the cloud displaced by so many bars, each at least 1.
    init(conversion: Int, base: Int, spanB slow: Int, displacement: Int) {
        self.conversion = MiddleOfRange(length: conversion)
        self.base = MiddleOfRange(length: base)
        self.slow = MiddleOfRange(length: slow)
        needed = max(conversion, base, slow) + displacement - 1
        if displacement > 1 {
            spanA = DelayLine(bars: displacement - 1, initial: .nan)
            spanB = DelayLine(bars: displacement - 1, initial: .nan)
        }
    }

    @inline(__always)
    mutating func step(_ row: RangeRow) -> Lines4 {
        let fast = conversion.step(row)
        let middle = base.step(row)
        var first = (fast + middle) / 2
        var second = slow.step(row)
        first = spanA?.push(first) ?? first
        second = spanB?.push(second) ?? second
        finite = (row.high - row.low).isFinite ? finite &+ 1 : 0
        return finite >= needed ? Lines4(fast, middle, first, second) : .none
    }

    static let definition = IndicatorDefinition(
        "ichimoku", "Ichimoku cloud.",
        inputs: .range,
        parameters: [
            .length("conversion", 9), .length("base", 26), .length("span_b", 52),
            .length("displacement", 26),
        ],
        outputs: ["conversion", "base", "span_a", "span_b"],
        warmUp: .largest("conversion", "base", "span_b") + "displacement" - 2, memory: .window,
        formula: """
            with m(n) = (highest high + lowest low) / 2 of the last n bars: `m(conversion)`, \
            `m(base)`, their mean and `m(span_b)`; the last two as they were `displacement − 1` \
            bars ago, which is where charts draw them, this bar counted
            """,
        source: "Hosoda 1969",
        kernel: {
            Ichimoku(
                conversion: Int($0[0]), base: Int($0[1]), spanB: Int($0[2]),
                displacement: Int($0[3]))
        })
}

/// The middle between the highest high and the lowest low of a window.
struct MiddleOfRange: Kernel {
    private var highs: WindowMaximum
    private var lows: WindowMaximum

    /// A window of `length` bars, at least 1.
    init(length: Int) {
        highs = WindowMaximum(length: length)
        lows = WindowMaximum(length: length)
    }

    @inline(__always)
    mutating func step(_ row: RangeRow) -> Double {
        (highs.step(row.high) - lows.step(-row.low)) / 2
    }

    static let definition = IndicatorDefinition(
        "midprice", "Middle of the range of a window.",
        inputs: .range, parameters: [.length("length", 14)],
        warmUp: "length" - 1, memory: .window,
        formula: "`(highest high + lowest low) / 2` of the last `length` bars",
        talib: "MIDPRICE",
        kernel: { MiddleOfRange(length: Int($0[0])) })
}

/// The middle between the largest and the smallest value of a window.
struct MiddleOfWindow: UnaryKernel {
    private var highs: WindowMaximum
    private var lows: WindowMaximum

    /// A window of `length` values, at least 1.
    init(length: Int) {
        highs = WindowMaximum(length: length)
        lows = WindowMaximum(length: length)
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double { (highs.step(value) - lows.step(-value)) / 2 }

    static let definition = IndicatorDefinition(
        "midpoint", "Middle of a window.",
        parameters: [.length("length", 14)],
        warmUp: "length" - 1, memory: .window,
        formula: "`(largest + smallest) / 2` of the last `length` values",
        talib: "MIDPOINT",
        kernel: { MiddleOfWindow(length: Int($0[0])) })
}
