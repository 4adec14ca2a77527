import LotCore
import LotMath

/// Runs one rule strategy, visiting only the bars where something can happen.
///
/// - Returns: The same outcome, bit for bit, as the run bar by bar.
/// - Throws: What a function of the script does wrong.
/// - Complexity: O(rows · nodes) for the conditions, O(visited bars) for the rest.
func runRules(
    _ strategy: RuleStrategy, _ input: BacktestInput, progress: ((Int) -> Void)?
) throws(Diagnosis) -> BacktestOutcome {
    let (window, bars) = (input.window, input.bars)
    let evaluator = SeriesEvaluator(strategy.program, bars: bars, input.sources)
    let notes = RunNotes(rows: window)
    let masks = RuleMasks()
    let source = MarkSource(
        bars: bars, extremes: TileExtremes(), days: DayIndex(bars, window: window))
    let firstDecision = input.firstDecision(strategy.program)
    var tags = TagTable()
    let run = RuleRun(
        strategy.rules, input, firstDecision: firstDecision, tags: &tags,
        schedule: input.schedule, keepsRecords: true)
    let ranges = strategy.rules.bracket.hasPrices || input.instrument.market == .perp
    while evaluator.rows < window.upperBound {
        let first = evaluator.rows
        try evaluator.advanceChecked(min(tileCapacity, window.upperBound - first))
        let rows = max(first, window.lowerBound)..<max(evaluator.rows, window.lowerBound)
        guard !rows.isEmpty else { continue }
        source.extremes.fill(rows, bars, ranges: ranges)
        run.run(rows, evaluator.conditions, masks, source)
        let decided = rows.clamped(to: firstDecision..<window.upperBound)
        notes.plot(strategy.rules, decided, evaluator, bars)
        progress?(max(0, evaluator.rows - window.lowerBound))
    }
    run.finish(window.upperBound - 1, source)
    strategy.conflicts = run.conflicts
    return BacktestOutcome(
        run.exchange, run.recorder, tags, firstDecisionRow: firstDecision, notes)
}

extension RunNotes {
    /// Plots the lines of `rules` over rows of the newest tile, where only the last value of each
    /// stretch is kept.
    ///
    /// - Complexity: O(stretches · lines).
    func plot(_ rules: Rules, _ rows: Range<Int>, _ evaluator: SeriesEvaluator, _ bars: Bars) {
        for (name, node) in rules.plots {
            for row in lastRows(rows) {
                plot(name, evaluator.value(node, at: row), row: row, time: bars.closeTime(row))
            }
        }
    }
}
