import LotCore
import LotMath

/// A run over one perpetual in hedge mode: a long and a short leg, two exchanges over one account.
///
/// Each leg has its own orders, bracket, margin and funding; both share the account's cash as the
/// symbols of a portfolio do. Every bar is visited.
struct HedgeRun {
    private let strategy: any Strategy
    private let input: BacktestInput
    private let evaluator: SeriesEvaluator
    private let desk = OrderDesk()
    private let notes: RunNotes
    private let firstDecision: Int
    private let legs: HedgedLegs
    private var account: SharedAccount
    private var recorder: EquityRecorder
    private var exposedBars = 0
    /// Whether somebody asks where positions would be liquidated.
    private let isExplained: Bool

    init(_ strategy: any Strategy, _ input: BacktestInput) {
        self.strategy = strategy
        self.input = input
        isExplained = strategy is BarRecorder
        evaluator = SeriesEvaluator(strategy.program, bars: input.bars, input.sources)
        notes = RunNotes(rows: input.window)
        firstDecision = input.firstDecision(strategy.program)
        let symbol = PortfolioSymbol(
            name: "", bars: input.bars, window: input.window, instrument: input.instrument,
            sources: input.sources, perpetual: input.perpetual, detail: input.detail)
        let traded = TradedVolume()
        func leg(_ side: PositionLeg, cash: Double) -> PortfolioLeg {
            PortfolioLeg(
                symbol: 0, symbol, input.settings, cash: cash, traded: traded,
                collectsUpdates: strategy.wantsUpdates, listedRejections: .max, side: side)
        }
        legs = HedgedLegs(
            long: leg(.long, cash: input.settings.startingCash), short: leg(.short, cash: 0))
        account = SharedAccount(legs.both, maxOpenPositions: nil)
        recorder = EquityRecorder(
            cash: input.settings.startingCash, bars: input.bars, window: input.window,
            earlierPeak: input.earlierPeak)
    }

    mutating func run(progress: ((Int) -> Void)?) throws(Diagnosis) -> BacktestOutcome {
        try strategy.start(
            StrategyContext(
                evaluator: evaluator, bars: input.bars, desk: desk, notes: notes,
                hedge: legs.view))
        let window = input.window
        while evaluator.rows < window.upperBound {
            let first = evaluator.rows
            try evaluator.advanceChecked(min(tileCapacity, window.upperBound - first))
            strategy.tileChanged()
            for row in max(first, window.lowerBound)..<max(evaluator.rows, window.lowerBound) {
                try run(row: row)
            }
            progress?(max(0, evaluator.rows - window.lowerBound))
        }
        return try finish()
    }

    private mutating func run(row: Int) throws(Diagnosis) {
        let bars = input.bars
        let (openedAt, price) = (bars.openTime[row], bars.close[row])
        fill(bar(row), row: row)
        for leg in account.legs { leg.value(at: price) }
        account.addUp()
        if legs.long.isHeld || legs.short.isHeld { exposedBars += 1 }
        recorder.mark(
            time: bars.closeTime(row), equity: account.equity, position: legs.net,
            gross: legs.gross, close: price)
        if row >= firstDecision {
            refreshDesk()
            try deliverUpdates(row: row, time: openedAt)
            let view = look(row: row, time: bars.closeTime(row), price: price)
            if isExplained { legs.lookForLiquidation(account) }
            try strategy.onBar(view)
            takeCommands(time: bars.closeTime(row), close: price)
        }
        for leg in account.legs { leg.end() }
    }

    /// Runs both legs' orders through a bar.
    private mutating func fill(_ bar: Bar, row: Int) {
        for leg in account.legs { leg.enter() }
        guard account.legs.contains(where: { $0.exchange.needsBars }) else { return }
        for leg in account.legs { leg.take(bar, row: row) }
        account.fill()
    }

    private func bar(_ row: Int) -> Bar {
        var bar = input.bars[row]
        if input.bars.volume == nil { bar.volume = .nan }
        return bar
    }

    // MARK: The strategy

    /// What the strategy sees with the newest close at `price`.
    private func look(row: Int, time: Int64, price: Double) -> AccountView {
        let legs = legs.look(at: price)
        return AccountView(
            row: row, time: time, position: legs.position, entryPrice: legs.entryPrice,
            entryRow: legs.entryRow, cash: account.freeCash, equity: account.equity,
            profit: legs.profit)
    }

    /// Tells the strategy what happened inside bar `row`, the long leg's first, as if it had just
    /// happened: the bar itself has not closed for it yet.
    private mutating func deliverUpdates(row: Int, time: Int64) throws(Diagnosis) {
        let updates = legs.takeUpdates(desk.tags)
        guard !updates.isEmpty else { return }
        let before = max(0, row - 1)
        var view = look(row: before, time: time, price: input.bars.close[before])
        (view.equity, view.cash) = account.beforeBar
        try strategy.onUpdates(updates, view)
    }

    private mutating func takeCommands(time: Int64, close: Double) {
        account.nextOrderID = desk.nextOrderID
        legs.take(desk.commands, &account, time: time, close: close)
        account.addUp()
        desk.commands.removeAll(keepingCapacity: true)
        desk.nextOrderID = account.nextOrderID
    }

    private func refreshDesk() {
        guard let working = legs.takeWorking() else { return }
        desk.working = working
        desk.nextOrderID = max(desk.nextOrderID, account.nextOrderID)
    }

    // MARK: The end

    /// After the last bar: `on_stop`, then everything is cancelled and closed (rule 15).
    private mutating func finish() throws(Diagnosis) -> BacktestOutcome {
        let last = input.window.upperBound - 1
        let (time, price) = (input.bars.closeTime(last), input.bars.close[last])
        refreshDesk()
        try strategy.onStop(look(row: last, time: time, price: price))
        takeCommands(time: time, close: price)
        let bar = bar(last)
        for leg in account.legs { account.use(leg) { $0.closeAtEnd(bar, row: last) } }
        recorder.finish(equity: account.cash)
        return outcome()
    }

    /// Trades in the order of their exits, those of one time the long leg's first: walked through
    /// finer bars, both legs may end inside one bar, one after the other.
    private func outcome() -> BacktestOutcome {
        var outcome = BacktestOutcome(
            legs.long.exchange, recorder, desk.tags, firstDecisionRow: firstDecision, notes)
        let other = BacktestOutcome(
            legs.short.exchange, recorder, desk.tags, firstDecisionRow: firstDecision, notes)
        let trades = outcome.trades + other.trades
        let places = trades.indices.sorted {
            (trades[$0].exitTime, $0) < (trades[$1].exitTime, $1)
        }
        outcome.trades = places.map { trades[$0] }
        outcome.orders = legs.orders(desk.tags).sorted { $0.id < $1.id }
        outcome.finalEquity = account.cash
        outcome.fees += other.fees
        outcome.slippage += other.slippage
        outcome.funding += other.funding
        outcome.counters.add(other.counters)
        outcome.counters.exposedBars = exposedBars
        outcome.counters.conflicts = strategy.conflicts
        return outcome
    }
}
