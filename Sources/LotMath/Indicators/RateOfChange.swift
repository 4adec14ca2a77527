/// Rate of change over `length` values, in percent.
///
/// `roc[i] = (x[i] / x[i − length] − 1) · 100`; 0 where `x[i − length]` is 0, as in TA-Lib; NaN
/// where either value is not finite.
///
/// - Complexity: O(1) a value; memory O(length).
/// - SeeAlso: TA-Lib, function ROC.
struct RateOfChange: UnaryKernel {
    private var line: DelayLine

    /// The change over `length` values, at least 1.
    init(length: Int) { line = DelayLine(bars: length, initial: .nan) }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let old = line.push(value)
        guard old.isFinite, value.isFinite else { return .nan }
        return old == 0 ? 0 : (value / old - 1) * 100
    }

    static let definition = IndicatorDefinition(
        "roc", "Rate of change, in percent.",
        parameters: [.length("length", 10)],
        warmUp: "length", memory: .ends,
        formula: "`(x / x[length] − 1) · 100`; 0 where `x[length]` is 0",
        talib: "ROC",
        kernel: { RateOfChange(length: Int($0[0])) })
}
