/// Deviations below this are the rounding of doubles near 1, not variation.
///
/// A return is a quotient near 1 minus 1, so it carries an error of up to 2⁻⁵³ ≈ 1.1e-16.
private let roundingDeviation = 1e-15

/// Mean, spread, asymmetry and tails of a series of returns; sums in order, in two passes.
///
/// - Complexity: O(n).
struct SeriesMoments {
    /// Number of returns.
    let count: Int
    /// Arithmetic mean; not a number for an empty series.
    let mean: Double
    /// Sample standard deviation (divisor n − 1), not a number below two values; a spread that
    /// rounding alone explains is 0.
    let deviation: Double
    /// Root of the mean square of negative returns over *all* returns.
    let downside: Double
    /// Third standardised moment (divisor n).
    let skewness: Double
    /// Fourth standardised moment (divisor n): 3 for a normal distribution.
    let kurtosis: Double

    init(_ values: [Double]) {
        count = values.count
        let size = Double(count)
        var sum = 0.0
        var losses = 0.0
        for value in values {
            sum += value
            let loss = min(value, 0)
            losses += loss * loss
        }
        let center = sum / size
        var (second, third, fourth) = (0.0, 0.0, 0.0)
        for value in values {
            let distance = value - center
            let square = distance * distance
            second += square
            third += square * distance
            fourth += square * square
        }
        let spread = count > 1 ? (second / (size - 1)).squareRoot() : .nan
        mean = center
        deviation = spread < roundingDeviation ? 0 : spread
        downside = count > 1 ? (losses / size).squareRoot() : .nan
        let variance = deviation == 0 ? 0 : second / size
        skewness = count > 1 ? third / size / (variance * variance.squareRoot()) : .nan
        kurtosis = count > 1 ? fourth / size / (variance * variance) : .nan
    }

    /// Mean over deviation, of one period.
    var sharpe: Double { mean / deviation }
}

/// Returns `a / b`, or not a number where `b` is 0.
func quotient(_ a: Double, _ b: Double) -> Double { b == 0 ? .nan : a / b }
