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
        moments.step(value).deviation * factor
    }

    static let definition = named("stdev")
    /// The same under TA-Lib's name.
    static let talibDefinition = named("stddev")

    private static func named(_ name: String) -> IndicatorDefinition {
        .unary(
            name, "Standard deviation (population) of the last `length` values, times `nbdev`.",
            parameters: [
                .length("length", 5, minimum: 2),
                .number("nbdev", 1, minimum: 0, maximum: 1_000),
            ],
            warmUp: { Int($0[0]) - 1 },
            kernel: { StandardDeviation(length: Int($0[0]), factor: $0[1]) })
    }
}
