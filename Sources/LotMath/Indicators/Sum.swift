/// Sum of a window.
///
/// - Complexity: O(1) a value; memory O(length). See ``WindowSum``.
struct Sum: UnaryKernel {
    private var window: WindowSum

    /// The sum of `length` values, at least 1.
    init(length: Int) { window = WindowSum(length: length) }

    @inline(__always)
    mutating func step(_ value: Double) -> Double { window.step(value) }

    static let definition = IndicatorDefinition(
        "sum", "Sum of a window.",
        parameters: [.length("length", 30)],
        warmUp: "length" - 1, memory: .window,
        formula: "sum of the last `length` values",
        talib: "SUM",
        kernel: { Sum(length: Int($0[0])) })
}
