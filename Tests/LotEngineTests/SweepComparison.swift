import LotCore
import LotEngine
import LotMath

/// What a search is told of a set.
private struct SweepFinding: Sendable {
    var metrics: [UInt64]
    var input: MetricInput

    /// What differs from another finding of what should be the same run.
    func differences(_ other: SweepFinding) -> [String] {
        var found: [String] = []
        func check(_ name: String, _ same: Bool) { if !same { found.append("sweep: " + name) } }
        for (index, definition) in MetricDefinition.search.enumerated() {
            check(definition.key, metrics[index] == other.metrics[index])
        }
        check("counters", input.counters == other.input.counters)
        check("day closes", input.equity.closes == other.input.equity.closes)
        check("peak", input.equity.peak == other.input.equity.peak)
        check("maximum drawdown", input.equity.maxDrawdown == other.input.equity.maxDrawdown)
        check("fees", input.fees == other.input.fees)
        check("slippage", input.slippage == other.input.slippage)
        check("trades", input.trades.count == other.input.trades.count)
        return found
    }

    /// The metrics of a run, bit by bit; what is undefined is the same however it came about.
    init(_ input: MetricInput, _ evaluator: inout MetricEvaluator) {
        evaluator.evaluate(input)
        metrics = evaluator.values.map { $0.isNaN ? Double.nan.bitPattern : $0.bitPattern }
        self.input = input
    }
}

/// Runs a random strategy among others in a sweep of random form, and compares what the search is
/// told with the run bar by bar.
func sweepDifferences(
    _ seed: Int, _ strategy: RandomStrategy, _ input: BacktestInput, _ outcome: BacktestOutcome,
    _ random: inout Random
) throws -> [String] {
    // Sets that share all conditions, but trade them otherwise.
    var other = strategy.rules
    other.bracket = Bracket(stopLoss: 0.02, trailingStop: random.below(2) == 0 ? 0.03 : nil)
    other.size = .equity(0.5)
    var turned = strategy.rules
    (turned.enterLong, turned.exitLong) = (strategy.rules.exitLong, strategy.rules.enterLong)
    let warmUp = strategy.program.firstRow(over: input.bars, input.sources)
    var sets = [strategy.rules, other, turned, strategy.rules].map { RuleSet($0, warmUp: warmUp) }
    if random.below(4) == 0 { sets.append(RuleSet(other, warmUp: warmUp + 7)) }
    let limits = SweepLimits(
        sets: 1 + random.below(5), bytes: random.below(4) == 0 ? 2_000 : 128 << 20)
    let runner = ParallelRunner(threads: seed % 16 == 0 ? 2 : 1)
    let findings = try runSweep(
        sets, program: strategy.program, input, on: runner, limits: limits
    ) { _, input, evaluator in SweepFinding(input, &evaluator) }
    guard findings.count == sets.count, let first = findings[0], let last = findings[3] else {
        return ["sweep: sets are missing"]
    }
    var evaluator = MetricEvaluator()
    let bars = input.bars
    let whole = MetricInput(
        equity: outcome.equity.tracker, trades: outcome.trades.map(\.record), fees: outcome.fees,
        slippage: outcome.slippage, counters: outcome.counters, windowBars: input.window.count,
        startTime: bars.openTime[input.window.lowerBound],
        endTime: bars.closeTime(input.window.upperBound - 1),
        daysPerYear: input.settings.daysPerYear)
    let expected = SweepFinding(whole, &evaluator)
    return first.differences(expected) + last.differences(expected)
}
