public import LotCore
public import LotMath

/// One of many rule sets that run over the same bars.
public struct RuleSet: Sendable {
    /// Its conditions, all nodes of one program.
    public var rules: Rules
    /// Rows before its first decision: the largest warm-up of the series that it declared, which is
    /// what ``SeriesProgram/firstRow(over:_:)`` says of its own program.
    public var warmUp: Int

    /// Gathers a set.
    public init(_ rules: Rules, warmUp: Int) {
        self.rules = rules
        self.warmUp = warmUp
    }
}

/// Runs many rule sets over one window, in one pass over the bars.
///
/// Every distinct series of `program` is computed once per tile, while it is in the cache, and read
/// by all sets that use it; each set carries its account from tile to tile.
///
/// - Parameters:
///   - sets: What to run; memory is 24 B a UTC day and 24 B a trade for each, so large searches
///     pass groups of some hundred.
///   - program: The graph that holds the nodes of all sets.
///   - input: Bars, window and settings.
///   - finished: Called for each set in order, once all have run, with what its metrics are
///     computed from: ``MetricEvaluator``.
/// - Throws: What `finished` throws.
/// - Complexity: O(rows · nodes + sets · (words + visited bars)).
public func runSweep(
    _ sets: [RuleSet], program: SeriesProgram, _ input: BacktestInput,
    finished: (Int, MetricInput) throws(Diagnosis) -> Void
) throws(Diagnosis) {
    let (window, bars) = (input.window, input.bars)
    let evaluator = SeriesEvaluator(program, bars: bars, input.sources, history: 0)
    let masks = RuleMasks()
    let source = MarkSource(
        bars: bars, extremes: TileExtremes(), days: DayIndex(bars, window: window))
    let schedule = input.schedule
    var tags = TagTable()
    let runs = sets.map { set in
        RuleRun(
            set.rules, input, firstDecision: input.firstDecision(warmUp: set.warmUp), tags: &tags,
            schedule: schedule, keepsRecords: false)
    }
    let ranges =
        input.instrument.market == .perp || sets.contains { $0.rules.bracket.hasPrices }
    let tile = sweepTile(program)
    while evaluator.rows < window.upperBound {
        let first = evaluator.rows
        evaluator.advance(min(tile, window.upperBound - first))
        let rows = max(first, window.lowerBound)..<max(evaluator.rows, window.lowerBound)
        guard !rows.isEmpty else { continue }
        source.extremes.fill(rows, bars, ranges: ranges)
        for index in runs.indices { runs[index].run(rows, evaluator, masks, source) }
    }
    for index in runs.indices {
        runs[index].finish(window.upperBound - 1, source)
        try finished(index, runs[index].metricInput(window, bars, input.settings))
    }
}

/// Rows of a tile whose columns share a second-level cache of 512 KiB with everything else.
private func sweepTile(_ program: SeriesProgram) -> Int {
    let columns = program.nodes.count { !$0.operation.isCondition } + 4
    let rows = 256 * 1_024 / (8 * columns)
    return min(tileCapacity, max(512, rows / 64 * 64))
}
