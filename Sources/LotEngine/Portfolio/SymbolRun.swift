import LotCore
import LotMath

/// Rows of a tile of one symbol of several.
private let symbolTileRows = 1_024

/// One symbol of a run over several: its bars, its strategy, and where both stand.
///
/// Symbols know nothing of each other; what they share is in ``SharedAccount``.
final class SymbolRun {
    let source: PortfolioSymbol
    let strategy: any Strategy
    /// Number of the symbol.
    let number: Int
    /// Its position; in hedge mode the long leg.
    let leg: PortfolioLeg
    /// The short leg, in hedge mode.
    let short: PortfolioLeg?
    /// The two legs in hedge mode.
    let hedge: HedgedLegs?
    let desk = OrderDesk()
    /// Lines it plotted and printed.
    let notes: RunNotes
    let firstDecision: Int
    /// The row that is next, or under way.
    private(set) var row: Int
    /// Its open time; the largest number after the last.
    private(set) var nextTime: Int64
    /// Bars at whose close it held a position.
    private(set) var exposedBars = 0
    /// Deepest fall of its value at a close below the highest so far.
    private(set) var deepestFall = 0.0
    private var peak: Double
    /// Close of the bar before the one under way.
    private var closeBefore = 0.0

    private let evaluator: SeriesEvaluator
    /// The strategy, where bars on which no rule holds need no call.
    private let rules: RuleStrategy?
    private let end: Int
    /// Whether somebody asks where positions would be liquidated.
    private let isExplained: Bool

    /// A symbol about to begin.
    ///
    /// - Parameters:
    ///   - source: Bars and rules.
    ///   - strategy: Fresh.
    ///   - legs: One, or the long and the short one in hedge mode.
    ///   - notes: Where its printed lines go.
    ///   - path: Whether bars on which rules decide nothing may be passed over.
    init(
        _ source: PortfolioSymbol, _ strategy: any Strategy, _ legs: [PortfolioLeg],
        _ notes: RunNotes, _ path: RunPath
    ) {
        self.source = source
        self.strategy = strategy
        leg = legs[0]
        short = legs.count == 2 ? legs[1] : nil
        number = legs[0].symbol
        hedge = legs.count == 2 ? HedgedLegs(long: legs[0], short: legs[1]) : nil
        isExplained = strategy is BarRecorder
        self.notes = RunNotes(notes, symbol: source.name, rows: source.window)
        peak = legs.reduce(0) { $0 + $1.value }
        let rules = strategy as? RuleStrategy
        self.rules = path == .skipping ? rules : nil
        // Conditions are read in the newest tile only; a script may look back. Every symbol has a
        // tile at the same time, so theirs are smaller than that of one.
        evaluator = SeriesEvaluator(
            strategy.program, bars: source.bars, source.sources,
            history: rules == nil ? seriesHistory : 0, tileRows: symbolTileRows)
        end = source.window.upperBound
        row = source.window.lowerBound
        firstDecision = min(
            end, max(row, strategy.program.firstRow(over: source.bars, source.sources)))
        nextTime = row < end ? source.bars.openTime[row] : .max
    }

    /// Begins the strategy's run.
    func start() throws(Diagnosis) {
        try strategy.start(
            StrategyContext(
                evaluator: evaluator, bars: source.bars, desk: desk, notes: notes,
                hedge: hedge?.view, plotsTiles: rules != nil))
    }

    /// Its legs, in the order in which they act.
    var legs: [PortfolioLeg] { hedge?.both ?? [leg] }

    /// Does something with each leg: no array is made of what is one leg nearly always.
    @inline(__always)
    func forEachLeg(_ body: (PortfolioLeg) -> Void) {
        body(leg)
        if let short { body(short) }
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
        forEachLeg { $0.end() }
        row += 1
        nextTime = row < end ? source.bars.openTime[row] : .max
    }

    /// Values the positions at the close of the bar under way.
    func mark() {
        let close = close
        forEachLeg { $0.value(at: close) }
        if leg.isHeld || short?.isHeld == true { exposedBars += 1 }
        followFall()
    }

    /// Profit so far, open positions at the newest mark.
    var profit: Double { leg.profit + (short?.profit ?? 0) }

    private func followFall() {
        let value = leg.value + (short?.value ?? 0)
        peak = max(peak, value)
        deepestFall = max(deepestFall, peak - value)
    }

