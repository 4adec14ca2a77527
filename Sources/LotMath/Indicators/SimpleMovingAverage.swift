/// Simple moving average: the mean of the last `length` values.
///
/// `sma[i] = (x[i − length + 1] + … + x[i]) / length`, by a running sum, as TA-Lib computes it:
/// the newest value is added, the sum divided, then the oldest subtracted. Values that are not
/// finite are left out of the sum and make the average NaN while they are inside the window.
///
/// - Complexity: O(1) a value; memory O(length).
/// - SeeAlso: TA-Lib 0.6, function SMA.
public struct SimpleMovingAverage: UnaryKernel {
    private var window: DelayLine<Double>
    private var sum = 0.0
    private var missing: Int
    private let length: Double

    /// An average over `length` values, at least 1.
    public init(length: Int) {
        precondition(length >= 1)
        self.length = Double(length)
        window = DelayLine(capacity: length, initial: .nan)
        missing = length
    }

    /// Takes the next value and returns the average, NaN until `length` values were seen.
    public mutating func step(_ value: Double) -> Double {
        let old = window.push(value)
        if old.isFinite { sum -= old } else { missing -= 1 }
        if value.isFinite { sum += value } else { missing += 1 }
        return missing == 0 ? sum / length : .nan
    }

    static let definition = IndicatorDefinition.unary(
        "sma", "Simple moving average of the last `length` values.",
        parameters: [.length("length", 30)],
        warmUp: { Int($0[0]) - 1 },
        kernel: { SimpleMovingAverage(length: Int($0[0])) })
}
