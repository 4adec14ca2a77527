import LotCore
import LotMath

/// One symbol of a run over several: its bars, its strategy, and where both stand.
///
/// Symbols know nothing of each other; what they share is in ``SharedAccount``.
final class SymbolRun {
    let source: PortfolioSymbol
    let strategy: any Strategy
    let leg: PortfolioLeg
    let desk = OrderDesk()
    let firstDecision: Int
    /// The row that is next, or under way.
    private(set) var row: Int
    /// Its open time; the largest number after the last.
    private(set) var nextTime: Int64
    /// Close of the bar before the one under way.
    private var closeBefore = 0.0

    private let evaluator: SeriesEvaluator
    /// The strategy, where bars on which no rule holds need no call.
    private let rules: RuleStrategy?
    private let end: Int

    init(_ source: PortfolioSymbol, _ strategy: any Strategy, _ leg: PortfolioLeg, _ path: RunPath)
    {
        self.source = source
        self.strategy = strategy
        self.leg = leg
        let rules = strategy as? RuleStrategy
        self.rules = path == .skipping ? rules : nil
        // Conditions are read in the newest tile only; a script may look back.
        evaluator = SeriesEvaluator(
            strategy.program, bars: source.bars, source.sources,
            history: rules == nil ? seriesHistory : 0)
        end = source.window.upperBound
        row = source.window.lowerBound
        firstDecision = min(
            end, max(row, strategy.program.firstRow(over: source.bars, source.sources)))
        nextTime = row < end ? source.bars.openTime[row] : .max
    }

    /// Begins the strategy's run.
    func start(_ notes: RunNotes) throws(Diagnosis) {
        try strategy.start(
            StrategyContext(
                evaluator: evaluator, bars: source.bars, desk: desk,
                notes: RunNotes(notes, symbol: source.name)))
    }

    /// Whether the row under way is the last.
    var isAtEnd: Bool { row + 1 == end }

    /// Open and close of the row under way.
    var open: Double { source.bars.open[row] }
    var close: Double { source.bars.close[row] }

    /// The bar under way; its volume is NaN where there is no volume column.
    var bar: Bar {
        let bars = source.bars
        return Bar(
            openTime: bars.openTime[row], open: bars.open[row], high: bars.high[row],
            low: bars.low[row], close: bars.close[row], volume: bars.volume?[row] ?? .nan)
    }

    /// Goes on to the next row.
    func advance() {
        closeBefore = close
        leg.end()
        row += 1
        nextTime = row < end ? source.bars.openTime[row] : .max
    }

    /// Tells the strategy what happened in the bar under way and asks it to decide at its close.
    func decide(_ account: inout SharedAccount, _ time: Int64) throws(Diagnosis) {
        try evaluate()
        guard row >= firstDecision else { return }
        if leg.exchange.ordersChanged { refreshDesk() }
        desk.nextOrderID = account.nextOrderID
        if !leg.exchange.updates.isEmpty { try deliverUpdates(account, time) }
        if let rules, !rules.acts(row) { return }
        try strategy.onBar(view(account, time + source.bars.interval.milliseconds))
        take(&account, time + source.bars.interval.milliseconds)
    }

    /// After the last bar: `on_stop`, then everything is cancelled and closed (rule 15).
    func finish(_ account: inout SharedAccount, _ time: Int64) throws(Diagnosis) {
        let closeTime = time + source.bars.interval.milliseconds
        refreshDesk()
        desk.nextOrderID = account.nextOrderID
        try strategy.onStop(view(account, closeTime))
        take(&account, closeTime)
        let (bar, row) = (bar, row)
        account.use(leg) { $0.closeAtEnd(bar, row: row) }
        leg.followFall()
        account.addUp()
        leg.exchange.counters.conflicts = strategy.conflicts
    }

    /// Moves the series on until they hold the row under way.
    private func evaluate() throws(Diagnosis) {
        while evaluator.rows <= row {
            evaluator.advance(min(tileCapacity, end - evaluator.rows))
            strategy.tileChanged()
        }
    }

    private func view(_ account: SharedAccount, _ time: Int64) -> AccountView {
        let price = close
        return AccountView(
            row: row, time: time, position: leg.exchange.ledger.position,
            entryPrice: leg.exchange.ledger.entryPrice, entryRow: leg.exchange.ledger.entryRow,
            cash: account.freeCash, equity: account.equity,
            profit: leg.exchange.ledger.unrealisedProfit(at: price))
    }

    /// Tells of what happened inside the bar under way, as if it had just happened: the bar
    /// itself has not closed yet, for this symbol or for any other.
    private func deliverUpdates(_ account: SharedAccount, _ time: Int64) throws(Diagnosis) {
        let updates = leg.exchange.updates
        leg.exchange.updates.removeAll(keepingCapacity: true)
        let profit = leg.exchange.ledger.unrealisedProfit(at: closeBefore)
        let before = account.beforeBar
        try strategy.onUpdates(
            updates.map { $0.record(desk.tags) },
            AccountView(
                row: max(0, row - 1), time: time, position: leg.exchange.ledger.position,
                entryPrice: leg.exchange.ledger.entryPrice,
                entryRow: leg.exchange.ledger.entryRow, cash: before.freeCash,
                equity: before.equity, profit: profit))
    }

    /// Hands over what the strategy asked for.
    private func take(_ account: inout SharedAccount, _ time: Int64) {
        account.nextOrderID = desk.nextOrderID
        guard !desk.commands.isEmpty else { return }
        let (commands, price) = (desk.commands, close)
        account.use(leg) { $0.accept(commands, time: time, close: price) }
        account.addUp()
        desk.commands.removeAll(keepingCapacity: true)
    }

    private func refreshDesk() {
        desk.working = leg.exchange.working.array
        leg.exchange.ordersChanged = false
    }
}
