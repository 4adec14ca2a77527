import Glibc
import LotCore

/// Ratios of the returns from one UTC day's close to the next.
///
/// With E₀ the starting cash and E₁ … Eₙ the equity at each day's close (each bar's, for
/// intervals above a day), `r[i] = E[i] / E[i−1] − 1`. P is the number of such periods a year:
/// `daysPerYear` (365), divided by the interval's days where it is longer than one. The risk-free
/// rate is 0.
///
/// - `annual_return = (Eₙ / E₀)^(P / n) − 1`, the geometric mean of the returns, over a year.
/// - `annual_volatility = s · √P` with s the sample standard deviation (divisor n − 1) of r.
/// - `cagr = (Eₙ / E₀)^(year / duration) − 1`, by the clock, not by the count of days.
/// - `sharpe = mean(r) / s · √P` (Sharpe, "The Sharpe Ratio", Journal of Portfolio Management
///   21(1), 1994, pp. 49-58).
/// - `sortino = mean(r) / √(Σ min(r, 0)² / n) · √P`, target 0, downside over *all* days (Sortino
///   and Price, "Performance Measurement in a Downside Risk Framework", Journal of Investing
///   3(3), 1994, pp. 59-64).
/// - `calmar = annual_return / max_drawdown` (Young, "Calmar Ratio", Futures 20(1), 1991, p. 40).
/// - `alpha = total_return − beta · buy_hold_return` (Jensen, "The Performance of Mutual Funds in
///   the Period 1945-1964", Journal of Finance 23(2), 1968); beta: ``MarketMetrics``.
///
/// Undefined: with fewer than two days; where the divisor is 0 (no variation, no losing day, no
/// drawdown); once an equity is 0 or less; and, for the annualised growth figures
/// (`annual_return`, `cagr`, `calmar`), below ``shortestSpan``: a good week, compounded over a
/// year, is a number without meaning.
///
/// - Complexity: O(1), after the moments.
enum ReturnMetrics {
    /// Spans below 30 days are not extrapolated to a year.
    static let shortestSpan = 30 * millisecondsPerDay

    static let definitions = [
        MetricDefinition(
            "annual_return", "Annual return", .fraction, "(E[n] / E[0])^(P / n) - 1",
            undefinedWhen: "window below 30 days; equity 0 or less", source: "backtesting.py"),
        MetricDefinition(
            "annual_volatility", "Annual volatility", .fraction, "sd(r) * sqrt(P)",
            undefinedWhen: "fewer than 2 days; equity 0 or less", source: "empyrical"),
        MetricDefinition(
            "cagr", "CAGR", .fraction, "(E[n] / E[0])^(year / duration) - 1",
            undefinedWhen: "window below 30 days; equity 0 or less", source: "backtesting.py"),
        MetricDefinition(
            "sharpe", "Sharpe ratio", .ratio, "mean(r) / sd(r) * sqrt(P)",
            undefinedWhen: "fewer than 2 days; no variation; equity 0 or less",
            source: "Sharpe 1994"),
        MetricDefinition(
            "sortino", "Sortino ratio", .ratio, "mean(r) / sqrt(sum(min(r, 0)^2) / n) * sqrt(P)",
            undefinedWhen: "fewer than 2 days; no losing day; equity 0 or less",
            source: "Sortino and Price 1994"),
        MetricDefinition(
            "calmar", "Calmar ratio", .ratio, "annual_return / max_drawdown",
            undefinedWhen: "annual_return undefined; no drawdown", source: "Young 1991"),
        MetricDefinition(
            "alpha", "Alpha", .fraction, "total_return - beta * buy_hold_return",
            undefinedWhen: "beta undefined", source: "Jensen 1968; backtesting.py"),
        MetricDefinition(
            "beta", "Beta", .ratio, "cov(r, m) / var(m)",
            undefinedWhen: "fewer than 2 days; price did not vary; equity 0 or less",
            source: "Sharpe 1964"),
    ]

    static func put(
        _ input: MetricInput, _ returns: SeriesMoments, _ market: MarketMetrics,
        into sink: inout MetricSink
    ) {
        let root = input.periodsPerYear.squareRoot()
        let annual = annualReturn(input, returns)
        let total = AccountMetrics.totalReturn(input)
        sink.put(annual)
        sink.put(returns.deviation * root)
        sink.put(returns.count > 0 ? pow(input.growth, input.daysPerYear / input.days) - 1 : .nan)
        sink.put(quotient(returns.mean, returns.deviation) * root)
        sink.put(quotient(returns.mean, returns.downside) * root)
        sink.put(quotient(annual, input.equity.maxDrawdown))
        sink.put(total - market.beta * AccountMetrics.buyHoldReturn(input))
        sink.put(market.beta)
    }

    /// The growth of a year at the pace of the run; not a number for short windows.
    static func annualReturn(_ input: MetricInput, _ returns: SeriesMoments) -> Double {
        returns.count > 0 ? annual(input.growth, input) : .nan
    }

    /// A growth over the whole window as the growth of a year.
    static func annual(_ growth: Double, _ input: MetricInput) -> Double {
        pow(growth, 1 / input.countedYears) - 1
    }
}
