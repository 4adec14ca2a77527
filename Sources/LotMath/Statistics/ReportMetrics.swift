import LotCore

/// Metrics of the tables of a run: not in the search set.
///
/// - MAE and MFE: how far the price went against and with a trade while it was open, as a
///   fraction of the entry price: ``excursion(of:_:)`` says which prices count (Sweeney, "Maximum
///   Adverse Excursion", 1996). `edge_ratio = mean MFE / mean MAE`.
/// - Exposure: |position · close| over equity at the points of the curve.
/// - `buy_hold_…`: the ratios of ``ReturnMetrics`` for the price's returns m; its drawdown at day
///   closes.
/// - Months: compounded returns of calendar months; the first and last may be partial.
///
/// - Complexity: O(trades + months).
enum ReportMetrics {
    private static let none = "no trade"

    static let definitions = [
        MetricDefinition(
            "avg_mae", "Avg MAE", .fraction, "mean MAE of trades", undefinedWhen: none,
            source: "Sweeney 1996"),
        MetricDefinition(
            "max_mae", "Max MAE", .fraction, "largest MAE of a trade", undefinedWhen: none,
            source: "Sweeney 1996"),
        MetricDefinition(
            "avg_mfe", "Avg MFE", .fraction, "mean MFE of trades", undefinedWhen: none,
            source: "Sweeney 1996"),
        MetricDefinition(
            "max_mfe", "Max MFE", .fraction, "largest MFE of a trade", undefinedWhen: none,
            source: "Sweeney 1996"),
        MetricDefinition(
            "edge_ratio", "Edge ratio", .ratio, "avg_mfe / avg_mae",
            undefinedWhen: "no trade; no MAE above 0", source: "Sweeney 1996"),
        MetricDefinition(
            "avg_exposure", "Avg exposure", .fraction,
            "mean of abs(position) * close / E over the curve's points; hedged: of both legs",
            undefinedWhen: "no point with equity above 0", source: "LEAN"),
        MetricDefinition(
            "max_exposure", "Max exposure", .fraction,
            "max of abs(position) * close / E over the curve's points; hedged: of both legs",
            undefinedWhen: "no point with equity above 0", source: "vectorbt"),
        MetricDefinition(
            "buy_hold_annual_return", "Buy & hold annual return", .fraction,
            "(1 + buy_hold_return)^(P / n) - 1", undefinedWhen: "window below 30 days"),
        MetricDefinition(
            "buy_hold_volatility", "Buy & hold volatility", .fraction, "sd(m) * sqrt(P)",
            undefinedWhen: "fewer than 2 days"),
        MetricDefinition(
            "buy_hold_sharpe", "Buy & hold Sharpe", .ratio, "mean(m) / sd(m) * sqrt(P)",
            undefinedWhen: "fewer than 2 days; no variation", source: "Sharpe 1994"),
        MetricDefinition(
            "buy_hold_sortino", "Buy & hold Sortino", .ratio,
            "mean(m) / sqrt(sum(min(m, 0)^2) / n) * sqrt(P)",
            undefinedWhen: "fewer than 2 days; no losing day", source: "Sortino and Price 1994"),
        MetricDefinition(
            "buy_hold_max_drawdown", "Buy & hold max drawdown", .fraction,
            "max over day closes of 1 - price / highest of first open and closes so far",
            undefinedWhen: "no day",
            source: "Magdon-Ismail and Atiya 2004"),
        MetricDefinition(
            "best_month", "Best month", .fraction, "largest compounded return of a month",
            undefinedWhen: "no bar", source: "quantstats"),
        MetricDefinition(
            "worst_month", "Worst month", .fraction,
            "smallest compounded return of a month; after ruin 0", undefinedWhen: "no bar",
            source: "quantstats"),
        MetricDefinition(
            "win_months", "Win months", .fraction, "months with a return above 0 / months",
            undefinedWhen: "no bar", source: "quantstats"),
    ]

    /// The values in the order of the definitions; what is not finite is undefined.
    static func values(_ input: MetricInput, _ details: RunDetails) -> [Double] {
        let count = Double(details.excursions.count)
        let adverse = details.excursions.reduce(0) { $0 + $1.adverse } / count
        let favourable = details.excursions.reduce(0) { $0 + $1.favourable } / count
        let months = details.rows(.month).map(\.growth)
        let good = months.count { $0 > 0 }
        let holding = details.holding
        return [
            adverse, details.excursions.map(\.adverse).max() ?? .nan,
            favourable, details.excursions.map(\.favourable).max() ?? .nan,
            quotient(favourable, adverse), details.averageExposure, details.largestExposure,
            holding.annualReturn, holding.volatility, holding.sharpe, holding.sortino,
            holding.maxDrawdown, months.max() ?? .nan, months.min() ?? .nan,
            quotient(Double(good), Double(months.count)),
        ]
    }
}
