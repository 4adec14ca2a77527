/// Triangular moving average: an average of averages, the middle of the window heaviest.
///
/// - Complexity: O(1) a value; memory O(length).
struct TriangularMovingAverage: UnaryKernel {
    private var inner: SimpleMovingAverage
    private var outer: SimpleMovingAverage

    /// An average over `length` values, at least 1.
    init(length: Int) {
        inner = SimpleMovingAverage(length: (length + 1) / 2)
        outer = SimpleMovingAverage(length: length / 2 + 1)
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double { outer.step(inner.step(value)) }

    static let definition = IndicatorDefinition(
        "trima", "Triangular moving average.",
        parameters: [.length("length", 30)],
        warmUp: "length" - 1, memory: .window,
        formula: "`sma(sma(x, ⌈length / 2⌉), ⌊length / 2⌋ + 1)`",
        talib: "TRIMA",
        kernel: { TriangularMovingAverage(length: Int($0[0])) })
}
