import LotCore
import LotMath
import Synchronization

/// What all groups of a sweep share: they only read it.
final class SweepContext: Sendable {
    private let sets: [RuleSet]
    private let program: SeriesProgram
    private let input: BacktestInput
    private let schedule: PerpetualSchedule?
    private let days: DayIndex
    private let cancel: CancelFlag
    private let byteLimit: Int
    /// Most bytes that a set was seen to hold, or would have held by the end of the bars.
    private let bytesPerSet = Mutex(0.0)

    /// Gathers it.
    ///
    /// - Parameters:
    ///   - sets: All sets.
    ///   - program: The graph that holds their nodes.
    ///   - input: Bars, window and settings.
    ///   - cancel: Once set, groups under way are dropped.
    ///   - byteLimit: Bytes that one group may hold for days and trades.
    init(
        sets: [RuleSet], program: SeriesProgram, input: BacktestInput, cancel: CancelFlag,
        byteLimit: Int
    ) {
        self.sets = sets
        self.program = program
        self.input = input
        self.cancel = cancel
        self.byteLimit = byteLimit
        schedule = input.schedule
        days = DayIndex(input.bars, window: input.window)
    }

    /// Runs sets as one group, or in halves where they would hold more than they may.
    ///
    /// - Parameters:
    ///   - numbers: Which sets.
    ///   - finished: Called for each group that has run, with its sets in the order of numbers.
    /// - Throws: What a function of the script does wrong.
    func run(
        _ numbers: ArraySlice<Int>, _ finished: ([(Int, MetricInput)]) -> Void
    ) throws(Diagnosis) {
        let expected = bytesPerSet.withLock { $0 } * Double(numbers.count)
        if numbers.count == 1 || expected <= Double(byteLimit) {
            let group = SweepGroup(
                numbers.sorted(), of: sets, program, input, schedule: schedule, days: days)
            let limit = numbers.count == 1 ? Int.max : byteLimit
            switch try group.run(byteLimit: limit, cancel: cancel) {
            case .cancelled: return
            case .finished(let found):
                note(group.heldBytesPerSet)
                return finished(found)
            case .tooLarge: note(group.heldBytesPerSet)
            }
        }
        let middle = numbers.startIndex + numbers.count / 2
        try run(numbers[..<middle], finished)
        try run(numbers[middle...], finished)
    }

    private func note(_ bytes: Double) { bytesPerSet.withLock { $0 = max($0, bytes) } }
}

/// Rule sets that pass over the bars together, on one thread.
struct SweepGroup {
    /// How a pass ended.
    enum End {
        /// What the metrics of each set are computed from, by its number.
        case finished([(Int, MetricInput)])
        /// The sets hold more than they may.
        case tooLarge
        /// Someone asked to stop.
        case cancelled
    }

    /// Sets from which on so many of a tile's bars are filled at that all are worth reading.
    private static let many = 16

    private let numbers: [Int]
    private let input: BacktestInput
    private let evaluator: SeriesEvaluator
    private let source: MarkSource
    private let runs: [RuleRun]
    private let tile: Int
    /// Whether anything asks for the highs and lows of blocks.
    private let needsRanges: Bool

    /// Prepares a pass of the sets `numbers`.
    init(
        _ numbers: [Int], of sets: [RuleSet], _ program: SeriesProgram, _ input: BacktestInput,
        schedule: PerpetualSchedule?, days: DayIndex
    ) {
        let (own, pruned) = SweepGroup.prune(numbers.map { sets[$0] }, program)
        self.numbers = numbers
        self.input = input
        tile = SweepGroup.tileRows(pruned)
        evaluator = SeriesEvaluator(
            pruned, bars: input.bars, input.sources, history: 0, tileRows: tile)
        source = MarkSource(bars: input.bars, extremes: TileExtremes(), days: days)
        needsRanges =
            input.instrument.market == .perp || own.contains { $0.rules.bracket.hasPrices }
        var tags = TagTable()
        runs = own.map { set in
            RuleRun(
                set.rules, input, firstDecision: input.firstDecision(warmUp: set.warmUp),
                tags: &tags, schedule: schedule, keepsRecords: false)
        }
    }

    /// Passes over the bars.
    ///
    /// - Parameters:
    ///   - byteLimit: Bytes of days and trades at which the pass is given up.
    ///   - cancel: Looked at before each tile.
    /// - Returns: How it ended; a group that did not finish must be made anew.
    /// - Throws: What a function of the script does wrong.
    func run(byteLimit: Int, cancel: CancelFlag) throws(Diagnosis) -> End {
        let (window, bars) = (input.window, input.bars)
        let masks = RuleMasks()
        while evaluator.rows < window.upperBound {
            if cancel.isSet { return .cancelled }
            let first = evaluator.rows
            let next = first..<min(first + tile, window.upperBound)
            try evaluator.advanceChecked(next.count)
            let rows = max(first, window.lowerBound)..<max(evaluator.rows, window.lowerBound)
            guard !rows.isEmpty else { continue }
            source.extremes.fill(rows, bars, ranges: needsRanges)
            // Now: what is computed for a tile would push it out of the cache again.
            if runs.count >= SweepGroup.many {
                bars.touchFills(rows, times: source.extremes.origin == nil)
            }
            let conditions = evaluator.conditions
            for index in runs.indices { runs[index].run(rows, conditions, masks, source) }
            if byteLimit < .max, heldBytes > byteLimit { return .tooLarge }
        }
        for run in runs { run.finish(window.upperBound - 1, source) }
        return .finished(
            zip(numbers, runs).map { ($0, $1.metricInput(window, bars, input.settings)) })
    }

    private var heldBytes: Int { runs.reduce(0) { $0 + $1.keptBytes } }

    /// Bytes of days and trades that a set holds, or would by the end of the bars at this rate.
    var heldBytesPerSet: Double {
        let done = max(1, evaluator.rows - input.window.lowerBound)
        return Double(heldBytes) / Double(runs.count) * Double(input.window.count) / Double(done)
    }

    /// Rows of a tile whose columns share a second-level cache of 1 MiB with everything else: whole
    /// blocks of simple averages.
    private static func tileRows(_ program: SeriesProgram) -> Int {
        let columns = program.nodes.count { !$0.operation.isCondition } + 4
        let rows = 896 * 1_024 / (8 * columns)
        return min(tileCapacity, max(512, rows / 512 * 512))
    }

    /// The sets with a program of the nodes that they read and no others.
    private static func prune(
        _ sets: [RuleSet], _ program: SeriesProgram
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
