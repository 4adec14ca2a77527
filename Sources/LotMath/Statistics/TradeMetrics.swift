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
    ]

    static func values(_ input: MetricInput) -> [Double?] {
        let trades = input.trades
        let count = Double(trades.count)
        let fractions = trades.map(\.profitFraction)
        let durations = trades.map { Double($0.exitTime - $0.entryTime) }
        let wins = trades.filter { $0.profit > 0 }
        let losses = trades.filter { $0.profit < 0 }
        let longs = trades.filter { $0.side == .buy }.count
        return [
            count, Double(longs), count - Double(longs), Double(wins.count),
            Double(losses.count), quotient(Double(wins.count), count), fractions.max(),
            fractions.min(), geometricMean(fractions), durations.max(), mean(durations),
            profitFactor(wins, losses), mean(fractions), qualityNumber(fractions),
            kelly(wins, losses, count), Double(streak(trades) { $0.profit > 0 }),
            Double(streak(trades) { $0.profit < 0 }),
        ]
    }

    private static func geometricMean(_ fractions: [Double]) -> Double? {
        guard !fractions.isEmpty, fractions.allSatisfy({ $0 > -1 }) else { return nil }
        return expm1(fractions.reduce(0) { $0 + log1p($1) } / Double(fractions.count))
    }

    private static func profitFactor(_ wins: [Trade], _ losses: [Trade]) -> Double? {
        quotient(
            wins.reduce(0) { $0 + $1.profit }, -losses.reduce(0) { $0 + $1.profit })
    }

    private static func qualityNumber(_ fractions: [Double]) -> Double? {
        guard let average = mean(fractions), let spread = sampleDeviation(fractions) else {
            return nil
        }
        return quotient(Double(fractions.count).squareRoot() * average, spread)
    }

    private static func kelly(_ wins: [Trade], _ losses: [Trade], _ count: Double) -> Double? {
        guard let won = mean(wins.map(\.profitFraction)),
            let lost = mean(losses.map { -$0.profitFraction }),
            let odds = quotient(won, lost), odds > 0
        else { return nil }
        let rate = Double(wins.count) / count
        return rate - (1 - rate) / odds
    }

    private static func streak(_ trades: [Trade], _ holds: (Trade) -> Bool) -> Int {
        var longest = 0
        var current = 0
        for trade in trades {
            current = holds(trade) ? current + 1 : 0
            longest = max(longest, current)
        }
        return longest
    }
}
