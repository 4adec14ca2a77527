/// Pearson's correlation of two series over a window, −1 … 1.
///
/// Running sums of distances from an anchor in each series (``AnchoredWindow``); as in
/// ``WindowMoments`` the anchors move into the window where the sums have lost digits.
///
/// - Complexity: O(1) a row; memory O(length).
struct Correlation: Kernel {
    private var first: AnchoredWindow
    private var second: AnchoredWindow
    private var sums = Sums()
    private let share: Double

    private struct Sums {
        var a = 0.0
        var b = 0.0
        var aa = 0.0
        var bb = 0.0
        var ab = 0.0
    }

    /// The correlation of `length` rows, at least 2.
    init(length: Int) {
        first = AnchoredWindow(length: length)
        second = AnchoredWindow(length: length)
        share = 1 / Double(length)
    }

    @inline(__always)
    mutating func step(_ row: Pair) -> Double {
        let a = first.push(row.first)
        let b = second.push(row.second)
        sums.a += a.entering - a.leaving
        sums.b += b.entering - b.leaving
        sums.aa += (a.entering - a.leaving) * (a.entering + a.leaving)
        sums.bb += (b.entering - b.leaving) * (b.entering + b.leaving)
        sums.ab += a.entering * b.entering - a.leaving * b.leaving
        if first.isStale || second.isStale { renew() }
        guard first.isFull, second.isFull else { return .nan }
        if hasLostDigits { renew() }
        let (x, y) = (sums.a * share, sums.b * share)
        let product = (sums.aa * share - x * x) * (sums.bb * share - y * y)
        guard product > 0 else { return product.isNaN ? .nan : 0 }
        let result = (sums.ab * share - x * y) / product.squareRoot()
        return max(-1, min(1, result))
    }

    /// Whether a variance is so small beside the squared offset that six digits are gone.
    private var hasLostDigits: Bool {
        let (x, y) = (sums.a * share, sums.b * share)
        return sums.aa * share < x * x * (1 + 1e-6) || sums.bb * share < y * y * (1 + 1e-6)
    }

    @inline(never)
    private mutating func renew() {
        first.renew()
        second.renew()
        sums = Sums()
        for place in 0..<first.length {
            let (a, b) = (first.distance(place), second.distance(place))
            sums.a += a
            sums.b += b
            sums.aa += a * a
            sums.bb += b * b
            sums.ab += a * b
        }
    }

    static let definition = IndicatorDefinition(
        "correlation", aliases: ["correl"], "Pearson's correlation, −1 … 1.",
        inputs: [.series("x"), .series("y")], parameters: [.length("length", 30, minimum: 2)],
        warmUp: "length" - 1, memory: .window,
        formula: """
            `covariance / √(variance of x · variance of y)` over the last `length` rows; 0 where \
            one of them does not move
            """,
        talib: "CORREL",
        kernel: { Correlation(length: Int($0[0])) })
}
