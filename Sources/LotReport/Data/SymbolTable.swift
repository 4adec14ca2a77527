public import LotCore

/// What came of each symbol of a run over several: the same columns in every form.
public enum SymbolTable {
    /// The object that `result.json` has for each symbol.
    static let json = JSONObject<SymbolRow>([
        .text("symbol", "the symbol") { $0.symbol },
        .count("trades", "closed trades") { $0.trades },
        .count("wins", "of them with a profit") { $0.wins },
        .count("losses", "of them with a loss") { $0.losses },
        .optional("win_rate", "wins / trades; null without a trade") { $0.winRate },
        .number("profit", "after fees and funding, quote currency") { $0.profit },
        .number("contribution", "profit / starting cash: the symbols' add up to total_return") {
            $0.contribution
        },
        .number("gross_profit", "sum of the profits of wins") { $0.grossProfit },
        .number("gross_loss", "sum of the losses of losses, 0 or more") { $0.grossLoss },
        .optional("profit_factor", "gross_profit / gross_loss; null without a loss") {
            $0.profitFactor
        },
        .optional("best_trade", "largest profit over the entry's notional") { $0.best },
        .optional("worst_trade", "smallest") { $0.worst },
        .optional("avg_profit_fraction", "mean") { $0.average },
        .optional("avg_duration", "mean time from entry to exit, milliseconds") { $0.duration },
        .number("fees", "of its fills") { $0.fees },
        .number("slippage", "what slippage cost") { $0.slippage },
        .number("funding", "paid, below 0 if received") { $0.funding },
        .number("traded_volume", "sum of quantity * (entry + exit price) of trades") {
            $0.volume
        },
        .number("max_drawdown", "deepest fall of its profit, at its closes, quote currency") {
            $0.deepestFall
        },
        .number("max_drawdown_fraction", "the same over the starting cash") { $0.fallFraction },
        .optional("buy_hold_return", "last close / first open - 1") { $0.holding },
        .count("bars", "bars in the window") { $0.bars },
        .optional("exposure_time", "bars with a position at their close / bars") { $0.exposure },
        .count("orders", "orders sent") { $0.orders },
        .count("rejected_orders", "of them refused") { $0.rejectedOrders },
        .count("ambiguous_bars", "bars with a fill that depended on the order inside the bar") {
            $0.ambiguousBars
        },
        .count("missing_bars", "bars missing in the window") { $0.missingBars },
    ])

    /// Returns `symbols.csv`: one row per symbol, in name order.
    public static func csv(_ result: RunResult) -> [UInt8] {
        var csv = CSVWriter(header: json.fields.map(\.member.name))
        for row in result.symbols {
            csv.text(row.symbol)
            for count in [row.trades, row.wins, row.losses] { csv.number(Int64(count)) }
            for value in [
                row.winRate, row.profit, row.contribution, row.grossProfit, row.grossLoss,
                row.profitFactor, row.best, row.worst, row.average, row.duration, row.fees,
                row.slippage, row.funding, row.volume, row.deepestFall, row.fallFraction,
                row.holding,
            ] {
                csv.number(value)
            }
            csv.number(Int64(row.bars))
            csv.number(row.exposure)
            for count in [row.orders, row.rejectedOrders, row.ambiguousBars, row.missingBars] {
                csv.number(Int64(count))
            }
            csv.endRow()
        }
        return csv.bytes
    }

    /// Heads of the columns that people see.
    static let heads = [
        "Symbol", "Trades", "Win rate", "Profit", "Share", "Factor", "Fees", "Max fall",
        "Buy & hold",
    ]

    /// The cells of a row under ``heads``, with the sign of their value where it is good or bad.
    static func cells(_ row: SymbolRow) -> [(text: String, tone: Int)] {
        func tone(_ value: Double) -> Int { value > 0 ? 1 : value < 0 ? -1 : 0 }
        return [
            (row.symbol, 0), (grouped(row.trades), 0), (NumberText.percent(row.winRate), 0),
            (NumberText.fixed(row.profit, 2), tone(row.profit)),
            (NumberText.percent(row.contribution), tone(row.contribution)),
            (row.profitFactor.isNaN ? "–" : NumberText.fixed(row.profitFactor, 2), 0),
            (NumberText.fixed(row.fees, 2), 0),
            (NumberText.percent(-row.fallFraction), tone(-row.fallFraction)),
            (NumberText.percent(row.holding), tone(row.holding)),
        ]
    }
}
