/// Double exponential moving average: the average, less what it lags behind.
///
/// - Complexity: O(1) a value.
struct DoubleExponential: UnaryKernel {
    private var first: ExponentialMovingAverage
    private var second: ExponentialMovingAverage

    /// An average with the weight of `length` values, at least 1.
    init(length: Int) {
        first = ExponentialMovingAverage(length: length)
        second = first
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let once = first.step(value)
        return 2 * once - second.step(once)
    }

    static let definition = IndicatorDefinition(
        "dema", "Double exponential moving average.",
        parameters: [.length("length", 30)],
        warmUp: 2 * ("length" - 1), memory: .recurrence,
        formula: "`2 · ema − ema(ema)`, each seeded with the mean of its first `length` values",
        talib: "DEMA", source: "Mulloy 1994",
        kernel: { DoubleExponential(length: Int($0[0])) })
}

/// Triple exponential moving average.
///
/// - Complexity: O(1) a value.
struct TripleExponential: UnaryKernel {
    private var averages: ThreeAverages

    /// An average with the weight of `length` values, at least 1.
    init(length: Int) { averages = ThreeAverages(length: length) }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let (once, twice, thrice) = averages.step(value)
        return 3 * once - 3 * twice + thrice
    }

    static let definition = IndicatorDefinition(
        "tema", "Triple exponential moving average.",
        parameters: [.length("length", 30)],
        warmUp: 3 * ("length" - 1), memory: .recurrence,
        formula: "`3 · ema − 3 · ema(ema) + ema(ema(ema))`, each seeded with the mean of its first "
            + "`length` values",
        talib: "TEMA", source: "Mulloy 1994",
        kernel: { TripleExponential(length: Int($0[0])) })
}

/// Change of a triple exponential average from one value to the next, in percent.
///
/// - Complexity: O(1) a value.
struct Trix: UnaryKernel {
    private var averages: ThreeAverages
    private var last = Double.nan

    /// Averages with the weight of `length` values, at least 1.
    init(length: Int) { averages = ThreeAverages(length: length) }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let before = last
        last = averages.step(value).thrice
        return before == 0 ? last * 0 : (last / before - 1) * 100
    }

    static let definition = IndicatorDefinition(
        "trix", "Change of a triple-smoothed average, in percent.",
        parameters: [.length("length", 30)],
        warmUp: 3 * ("length" - 1) + 1, memory: .recurrence,
        formula: "`roc(ema(ema(ema)), 1)`",
        talib: "TRIX", source: "Hutson 1983",
        kernel: { Trix(length: Int($0[0])) })
}

/// An exponential average, its average, and the average of that.
///
/// NaN goes along the chain and makes each begin again, so all are as if the series started after.
struct ThreeAverages: Sendable {
    private var first: ExponentialMovingAverage
    private var second: ExponentialMovingAverage
    private var third: ExponentialMovingAverage

    /// Averages with the weight of `length` values, at least 1.
    init(length: Int) {
        first = ExponentialMovingAverage(length: length)
        (second, third) = (first, first)
    }

    /// Takes the next value.
    @inline(__always)
    mutating func step(_ value: Double) -> (once: Double, twice: Double, thrice: Double) {
        let once = first.step(value)
        let twice = second.step(once)
        return (once, twice, third.step(twice))
    }
}
