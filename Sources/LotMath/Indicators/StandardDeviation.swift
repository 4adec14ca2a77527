/// Standard deviation of the last `length` values as a population (divisor `length`), times
/// `nbdev`.
///
/// `stdev[i] = nbdev · √(mean of (x − mean)²)`. NaN until `length` finite values in a row were
/// seen. Only a variance of 0 gives 0: there is no threshold that would hide the movement of a coin
/// at 0.00000001.
///
/// - Complexity: O(1) a value; memory O(length).
/// - SeeAlso: TA-Lib, function STDDEV.
struct StandardDeviation: UnaryKernel {
    private var moments: WindowMoments
    private let factor: Double

    /// A deviation of `length` values, at least 2, times `factor`.
    init(length: Int, factor: Double) {
        moments = WindowMoments(length: length)
        self.factor = factor
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        moments.step(value).variance.squareRoot() * factor
    }

    static let definition = IndicatorDefinition(
        "stddev", aliases: ["stdev"], "Standard deviation, of the population.",
        parameters: [
            .length("length", 5, minimum: 2), .number("nbdev", 1, minimum: 0, maximum: 1_000),
        ],
        warmUp: "length" - 1, memory: .window,
        formula: "`nbdev · √(mean of (x − mean)²)` over the last `length` values",
        talib: "STDDEV",
        kernel: { StandardDeviation(length: Int($0[0]), factor: $0[1]) })
}
