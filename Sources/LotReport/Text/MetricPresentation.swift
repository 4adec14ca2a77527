import LotCore
import LotMath

/// How a metric is shown: label and unit from its definition in `LotMath`, and its group.
struct MetricPresentation {
    /// Where the metric stands in a table.
    enum Group: String, CaseIterable {
        case performance = "Performance"
        case risk = "Risk"
        case market = "Against buy & hold"
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
    var isGain: Bool { Self.gains.contains(key) }

    /// Whether the terminal's table shows it: the others are in the files and the report.
    var isHeadline: Bool { Self.headlines.contains(key) }

    /// The group; a metric that is in no list below is one of performance.
    var group: Group {
        if Self.risk.contains(key) { return .risk }
        if Self.market.contains(key) || key.hasPrefix("buy_hold_") { return .market }
        if Self.trades.contains(key) { return .trades }
        if Self.honesty.contains(key) { return .honesty }
        return Self.window.contains(key) ? .window : .performance
    }

    private static let gains: Set<String> = [
        "profit", "total_return", "buy_hold_return", "annual_return", "cagr", "sharpe",
        "sortino", "calmar", "alpha", "best_trade", "worst_trade", "avg_trade", "expectancy",
        "sqn", "kelly", "smart_sharpe", "best_day", "worst_day", "best_month", "worst_month",
        "closed_sharpe", "closed_sortino", "closed_calmar", "ulcer_performance", "serenity",
        "recovery_factor", "treynor", "information_ratio", "long_profit", "short_profit",
        "expectancy_ratio", "ambiguous_profit", "buy_hold_annual_return", "buy_hold_sharpe",
        "buy_hold_sortino",
    ]

    private static let risk: Set<String> = [
        "annual_volatility", "sharpe", "sortino", "calmar", "psr", "smart_sharpe", "omega",
        "skewness", "kurtosis", "tail_ratio", "value_at_risk", "conditional_value_at_risk",
        "risk_of_ruin", "max_drawdown", "avg_drawdown", "max_drawdown_duration",
        "avg_drawdown_duration", "ulcer_index", "ulcer_performance", "serenity",
        "recovery_factor", "underwater_time", "closed_sharpe", "closed_sortino",
        "closed_calmar", "closed_max_drawdown", "avg_exposure", "max_exposure",
    ]

    private static let market: Set<String> = [
        "alpha", "beta", "correlation", "treynor", "tracking_error", "information_ratio",
    ]

    private static let trades: Set<String> = [
        "trades", "long_trades", "short_trades", "wins", "losses", "win_rate", "best_trade",
        "worst_trade", "avg_trade", "max_trade_duration", "avg_trade_duration", "profit_factor",
        "expectancy", "sqn", "kelly", "max_win_streak", "max_loss_streak", "gross_profit",
        "gross_loss", "long_profit", "short_profit", "avg_win", "avg_loss", "payoff_ratio",
        "expectancy_ratio", "avg_win_duration", "avg_loss_duration", "avg_stake", "avg_mae",
        "max_mae", "avg_mfe", "max_mfe", "edge_ratio", "trades_per_day",
    ]

    private static let honesty: Set<String> = [
        "ambiguous_bars", "missing_bars", "conflicts", "rejected_orders", "volume_limited_fills",
        "ambiguous_profit", "liquidations",
    ]

    private static let window: Set<String> = [
        "start_time", "end_time", "duration", "exposure_time",
    ]

    /// What fits a screen.
    static let headlines: Set<String> = [
        "equity_final", "profit", "fees", "slippage", "total_return", "annual_return", "cagr",
        "best_month", "worst_month", "annual_volatility", "sharpe", "sortino", "calmar", "psr",
        "value_at_risk", "conditional_value_at_risk", "max_drawdown", "max_drawdown_duration",
        "ulcer_index", "closed_sharpe", "buy_hold_return", "buy_hold_sharpe", "alpha", "beta",
        "trades", "long_trades", "short_trades", "win_rate", "best_trade", "worst_trade",
        "avg_trade", "avg_mae", "avg_mfe", "avg_trade_duration", "profit_factor", "expectancy",
        "sqn", "max_loss_streak", "ambiguous_bars", "missing_bars", "conflicts",
        "rejected_orders", "volume_limited_fills", "start_time", "end_time", "duration",
        "exposure_time",
    ]
}

/// A metric ready to be shown.
struct MetricRow {
    let presentation: MetricPresentation
    let value: Double?
    let text: String

    /// Whether the terminal shows it: a headline, or what perpetuals alone have where there was
    /// some.
    var isShort: Bool {
        presentation.isHeadline
            || (value != 0 && ["funding", "liquidations"].contains(presentation.key))
    }

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
