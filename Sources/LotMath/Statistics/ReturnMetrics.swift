import Glibc
import LotCore

/// Ratios of the returns from one UTC day's close to the next.
///
/// With E₀ the starting cash and E₁ … Eₙ the equity at each day's close (each bar's, for
/// intervals above a day), `r[i] = E[i] / E[i−1] − 1`; m[i] likewise of the price, from the first
/// bar's open. P is the number of such periods a year: `daysPerYear` (365), divided by the
/// interval's days where it is longer than one. The risk-free rate is 0.
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
/// - `beta = cov(r, m) / var(m)`; `alpha = total_return − beta · buy_hold_return` (Jensen, "The
///   Performance of Mutual Funds in the Period 1945-1964", Journal of Finance 23(2), 1968).
///
/// Undefined: with fewer than two days; where the divisor is 0 (no variation, no losing day, no
/// drawdown); once an equity is 0 or less; and, for the three annualised growth figures
/// (`annual_return`, `cagr`, `calmar`), below ``shortestSpan``: a good week, compounded over a
/// year, is a number without meaning.
///
/// - Complexity: O(days).
struct ReturnMetrics {
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

    private let input: MetricInput
    private let returns: [Double]
    private let market: [Double]
    private let periodsPerYear: Double

    init(_ input: MetricInput) {
        self.input = input
        let points = [input.equity.base] + input.equity.closes
        let alive = points.allSatisfy { $0.equity > 0 && $0.price > 0 }
        let pairs = alive ? Array(zip(points, points.dropFirst())) : []
        returns = pairs.map { $1.equity / $0.equity - 1 }
        market = pairs.map { $1.price / $0.price - 1 }
        let days = Double(input.equity.periodMilliseconds) / Double(millisecondsPerDay)
        periodsPerYear = input.daysPerYear / days
    }

    var values: [Double?] {
        let beta = beta
        let alpha = alpha(beta)
        return [annualReturn, volatility, cagr, sharpe, sortino, calmar, alpha, beta]
    }

    private var growth: Double? {
        guard input.endTime - input.startTime >= ReturnMetrics.shortestSpan else { return nil }
        return returns.isEmpty ? nil : input.equity.last.equity / input.equity.base.equity
    }

    private var annualReturn: Double? {
        growth.map { pow($0, periodsPerYear / Double(returns.count)) - 1 }
    }

    private var cagr: Double? {
        let days = Double(input.endTime - input.startTime) / Double(millisecondsPerDay)
        return growth.map { pow($0, input.daysPerYear / days) - 1 }
    }

    private var volatility: Double? {
        sampleDeviation(returns).map { $0 * periodsPerYear.squareRoot() }
    }

    private var sharpe: Double? {
        guard let average = mean(returns), let deviation = sampleDeviation(returns) else {
            return nil
        }
        return quotient(average, deviation).map { $0 * periodsPerYear.squareRoot() }
    }

    private var sortino: Double? {
        guard returns.count > 1, let average = mean(returns) else { return nil }
        let squares = returns.reduce(0) { $0 + ($1 < 0 ? $1 * $1 : 0) }
        let downside = (squares / Double(returns.count)).squareRoot()
        return quotient(average, downside).map { $0 * periodsPerYear.squareRoot() }
    }

    private var calmar: Double? {
        annualReturn.flatMap { quotient($0, input.equity.maxDrawdown) }
    }

    private var beta: Double? {
        guard let r = mean(returns), let m = mean(market),
            let spread = sampleDeviation(market), spread > 0
        else { return nil }
        let covariance = zip(returns, market).reduce(0) { $0 + ($1.0 - r) * ($1.1 - m) }
        let variance = market.reduce(0) { $0 + ($1 - m) * ($1 - m) }
        return quotient(covariance, variance)
    }

    private func alpha(_ beta: Double?) -> Double? {
        guard let beta, let total = AccountMetrics.totalReturn(input),
            let hold = AccountMetrics.buyHoldReturn(input)
        else { return nil }
        return total - beta * hold
    }
}
