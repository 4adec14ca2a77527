import Glibc
import LotCore

/// How returns are spread, and what their tails cost.
///
/// r, n, P and the moments are those of ``ReturnMetrics``; γ₃ and γ₄ are the third and fourth
/// standardised moments with divisor n, q(x) the quantile of r by linear interpolation (Hyndman
/// and Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50(4), 1996,
/// type 7).
///
/// - `psr`: the probability that the true Sharpe ratio is above 0, as
///   ``probabilisticSharpe(_:above:skewness:kurtosis:count:)`` has it.
/// - `smart_sharpe = sharpe / √(1 + 2 Σ (n − k) / n · |ρ|^k)`, k from 1 to n − 1, with ρ the
///   correlation of r with itself one period before: returns that hang together make risk look
///   small (Lo, "The Statistics of Sharpe Ratios", Financial Analysts Journal 58(4), 2002; in this
///   form in quantstats).
/// - `omega = Σ max(r, 0) / Σ max(−r, 0)`, threshold 0 (Keating and Shadwick, "A Universal
///   Performance Measure", Journal of Performance Measurement 6(3), 2002).
/// - `value_at_risk = −q(0.05)`, `conditional_value_at_risk = −mean(r where r ≤ q(0.05))`: what a
///   bad day in twenty loses at least, and on average; below 0 if even those gain (Rockafellar
///   and Uryasev, "Optimization of Conditional Value-at-Risk", Journal of Risk 2(3), 2000).
/// - `tail_ratio = |q(0.95)| / |q(0.05)|` (empyrical).
/// - `risk_of_ruin`: the chance of ever falling to half of today's equity if log returns were
///   normal with the mean μ and variance σ² measured: `0.5^(2 μ / σ²)`, 1 for μ ≤ 0 (Cox and
///   Miller, "The Theory of Stochastic Processes", 1965, section 5.7).
///
/// - Complexity: O(n).
enum TailMetrics {
    private static let short = "fewer than 2 days; equity 0 or less"
    private static let flat = "fewer than 2 days; no variation; equity 0 or less"

    static let definitions = [
        MetricDefinition(
            "psr", "Probabilistic Sharpe", .fraction,
            "Phi(S * sqrt(n - 1) / sqrt(1 - g3 * S + (g4 - 1) / 4 * S^2)), S = mean(r) / sd(r)",
            undefinedWhen: flat, source: "Bailey and López de Prado 2012"),
        MetricDefinition(
            "smart_sharpe", "Smart Sharpe", .ratio,
            "sharpe / sqrt(1 + 2 * sum over k < n of (n - k) / n * abs(rho)^k)",
            undefinedWhen: "fewer than 3 days; no variation; equity 0 or less",
            source: "Lo 2002; quantstats"),
        MetricDefinition(
            "omega", "Omega ratio", .ratio, "sum(max(r, 0)) / sum(max(-r, 0))",
            undefinedWhen: "no losing day; equity 0 or less", source: "Keating and Shadwick 2002"),
        MetricDefinition(
            "skewness", "Skewness", .ratio, "g3 = mean((r - mean(r))^3) / s^3, divisor n",
            undefinedWhen: flat, source: "Pearson 1895"),
        MetricDefinition(
            "kurtosis", "Kurtosis", .ratio, "g4 = mean((r - mean(r))^4) / s^4, divisor n",
            undefinedWhen: flat, source: "Pearson 1905"),
        MetricDefinition(
            "tail_ratio", "Tail ratio", .ratio, "abs(q(0.95)) / abs(q(0.05))",
            undefinedWhen: short + "; q(0.05) is 0", source: "empyrical"),
        MetricDefinition(
            "value_at_risk", "Value at risk, 95 %", .fraction, "-q(0.05)",
            undefinedWhen: short, source: "Rockafellar and Uryasev 2000"),
        MetricDefinition(
            "conditional_value_at_risk", "Conditional VaR, 95 %", .fraction,
            "-mean(r where r <= q(0.05))", undefinedWhen: short,
            source: "Rockafellar and Uryasev 2000"),
        MetricDefinition(
            "best_day", "Best day", .fraction, "max(r)", undefinedWhen: "no day; equity 0 or less",
            source: "quantstats"),
        MetricDefinition(
            "worst_day", "Worst day", .fraction, "min(r)",
            undefinedWhen: "no day; equity 0 or less", source: "quantstats"),
        MetricDefinition(
            "win_days", "Win days", .fraction, "days with r > 0 / n",
            undefinedWhen: "no day; equity 0 or less", source: "quantstats"),
        MetricDefinition(
            "risk_of_ruin", "Risk of losing half", .fraction,
            "0.5^(2 * mean(ln(1 + r)) / var(ln(1 + r))), at most 1",
            undefinedWhen: flat, source: "Cox and Miller 1965"),
    ]

