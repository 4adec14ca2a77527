import Glibc
import LotCore

/// Metrics of closed trades, with p the profit after fees in quote currency and f that profit
/// over the entry's notional; a win has p > 0, a loss p < 0.
///
/// - `avg_trade = (Π (1 + f))^(1 / N) − 1`, null if a trade lost all; `expectancy = mean(f)`.
/// - `profit_factor = Σ p of wins / −Σ p of losses`: gross profit over gross loss in money, as
///   freqtrade and trading platforms have it; null without losses.
/// - `sqn = √N · mean(f) / sd(f)`, sample standard deviation: Tharp's R-multiples with the same
///   risk fraction in every trade (Tharp, "The Definitive Guide to Position Sizing", 2008).
/// - `kelly = W − (1 − W) / (mean win f / mean loss |f|)` with W the win rate (Kelly, "A New
///   Interpretation of Information Rate", Bell System Technical Journal 35(4), 1956), null
///   without wins or without losses.
/// - Durations run between the open times of the bars of entry and exit.
/// - Streaks: most wins (losses) in a row; a trade of exactly 0 ends both.
/// - `payoff_ratio = mean win f / mean loss |f|`; `expectancy_ratio = (1 + payoff_ratio) · W − 1`,
///   the expected profit in units of the average loss, as freqtrade has it.
///
/// - Complexity: O(trades).
enum TradeMetrics {
    private static let none = "no trade"

    static let definitions = [
        MetricDefinition("trades", "Trades", .count, "N, closed trades", source: "backtesting.py"),
        MetricDefinition("long_trades", "Long trades", .count, "trades that bought first"),
        MetricDefinition("short_trades", "Short trades", .count, "trades that sold first"),
        MetricDefinition("wins", "Wins", .count, "trades with p > 0"),
        MetricDefinition("losses", "Losses", .count, "trades with p < 0"),
        MetricDefinition(
            "win_rate", "Win rate", .fraction, "wins / N", undefinedWhen: none,
            source: "backtesting.py"),
        MetricDefinition(
            "best_trade", "Best trade", .fraction, "max(f)", undefinedWhen: none,
            source: "backtesting.py"),
        MetricDefinition(
            "worst_trade", "Worst trade", .fraction, "min(f)", undefinedWhen: none,
            source: "backtesting.py"),
        MetricDefinition(
            "avg_trade", "Avg trade", .fraction, "(product of (1 + f))^(1 / N) - 1",
            undefinedWhen: "no trade; a trade lost all", source: "backtesting.py"),
        MetricDefinition(
            "max_trade_duration", "Max trade duration", .duration, "max(exit - entry time)",
            undefinedWhen: none, source: "backtesting.py"),
        MetricDefinition(
            "avg_trade_duration", "Avg trade duration", .duration, "mean(exit - entry time)",
            undefinedWhen: none, source: "backtesting.py"),
        MetricDefinition(
            "profit_factor", "Profit factor", .ratio, "sum of p of wins / -sum of p of losses",
            undefinedWhen: "no loss", source: "freqtrade"),
        MetricDefinition(
            "expectancy", "Expectancy", .fraction, "mean(f)", undefinedWhen: none,
            source: "backtesting.py"),
        MetricDefinition(
            "sqn", "SQN", .ratio, "sqrt(N) * mean(f) / sd(f)",
            undefinedWhen: "fewer than 2 trades; no variation", source: "Tharp 2008"),
        MetricDefinition(
            "kelly", "Kelly criterion", .fraction,
            "W - (1 - W) / (mean f of wins / -mean f of losses)",
            undefinedWhen: "no win; no loss", source: "Kelly 1956"),
        MetricDefinition("max_win_streak", "Max win streak", .count, "most wins in a row"),
        MetricDefinition("max_loss_streak", "Max loss streak", .count, "most losses in a row"),
        MetricDefinition(
            "gross_profit", "Gross profit", .quote, "sum of p of wins", source: "jesse"),
        MetricDefinition(
            "gross_loss", "Gross loss", .quote, "-sum of p of losses", source: "jesse"),
        MetricDefinition("long_profit", "Profit of longs", .quote, "sum of p of long trades"),
        MetricDefinition("short_profit", "Profit of shorts", .quote, "sum of p of short trades"),
        MetricDefinition(
            "avg_win", "Avg win", .fraction, "mean f of wins", undefinedWhen: "no win",
            source: "LEAN"),
        MetricDefinition(
            "avg_loss", "Avg loss", .fraction, "mean f of losses, below 0",
            undefinedWhen: "no loss", source: "LEAN"),
        MetricDefinition(
            "payoff_ratio", "Payoff ratio", .ratio, "avg_win / -avg_loss",
            undefinedWhen: "no win; no loss", source: "LEAN"),
        MetricDefinition(
            "expectancy_ratio", "Expectancy ratio", .ratio, "(1 + payoff_ratio) * W - 1",
            undefinedWhen: "no win; no loss", source: "freqtrade"),
        MetricDefinition(
            "avg_win_duration", "Avg win duration", .duration, "mean(exit - entry time) of wins",
            undefinedWhen: "no win", source: "freqtrade"),
        MetricDefinition(
            "avg_loss_duration", "Avg loss duration", .duration,
            "mean(exit - entry time) of losses", undefinedWhen: "no loss", source: "freqtrade"),
        MetricDefinition(
            "avg_stake", "Avg stake", .quote, "mean(quantity * entry price)", undefinedWhen: none,
            source: "freqtrade"),
    ]

    static func put(
        _ input: MetricInput, _ sums: TradeSums, _ fractions: [Double],
        into sink: inout MetricSink
    ) {
        let (count, wins, losses) = (Double(sums.count), Double(sums.wins), Double(sums.losses))
        let isEmpty = sums.count == 0
        let moments = SeriesMoments(fractions)
        let (won, lost) = (sums.won / wins, sums.lost / losses)
        // The ratio is one of a win and a loss: undefined without either.
        let payoff = won / lost > 0 ? won / lost : .nan
        let rate = wins / count
        sink.put(sums.count)
        sink.put(sums.longs)
        sink.put(sums.count - sums.longs)
        sink.put(sums.wins)
        sink.put(sums.losses)
        sink.put(rate)
        sink.put(sums.best)
        sink.put(sums.worst)
        sink.put(expm1(sums.logSum / count))
        sink.put(isEmpty ? .nan : Double(sums.longest))
        sink.put(Double(sums.duration) / count)
        sink.put(quotient(sums.grossProfit, sums.grossLoss))
        sink.put(sums.fractionSum / count)
        sink.put(quotient(count.squareRoot() * moments.mean, moments.deviation))
        sink.put(rate - (1 - rate) / payoff)
        sink.put(sums.winStreak)
        sink.put(sums.lossStreak)
        sink.put(sums.grossProfit)
        sink.put(sums.grossLoss)
        sink.put(sums.longProfit)
        sink.put(sums.shortProfit)
        sink.put(won)
        sink.put(-lost)
        sink.put(payoff)
        sink.put((1 + payoff) * rate - 1)
        sink.put(Double(sums.winDuration) / wins)
        sink.put(Double(sums.lossDuration) / losses)
        sink.put(sums.stakes / count)
    }
}
