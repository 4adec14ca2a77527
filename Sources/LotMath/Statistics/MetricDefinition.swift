/// The unit of a metric's value.
public enum MetricUnit: String, Sendable, Hashable, CaseIterable {
    /// A fraction: 0.05 is 5 %. Percent exists only in rendered text.
    case fraction
    /// A number without a unit.
    case ratio
    /// An amount in quote currency.
    case quote
    /// A length of time in milliseconds.
    case duration
    /// A whole number.
    case count
    /// Milliseconds since the epoch, UTC.
    case time
}

/// What a metric is called, how it is computed, and where the formula comes from.
public struct MetricDefinition: Sendable, Hashable {
    /// Key of the JSON output and of `--assert`.
    public let key: String
    /// Label in tables and reports.
    public let label: String
    /// Unit of the value.
    public let unit: MetricUnit
    /// The formula in one line; symbols as in `docs/metrics.md`.
    public let formula: String
    /// When the metric is undefined (null), in one line; empty if it always has a value.
    public let undefinedWhen: String
    /// Paper, book or program that the formula comes from.
    public let source: String

    init(
        _ key: String, _ label: String, _ unit: MetricUnit, _ formula: String,
        undefinedWhen: String = "", source: String = ""
    ) {
        self.key = key
        self.label = label
        self.unit = unit
        self.formula = formula
        self.undefinedWhen = undefinedWhen
        self.source = source
    }

    /// The search set: metrics of trades and day closes alone.
    ///
    /// ``MetricEvaluator`` computes them without allocating; a metric's number is its place here.
    public static let search: [MetricDefinition] =
        WindowMetrics.definitions + AccountMetrics.definitions + ReturnMetrics.definitions
        + TailMetrics.definitions + MarketMetrics.definitions + DrawdownMetrics.definitions
        + ClosedMetrics.definitions + TradeMetrics.definitions + TrustMetrics.definitions

    /// Metrics that need the bars or the tables of a run: computed once, after it.
    public static let reportOnly: [MetricDefinition] = ReportMetrics.definitions

    /// Every metric in the order of the report; the search set comes first.
    public static let all: [MetricDefinition] = search + reportOnly

    /// Every key in the order of the report.
    public static var keys: [String] { all.map(\.key) }

    /// Returns the metric called `key`, or `nil`.
    public static func named(_ key: String) -> MetricDefinition? {
        all.first { $0.key == key }
    }

    /// The number of the metric called `key` in the search set, or `nil`.
    public static func searchIndex(of key: String) -> Int? {
        search.firstIndex { $0.key == key }
    }
}
