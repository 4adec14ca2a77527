import LotCore

/// The exchange of a backtest: orders in, fills to the ledger, by `docs/execution.md`.
///
/// One value holds the orders, the bracket of the open position and the ledger. Each bar it is
/// given once, in ``process(_:row:)``; between bars it takes commands. What it cannot model:
/// queue position, other traders' reaction, and the path inside a bar, for which it assumes the
/// worse outcome and counts the bar as ambiguous.
///
/// It is more than a kilobyte of state that a fill touches all over, so it cannot be copied: the
/// compiler would otherwise copy it, reference counts and all, to call a method that does not
/// mutate. Swift 6.3 still copies its bytes to lend it to such a method where that is not inlined;
/// what is called for every fill or bar is mutating for that reason alone.
struct SimulatedExchange: ~Copyable {
    let instrument: Instrument
    let settings: RunSettings
    /// How market-like fills move against the trader.
    let priceMove: PriceMove
    /// Milliseconds from a decision to its arrival.
    let latency: Int64
    /// Whether a bar's inside is the assumed path, not the worse of what could be.
    let followsPath: Bool
    /// Finer bars; `nil` where bars are taken whole.
    let detail: DetailBars?
    /// Whether order updates are collected for the strategy.
    let collectsUpdates: Bool
    /// Whether the records of final orders are kept: a search does not read them.
    let keepsOrders: Bool

    /// Whether it trades a perpetual: margin, funding, liquidation.
    let isMargined: Bool
    /// What opening takes of the cash per unit of notional: 1 on spot.
    let marginRate: Double
    /// Which positions may be opened.
    let leg: PositionLeg

    var ledger: Ledger
    /// The margin of the position; without meaning on spot.
    var margin: PositionMargin
    /// What other positions of the same account add to the ledger's cash.
    var rest = RestOfAccount()
    /// Orders that are not final, in the order they were sent.
    var working = OrderList()
    /// The exits of the open position.
    var bracket: ActiveBracket?
    /// What ``suspended`` is kept in, once there was one: a search holds the state of hundreds of
    /// accounts in its caches, and most never have any.
    private var aside: BracketBox?
    /// Orders that are final.
    var finished: [WorkingOrder] = []
    /// What happened since the strategy was last told, in order.
    var updates: [ExchangeUpdate] = []
    var counters = RunCounters()
    var reasons = ReasonCounts()
    /// Most records of refused orders that are kept; all are counted.
    ///
    /// Symbols that share an account may send one at every close while the cash is elsewhere.
    var rejectionLimit = Int.max
    private(set) var keptRejections = 0
    /// The number the next order of the exchange's own gets.
    var nextOrderID = 1
    /// Whether ``working`` changed since the strategy's copy was made.
    var ordersChanged = false
    /// Whether an order was sent that needs more than the plain types and times in force do.
    var hasSpecialOrders = false
    /// The fees that are in force.
    var fees: FeeRates

    // What concerns the bar being processed.
    var bar = Bar(openTime: 0, open: 0, high: 0, low: 0, close: 0, volume: 0)
    var row = -1
    /// Quantity that the bar's volume still allows; infinite without a limit.
    var capacity = Double.infinity
    /// Whether the bar's volume lets anything fill.
    private var canFill = false
    /// Quantity that has been filled in the bar.
    var taken = 0.0
    /// Whether the bracket's target has had its turn in the bar, as far as the volume went.
    var isTargetSpent = false
    /// Rows of the finer bars that are left of the bar under way.
    var detailRows = 0..<0
    /// Whether a fill of the bar under way depended on an order of events.
    private var isBarAmbiguous = false
    var isAtOpen = false
    /// Row of the newest liquidation inside a bar, and its price before slippage.
    var lastFall = (row: -1, price: Double.nan)
    var hasEntry = false
    var isAmbiguous = false

