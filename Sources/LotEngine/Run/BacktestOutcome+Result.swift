public import LotCore
public import LotMath

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
    ///   - joined: What metrics are computed from where stretches were joined
    ///     (``MetricInput/init(joining:)``): the same value as anybody else computes them from, to
    ///     the last bit, which sums over all trades in another order would not be.
    /// - Returns: The value that every table, file and report renders.
    /// - Complexity: O(days + trades + bars with a position).
    public func result(
        strategy: StrategyIdentity, data: DataIdentity, instrument: Instrument,
        settings: RunSettings, engineVersion: String, bars: Bars, joined: MetricInput? = nil
    ) -> RunResult {
        result(
            strategy: strategy, data: data, instrument: instrument, settings: settings,
            engineVersion: engineVersion, bars: [bars],
            parts: [SymbolData(data: data, instrument: instrument)], joined: joined)
    }

    /// The same for a run over several symbols: `bars` and `parts` are theirs, by number.
    func result(
        strategy: StrategyIdentity, data: DataIdentity, instrument: Instrument,
        settings: RunSettings, engineVersion: String, bars: [Bars], parts: [SymbolData],
        joined: MetricInput? = nil
    ) -> RunResult {
        var counters = counters
        counters.missingBars =
            joined?.counters.missingBars ?? data.gaps.reduce(0) { $0 + $1.bars }
        let input =
            joined
            ?? MetricInput(
                equity: equity.tracker, trades: trades.map(\.record), fees: fees,
                slippage: slippage, counters: counters, windowBars: data.bars,
                startTime: data.firstTime,
                endTime: data.lastTime + data.address.interval.milliseconds,
                daysPerYear: settings.daysPerYear)
        let details = computeDetails(input, trades: trades, curve: equity.curve, bars: bars)
        return RunResult(
            strategy: strategy, data: data, instrument: instrument, settings: settings,
            engineVersion: engineVersion, counters: counters,
            metrics: computeMetrics(input, details), details: details, trades: trades,
            orders: orders, equity: equity.curve, plots: notes.plots, log: notes.log,
            warnings: warnings(data, instrument, settings, counters, parts))
    }

    /// What to know of the series that stand beside the bars, for each symbol.
    private func seriesWarnings(_ parts: [SymbolData]) -> [String] {
        var warnings: [String] = []
        for part in parts {
            let name = parts.count > 1 ? part.data.address.symbol + ": " : ""
            if let gaps = part.data.perpetual?.fundingGaps, !gaps.isEmpty {
                let missing = gaps.reduce(0) { $0 + $1.bars }
                warnings.append(
                    name + "at least \(counted(missing, "funding payment")) missing in "
                        + "\(counted(gaps.count, "gap")), the first from "
                        + "\(CivilTime.text(gaps[0].from)) to \(CivilTime.text(gaps[0].to))")
            }
            if let missing = part.data.perpetual?.missingMarks, missing > 0 {
                warnings.append(
                    name + "\(counted(missing, "bar")) without a mark price: the traded price "
                        + "stands in")
            }
            if let detail = part.data.detail, detail.missingBars > 0 {
                let were = detail.missingBars == 1 ? "was" : "were"
                warnings.append(
                    "\(counted(detail.missingBars, "bar")) \(were) taken whole: "
                        + "\(detail.address) has not all of their finer bars, or prices outside "
                        + "them")
            }
        }
        return warnings
    }

    /// What to know of a run in perpetuals.
    private func perpetualWarnings(
        _ parts: [SymbolData], _ settings: RunSettings, _ counters: RunCounters
    ) -> [String] {
        guard parts.first?.instrument.market == .perp else { return [] }
        var warnings: [String] = []
        let perpetual = settings.perpetual
        let unknown = parts.filter(\.instrument.maintenanceTiers.isEmpty)
        if perpetual.maintenanceRate == nil, !unknown.isEmpty {
            let names = unknown.map(\.data.address.symbol).joined(separator: ", ")
            warnings.append(
                "no maintenance margin is known for \(names): 1 % of notional is "
                    + "assumed; --maintenance sets it, lot data instruments stores a table")
        }
        if !perpetual.chargesFunding { warnings.append("funding is not charged (--no-funding)") }
        if counters.liquidations > 0 {
            let verb = counters.liquidations == 1 ? "was" : "were"
            warnings.append("\(counted(counters.liquidations, "position")) \(verb) liquidated")
        }
        if finalEquity < 1e-6 * settings.startingCash {
            warnings.append("the account is ruined: nothing was left to trade with")
        }
        return warnings
    }

    private func warnings(
        _ data: DataIdentity, _ instrument: Instrument, _ settings: RunSettings,
        _ counters: RunCounters, _ parts: [SymbolData]
    ) -> [String] {
        var warnings: [String] = []
        if instrument.isUnknown {
            warnings.append(
                "no tick, lot or minimum is known for \(data.address.symbol): prices and "
                    + "quantities are not rounded; --instrument sets them")
        }
        warnings += perpetualWarnings(parts, settings, counters) + seriesWarnings(parts)
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
        let expired = counters.expirations.values.reduce(0, +)
        if expired > 0 {
            let reasons = counters.expirations.sorted { $0.key < $1.key }
                .map { "\($0.key) \(grouped($0.value))" }.joined(separator: ", ")
            warnings.append("\(counted(expired, "order")) expired: \(reasons)")
        }
        if notes.droppedLines > 0 {
            warnings.append("\(grouped(notes.droppedLines)) printed lines were not kept")
        }
        return warnings
    }
}
