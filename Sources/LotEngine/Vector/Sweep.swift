public import LotCore
public import LotMath

/// One of many rule sets that run over the same bars.
public struct RuleSet: Sendable {
    /// Its conditions, all nodes of one program.
    public var rules: Rules
    /// Rows before its first decision: the largest warm-up of the series that it declared.
    public var warmUp: Int

    /// Gathers a set.
    public init(_ rules: Rules, warmUp: Int) {
        self.rules = rules
        self.warmUp = warmUp
    }
}

/// How a sweep is cut into pieces; results do not depend on it.
public struct SweepLimits: Sendable {
    /// Most sets that one thread carries over the bars at a time.
    public var sets: Int
    /// Bytes that all threads together may hold for the days and trades of the sets under way.
    public var bytes: Int

    /// By default 128 sets a thread and 128 MiB.
    public init(sets: Int = 128, bytes: Int = 128 << 20) {
        self.sets = max(1, sets)
        self.bytes = bytes
    }
}

/// Runs any number of rule sets over one window, on several threads.
///
/// Consecutive sets form groups, one for each thread if they are few. A group passes over the bars
/// once: every distinct series that its sets read is computed once per tile, while it is in the
/// cache, and read by all of them; each set carries its account from tile to tile. All threads read
/// the same columns.
///
/// Memory does not grow with the number of sets or bars: a group that holds more than its share of
/// `limits.bytes` is begun anew as two halves. Only a single set may hold more: 24 B a trade.
///
/// Functions of a script (``DefinedSeries``) belong to one thread at a time: with them the whole
/// sweep runs on one.
///
/// - Parameters:
///   - sets: What to run; sets that share series should follow each other.
///   - program: The graph that holds the nodes of all sets.
///   - input: Bars, window and settings.
///   - runner: The threads.
///   - limits: How large groups are.
///   - cancel: Once set, no further group is begun.
///   - summarise: What is kept of a set: its number, what its metrics are computed from, and an
///     evaluator that belongs to the thread.
/// - Returns: What `summarise` made, by number; `nil` for sets that were not run.
/// - Throws: What a function of the script does wrong, in the first group where it does.
/// - Complexity: O(rows · nodes + sets · (words + visited bars)).
public func runSweep<Finding: Sendable>(
    _ sets: [RuleSet], program: SeriesProgram, _ input: BacktestInput, on runner: ParallelRunner,
    limits: SweepLimits = SweepLimits(), cancel: CancelFlag = CancelFlag(),
    _ summarise: @escaping @Sendable (Int, MetricInput, inout MetricEvaluator) -> Finding
) throws(Diagnosis) -> [Finding?] {
    precondition(!input.isHedged, "a sweep has one position at a time")
    let threads = program.usesFunctions ? 1 : runner.threads
    let size = max(1, min(limits.sets, (sets.count + threads - 1) / threads))
    let share = limits.bytes / threads
    let groups = ParallelRunner(threads: threads).run(
        count: (sets.count + size - 1) / size, cancel: cancel, makeWorker: { MetricEvaluator() }
    ) { evaluator, group -> GroupOutcome<Finding> in
        let range = group * size..<min(sets.count, (group + 1) * size)
        var results: [Finding] = []
        results.reserveCapacity(range.count)
        do throws(Diagnosis) {
            try SweepGroup.run(range, of: sets, program, input, bytes: share) { index, metrics in
                results.append(summarise(index, metrics, &evaluator))
            }
            return .success(results)
        } catch {
            return .failure(error)
        }
    }
    var results = [Finding?](repeating: nil, count: sets.count)
    for (group, outcome) in groups.enumerated() {
        guard let outcome else { continue }
        for (offset, value) in try outcome.get().enumerated() {
            results[group * size + offset] = value
        }
    }
    return results
}

/// Runs rule sets over one window in one pass over the bars, on this thread.
///
/// - Parameters:
///   - sets: What to run; memory is 24 B a UTC day and 24 B a trade for each, so this is for some
///     hundred: ``runSweep(_:program:_:on:limits:cancel:_:)`` takes any number.
///   - program: The graph that holds the nodes of all sets.
///   - input: Bars, window and settings.
///   - finished: Called for each set in order, once all have run, with what its metrics are
///     computed from: ``MetricEvaluator``.
/// - Throws: What `finished` throws, and what a function of the script does wrong.
/// - Complexity: O(rows · nodes + sets · (words + visited bars)).
public func runSweep(
    _ sets: [RuleSet], program: SeriesProgram, _ input: BacktestInput,
    finished: (Int, MetricInput) throws(Diagnosis) -> Void
) throws(Diagnosis) {
    precondition(!input.isHedged, "a sweep has one position at a time")
    guard let runs = try SweepGroup.runs(sets[...], program, input, bytes: .max) else { return }
    for (index, run) in runs.enumerated() {
        try finished(index, run.metricInput(input.window, input.bars, input.settings))
    }
}

