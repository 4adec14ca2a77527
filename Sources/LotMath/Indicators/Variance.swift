/// Variance of a window, of the population.
///
/// - Complexity: O(1) a value; memory O(length). See ``WindowMoments``.
struct Variance: UnaryKernel {
    private var moments: WindowMoments

    /// The variance of `length` values, at least 1.
    init(length: Int) { moments = WindowMoments(length: length) }

    @inline(__always)
    mutating func step(_ value: Double) -> Double { moments.step(value).variance }

    static let definition = IndicatorDefinition(
        "variance", aliases: ["var"], "Variance, of the population.",
        parameters: [.length("length", 5)],
        warmUp: "length" - 1, memory: .window,
        formula: "`mean of (x − mean)²` over the last `length` values",
        talib: "VAR",
        kernel: { Variance(length: Int($0[0])) })
}

/// Distance from the mean of a window in standard deviations.
///
/// - Complexity: O(1) a value; memory O(length). See ``WindowMoments``.
struct StandardScore: UnaryKernel {
    private var moments: WindowMoments

    /// Mean and deviation of `length` values, at least 2.
    init(length: Int) { moments = WindowMoments(length: length) }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let (mean, variance) = moments.step(value)
        return variance == 0 ? 0 : (value - mean) / variance.squareRoot()
    }

    static let definition = IndicatorDefinition(
        "zscore", "Standard score.",
        parameters: [.length("length", 20, minimum: 2)],
        warmUp: "length" - 1, memory: .window,
        formula: "`(x − sma) / stddev` over the last `length` values; 0 where they are all equal",
        kernel: { StandardScore(length: Int($0[0])) })
}
