import LotCore

/// Counts that say how far a result can be trusted, straight from the run's counters.
enum TrustMetrics {
    static let definitions = [
        MetricDefinition(
            "ambiguous_bars", "Ambiguous bars", .count,
            "bars with a fill that depended on an order of events inside the bar"),
        MetricDefinition("missing_bars", "Missing bars", .count, "bars missing in the window"),
        MetricDefinition(
            "conflicts", "Conflicts", .count, "bars on which rules contradicted each other"),
        MetricDefinition(
            "rejected_orders", "Rejected orders", .count, "orders refused, for any reason"),
        MetricDefinition(
            "volume_limited_fills", "Volume-limited fills", .count,
            "fills cut by the volume limit"),
    ]

    static func values(_ input: MetricInput) -> [Double?] {
        let counters = input.counters
        let rejected = counters.rejections.values.reduce(0, +)
        return [
            Double(counters.ambiguousBars), Double(counters.missingBars),
            Double(counters.conflicts), Double(rejected), Double(counters.volumeLimitedFills),
        ]
    }
}
