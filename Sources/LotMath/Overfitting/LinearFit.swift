import Glibc

/// A straight line through points by least squares: `y ≈ intercept + slope · x`.
///
/// `slope = Σ(x − x̄)(y − ȳ) / Σ(x − x̄)²`, and R² is the share of the variance of y that the line
/// explains, the square of their correlation.
public struct LinearFit: Sendable, Equatable {
    /// Change of y for a change of x by 1; not a number where x does not vary.
    public let slope: Double
    /// y at x = 0.
    public let intercept: Double
    /// From 0 to 1; not a number where x or y does not vary.
    public let rSquared: Double

    /// Fits a line.
    ///
    /// - Complexity: O(n), two passes.
    init(_ points: some Collection<(Double, Double)>) {
        let count = Double(points.count)
        var (meanX, meanY) = (0.0, 0.0)
        for (x, y) in points {
            meanX += x / count
            meanY += y / count
        }
        var (xx, xy, yy) = (0.0, 0.0, 0.0)
        for (x, y) in points {
            xx += (x - meanX) * (x - meanX)
            xy += (x - meanX) * (y - meanY)
            yy += (y - meanY) * (y - meanY)
        }
        // Means of equal numbers are off by their rounding, which is no variation.
        let varies = xx > count * meanX * meanX * 1e-24 && xx > 0
        slope = varies ? xy / xx : .nan
        intercept = meanY - slope * meanX
        rSquared = varies && yy > 0 ? xy * xy / (xx * yy) : .nan
    }
}

/// ln(p / (1 − p)): 0 for even odds.
func logarithmicOdds(_ share: Double) -> Double { log(share / (1 - share)) }
