public import LotCore
import LotMath

extension BacktestOutcome {
    /// Gathers the result of a run: what happened, its statistics, and what to know before
    /// trusting them.
    ///
    /// - Parameters:
    ///   - strategy: What ran.
    ///   - data: What it ran on.
    ///   - instrument: The exchange's rules it ran under.
    ///   - settings: Every setting.
    ///   - engineVersion: Version of the engine.
    ///   - bars: What it ran on, as the engine saw it.
    /// - Returns: The value that every table, file and report renders.
    /// - Complexity: O(days + trades + bars with a position).
    public func result(
        strategy: StrategyIdentity, data: DataIdentity, instrument: Instrument,
        settings: RunSettings, engineVersion: String, bars: Bars
    ) -> RunResult {
        result(
            strategy: strategy, data: data, instrument: instrument, settings: settings,
            engineVersion: engineVersion, bars: [bars])
    }

    /// The same for a run over several symbols: `bars` are theirs, by number.
    func result(
        strategy: StrategyIdentity, data: DataIdentity, instrument: Instrument,
        settings: RunSettings, engineVersion: String, bars: [Bars]
    ) -> RunResult {
        var counters = counters
        counters.missingBars = data.gaps.reduce(0) { $0 + $1.bars }
        let input = MetricInput(
            equity: equity.tracker, trades: trades.map(\.record), fees: fees,
            slippage: slippage, counters: counters, windowBars: data.bars,
            startTime: data.firstTime, endTime: data.lastTime + data.address.interval.milliseconds,
            daysPerYear: settings.daysPerYear)
        let details = computeDetails(input, trades: trades, curve: equity.curve, bars: bars)
        return RunResult(
            strategy: strategy, data: data, instrument: instrument, settings: settings,
            engineVersion: engineVersion, counters: counters,
            metrics: computeMetrics(input, details), details: details, trades: trades,
            orders: orders, equity: equity.curve, plots: notes.plots, log: notes.log,
            warnings: warnings(data, instrument, settings, counters))
    }

    private func warnings(
        _ data: DataIdentity, _ instrument: Instrument, _ settings: RunSettings,
        _ counters: RunCounters
    ) -> [String] {
        var warnings: [String] = []
        if instrument.isUnknown {
            warnings.append(
                "no tick, lot or minimum is known for \(data.address.symbol): prices and "
                    + "quantities are not rounded; --instrument sets them")
        }
        if data.decisionBars <= 0 {
            warnings.append("the warm-up is longer than the data: no decision was taken")
        }
        if counters.missingBars > 0 {
            let action = settings.gaps == .fill ? "filled with flat bars" : "left out"
            let verb = counters.missingBars == 1 ? "is" : "are"
            warnings.append(
                "\(counted(counters.missingBars, "bar")) \(verb) missing in "
                    + "\(counted(data.gaps.count, "gap")) (\(action))")
        }
        let rejected = counters.rejections.values.reduce(0, +)
        if rejected > 0 {
            let reasons = counters.rejections.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                .map { "\($0.key) \(grouped($0.value))" }.joined(separator: ", ")
            warnings.append(
                "\(counted(rejected, "order")) \(rejected == 1 ? "was" : "were") rejected: "
                    + reasons)
        }
        if notes.droppedLines > 0 {
            warnings.append("\(grouped(notes.droppedLines)) printed lines were not kept")
        }
        return warnings
    }
}