    init(
        instrument: Instrument, settings: RunSettings, collectsUpdates: Bool,
        keepsOrders: Bool = true, startingCash: Double? = nil, leg: PositionLeg? = nil,
        schedule: PerpetualSchedule? = nil, detail: DetailBars? = nil,
        traded: TradedVolume? = nil
    ) {
        self.instrument = instrument
        self.settings = settings
        self.detail = detail
        priceMove = PriceMove(settings.slippage)
        latency = settings.latency
        followsPath = settings.intrabar == .ohlc
        fees = FeeRates(settings, traded)
        self.collectsUpdates = collectsUpdates
        self.keepsOrders = keepsOrders
        ledger = Ledger(
            startingCash: startingCash ?? settings.startingCash, lotSize: instrument.lotSize)
        // From locals only: where a field is read before all are set, the optimised build of Swift
        // 6.3 destroys `margin` before it is made.
        let isPerpetual = instrument.market == .perp
        let terms = MarginTerms(instrument, settings.perpetual)
        isMargined = isPerpetual
        self.leg = leg ?? (isPerpetual ? .both : .long)
        marginRate = isPerpetual ? terms.initialRate : 1
        margin = PositionMargin(terms, schedule)
    }

    /// The exits of the open position while an order that closes it is at work.
    var suspended: ActiveBracket? {
        get { aside?.bracket }
        set {
            if aside == nil, newValue != nil { aside = BracketBox() }
            aside?.bracket = newValue
        }
    }

    /// Whether anything can happen in a bar: else the loop need not call ``process(_:row:)``.
    private(set) var needsBars = false

    /// Whether an order on `side` may open a position.
    @inline(__always)
    func canOpen(_ side: Side) -> Bool { leg != (side == .buy ? .short : .long) }

    /// Runs the orders through one bar: what happens at the open, then inside, then at the close.
    mutating func process(_ bar: Bar, row: Int) {
        guard begin(bar, row: row) else { return }
        processOpen()
        processRest()
    }

    /// Takes a bar whose orders are to be run; ``processOpen()`` and ``processRest()`` follow.
    ///
    /// Exchanges over one account each begin a bar, then go through its phases together:
    /// ``SharedAccount/fill()``.
    /// - Parameters:
    ///   - bar: The bar.
    ///   - row: Its row.
    ///   - isWatched: Whether other positions of the account may bring about a liquidation in it.
    /// - Returns: Whether anything can happen in it; if not, the bar is done with.
    @inline(__always)
    mutating func begin(_ bar: Bar, row: Int, isWatched: Bool = false) -> Bool {
        if !isWatched, working.isEmpty, !(isMargined && isMarginDue(bar, row)),
            bracket?.passes(over: bar, row: row, instrument) ?? true
        {
            return false
        }
        self.row = row
        isBarAmbiguous = false
        if detail == nil { start(bar) } else { start(firstBar(of: bar)) }
        return true
    }

    /// Takes a bar, or one of the finer ones that it is made of.
    @inline(__always)
    mutating func start(_ bar: Bar) {
        self.bar = bar
        capacity = barCapacity(volume: bar.volume)
        canFill = capacity > 0
        taken = 0
        hasEntry = false
        isAmbiguous = false
        if latency > 0 { takeArrivals(bar.openTime) }
        if fees.isTiered { fees.move(to: bar.openTime) }
    }

    /// Whether a bar's inside is walked, by finer bars or an assumed path.
    var isWalked: Bool { followsPath || detail != nil }

    /// Runs what happens at the open of the bar that was begun.
    @inline(__always)
    mutating func processOpen() {
        if isMargined { openMargin() }
        processOpenOrders()
    }

    /// Runs the orders at the open, once funding and liquidations that come before them are over.
    @inline(__always)
    mutating func processOpenOrders() {
        if hasSpecialOrders { placeTrailingStops() }
        if canFill { runOpen() }
        if hasSpecialOrders { endUnfilled() }
    }

    /// Runs what happens between the open and the close of the bar that was begun, and ends it.
    @inline(__always)
    mutating func processRest() {
        endBar()
        if !detailRows.isEmpty { processDetail() }
        if isBarAmbiguous { counters.ambiguousBars += 1 }
    }

