/// Awesome oscillator: a fast average of the bars' middles, less a slow one.
///
/// - Complexity: O(1) a bar; memory O(lengths).
struct AwesomeOscillator: Kernel {
    private var fast: SimpleMovingAverage
    private var slow: SimpleMovingAverage

    /// Averages of these lengths, at least 1.
    init(fast: Int, slow: Int) {
        self.fast = SimpleMovingAverage(length: fast)
        self.slow = SimpleMovingAverage(length: slow)
    }

    @inline(__always)
    mutating func step(_ row: RangeRow) -> Double {
        let middle = (row.high + row.low) / 2
        return fast.step(middle) - slow.step(middle)
    }

    static let definition = IndicatorDefinition(
        "ao", "Awesome oscillator.",
        inputs: .range, parameters: [.length("fast", 5), .length("slow", 34)],
        warmUp: .largest("fast", "slow") - 1, memory: .window,
        formula: "`sma(m, fast) − sma(m, slow)` with `m = (high + low) / 2`",
        talib: "AO", source: "Williams 1995",
        kernel: { AwesomeOscillator(fast: Int($0[0]), slow: Int($0[1])) })
}
