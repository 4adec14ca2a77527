import LotCore

/// The ratios of the account as closed trades alone would show it.
///
/// C₀ is the starting cash, and each trade adds its profit when it closes; c is the return of C
/// from day to day, over the same days as the ratios of the equity. A position that is under
/// water for months does not show here until it is closed: compare with `sharpe`, `sortino`,
/// `calmar` and `max_drawdown`, which see it every day. Programs that report on closed trades
/// (freqtrade) have these.
///
/// - Complexity: O(days + trades).
enum ClosedMetrics {
    static let definitions = [
        MetricDefinition(
            "closed_sharpe", "Sharpe, closed trades", .ratio, "mean(c) / sd(c) * sqrt(P)",
            undefinedWhen: "fewer than 2 days; no variation; C 0 or less",
            source: "Sharpe 1994; freqtrade"),
        MetricDefinition(
            "closed_sortino", "Sortino, closed trades", .ratio,
            "mean(c) / sqrt(sum(min(c, 0)^2) / n) * sqrt(P)",
            undefinedWhen: "fewer than 2 days; no losing day; C 0 or less",
            source: "Sortino and Price 1994; freqtrade"),
        MetricDefinition(
            "closed_calmar", "Calmar, closed trades", .ratio,
            "((C[n] / C[0])^(P / n) - 1) / closed_max_drawdown",
            undefinedWhen: "window below 30 days; no drawdown; C 0 or less",
            source: "Young 1991; freqtrade"),
        MetricDefinition(
            "closed_max_drawdown", "Max drawdown, closed trades", .fraction,
            "max over every trade's close of 1 - C / running peak",
            source: "Magdon-Ismail and Atiya 2004; freqtrade"),
    ]

    static func put(
        _ input: MetricInput, _ days: inout DaySeries, _ trades: TradeSums,
        into sink: inout MetricSink
    ) {
        let moments = SeriesMoments(days.closed)
        let root = input.periodsPerYear.squareRoot()
        let growth = input.spansMonth ? trades.closedEquity / input.equity.base.equity : .nan
        let annual = moments.count > 0 ? ReturnMetrics.annual(growth, input) : .nan
        sink.put(quotient(moments.mean, moments.deviation) * root)
        sink.put(quotient(moments.mean, moments.downside) * root)
        sink.put(quotient(annual, trades.closedDrawdown))
        sink.put(trades.closedDrawdown)
    }
}
