public import LotCore
import LotMath

/// Which bars a run visits.
public enum RunPath: Sendable {
    /// Every bar.
    case everyBar
    /// For strategies of rules only those in which something can happen; else every bar.
    case skipping
}

/// Runs a strategy over bars: the one loop of `docs/architecture.md`, driven by stored bars.
///
/// A pure function of its arguments: no clock, no global state.
///
/// - Parameters:
///   - strategy: Fresh: a strategy can run once.
///   - input: Bars, window and settings.
///   - path: Whether bars in which rules cannot act may be passed over; the outcome is the same.
///   - progress: Called about every 4,096 bars with the number of rows of the window done.
/// - Returns: Trades, orders, equity and counts.
/// - Throws: What the strategy throws; nothing is returned then.
/// - Complexity: O(rows · nodes + fills); memory for results only.
public func runBacktest(
    _ strategy: any Strategy, _ input: BacktestInput, path: RunPath = .skipping,
    progress: ((Int) -> Void)? = nil
) throws(Diagnosis) -> BacktestOutcome {
    if input.isHedged {
        var run = HedgeRun(strategy, input)
        return try run.run(progress: progress)
    }
    if path == .skipping, let strategy = strategy as? RuleStrategy {
        return try runRules(strategy, input, progress: progress)
    }
    var run = BacktestRun(strategy, input)
    return try run.run(progress: progress)
}

/// The state of one run.
private struct BacktestRun: ~Copyable {
    let strategy: any Strategy
    let input: BacktestInput
    let evaluator: SeriesEvaluator
    let desk = OrderDesk()
    let notes: RunNotes
    let firstDecision: Int
    var exchange: SimulatedExchange
    var recorder: EquityRecorder
    /// What stretches are marked from.
    let source: MarkSource
    var nextDay = 0

    init(_ strategy: any Strategy, _ input: BacktestInput) {
        self.strategy = strategy
        self.input = input
        evaluator = SeriesEvaluator(strategy.program, bars: input.bars, input.sources)
        notes = RunNotes(rows: input.window)
        firstDecision = input.firstDecision(strategy.program)
        exchange = SimulatedExchange(
            instrument: input.instrument, settings: input.settings,
            collectsUpdates: strategy.wantsUpdates, schedule: input.schedule,
            detail: input.detailBars)
        recorder = EquityRecorder(
            cash: input.settings.startingCash, bars: input.bars, window: input.window,
            earlierPeak: input.earlierPeak)
        source = MarkSource(
            bars: input.bars, extremes: TileExtremes(),
            days: DayIndex(input.bars, window: input.window))
    }

    mutating func run(progress: ((Int) -> Void)?) throws(Diagnosis) -> BacktestOutcome {
        try strategy.start(
            StrategyContext(
                evaluator: evaluator, bars: input.bars, desk: desk, notes: notes))
        let window = input.window
        while evaluator.rows < window.upperBound {
            let first = evaluator.rows
            try evaluator.advanceChecked(min(tileCapacity, window.upperBound - first))
            strategy.tileChanged()
            let rows = max(first, window.lowerBound)..<max(evaluator.rows, window.lowerBound)
            if strategy.takesStretches { source.extremes.fill(rows, input.bars, ranges: true) }
            try run(rows: rows)
            progress?(max(0, evaluator.rows - window.lowerBound))
        }
        return try finish()
    }

    /// Runs the loop over rows of the newest tile.
    private mutating func run(rows: Range<Int>) throws(Diagnosis) {
        let (strategy, desk) = (strategy, desk)
        let (openTime, close) = (input.bars.openTime, input.bars.close)
        let length = input.bars.interval.milliseconds
        let takesStretches = strategy.takesStretches
        let isExplained = strategy is BarRecorder
        var row = rows.lowerBound
        while row < rows.upperBound {
            let openedAt = openTime[row]
            let price = close[row]
            if exchange.needsBars { exchange.process(bar(row), row: row) }
            let position = exchange.ledger.position
            let equity = exchange.equity(at: price)
            if position != 0 { exchange.counters.exposedBars += 1 }
            recorder.mark(
                time: openedAt + length, equity: equity, position: position, close: price)
            guard row >= firstDecision else {
                row += 1
                continue
            }
            if exchange.ordersChanged { refreshDesk() }
            if !exchange.updates.isEmpty { try deliverUpdates(row: row, time: openedAt) }
            let end = takesStretches ? quietEnd(after: row, rows.upperBound) : row + 1
            var view = view(row: row, time: openedAt + length, price: price)
            if isExplained { view.liquidationPrice = exchange.liquidationPrice() }
            let seen = try strategy.onBars(view, before: end)
            if seen > 1 { pass(row + 1..<row + seen) }
            row += seen
            if !desk.commands.isEmpty {
                takeCommands(time: openTime[row - 1] + length, close: close[row - 1])
            }
        }
    }