    /// Tells the strategy what happened in the bar under way and asks it to decide at its close.
    func decide(_ account: inout SharedAccount, _ time: Int64) throws(Diagnosis) {
        try evaluate()
        guard row >= firstDecision else { return }
        refreshDesk()
        desk.nextOrderID = account.nextOrderID
        if hasUpdates { try deliverUpdates(account, time) }
        if let rules, !rules.acts(row) { return }
        var view = view(account, time + source.bars.interval.milliseconds)
        if isExplained { lookForLiquidation(account, &view) }
        try strategy.onBar(view)
        take(&account, time + source.bars.interval.milliseconds)
    }

    /// Works out where the positions would be liquidated.
    private func lookForLiquidation(_ account: SharedAccount, _ view: inout AccountView) {
        if let hedge { return hedge.lookForLiquidation(account) }
        account.tell(leg)
        view.liquidationPrice = leg.exchange.liquidationPrice()
    }

    /// After the last bar: `on_stop`, then everything is cancelled and closed (rule 15).
    func finish(_ account: inout SharedAccount, _ time: Int64) throws(Diagnosis) {
        let closeTime = time + source.bars.interval.milliseconds
        refreshDesk()
        desk.nextOrderID = account.nextOrderID
        try strategy.onStop(view(account, closeTime))
        take(&account, closeTime)
        let (bar, row) = (bar, row)
        for leg in legs { account.use(leg) { $0.closeAtEnd(bar, row: row) } }
        followFall()
        account.addUp()
    }

    /// Moves the series on until they hold the row under way.
    private func evaluate() throws(Diagnosis) {
        while evaluator.rows <= row {
            let first = evaluator.rows
            try evaluator.advanceChecked(min(symbolTileRows, end - first))
            strategy.tileChanged()
            if let rules {
                let decided = max(first, firstDecision)
                notes.plot(
                    rules.rules, decided..<max(decided, evaluator.rows), evaluator, source.bars)
            }
        }
    }

    // MARK: Between the strategy and its legs

    private func view(_ account: SharedAccount, _ time: Int64) -> AccountView {
        let held = look(at: close)
        return AccountView(
            row: row, time: time, position: held.position, entryPrice: held.entryPrice,
            entryRow: held.entryRow, cash: account.freeCash, equity: account.equity,
            profit: held.profit)
    }

    private func look(
        at price: Double
    ) -> (position: Double, entryPrice: Double, entryRow: Int, profit: Double) {
        hedge?.look(at: price) ?? leg.exchange.ledger.summary(at: price)
    }

    private var hasUpdates: Bool { hedge?.hasUpdates ?? !leg.exchange.updates.isEmpty }

    /// Tells of what happened inside the bar under way, as if it had just happened: the bar
    /// itself has not closed yet, for this symbol or for any other.
    private func deliverUpdates(_ account: SharedAccount, _ time: Int64) throws(Diagnosis) {
        let updates: [OrderUpdate]
        if let hedge {
            updates = hedge.takeUpdates(desk.tags)
        } else {
            updates = leg.exchange.updates.map { $0.record(desk.tags) }
            leg.exchange.updates.removeAll(keepingCapacity: true)
        }
        let (before, held) = (account.beforeBar, look(at: closeBefore))
        try strategy.onUpdates(
            updates,
            AccountView(
                row: max(0, row - 1), time: time, position: held.position,
                entryPrice: held.entryPrice, entryRow: held.entryRow, cash: before.freeCash,
                equity: before.equity, profit: held.profit))
    }

    /// Hands over what the strategy asked for.
    private func take(_ account: inout SharedAccount, _ time: Int64) {
        account.nextOrderID = desk.nextOrderID
        guard !desk.commands.isEmpty else { return }
        let (commands, price) = (desk.commands, close)
        if let hedge {
            hedge.take(commands, &account, time: time, close: price)
        } else {
            account.use(leg) { $0.accept(commands, time: time, close: price) }
        }
        account.addUp()
        desk.commands.removeAll(keepingCapacity: true)
    }

    private func refreshDesk() {
        if let hedge {
            if let working = hedge.takeWorking() { desk.working = working }
        } else if leg.exchange.ordersChanged {
            desk.working = leg.exchange.working.array
            leg.exchange.ordersChanged = false
        }
    }
}
