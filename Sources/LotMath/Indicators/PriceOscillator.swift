/// Price oscillator: the difference of two exponential averages, in percent of the slow one.
///
/// - Complexity: O(1) a value.
struct PercentagePriceOscillator: UnaryKernel {
    private var fast: ExponentialMovingAverage
    private var slow: ExponentialMovingAverage

    /// Averages of two lengths, at least 2; the shorter is the fast one.
    init(_ a: Int, _ b: Int) {
        fast = ExponentialMovingAverage(length: min(a, b))
        slow = ExponentialMovingAverage(length: max(a, b))
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let (quick, lazy) = (fast.step(value), slow.step(value))
        return lazy == 0 ? 0 : (quick - lazy) / lazy * 100
    }

    static let definition = IndicatorDefinition(
        "ppo", "Percentage price oscillator.",
        parameters: [.length("fast", 12, minimum: 2), .length("slow", 26, minimum: 2)],
        warmUp: .largest("fast", "slow") - 1, memory: .recurrence,
        formula: """
            `(ema(fast) − ema(slow)) / ema(slow) · 100`, 0 where the slow one is 0; unlike in \
            `macd` each has the seed of `ema`
            """,
        talib: "PPO", source: "Appel 1985",
        kernel: { PercentagePriceOscillator(Int($0[0]), Int($0[1])) })
}

/// Price oscillator: the difference of two exponential averages.
///
/// - Complexity: O(1) a value.
struct AbsolutePriceOscillator: UnaryKernel {
    private var fast: ExponentialMovingAverage
    private var slow: ExponentialMovingAverage

    /// Averages of two lengths, at least 2; the shorter is the fast one.
    init(_ a: Int, _ b: Int) {
        fast = ExponentialMovingAverage(length: min(a, b))
        slow = ExponentialMovingAverage(length: max(a, b))
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        fast.step(value) - slow.step(value)
    }

    static let definition = IndicatorDefinition(
        "apo", "Absolute price oscillator.",
        parameters: [.length("fast", 12, minimum: 2), .length("slow", 26, minimum: 2)],
        warmUp: .largest("fast", "slow") - 1, memory: .recurrence,
        formula: "`ema(fast) − ema(slow)`; unlike in `macd` each has the seed of `ema`",
        talib: "APO", source: "Appel 1985",
        kernel: { AbsolutePriceOscillator(Int($0[0]), Int($0[1])) })
}
