import LotMath

/// The metrics that a study keeps of every trial: a fixed list, and what its targets and
/// constraints read.
///
/// Some two dozen of the search set: a million trials stay below 500 MB.
public struct KeptMetrics: Sendable, Equatable {
    /// Kept by every study.
    static let always = [
        "total_return", "cagr", "annual_volatility", "sharpe", "sortino", "calmar",
        "max_drawdown", "ulcer_index", "psr", "skewness", "kurtosis", "trades", "win_rate",
        "profit_factor", "expectancy", "sqn", "avg_trade", "exposure_time", "turnover", "fees",
        "max_drawdown_duration", "max_loss_streak", "buy_hold_return", "rejected_orders",
    ]

    /// Their numbers in ``MetricDefinition/search``.
    public let indices: [Int]

    /// What a study with such an objective keeps.
    public init(_ objective: Objective) {
        var indices = KeptMetrics.always.compactMap { MetricDefinition.searchIndex(of: $0) }
        for index in objective.metrics where !indices.contains(index) { indices.append(index) }
        self.indices = indices
    }

    /// Their keys.
    public var keys: [String] { indices.map { MetricDefinition.search[$0].key } }

    /// Takes them out of the search set.
    public func pick(_ metrics: [Double]) -> [Double] { indices.map { metrics[$0] } }

    /// The place of a metric in what is kept; `nil` if it is not.
    public func place(of key: String) -> Int? {
        MetricDefinition.searchIndex(of: key).flatMap { indices.firstIndex(of: $0) }
    }
}
