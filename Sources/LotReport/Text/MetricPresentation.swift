import LotCore

/// How a metric is shown: the one place that maps a key to a label, a unit and a group.
///
/// The label and unit are those of the metric's definition in `LotMath`; only the group and the
/// rendering are the report's own.
struct MetricPresentation {
    /// Where the metric stands in a table.
    enum Group: String, CaseIterable {
        case performance = "Performance"
        case risk = "Risk"
        case trades = "Trades"
        case honesty = "Honesty"
        case window = "Window"
    }

    /// The unit of a metric's value.
    enum Unit {
        case fraction, ratio, quote, duration, count, time
    }

    let key: String
    let label: String
    let unit: Unit
    let group: Group

    init(_ key: String, _ label: String, _ unit: Unit, _ group: Group) {
        self.key = key
        self.label = label
        self.unit = unit
        self.group = group
    }

    /// Returns how the metric called `key` is shown; an unknown key is shown as a plain number.
    static func of(_ key: String) -> MetricPresentation {
        if let known = all.first(where: { $0.key == key }) { return known }
        let words = key.split(separator: "_").joined(separator: " ")
        let label = words.prefix(1).uppercased() + words.dropFirst()
        return MetricPresentation(key, label, .ratio, .performance)
    }

    /// Returns the value as text with its unit, `–` where it is undefined.
    func text(_ value: Double?, currency: String) -> String {
        guard let value, value.isFinite else { return NumberText.undefined }
        return switch unit {
        case .fraction: NumberText.percent(value)
        case .ratio: NumberText.fixed(value, 2)
        case .quote: NumberText.fixed(value, 2) + " " + currency
        case .duration: NumberText.duration(milliseconds: value)
        case .count: NumberText.fixed(value, 0)
        case .time: abs(value) < 1e15 ? CivilTime.text(Int64(value)) : NumberText.undefined
        }
    }

    /// Whether a value above 0 is good and one below bad, so that colour says something.
    var isGain: Bool {
        [
            "profit", "total_return", "buy_hold_return", "annual_return", "cagr", "sharpe",
            "sortino", "calmar", "alpha", "best_trade", "worst_trade", "avg_trade",
            "expectancy", "sqn", "kelly",
        ].contains(key)
    }

    private static let all = performance + risk + trades + honesty + window

    private static let performance = [
        MetricPresentation("equity_final", "Final equity", .quote, .performance),
        MetricPresentation("equity_peak", "Equity peak", .quote, .performance),
        MetricPresentation("profit", "Profit", .quote, .performance),
        MetricPresentation("fees", "Fees", .quote, .performance),
        MetricPresentation("slippage", "Slippage", .quote, .performance),
        MetricPresentation("total_return", "Total return", .fraction, .performance),
        MetricPresentation("buy_hold_return", "Buy & hold return", .fraction, .performance),
        MetricPresentation("annual_return", "Annual return", .fraction, .performance),
        MetricPresentation("cagr", "CAGR", .fraction, .performance),
        MetricPresentation("alpha", "Alpha", .fraction, .performance),
    ]

    private static let risk = [
        MetricPresentation("annual_volatility", "Annual volatility", .fraction, .risk),
        MetricPresentation("sharpe", "Sharpe ratio", .ratio, .risk),
        MetricPresentation("sortino", "Sortino ratio", .ratio, .risk),
        MetricPresentation("calmar", "Calmar ratio", .ratio, .risk),
        MetricPresentation("beta", "Beta", .ratio, .risk),
        MetricPresentation("max_drawdown", "Max drawdown", .fraction, .risk),
        MetricPresentation("avg_drawdown", "Avg drawdown", .fraction, .risk),
        MetricPresentation("max_drawdown_duration", "Max drawdown duration", .duration, .risk),
        MetricPresentation("avg_drawdown_duration", "Avg drawdown duration", .duration, .risk),
    ]

    private static let trades = [
        MetricPresentation("trades", "Trades", .count, .trades),
        MetricPresentation("long_trades", "Long trades", .count, .trades),
        MetricPresentation("short_trades", "Short trades", .count, .trades),
        MetricPresentation("wins", "Wins", .count, .trades),
        MetricPresentation("losses", "Losses", .count, .trades),
        MetricPresentation("win_rate", "Win rate", .fraction, .trades),
        MetricPresentation("best_trade", "Best trade", .fraction, .trades),
        MetricPresentation("worst_trade", "Worst trade", .fraction, .trades),
        MetricPresentation("avg_trade", "Avg trade", .fraction, .trades),
        MetricPresentation("max_trade_duration", "Max trade duration", .duration, .trades),
        MetricPresentation("avg_trade_duration", "Avg trade duration", .duration, .trades),
        MetricPresentation("profit_factor", "Profit factor", .ratio, .trades),
        MetricPresentation("expectancy", "Expectancy", .fraction, .trades),
        MetricPresentation("sqn", "SQN", .ratio, .trades),
        MetricPresentation("kelly", "Kelly criterion", .fraction, .trades),
        MetricPresentation("max_win_streak", "Max win streak", .count, .trades),
        MetricPresentation("max_loss_streak", "Max loss streak", .count, .trades),
    ]

    private static let honesty = [
        MetricPresentation("ambiguous_bars", "Ambiguous bars", .count, .honesty),
        MetricPresentation("missing_bars", "Missing bars", .count, .honesty),
        MetricPresentation("conflicts", "Conflicts", .count, .honesty),
        MetricPresentation("rejected_orders", "Rejected orders", .count, .honesty),
        MetricPresentation("volume_limited_fills", "Volume-limited fills", .count, .honesty),
    ]

    private static let window = [
        MetricPresentation("start_time", "Start", .time, .window),
        MetricPresentation("end_time", "End", .time, .window),
        MetricPresentation("duration", "Duration", .duration, .window),
        MetricPresentation("exposure_time", "Exposure time", .fraction, .window),
    ]
}

/// A metric ready to be shown.
struct MetricRow {
    let presentation: MetricPresentation
    let value: Double?
    let text: String

    /// 1 where the value is good, -1 where it is bad, 0 where it is neither.
    var tone: Int {
        guard presentation.isGain, let value, value != 0 else { return 0 }
        return value > 0 ? 1 : -1
    }

    /// Returns the metrics of a result by group, each group in the result's own order.
    static func groups(_ result: RunResult) -> [(MetricPresentation.Group, [MetricRow])] {
        let currency = result.data.address.quoteCurrency
        let rows = result.metrics.map { metric in
            let presentation = MetricPresentation.of(metric.key)
            return MetricRow(
                presentation: presentation, value: metric.value,
                text: presentation.text(metric.value, currency: currency))
        }
        return MetricPresentation.Group.allCases.compactMap { group in
            let members = rows.filter { $0.presentation.group == group }
            return members.isEmpty ? nil : (group, members)
        }
    }
}