    static func put(
        _ input: MetricInput, _ days: inout DaySeries, _ moments: SeriesMoments,
        into sink: inout MetricSink
    ) {
        let returns = days.returns
        let count = Double(returns.count)
        let low = returns.count > 1 ? days.quantile(0.05) : .nan
        let high = returns.count > 1 ? days.quantile(0.95) : .nan
        let sums = Sums(returns, tail: low)
        let root = input.periodsPerYear.squareRoot()
        let sharpe = quotient(moments.mean, moments.deviation)
        sink.put(
            probabilisticSharpe(
                sharpe, skewness: moments.skewness, kurtosis: moments.kurtosis,
                count: returns.count))
        sink.put(sharpe * root / sums.autocorrelationPenalty(moments, returns))
        sink.put(quotient(sums.gains, sums.losses))
        sink.put(moments.skewness)
        sink.put(moments.kurtosis)
        sink.put(quotient(abs(high), abs(low)))
        sink.put(0 - low)
        sink.put((0 - sums.tail) / sums.tailCount)
        sink.put(returns.isEmpty ? .nan : sums.best)
        sink.put(returns.isEmpty ? .nan : sums.worst)
        sink.put(sums.wins / count)
        sink.put(riskOfRuin(input, returns))
    }

    private static func riskOfRuin(_ input: MetricInput, _ returns: [Double]) -> Double {
        let count = Double(returns.count)
        // The sum of ln(1 + r) is the logarithm of the whole growth.
        let mean = log(input.equity.last.equity / input.equity.base.equity) / count
        var squares = 0.0
        for value in returns {
            let distance = log1p(value) - mean
            squares += distance * distance
        }
        let variance = squares / (count - 1)
        guard returns.count > 1, variance > 1e-30 else { return .nan }
        return mean <= 0 ? 1 : pow(0.5, 2 * mean / variance)
    }
}

/// Sums over the returns, in order.
private struct Sums {
    var gains = 0.0
    var losses = 0.0
    var wins = 0.0
    var tail = 0.0
    var tailCount = 0.0
    var best = -Double.infinity
    var worst = Double.infinity

    init(_ returns: [Double], tail limit: Double) {
        for value in returns {
            best = max(best, value)
            worst = min(worst, value)
            if value > 0 {
                gains += value
                wins += 1
            } else {
                losses -= value
            }
            if value <= limit {
                tail += value
                tailCount += 1
            }
        }
    }

    /// By how much returns that hang together make the deviation of a year look too small.
    func autocorrelationPenalty(_ moments: SeriesMoments, _ returns: [Double]) -> Double {
        guard returns.count > 2, moments.deviation > 0 else { return .nan }
        let correlation = abs(pearson(returns.dropLast(), returns.dropFirst()))
        let count = Double(returns.count)
        var sum = 0.0
        var power = 1.0
        for lag in 1..<returns.count {
            power *= correlation
            if power < 1e-20 { break }
            sum += (count - Double(lag)) / count * power
        }
        return (1 + 2 * sum).squareRoot()
    }
}

/// The correlation of two series of one length (Pearson); not a number if one does not vary.
func pearson(_ first: ArraySlice<Double>, _ second: ArraySlice<Double>) -> Double {
    let count = Double(first.count)
    let a = first.reduce(0, +) / count
    let b = second.reduce(0, +) / count
    var (both, left, right) = (0.0, 0.0, 0.0)
    for (x, y) in zip(first, second) {
        both += (x - a) * (y - b)
        left += (x - a) * (x - a)
        right += (y - b) * (y - b)
    }
    return quotient(both, (left * right).squareRoot())
}
