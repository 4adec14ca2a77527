/// Tillson's T3: six exponential averages in a row, combined so that they lag little.
///
/// - Complexity: O(1) a value.
struct TillsonAverage: UnaryKernel {
    private var lower: ThreeAverages
    private var upper: ThreeAverages
    private let weights: (Double, Double, Double, Double)

    /// Averages with the weight of `length` values, at least 2, of volume factor `factor`.
    init(length: Int, factor: Double) {
        lower = ThreeAverages(length: length)
        upper = lower
        let square = factor * factor
        weights.0 = -(square * factor)
        weights.1 = 3 * (square - weights.0)
        weights.2 = -6 * square - 3 * (factor - weights.0)
        weights.3 = 1 + 3 * factor - weights.0 + 3 * square
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let third = lower.step(value).thrice
        let (fourth, fifth, sixth) = upper.step(third)
        return weights.0 * sixth + weights.1 * fifth + weights.2 * fourth + weights.3 * third
    }

    static let definition = IndicatorDefinition(
        "t3", "Tillson's T3 average.",
        parameters: [
            .length("length", 5, minimum: 2), .number("vfactor", 0.7, minimum: 0, maximum: 1),
        ],
        warmUp: 6 * ("length" - 1), memory: .recurrence,
        formula: """
            with e3 … e6 the averages of averages, v = `vfactor`: `−v³ · e6 + 3 (v² + v³) · e5 − \
            (6 v² + 3 v + 3 v³) · e4 + (1 + 3 v + v³ + 3 v²) · e3`
            """,
        talib: "T3", source: "Tillson 1998",
        kernel: { TillsonAverage(length: Int($0[0]), factor: $0[1]) })
}
