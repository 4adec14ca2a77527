/// Exponential moving average: every value weighs a fixed share of what is left.
///
/// Seed: the mean of the first `length` values. Then `avg[i] = (x[i] − avg[i − 1]) · weight +
/// avg[i − 1]`, with the weight `2 / (length + 1)`, or Wilder's `1 / length`.
/// A value that is not finite gives NaN, and the average begins again with the next one, as if
/// the series started there: NaN for `length` bars, like a window.
///
/// - Complexity: O(1) a value.
/// - SeeAlso: TA-Lib, functions EMA and RMA (default compatibility, unstable period 0); Wilder,
///   "New Concepts in Technical Trading Systems", 1978.
struct ExponentialMovingAverage: UnaryKernel {
    private let length: Int
    let weight: Double
    private var seen = 0
    /// The sum of the seed while `seen < length`, then the average.
    var state = 0.0

    /// Whether ``state`` is the average.
    var isSeeded: Bool { seen >= length }

    /// An average with the weight of `length` values, at least 1.
    init(length: Int) {
        self.length = length
        weight = 2 / (Double(length) + 1)
    }

    /// Wilder's average: every value weighs `1 / wilder` of what is left.
    init(wilder length: Int) {
        self.length = length
        weight = 1 / Double(length)
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        guard seen >= length else {
            (seen, state) = seeded(value)
            return seen == length ? state : .nan
        }
        let next = (value - state) * weight + state
        guard next.isFinite else {
            (seen, state) = (0, 0)
            return .nan
        }
        state = next
        return next
    }

    /// Returns `seen` and `state` after a value of the seed.
    @inline(never)
    private func seeded(_ value: Double) -> (Int, Double) {
        let sum = state + value
        guard sum.isFinite else { return (0, 0) }
        return seen + 1 == length ? (length, sum / Double(length)) : (seen + 1, sum)
    }

    static let definition = IndicatorDefinition(
        "ema", "Exponential moving average.",
        parameters: [.length("length", 30)],
        warmUp: "length" - 1, memory: .recurrence,
        formula: "`e += (x − e) · 2 / (length + 1)`; seed: mean of the first `length` values",
        talib: "EMA",
        kernel: { ExponentialMovingAverage(length: Int($0[0])) })

    static let wilderDefinition = IndicatorDefinition(
        "rma", "Wilder's moving average.",
        parameters: [.length("length", 30)],
        warmUp: "length" - 1, memory: .recurrence,
        formula: "`avg += (x − avg) / length`; seed: mean of the first `length` values",
        talib: "RMA", source: "Wilder 1978",
        kernel: { ExponentialMovingAverage(wilder: Int($0[0])) })
}
