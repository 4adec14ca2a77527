/// The probability that the true Sharpe ratio is above a benchmark's, given what was measured.
///
/// `Φ((S − S*) · √(n − 1) / √(1 − γ₃ S + (γ₄ − 1) / 4 · S²))` with Φ the normal distribution: it
/// falls with a short record, negative skewness and fat tails.
///
/// The paper's example: 24 months of mean 3.6 % and deviation 7.9 % (S = 0.458 a month). Were the
/// returns normal, the probability of S > 0 would be 0.982; with their skewness of −2.448 and
/// kurtosis of 10.164 it is 0.913.
///
/// - Parameters:
///   - sharpe: S, mean over standard deviation of one period, not annualised.
///   - benchmark: S*, in the same unit.
///   - skewness: γ₃ of the returns.
///   - kurtosis: γ₄ of the returns, 3 for a normal distribution (not the excess over it).
///   - count: n, the number of returns.
/// - Returns: A probability; not a number where the formula has none.
/// - SeeAlso: Bailey and López de Prado, "The Sharpe Ratio Efficient Frontier", Journal of
///   Risk 15(2), 2012, equation 10.
public func probabilisticSharpe(
    _ sharpe: Double, above benchmark: Double = 0, skewness: Double, kurtosis: Double, count: Int
) -> Double {
    let variance = sharpeVariance(sharpe, skewness: skewness, kurtosis: kurtosis)
    guard variance > 0, count > 1 else { return .nan }
    let distance = (sharpe - benchmark) * Double(count - 1).squareRoot() / variance.squareRoot()
    return normalCumulative(distance)
}

/// How many returns it takes until a Sharpe ratio like this one is above a benchmark's with a
/// given confidence: the record length at which the probabilistic Sharpe ratio reaches it.
///
/// `1 + (1 − γ₃ S + (γ₄ − 1) / 4 · S²) · (Φ⁻¹(confidence) / (S − S*))²`
///
/// The paper's example: to tell an annual Sharpe ratio of 2 from one of 1 takes 2.73 years of
/// normal daily returns, 3.24 years of monthly ones, and 4.99 years of monthly ones with the
/// skewness (−0.72) and kurtosis (5.78) of hedge funds.
///
/// - Parameters:
///   - sharpe: S, of one period, not annualised.
///   - benchmark: S*, in the same unit.
///   - skewness: γ₃ of the returns.
///   - kurtosis: γ₄ of the returns, 3 for a normal distribution.
///   - confidence: The probability asked for, above 0.5 and below 1.
/// - Returns: A number of returns, not rounded; not a number where no record is long enough
///   (S is not above S*) or the formula has none.
/// - SeeAlso: Bailey and López de Prado 2012, equation 11 and figures 6 to 9.
public func minimumTrackRecord(
    _ sharpe: Double, above benchmark: Double = 0, skewness: Double, kurtosis: Double,
    confidence: Double = 0.95
) -> Double {
    let variance = sharpeVariance(sharpe, skewness: skewness, kurtosis: kurtosis)
    guard variance > 0, sharpe > benchmark, confidence > 0.5, confidence < 1 else { return .nan }
    let ratio = normalQuantile(confidence) / (sharpe - benchmark)
    let count = 1 + variance * ratio * ratio
    return count.isFinite ? count : .nan
}

/// n − 1 times the variance of the estimated Sharpe ratio of n returns.
///
/// - SeeAlso: Mertens, "Comments on Variance of the IID estimator in Lo (2002)", 2002.
private func sharpeVariance(_ sharpe: Double, skewness: Double, kurtosis: Double) -> Double {
    1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe * sharpe
}
