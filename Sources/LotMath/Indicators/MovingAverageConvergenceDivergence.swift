/// Moving average convergence/divergence: a fast EMA minus a slow one, its EMA, and the rest.
///
/// `macd = ema(fast) − ema(slow)`, `signal = ema(macd)`, `histogram = macd − signal`. The fast
/// average is seeded as late as the slow one, from the `fast` values up to the bar at which the
/// slow one begins, as TA-Lib does; the signal is seeded with the mean of the first `signal`
/// differences. All three lines begin with the signal. If `slow` is below `fast`, the two are
/// swapped. A value that is not finite gives NaN, and everything begins again with the next one.
///
/// - Complexity: O(1) a value.
/// - SeeAlso: TA-Lib, function MACD; Appel, "The Moving Average Convergence-Divergence Trading
///   Method", 1985.
struct MovingAverageConvergenceDivergence: Kernel {
    var fast: ExponentialMovingAverage
    var slow: ExponentialMovingAverage
    var signal: ExponentialMovingAverage
    private let lengths: (fast: Int, slow: Int, signal: Int)
    /// Values since the beginning.
    var seen = 0

    /// Whether every value from here on gives three lines, until one that is not finite.
    var isSeeded: Bool { fast.isSeeded && slow.isSeeded && signal.isSeeded }

    /// Averages of these lengths, fast and slow at least 2, signal at least 1.
    init(fast: Int, slow: Int, signal: Int) {
        lengths = (min(fast, slow), max(fast, slow), signal)
        self.fast = ExponentialMovingAverage(length: lengths.fast)
        self.slow = ExponentialMovingAverage(length: lengths.slow)
        self.signal = ExponentialMovingAverage(length: signal)
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Lines3 {
        guard value.isFinite else {
            self = restarted()
            return .none
        }
        seen &+= 1
        let slowValue = slow.step(value)
        guard seen > lengths.slow - lengths.fast else { return .none }
        let line = fast.step(value) - slowValue
        guard seen >= lengths.slow else { return .none }
        guard line.isFinite else {
            self = restarted()
            return .none
        }
        let smooth = signal.step(line)
        return smooth.isFinite ? Lines3(line, smooth, line - smooth) : .none
    }

    @inline(never)
    private func restarted() -> MovingAverageConvergenceDivergence {
        MovingAverageConvergenceDivergence(
            fast: lengths.fast, slow: lengths.slow, signal: lengths.signal)
    }

    static let definition = IndicatorDefinition(
        "macd", "Moving average convergence/divergence.",
        parameters: [
            .length("fast", 12, minimum: 2), .length("slow", 26, minimum: 2),
            .length("signal", 9),
        ],
        outputs: ["macd", "signal", "histogram"],
        warmUp: .largest("fast", "slow") + "signal" - 2, memory: .recurrence,
        formula: """
            `macd = ema(fast) − ema(slow)`, `signal = ema(macd, signal)`, `histogram = macd − \
            signal`; the fast average begins with the slow one, seeded with the `fast` values up \
            to there; `fast` above `slow` swaps them
            """,
        talib: "MACD", source: "Appel 1985",
        kernel: {
            MovingAverageConvergenceDivergence(
                fast: Int($0[0]), slow: Int($0[1]), signal: Int($0[2]))
        })
}
