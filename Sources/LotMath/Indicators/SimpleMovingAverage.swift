/// Simple moving average: the mean of the last `length` values.
///
/// `sma[i] = (x[i − length + 1] + … + x[i]) / length`, by a running sum of distances from an
/// anchor (``AnchoredWindow``). NaN until `length` finite values in a row were seen.
///
/// The sum is added up afresh every ``block`` values, counted from the first, with the newest value
/// as the anchor: at the same rows for averages of up to ``longestShared`` values, so that those of
/// one series have their anchors in common (``MovingAverages``). Longer ones would add up far more
/// than they take in: theirs are afresh every `8 · length` values.
///
/// - Complexity: O(1) a value; memory O(length).
/// - SeeAlso: TA-Lib, function SMA.
struct SimpleMovingAverage: UnaryKernel {
    var window: AnchoredWindow
    var sum = 0.0
    private let share: Double
    /// Values from one fresh sum to the next.
    private let period: Int
    /// The place of the next value among them.
    private(set) var place = 0
    /// Values until the last absurd one has left the window; 0: there is none in it.
    private(set) var spoilt = 0

    /// An average over `length` values, at least 1.
    init(length: Int) {
        window = AnchoredWindow(length: length)
        share = 1 / Double(length)
        period =
            length <= SimpleMovingAverage.longestShared ? SimpleMovingAverage.block : 8 * length
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let (entering, leaving) = window.push(value)
        let isPlain = AnchoredWindow.isPlain(entering, window.anchor)
        sum += entering - leaving
        // Absurd values that follow each other put off this renewal, never the regular one.
        if place == 0 || window.hasJustFilled || spoilt == 1 {
            window.renew()
            sum = SimpleMovingAverage.total(window)
        }
        place = place &+ 1 == period ? 0 : place &+ 1
        spoilt = isPlain ? max(0, spoilt - 1) : window.length
        return window.isFull ? window.anchor + sum * share : .nan
    }

    /// Adds up the window's distances, the newest first.
    @inline(never)
    private static func total(_ window: AnchoredWindow) -> Double {
        var sum = 0.0
        for place in (0..<window.length).reversed() { sum += window.distance(place) }
        return sum
    }

    static let definition = IndicatorDefinition(
        "sma", "Simple moving average.",
        parameters: [.length("length", 30)],
        warmUp: "length" - 1, memory: .window,
        formula: "mean of the last `length` values",
        talib: "SMA",
        kernel: { SimpleMovingAverage(length: Int($0[0])) })
}
