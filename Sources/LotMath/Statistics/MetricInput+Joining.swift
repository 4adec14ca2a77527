public import LotCore

extension MetricInput {
    /// Joins runs over several stretches of time into one, as if each had begun with what the one
    /// before it ended with and the time between them did not exist.
    ///
    /// Every run began with the same cash; its amounts are scaled, its returns, fractions and
    /// counts are as they were. Where sizes are not fractions of equity this is an approximation:
    /// the trades are those of the single runs. `duration` is the time that the stretches cover.
    ///
    /// - Parameter runs: At least one, in order of time.
    /// - Complexity: O(days + trades).
    public init(joining runs: [MetricInput]) {
        self = runs[0]
        for run in runs.dropFirst() {
            seams.append(
                RunSeam(
                    time: run.startTime, skipped: run.startTime - endTime,
                    priceScale: equity.last.price / run.equity.base.price))
            let scale = equity.join(run.equity)
            trades.join(run.trades, scale: scale)
            fees += run.fees * scale
            slippage += run.slippage * scale
            counters.add(run.counters)
            windowBars += run.windowBars
            endTime = run.endTime
        }
    }
}

extension RunCounters {
    /// Adds the counts of another run.
    public mutating func add(_ other: RunCounters) {
        ambiguousBars += other.ambiguousBars
        missingBars += other.missingBars
        conflicts += other.conflicts
        rejections.merge(other.rejections) { $0 + $1 }
        expirations.merge(other.expirations) { $0 + $1 }
        volumeLimitedFills += other.volumeLimitedFills
        exposedBars += other.exposedBars
        orders += other.orders
        fills += other.fills
        liquidations += other.liquidations
        fundings += other.fundings
    }
}
