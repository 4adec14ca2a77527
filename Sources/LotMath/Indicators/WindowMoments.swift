/// Mean and population variance of the last `length` values.
///
/// `variance = Σ d² / n − (Σ d / n)²` over distances d from an anchor (``AnchoredWindow``), so
/// that the two terms are not large and nearly equal; what rounding leaves below 0 is 0. Equal
/// values have exactly their value as mean and 0 as variance.
///
/// - Complexity: O(1) a value; memory O(length).
/// - SeeAlso: TA-Lib, functions VAR and STDDEV; Chan, Golub and LeVeque, "Algorithms for Computing
///   the Sample Variance", The American Statistician 37(3), 1983, for the shifted sums.
struct WindowMoments: Sendable {
    /// Least variance, as a share of the squared offset, that has not lost six digits.
    ///
    /// Below it the anchor is moved into the window. It cannot be there already: with a value of
    /// the window as anchor the share is at least 1 / `length`. So this too happens at most once in
    /// `length` values.
    private static let leastShare = 1e-6

    private var window: AnchoredWindow
    private var sum = 0.0
    private var squares = 0.0
    private let share: Double

    /// Moments of `length` values, at least 1.
    init(length: Int) {
        window = AnchoredWindow(length: length)
        share = 1 / Double(length)
    }

    /// Takes the next value; returns mean and variance, NaN until `length` finite values in a
    /// row were seen.
    @inline(__always)
    mutating func step(_ value: Double) -> (mean: Double, variance: Double) {
        let (entering, leaving) = window.push(value)
        sum += entering - leaving
        squares += (entering - leaving) * (entering + leaving)
        if window.isStale {
            window.renew()
            (sum, squares) = WindowMoments.totals(window)
        }
        guard window.isFull else { return (.nan, .nan) }
        var offset = sum * share
        var variance = squares * share - offset * offset
        if variance < offset * offset * WindowMoments.leastShare {
            window.renew()
            (sum, squares) = WindowMoments.totals(window)
            offset = sum * share
            variance = squares * share - offset * offset
        }
        return (window.anchor + offset, variance <= 0 ? 0 : variance)
    }

    @inline(never)
    private static func totals(_ window: AnchoredWindow) -> (Double, Double) {
        var sum = 0.0
        var squares = 0.0
        for place in 0..<window.length {
            let distance = window.distance(place)
            sum += distance
            squares += distance * distance
        }
        return (sum, squares)
    }
}
