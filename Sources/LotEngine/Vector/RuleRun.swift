import LotCore
import LotMath

/// One rule set's run, tile after tile, visiting only the bars where something can happen.
///
/// At a visited bar the same ``SimulatedExchange`` and ``RuleDecision`` run as bar by bar: this
/// decides which bars cannot matter, it does not know how orders fill.
/// - Flat, nothing ordered: the next bar with an entry.
/// - In a position: the next bar with an exit or an entry to the other side, or that can touch the
///   bracket or the liquidation price, or at which its time is up or funding is due.
/// - With an order at work: every bar.
final class RuleRun {
    private let rules: Rules
    let decision: RuleDecision
    private let firstDecision: Int
    var exchange: SimulatedExchange
    private(set) var recorder: EquityRecorder
    private(set) var conflicts = 0
    private let keepsRecords: Bool
    private var summary: TradeSummary
    /// Rows before it have been marked.
    private var marked: Int
    private var nextDay = 0
    /// Whether its orders may take the lane of plain orders.
    private let hasLane: Bool

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - rules: What to do; nodes of the program that is evaluated over the tiles.
    ///   - input: Bars, window and settings.
    ///   - firstDecision: The first row that may decide.
    ///   - tags: Numbers the orders' tags.
    ///   - schedule: Funding and mark prices of the input; `nil` on spot.
    ///   - keepsRecords: Whether orders and the equity curve are kept besides trades.
    init(
        _ rules: Rules, _ input: BacktestInput, firstDecision: Int, tags: inout TagTable,
        schedule: PerpetualSchedule?, keepsRecords: Bool
    ) {
        self.rules = rules
        self.firstDecision = firstDecision
        self.keepsRecords = keepsRecords
        summary = TradeSummary(startingCash: input.settings.startingCash)
        decision = RuleDecision(rules, &tags)
        exchange = SimulatedExchange(
            instrument: input.instrument, settings: input.settings, collectsUpdates: false,
            keepsOrders: keepsRecords, schedule: schedule, detail: input.detailBars)
        recorder = EquityRecorder(
            cash: input.settings.startingCash, bars: input.bars, window: input.window,
            earlierPeak: input.earlierPeak, keepsCurve: keepsRecords)
        marked = input.window.lowerBound
        hasLane =
            rules.enterShort == nil && exchange.hasPlainLane
            && exchange.takesLane(decision.buy)
    }

    /// Runs the rows of a tile.
    ///
    /// - Parameters:
    ///   - rows: Rows of the window in the tile.
    ///   - conditions: The conditions of the program over the tile.
    ///   - masks: Scratch space.
    ///   - source: Bars, with the extremes of these rows.
    func run(
        _ rows: Range<Int>, _ conditions: ConditionTile, _ masks: RuleMasks,
        _ source: MarkSource
    ) {
        let deciding = max(rows.lowerBound, min(firstDecision, rows.upperBound))..<rows.upperBound
        conflicts += masks.load(rules, conditions, rows: deciding)
        var row = nextRow(from: rows.lowerBound, rows.upperBound, masks, source)
        while row < rows.upperBound {
            var isProcessed = false
            if hasLane, exchange.working.isEmpty {
                (row, isProcessed) = runLane(from: row, rows.upperBound, masks, source)
                guard row < rows.upperBound else { break }
            }
            if !isProcessed, exchange.needsBars { process(row, source) }
            if row >= firstDecision { decide(row, masks.bits(row), source) }
            row = nextRow(from: row + 1, rows.upperBound, masks, source)
        }
        mark(before: rows.upperBound, source)
        summarise()
    }

    /// Ends the run after `last`, the window's last row: what is open is closed.
    func finish(_ last: Int, _ source: MarkSource) {
        exchange.closeAtEnd(source.bar(last), row: last)
        recorder.finish(equity: exchange.ledger.cash)
        summarise()
        exchange.counters.conflicts = conflicts
    }

