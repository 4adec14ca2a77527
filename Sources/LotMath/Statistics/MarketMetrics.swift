import LotCore

/// The strategy beside buying and holding.
///
/// r is the return of the equity from close to close, m that of the price, the first from the
/// window's first open.
///
/// - `beta = cov(r, m) / var(m)` (Sharpe, "Capital Asset Prices", Journal of Finance 19(3), 1964).
/// - `correlation` of r and m (Pearson).
/// - `treynor = annual_return / beta` (Treynor, "How to Rate Management of Investment Funds",
///   Harvard Business Review 43(1), 1965).
/// - `tracking_error = sd(r − m) · √P`, and `information_ratio = mean(r − m) / sd(r − m) · √P`
///   (Goodwin, "The Information Ratio", Financial Analysts Journal 54(4), 1998).
///
/// - Complexity: O(days).
struct MarketMetrics {
    static let definitions = [
        MetricDefinition(
            "correlation", "Correlation", .ratio, "cov(r, m) / (sd(r) * sd(m))",
            undefinedWhen: "fewer than 2 days; equity or price did not vary; equity 0 or less",
            source: "Pearson 1895"),
        MetricDefinition(
            "treynor", "Treynor ratio", .ratio, "annual_return / beta",
            undefinedWhen: "annual_return or beta undefined; beta is 0", source: "Treynor 1965"),
        MetricDefinition(
            "tracking_error", "Tracking error", .fraction, "sd(r - m) * sqrt(P)",
            undefinedWhen: "fewer than 2 days; equity 0 or less", source: "Goodwin 1998"),
        MetricDefinition(
            "information_ratio", "Information ratio", .ratio,
            "mean(r - m) / sd(r - m) * sqrt(P)",
            undefinedWhen: "fewer than 2 days; r - m does not vary; equity 0 or less",
            source: "Goodwin 1998"),
    ]

    /// Covariance over the market's variance.
    let beta: Double
    private let correlation: Double
    /// Mean of r − m, and its sample standard deviation.
    private let active: (mean: Double, deviation: Double)

    init(_ days: DaySeries, _ input: MetricInput) {
        let (returns, market) = (days.returns, days.market)
        let isComparable = returns.count > 1 && returns.count == market.count
        let count = isComparable ? Double(returns.count) : .nan
        var (r, m) = (0.0, 0.0)
        for index in market.indices where isComparable {
            r += returns[index]
            m += market[index]
        }
        r /= count
        m /= count
        var (both, own, other, apart) = (0.0, 0.0, 0.0, 0.0)
        for index in market.indices where isComparable {
            let (x, y) = (returns[index] - r, market[index] - m)
            both += x * y
            own += x * x
            other += y * y
            apart += (x - y) * (x - y)
        }
        // Deviations below 1e-15 are rounding: their squares, summed, stay below n · 1e-30.
        let noise = (count - 1) * 1e-30
        beta = other > noise ? both / other : .nan
        correlation = other > noise && own > noise ? both / (own * other).squareRoot() : .nan
        active = (r - m, apart > noise ? (apart / (count - 1)).squareRoot() : 0)
    }

    func put(_ input: MetricInput, into sink: inout MetricSink) {
        let root = input.periodsPerYear.squareRoot()
        sink.put(correlation)
        sink.put(quotient(ReturnMetrics.annual(input.growth, input), beta))
        sink.put(active.mean.isNaN ? .nan : active.deviation * root)
        sink.put(quotient(active.mean, active.deviation) * root)
    }
}
