/// Exponential moving average: every value weighs `2 / (length + 1)` of what is left.
///
/// Seed: the mean of the first `length` values. Then
/// `ema[i] = (x[i] − ema[i − 1]) · 2 / (length + 1) + ema[i − 1]`.
/// A value that is not finite gives NaN, and the average begins again with the next one, as if
/// the series started there: NaN for `length` bars, like a window.
///
/// - Complexity: O(1) a value.
/// - SeeAlso: TA-Lib, function EMA (default compatibility, unstable period 0).
struct ExponentialMovingAverage: UnaryKernel {
    private let length: Int
    private let weight: Double
    private var seen = 0
    /// The sum of the seed while `seen < length`, then the average.
    private var state = 0.0

    /// An average with the weight of `length` values, at least 1.
    init(length: Int) {
        self.length = length
        weight = 2 / (Double(length) + 1)
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        guard seen >= length else { return seed(value) }
        state = (value - state) * weight + state
        guard state.isFinite else { return restart() }
        return state
    }

    @inline(never)
    private mutating func seed(_ value: Double) -> Double {
        guard value.isFinite else { return restart() }
        state += value
        seen += 1
        guard seen == length else { return .nan }
        state /= Double(length)
        return state.isFinite ? state : restart()
    }

    @inline(never)
    private mutating func restart() -> Double {
        seen = 0
        state = 0
        return .nan
    }

    static let definition = IndicatorDefinition.unary(
        "ema", "Exponential moving average, seeded with the mean of the first `length` values.",
        parameters: [.length("length", 30)],
        warmUp: { Int($0[0]) - 1 },
        kernel: { ExponentialMovingAverage(length: Int($0[0])) })
}