/// What became of one group: a result for each of its sets, or what was wrong.
private typealias GroupOutcome<Value> = Result<[Value], Diagnosis>

/// Sets that pass over the bars together.
private enum SweepGroup {
    /// Runs the sets of `range` in order, in halves where they would hold more than `bytes`.
    static func run(
        _ range: Range<Int>, of sets: [RuleSet], _ program: SeriesProgram, _ input: BacktestInput,
        bytes: Int, _ finished: (Int, MetricInput) -> Void
    ) throws(Diagnosis) {
        guard !range.isEmpty else { return }
        let (own, pruned) = prune(sets[range], program)
        let limit = range.count == 1 ? Int.max : bytes
        guard let runs = try runs(own[...], pruned, input, bytes: limit) else {
            let middle = range.lowerBound + range.count / 2
            try run(range.lowerBound..<middle, of: sets, program, input, bytes: bytes, finished)
            try run(middle..<range.upperBound, of: sets, program, input, bytes: bytes, finished)
            return
        }
        for (offset, run) in runs.enumerated() {
            finished(
                range.lowerBound + offset,
                run.metricInput(input.window, input.bars, input.settings))
        }
    }

    /// The finished runs of the sets; `nil` once they hold more than `bytes`.
    static func runs(
        _ sets: ArraySlice<RuleSet>, _ program: SeriesProgram, _ input: BacktestInput, bytes: Int
    ) throws(Diagnosis) -> [RuleRun]? {
        let (window, bars) = (input.window, input.bars)
        let evaluator = SeriesEvaluator(program, bars: bars, input.sources, history: 0)
        let masks = RuleMasks()
        let source = MarkSource(
            bars: bars, extremes: TileExtremes(), days: DayIndex(bars, window: window))
        let schedule = input.schedule
        var tags = TagTable()
        let runs = sets.map { set in
            RuleRun(
                set.rules, input, firstDecision: input.firstDecision(warmUp: set.warmUp),
                tags: &tags, schedule: schedule, keepsRecords: false)
        }
        let ranges =
            input.instrument.market == .perp || sets.contains { $0.rules.bracket.hasPrices }
        let tile = tileRows(program)
        while evaluator.rows < window.upperBound {
            let first = evaluator.rows
            try evaluator.advanceChecked(min(tile, window.upperBound - first))
            let rows = max(first, window.lowerBound)..<max(evaluator.rows, window.lowerBound)
            guard !rows.isEmpty else { continue }
            source.extremes.fill(rows, bars, ranges: ranges)
            for index in runs.indices { runs[index].run(rows, evaluator, masks, source) }
            if bytes < .max, runs.reduce(0, { $0 + $1.keptBytes }) > bytes { return nil }
        }
        for run in runs { run.finish(window.upperBound - 1, source) }
        return runs
    }

    /// Rows of a tile whose columns share a second-level cache of 1 MiB with everything else.
    private static func tileRows(_ program: SeriesProgram) -> Int {
        let columns = program.nodes.count { !$0.operation.isCondition } + 4
        let rows = 512 * 1_024 / (8 * columns)
        return min(tileCapacity, max(512, rows / 64 * 64))
    }

    /// The sets with a program of the nodes that they read and no others.
    private static func prune(
        _ sets: ArraySlice<RuleSet>, _ program: SeriesProgram
    ) -> ([RuleSet], SeriesProgram) {
        let roots = sets.flatMap { $0.rules.conditions.compactMap(\.self) }
        let (pruned, places) = program.pruned(to: roots)
        let own = sets.map { set in
            var set = set
            func place(_ node: NodeID?) -> NodeID? { node.map { places[Int($0)] } }
            set.rules.enterLong = place(set.rules.enterLong)
            set.rules.exitLong = place(set.rules.exitLong)
            set.rules.enterShort = place(set.rules.enterShort)
            set.rules.exitShort = place(set.rules.exitShort)
            set.rules.plots = []
            return set
        }
        return (own, pruned)
    }
}
