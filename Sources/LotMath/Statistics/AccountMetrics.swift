import LotCore

/// Metrics of the account as a whole, with E₀ the starting cash and Eₙ the final equity.
///
/// - `total_return = Eₙ / E₀ − 1`, and `profit = Eₙ − E₀`, after all costs.
/// - `buy_hold_return = last close / first close − 1` over the window's bars, without costs; the
///   first decision can be taken at the first close.
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
            "slippage", "Slippage", .quote, "sum of quantity * distance from reference price"),
        MetricDefinition(
            "total_return", "Total return", .fraction, "equity_final / starting cash - 1",
            source: "backtesting.py"),
        MetricDefinition(
            "buy_hold_return", "Buy & hold return", .fraction, "last close / first close - 1",
            undefinedWhen: "no bar", source: "backtesting.py"),
    ]

    static func totalReturn(_ input: MetricInput) -> Double? {
        quotient(input.equity.last.equity, input.equity.base.equity).map { $0 - 1 }
    }

    static func buyHoldReturn(_ input: MetricInput) -> Double? {
        guard let first = input.equity.firstPrice else { return nil }
        return quotient(input.equity.last.price, first).map { $0 - 1 }
    }

    static func values(_ input: MetricInput) -> [Double?] {
        let final = input.equity.last.equity
        return [
            final, input.equity.peak, final - input.equity.base.equity, input.fees,
            input.slippage, totalReturn(input), buyHoldReturn(input),
        ]
    }
}
