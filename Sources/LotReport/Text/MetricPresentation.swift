import LotCore
import LotMath

/// How a metric is shown: label and unit from its definition in `LotMath`, and its group.
struct MetricPresentation {
    /// Where the metric stands in a table.
    enum Group: String, CaseIterable {
        case performance = "Performance"
        case risk = "Risk"
        case trades = "Trades"
        case honesty = "Honesty"
        case window = "Window"
    }

    let key: String
    let label: String
    let unit: MetricUnit

    /// Returns how the metric called `key` is shown; an unknown key is shown as a plain number.
    static func of(_ key: String) -> MetricPresentation {
        if let known = MetricDefinition.named(key) {
            return MetricPresentation(key: key, label: known.label, unit: known.unit)
        }
        let words = key.split(separator: "_").joined(separator: " ")
        let label = words.prefix(1).uppercased() + words.dropFirst()
        return MetricPresentation(key: key, label: label, unit: .ratio)
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

    /// The group; a metric that is in no list below is one of performance.
    var group: Group {
        if Self.risk.contains(key) { return .risk }
        if Self.trades.contains(key) { return .trades }
        if Self.honesty.contains(key) { return .honesty }
        return Self.window.contains(key) ? .window : .performance
    }

    private static let risk: Set<String> = [
        "annual_volatility", "sharpe", "sortino", "calmar", "beta", "max_drawdown",
        "avg_drawdown", "max_drawdown_duration", "avg_drawdown_duration",
    ]

    private static let trades: Set<String> = [
        "trades", "long_trades", "short_trades", "wins", "losses", "win_rate", "best_trade",
        "worst_trade", "avg_trade", "max_trade_duration", "avg_trade_duration", "profit_factor",
        "expectancy", "sqn", "kelly", "max_win_streak", "max_loss_streak",
    ]

    private static let honesty: Set<String> = [
        "ambiguous_bars", "missing_bars", "conflicts", "rejected_orders", "volume_limited_fills",
    ]

    private static let window: Set<String> = [
        "start_time", "end_time", "duration", "exposure_time",
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
