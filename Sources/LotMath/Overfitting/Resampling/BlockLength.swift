import Glibc

/// The mean block length that a stationary bootstrap of a series should use.
///
/// Long enough to keep the dependence between neighbours, short enough to leave many blocks:
/// `b = (2 G² / D)^(1/3) · n^(1/3)` with `G = Σ λ(k/M) |k| R(k)`, `D = 2 (Σ λ(k/M) R(k))²`, sums
/// over k from −M to M, R the autocovariance (divisor n), and the flat-top window λ(t) = 1 for
/// |t| ≤ 1/2, 2 (1 − |t|) up to 1. D is the corrected one of 2009.
///
/// M is twice the first lag of the first K = max(5, ⌈log₁₀ n⌉) lags in a row whose
/// autocorrelations are all below `2 √(log₁₀ n / n)`, and at most ⌈√n⌉ + K; without such a row it
/// is that. b is at least 1 and at most ⌈min(3 √n, n/3)⌉.
///
/// Returns that do not depend on each other have a b near 1; an autoregression of 0.5 has one of
/// about 11 for 1,000 days.
///
/// - Parameter series: Returns, oldest first.
/// - Returns: A mean length in elements; 1 for fewer than 8 elements or none that vary.
/// - Complexity: O(n^1.5).
/// - SeeAlso: Politis and White, "Automatic Block-Length Selection for the Dependent Bootstrap",
///   Econometric Reviews 23(1), 2004. Patton, Politis and White, "Correction to …", Econometric
///   Reviews 28(4), 2009. Their own programs start the row of lags at lag 1, as here.
public func stationaryBlockLength(_ series: [Double]) -> Double {
    let count = series.count
    guard count >= 8, series.allSatisfy(\.isFinite) else { return 1 }
    let size = Double(count)
    let mean = series.reduce(0, +) / size
    let row = max(5, Int(log10(size).rounded(.up)))
    let longest = min(Int(size.squareRoot().rounded(.up)) + row, count - 1)
    let covariances = (0...longest).map { lag in
        var sum = 0.0
        for index in lag..<count { sum += (series[index] - mean) * (series[index - lag] - mean) }
        return sum / size
    }
    guard covariances[0] > mean * mean * 1e-24, covariances[0] > 0 else { return 1 }
    let limit = 2 * (log10(size) / size).squareRoot()
    let cut = cutoff(covariances, row: row, limit: limit).map { 2 * $0 } ?? longest
    let window = min(cut, longest)
    var (weighted, spectrum) = (0.0, covariances[0])
    for lag in 1...window {
        let share = Double(lag) / Double(window)
        let weight = share <= 0.5 ? 1 : 2 * (1 - share)
        weighted += 2 * weight * Double(lag) * covariances[lag]
        spectrum += 2 * weight * covariances[lag]
    }
    let length = cbrt(weighted * weighted / (spectrum * spectrum)) * cbrt(size)
    let most = min(3 * size.squareRoot(), size / 3).rounded(.up)
    return length.isNaN ? most : min(max(1, length), most)
}

/// The first lag of a row of lags without correlation; `nil` without a row.
private func cutoff(_ covariances: [Double], row: Int, limit: Double) -> Int? {
    var quiet = 0
    for lag in 1..<covariances.count {
        quiet = abs(covariances[lag]) < limit * covariances[0] ? quiet + 1 : 0
        if quiet == row { return lag - row + 1 }
    }
    return nil
}
