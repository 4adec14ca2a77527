import Glibc

/// The Euler-Mascheroni constant, γ.
private let eulerConstant = 0.5772156649015329

/// The expected largest of N independent standard normal numbers.
///
/// `(1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(N e))`, γ the Euler-Mascheroni constant: the mean of the
/// Gumbel distribution that the maximum tends to. For N = 100 it is 2.531, for a million 4.868
/// (exactly, by integration, 2.508 and 4.863).
///
/// - Parameter trials: N, at least 1; it need not be whole, as an effective number of trials
///   is not.
/// - Returns: A number of deviations; 0 where the approximation falls below it (N below about
///   1.3): the best of one trial is expected to be as good as that trial.
/// - SeeAlso: Bailey, Borwein, López de Prado and Zhu, "Pseudo-Mathematics and Financial
///   Charlatanism", Notices of the AMS 61(5), 2014, proposition 1.
public func expectedMaximum(ofTrials trials: Double) -> Double {
    guard trials > 1 else { return trials.isNaN ? .nan : 0 }
    let first = normalUpperQuantile(1 / trials)
    let second = normalUpperQuantile(1 / (trials * M_E))
    return max(0, (1 - eulerConstant) * first + eulerConstant * second)
}

/// The Sharpe ratio that the best of N trials is expected to show when no trial has any merit:
/// `√V · (1 − γ) Φ⁻¹(1 − 1/N) + √V · γ Φ⁻¹(1 − 1/(N e))`.
///
/// - Parameters:
///   - trials: N, see ``expectedMaximum(ofTrials:)``.
///   - variance: V, the variance of the trials' Sharpe ratios, in the unit that the answer is
///     to have: of Sharpe ratios of one day for one of a day.
/// - Returns: S₀, in that unit.
/// - SeeAlso: Bailey and López de Prado 2014, equation 1.
public func expectedMaximumSharpe(trials: Double, variance: Double) -> Double {
    variance.squareRoot() * expectedMaximum(ofTrials: trials)
}

/// The deflated Sharpe ratio: the probability that the true Sharpe ratio of the best trial is
/// above what the best of so many trials shows by luck.
///
/// It is the probabilistic Sharpe ratio over the benchmark
/// ``expectedMaximumSharpe(trials:variance:)``; with one trial it is that over 0.
///
/// The paper's example: the best of 100 trials whose annual Sharpe ratios have a variance of 1/2
/// shows 2.5 over five years of 250 days, with skewness −3 and kurtosis 10. The benchmark is
/// 0.1132 a day (1.79 a year), the deflated Sharpe ratio 0.9004: below 95 %, not proven. After 46
/// trials it would have been 0.9505.
///
/// - SeeAlso: Bailey and López de Prado, "The Deflated Sharpe Ratio: Correcting for Selection
///   Bias, Backtest Overfitting, and Non-Normality", Journal of Portfolio Management 40(5), 2014.
public struct DeflatedSharpe: Sendable, Equatable {
    /// N: how many independent trials the best was chosen from.
    public let trials: Double
    /// S₀: the Sharpe ratio of one period that the best of them shows by luck.
    public let benchmark: Double
    /// The probability that the true Sharpe ratio is above it; not a number where the formula
    /// has none.
    public let probability: Double

    /// Deflates a Sharpe ratio; all are of one period, nothing is annualised.
    ///
    /// - Parameters:
    ///   - sharpe: That of the best trial.
    ///   - skewness: γ₃ of its returns.
    ///   - kurtosis: γ₄ of its returns, 3 for a normal distribution.
    ///   - count: The number of its returns.
    ///   - trials: N: all trials, or ``effectiveTrials(_:)`` of them.
    ///   - variance: V, the variance of all trials' Sharpe ratios (``sampleVariance(_:)``).
    public init(
        _ sharpe: Double, skewness: Double, kurtosis: Double, count: Int, trials: Double,
        variance: Double
    ) {
        self.trials = trials
        benchmark = trials > 1 ? expectedMaximumSharpe(trials: trials, variance: variance) : 0
        probability =
            benchmark.isNaN
            ? .nan
            : probabilisticSharpe(
                sharpe, above: benchmark, skewness: skewness, kurtosis: kurtosis, count: count)
    }
}

/// The shortest backtest, in years, in which the best of N worthless trials is not expected to
/// show a given annual Sharpe ratio: `(expectedMaximum(N) / sharpe)²`.
///
/// The paper's example: with five years of data, no more than 45 independent trials may be made,
/// or one with an annual Sharpe ratio of 1 is almost sure to be found.
///
/// - Parameters:
///   - trials: N, see ``expectedMaximum(ofTrials:)``.
///   - sharpe: The annual Sharpe ratio that is not to appear by luck, greater than 0.
/// - Returns: Years; not a number for a Sharpe ratio of 0 or less.
/// - SeeAlso: Bailey, Borwein, López de Prado and Zhu 2014, theorem 2.
public func minimumBacktestYears(trials: Double, annualSharpe sharpe: Double = 1) -> Double {
    guard sharpe > 0 else { return .nan }
    let ratio = expectedMaximum(ofTrials: trials) / sharpe
    return ratio * ratio
}

/// The sample variance (divisor n − 1) of the values that are numbers; not a number for fewer
/// than two.
///
/// - Complexity: O(n), two passes.
public func sampleVariance(_ values: [Double]) -> Double {
    var (count, sum, squares) = (0.0, 0.0, 0.0)
    for value in values where value.isFinite {
        count += 1
        sum += value
    }
    let mean = sum / count
    for value in values where value.isFinite { squares += (value - mean) * (value - mean) }
    return count > 1 ? squares / (count - 1) : .nan
}

/// Φ⁻¹(1 − p) without the rounding of 1 − p, which matters for a billion trials.
private func normalUpperQuantile(_ tail: Double) -> Double { -normalQuantile(tail) }