    /// The first row after `row` at which something may happen to the account that is not the
    /// strategy's doing, at most `limit`.
    ///
    /// - Complexity: O(blocks of 512 bars) with a bracket; a stretch ends there.
    private mutating func quietEnd(after row: Int, _ limit: Int) -> Int {
        guard exchange.working.isEmpty, desk.commands.isEmpty,
            exchange.movesWithClose(input.bars.close[row])
        else { return row + 1 }
        guard let bracket = exchange.bracket else { return limit }
        let end = exchange.firstTouch(row + 1..<min(limit, row + 512), source)
        exchange.bracket = bracket
        return end
    }

    /// Does for the rows of a stretch what is done for each row otherwise.
    private mutating func pass(_ rows: Range<Int>) {
        let (cash, position) = (exchange.ledger.cash, exchange.ledger.position)
        if position != 0 { exchange.counters.exposedBars += rows.count }
        if exchange.bracket != nil { _ = exchange.firstTouch(rows, source) }
        recorder.mark(rows, cash: cash, position: position, source, nextDay: &nextDay)
    }

    private func bar(_ row: Int) -> Bar {
        let bars = input.bars
        return Bar(
            openTime: bars.openTime[row], open: bars.open[row], high: bars.high[row],
            low: bars.low[row], close: bars.close[row], volume: bars.volume?[row] ?? .nan)
    }

    @inline(__always)
    private func view(row: Int, time: Int64, price: Double) -> AccountView {
        AccountView(
            row: row, time: time, position: exchange.ledger.position,
            entryPrice: exchange.ledger.entryPrice, entryRow: exchange.ledger.entryRow,
            cash: exchange.freeCash(at: price), equity: exchange.equity(at: price),
            profit: exchange.ledger.unrealisedProfit(at: price))
    }

    /// Tells the strategy what happened inside bar `row`, as if it had just happened: the bar
    /// itself has not closed for it yet.
    private mutating func deliverUpdates(row: Int, time: Int64) throws(Diagnosis) {
        let updates = exchange.updates
        exchange.updates.removeAll(keepingCapacity: true)
        let before = max(0, row - 1)
        try strategy.onUpdates(
            updates.map { $0.record(desk.tags) },
            view(row: before, time: time, price: input.bars.close[before]))
    }

    private mutating func takeCommands(time: Int64, close: Double) {
        exchange.nextOrderID = desk.nextOrderID
        exchange.accept(desk.commands, time: time, close: close)
        desk.commands.removeAll(keepingCapacity: true)
        desk.nextOrderID = exchange.nextOrderID
    }

    private mutating func refreshDesk() {
        desk.working = exchange.working.array
        desk.nextOrderID = max(desk.nextOrderID, exchange.nextOrderID)
        exchange.ordersChanged = false
    }

    /// After the last bar: `on_stop`, then everything is cancelled and closed (rule 15).
    private mutating func finish() throws(Diagnosis) -> BacktestOutcome {
        let last = input.window.upperBound - 1
        let time = input.bars.closeTime(last)
        refreshDesk()
        try strategy.onStop(view(row: last, time: time, price: input.bars.close[last]))
        takeCommands(time: time, close: input.bars.close[last])
        exchange.closeAtEnd(bar(last), row: last)
        recorder.finish(equity: exchange.ledger.cash)
        exchange.counters.conflicts = strategy.conflicts
        return BacktestOutcome(
            exchange, recorder, desk.tags, firstDecisionRow: firstDecision, notes)
    }
}
