/// Linearly weighted moving average: the newest value weighs `length`, the oldest 1.
///
/// `wma[i] = Σ (j + 1) · x[i − length + 1 + j] / (length · (length + 1) / 2)`, j = 0 … length − 1,
/// by two running sums of distances from an anchor (``AnchoredWindow``): every value loses the
/// weight 1 when a new one enters with weight `length`. NaN until `length` finite values in a row
/// were seen.
///
/// - Complexity: O(1) a value; memory O(length).
/// - SeeAlso: TA-Lib, function WMA.
struct WeightedMovingAverage: UnaryKernel {
    private var window: AnchoredWindow
    private var sum = 0.0
    private var weighted = 0.0
    private let newestWeight: Double
    private let weights: Double

    /// An average over `length` values, at least 1.
    init(length: Int) {
        window = AnchoredWindow(length: length)
        newestWeight = Double(length)
        weights = newestWeight * (newestWeight + 1) / 2
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let (entering, leaving) = window.push(value)
        weighted += newestWeight * entering - sum
        sum += entering - leaving
        if window.isStale {
            window.renew()
            (sum, weighted) = WeightedMovingAverage.totals(window)
        }
        return window.isFull ? window.anchor + weighted / weights : .nan
    }

    @inline(never)
    private static func totals(_ window: AnchoredWindow) -> (Double, Double) {
        var sum = 0.0
        var weighted = 0.0
        for place in 0..<window.length {
            let distance = window.distance(place)
            sum += distance
            weighted += Double(place + 1) * distance
        }
        return (sum, weighted)
    }

    static let definition = IndicatorDefinition(
        "wma", "Linearly weighted moving average.",
        parameters: [.length("length", 30)],
        warmUp: "length" - 1, memory: .window,
        formula: "mean of the last `length` values with weights 1 … `length`, the newest heaviest",
        talib: "WMA",
        kernel: { WeightedMovingAverage(length: Int($0[0])) })
}
