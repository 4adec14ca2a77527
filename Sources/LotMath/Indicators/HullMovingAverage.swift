/// Hull moving average: weighted averages, arranged to lag little.
///
/// - Complexity: O(1) a value; memory O(length).
struct HullMovingAverage: UnaryKernel {
    private var half: WeightedMovingAverage
    private var whole: WeightedMovingAverage
    private var smooth: WeightedMovingAverage

    /// An average over `length` values, at least 2.
    init(length: Int) {
        half = WeightedMovingAverage(length: length / 2)
        whole = WeightedMovingAverage(length: length)
        smooth = WeightedMovingAverage(length: Int(Double(length).squareRoot()))
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        smooth.step(2 * half.step(value) - whole.step(value))
    }

    static let definition = IndicatorDefinition(
        "hma", "Hull moving average.",
        parameters: [.length("length", 20, minimum: 2)],
        warmUp: "length" + .root("length") - 2, memory: .window,
        formula: "`wma(2 · wma(x, ⌊length / 2⌋) − wma(x, length), ⌊√length⌋)`",
        talib: "HMA", source: "Hull 2005",
        kernel: { HullMovingAverage(length: Int($0[0])) })
}
