import LotCore
import LotMath

extension Bench {
    /// The search set of one run, as a sweep computes it: 731 days, 6,500 trades added up before.
    static func statistics() {
        var state: UInt64 = 1
        func unit() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) * 0x1p-53
        }
        let day = millisecondsPerDay
        guard let interval = Interval("1m") else { return }
        var tracker = EquityTracker(
            startingCash: 10_000, startTime: 0, startPrice: 100, interval: interval)
        var (equity, price) = (10_000.0, 100.0)
        for index in 1...731 {
            equity *= 1 + (unit() - 0.495) * 0.04
            price *= 1 + (unit() - 0.495) * 0.05
            tracker.mark(time: Int64(index) * day, equity: equity, price: price)
        }
        let trades = (0..<6_500).map { index in
            let fraction = (unit() - 0.49) * 0.03
            let time = Int64(index) * 731 * day / 6_500
            return TradeRecord(
                side: unit() < 0.5 ? .buy : .sell, entryTime: time, exitTime: time + 3_600_000,
                entryRow: 0, exitRow: 60, entryPrice: price, exitPrice: price * (1 + fraction),
                quantity: 1, fees: 0.2, profit: fraction * 1_000, profitFraction: fraction)
        }
        let input = MetricInput(
            equity: tracker, trades: trades, fees: 0, slippage: 0, counters: RunCounters(),
            windowBars: 1_051_200, startTime: 0, endTime: 731 * day)
        var evaluator = MetricEvaluator()
        var checksum = 0.0
        let rounds = 1_000
        let seconds = median {
            for _ in 0..<rounds {
                evaluator.evaluate(input)
                checksum += evaluator.values[MetricDefinition.searchIndex(of: "sharpe") ?? 0]
            }
        }
        report(
            "statistics: search set, 6,500 trades x 731 days",
            short(seconds * 1e6 / Double(rounds)) + " µs  [\(checksum)]")
    }
}
