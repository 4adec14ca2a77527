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
        MetricDefinition(
            "ambiguous_profit", "Ambiguous profit", .quote,
            "sum of p of trades with a fill that depended on an order of events inside a bar"),
        MetricDefinition(
            "liquidations", "Liquidations", .count, "perpetual positions liquidated"),
    ]

    static func put(_ input: MetricInput, _ trades: TradeSums, into sink: inout MetricSink) {
        let counters = input.counters
        var rejected = 0
        for (_, count) in counters.rejections { rejected += count }
        sink.put(counters.ambiguousBars)
        sink.put(counters.missingBars)
        sink.put(counters.conflicts)
        sink.put(rejected)
        sink.put(counters.volumeLimitedFills)
        sink.put(trades.ambiguousProfit)
        sink.put(counters.liquidations)
    }
}