    /// Runs what happens between the open and the close of the bar that was taken.
    @inline(__always)
    mutating func endBar() {
        if isMargined { beginInside() }
        if canFill, followsPath {
            walkPath()
        } else {
            if canFill {
                runInside()
            } else if isMargined {
                liquidateInside()
            }
            runClose(isTraded: canFill)
        }
        aside?.bracket?.ratchet(bar, instrument)
        for index in working.indices where !working[index].isInTransit {
            working[index].hasArrived = true
        }
        isBarAmbiguous = isBarAmbiguous || isAmbiguous
        sweep()
    }

    /// The quantity that may fill in a bar of `volume` (rule 10): nothing in a bar without volume.
    @inline(__always)
    func barCapacity(volume: Double) -> Double {
        guard !volume.isNaN else { return .infinity }
        guard volume > 0 else { return 0 }
        guard let limit = settings.volumeLimit else { return .infinity }
        return instrument.floorToLot(volume * limit)
    }

    /// Cash that is not set aside, in quote currency: on perpetuals the available balance.
    @inline(__always)
    func freeCash(at price: Double) -> Double {
        let free = rest.freeCash + ownFreeCash(at: price)
        return isMargined ? withoutDust(free) : free
    }

    /// This position's part of the account's free cash.
    ///
    /// Below 0 where it was paid for with cash that another ledger of the account holds.
    @inline(__always)
    func ownFreeCash(at price: Double) -> Double {
        var free = ledger.cash
        if isMargined { free += balanceBesidesCash(at: price) }
        for index in working.indices { free -= working[index].reserved }
        return free
    }

    /// The whole account's equity with this position at `price`, in quote currency.
    @inline(__always)
    func equity(at price: Double) -> Double { rest.equity + ledger.equity(at: price) }

    /// Whether equity is cash + position · close and all of the cash is free, whatever the price:
    /// so it is at `price`, and nothing that moves with it takes part.
    func movesWithClose(_ price: Double) -> Bool {
        (ledger.position == 0 || !isMargined) && !rest.isShared
            && freeCash(at: price) == ledger.cash
    }

    /// Sets ``needsBars`` by what is at work now.
    @inline(__always)
    mutating func noteNeeds() {
        needsBars = !working.isEmpty || bracket != nil || (isMargined && ledger.position != 0)
    }

    /// Moves final orders out of ``working``.
    mutating func sweep() {
        defer { noteNeeds() }
        var kept = 0
        for index in working.indices {
            if working[index].isFinal {
                if keepsOrders { keep(index) }
            } else {
                if kept < index { working[kept] = working[index] }
                kept += 1
            }
        }
        guard kept < working.count else { return }
        working.removeAll(from: kept)
        ordersChanged = true
    }

    /// Keeps the record of a final order, unless too many refused ones have been kept.
    private mutating func keep(_ index: Int) {
        if working[index].status == .rejected {
            guard keptRejections < rejectionLimit else { return }
            keptRejections += 1
        }
        finished.append(working[index])
    }

    /// Orders that are final, in the order of their numbers: as they ended, where none overtook
    /// another.
    var finishedInOrder: [WorkingOrder] {
        for index in finished.indices.dropFirst()
        where finished[index].id < finished[index - 1].id {
            return finished.sorted { $0.id < $1.id }
        }
        return finished
    }

    /// Ends an order as refused and counts the reason.
    mutating func reject(_ index: Int, _ reason: Rejection) {
        reasons.add(reason)
        finish(index, .rejected, .rejected(reason))
    }

    /// Ends what an order's time in force does not let wait, and counts the reason.
    mutating func expire(_ index: Int) {
        let reason: Expiry =
            working[index].terms.timeInForce == .fok ? .fillOrKill : .immediateOrCancel
        reasons.add(reason)
        finish(index, .expired, .expired(reason))
    }

    /// Ends an order that has not been filled whole.
    mutating func finish(_ index: Int, _ status: OrderStatus, _ reason: OrderReason) {
        working[index].status = status
        working[index].reason = reason
        working[index].reserved = 0
        touch(index)
        if working[index].closesPosition { resumeBracket(after: index) }
    }

    /// Records that an order changed.
    mutating func touch(_ index: Int) {
        let created = working[index].createdTime
        working[index].updatedTime = max(created, row >= 0 ? bar.openTime : created)
        ordersChanged = true
        if collectsUpdates { updates.append(.order(working[index])) }
    }
}