    /// What the metrics of the finished run are computed from.
    func metricInput(_ window: Range<Int>, _ bars: Bars, _ settings: RunSettings) -> MetricInput {
        var counters = exchange.counters
        exchange.reasons.write(to: &counters)
        return MetricInput(
            equity: recorder.tracker, trades: summary, fees: exchange.ledger.fees,
            slippage: exchange.ledger.slippage, counters: counters, windowBars: window.count,
            startTime: bars.openTime[window.lowerBound],
            endTime: bars.closeTime(window.upperBound - 1), daysPerYear: settings.daysPerYear)
    }

    /// Bytes that it holds for days and trades, which grow with the run: arrays double.
    var keptBytes: Int { 48 * (recorder.tracker.closeCount + summary.count) }

    /// Adds up the trades of the newest tile while they are in the cache; a search keeps no more.
    private func summarise() {
        guard !keepsRecords else { return }
        guard !exchange.ledger.trades.isEmpty else { return }
        summary.add(exchange.ledger.trades)
        exchange.ledger.trades.removeAll(keepingCapacity: true)
    }

    private func process(_ row: Int, _ source: MarkSource) {
        let fills = exchange.counters.fills
        let (cash, position) = (exchange.ledger.cash, exchange.ledger.position)
        exchange.process(source.bar(row), row: row)
        guard exchange.counters.fills != fills || exchange.ledger.cash != cash else { return }
        mark(before: row, cash, position, source)
    }

    private func decide(_ row: Int, _ bits: RuleBits, _ source: MarkSource) {
        guard !bits.isEmpty else { return }
        let action = decision.action(
            bits, position: exchange.ledger.position, working: exchange.working.count
        ) { exchange.working[$0] }
        let time = source.openTime(row) + source.bars.interval.milliseconds
        switch action {
        case .nothing: return
        case .enter(let side): enter(side, time, row, source)
        case .exit(let tag): exchange.exit(exchange.nextOrderID, tag: tag, time: time)
        case .reverse(let side):
            exchange.exit(exchange.nextOrderID, tag: decision.reverseTag, time: time)
            enter(side, time, row, source)
        }
        exchange.sweep()
    }

    private func enter(_ side: Side, _ time: Int64, _ row: Int, _ source: MarkSource) {
        let (number, close) = (exchange.nextOrderID, source.bars.close[row])
        if side == .buy {
            exchange.submit(number, decision.buy, time: time, close: close)
        } else {
            exchange.submit(number, decision.sell, time: time, close: close)
        }
    }

    /// The first row from `first` on, below `end`, that must be visited; else `end`.
    @inline(__always)
    private func nextRow(
        from first: Int, _ end: Int, _ masks: RuleMasks, _ source: MarkSource
    ) -> Int {
        guard exchange.working.isEmpty else { return first }
        let position = exchange.ledger.position
        guard position != 0 else { return masks.next(.flat, from: first, before: end) }
        let acts = masks.next(position > 0 ? .long : .short, from: first, before: end)
        return exchange.firstTouch(first..<acts, source)
    }

    private func mark(before row: Int, _ source: MarkSource) {
        mark(before: row, exchange.ledger.cash, exchange.ledger.position, source)
    }

    @inline(never)
    func mark(
        before row: Int, _ cash: Double, _ position: Double, _ source: MarkSource
    ) {
        guard row > marked else { return }
        if position != 0 { exchange.counters.exposedBars += row - marked }
        recorder.mark(
            marked..<row, cash: cash, position: position, source, nextDay: &nextDay)
        marked = row
    }
}

extension SimulatedExchange {
    /// The first of `rows` in which something of the open position's bracket or margin may happen,
    /// or their end: ``ActiveBracket/firstTouch(_:_:_:)``.
    @inline(__always)
    mutating func firstTouch(_ rows: Range<Int>, _ source: MarkSource) -> Int {
        var rows = rows
        if isMargined { rows = rows.lowerBound..<firstMarginTouch(rows, source) }
        return bracket?.firstTouch(rows, source, instrument) ?? rows.upperBound
    }
}
