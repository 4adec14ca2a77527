import LotCore

/// Metrics of the account as a whole, with E₀ the starting cash and Eₙ the final equity.
///
/// - `total_return = Eₙ / E₀ − 1`, and `profit = Eₙ − E₀`, after all costs.
/// - `buy_hold_return = last close / first close − 1` over the window's bars, without costs; the
///   first decision can be taken at the first close.
/// - `traded_volume` counts the entries and exits of closed trades; `turnover` is that over the
///   mean equity at day closes: how often the account was turned over in the window.
///
/// - SeeAlso: backtesting.py, "Return [%]" and "Buy & Hold Return [%]".
enum AccountMetrics {
    static let definitions = [
        MetricDefinition(
            "equity_final", "Final equity", .quote, "equity after the last exit",
            source: "backtesting.py"),
        MetricDefinition(
            "equity_peak", "Equity peak", .quote, "max(starting cash, equity at every close)",
            source: "backtesting.py"),
        MetricDefinition("profit", "Profit", .quote, "equity_final - starting cash"),
        MetricDefinition("fees", "Fees", .quote, "sum of the fees of all fills"),
        MetricDefinition(
            "slippage", "Slippage", .quote,
            "sum of quantity * what the price is worse than the reference price"),
        MetricDefinition(
            "total_return", "Total return", .fraction, "equity_final / starting cash - 1",
            source: "backtesting.py"),
        MetricDefinition(
            "buy_hold_return", "Buy & hold return", .fraction, "last close / first close - 1",
            undefinedWhen: "no bar", source: "backtesting.py"),
        MetricDefinition(
            "funding", "Funding", .quote, "sum of the funding paid by trades, below 0 if received"),
        MetricDefinition(
            "traded_volume", "Traded volume", .quote,
            "sum of quantity * (entry + exit price) of trades", source: "freqtrade"),
        MetricDefinition(
            "turnover", "Turnover", .ratio, "traded_volume / mean(E[1] ... E[n])",
            undefinedWhen: "no bar; mean equity 0 or less", source: "LEAN"),
    ]

    static func totalReturn(_ input: MetricInput) -> Double {
        input.equity.last.equity / input.equity.base.equity - 1
    }

    static func buyHoldReturn(_ input: MetricInput) -> Double {
        quotient(input.equity.last.price, input.equity.firstPrice ?? .nan) - 1
    }

    static func put(_ input: MetricInput, _ trades: TradeSums, into sink: inout MetricSink) {
        let final = input.equity.last.equity
        sink.put(final)
        sink.put(input.equity.peak)
        sink.put(final - input.equity.base.equity)
        sink.put(input.fees)
        sink.put(input.slippage)
        sink.put(totalReturn(input))
        sink.put(buyHoldReturn(input))
        sink.put(trades.funding)
        sink.put(trades.volume)
        let mean = meanEquity(input)
        sink.put(mean > 0 ? trades.volume / mean : .nan)
    }

    private static func meanEquity(_ input: MetricInput) -> Double {
        guard input.equity.closeCount > 0 else { return .nan }
        var sum = 0.0
        for close in input.equity.finished { sum += close.equity }
        return (sum + input.equity.last.equity) / Double(input.equity.closeCount)
    }
}
