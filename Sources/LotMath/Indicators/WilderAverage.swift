/// Wilder's average: every value weighs `1 / length` of what is left.
///
/// - Complexity: O(1) a value.
struct WilderAverage: UnaryKernel {
    private let length: Int
    private let share: Double
    private var seen = 0
    private var state = 0.0

    /// An average with the weight of `length` values, at least 1.
    init(length: Int) {
        self.length = length
        share = 1 / Double(length)
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        guard seen >= length else {
            (seen, state) = seeded(value)
            return seen == length ? state : .nan
        }
        let next = (value - state) * share + state
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
        "rma", "Wilder's moving average.",
        parameters: [.length("length", 30)],
        warmUp: "length" - 1, memory: .recurrence,
        formula: "`avg += (x − avg) / length`; seed: mean of the first `length` values",
        talib: "RMA", source: "Wilder 1978",
        kernel: { WilderAverage(length: Int($0[0])) })
}
