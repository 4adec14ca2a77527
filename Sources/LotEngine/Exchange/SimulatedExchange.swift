import LotCore

/// The exchange of a backtest: orders in, fills to the ledger, by `docs/execution.md`.
///
/// One value holds the orders, the bracket of the open position and the ledger. Each bar it is
/// given once, in ``process(_:row:)``; between bars it takes commands. What it cannot model:
/// queue position, other traders' reaction, and the path inside a bar, for which it assumes the
/// worse outcome and counts the bar as ambiguous.
///
/// It is a kilobyte of state that a fill touches all over, so it cannot be copied: the compiler
/// would otherwise copy it, reference counts and all, to call a method that does not mutate.
struct SimulatedExchange: ~Copyable {
    let instrument: Instrument
    let settings: RunSettings
    /// Whether order updates are collected for the strategy.
    let collectsUpdates: Bool
    /// Whether the records of final orders are kept: a search does not read them.
    let keepsOrders: Bool

    var ledger: Ledger
    /// What other positions of the same account add to the ledger's cash.
    var rest = RestOfAccount()
    /// Orders that are not final, in the order they were sent.
    var working = OrderList()
    /// The exits of the open position.
    var bracket: ActiveBracket?
    /// Orders that are final.
    var finished: [WorkingOrder] = []
    /// What happened since the strategy was last told, in order.
    var updates: [ExchangeUpdate] = []
    var counters = RunCounters()
    var rejections = RejectionCounts()
    /// The number the next order of the exchange's own gets.
    var nextOrderID = 1
    /// Whether ``working`` changed since the strategy's copy was made.
    var ordersChanged = false

    // What concerns the bar being processed.
    var bar = Bar(openTime: 0, open: 0, high: 0, low: 0, close: 0, volume: 0)
    var row = -1
    /// Quantity that the bar's volume still allows; infinite without a limit.
    var capacity = Double.infinity
    var isAtOpen = false
    var hasEntry = false
    var isAmbiguous = false

    init(
        instrument: Instrument, settings: RunSettings, collectsUpdates: Bool,
        keepsOrders: Bool = true, startingCash: Double? = nil
    ) {
        self.instrument = instrument
        self.settings = settings
        self.collectsUpdates = collectsUpdates
        self.keepsOrders = keepsOrders
        ledger = Ledger(
            startingCash: startingCash ?? settings.startingCash, lotSize: instrument.lotSize)
    }

    /// Whether anything can happen in a bar: else the loop need not call ``process(_:row:)``.
    private(set) var needsBars = false

    /// Whether positions below zero are allowed.
    var allowsShort: Bool { instrument.market == .perp }

    /// Runs the orders through one bar: what happens at the open, then inside, then at the close.
    mutating func process(_ bar: Bar, row: Int) {
        if working.isEmpty, bracket?.passes(over: bar, row: row, instrument) ?? true { return }
        self.bar = bar
        self.row = row
        capacity = barCapacity(bar)
        hasEntry = false
        isAmbiguous = false
        if capacity > 0 {
            runOpen()
            runInside()
        }
        runClose()
        for index in working.indices { working[index].hasArrived = true }
        if isAmbiguous { counters.ambiguousBars += 1 }
        sweep()
    }

    /// The quantity that may fill in `bar` (rule 10): nothing in a bar without volume.
    @inline(__always)
    private func barCapacity(_ bar: Bar) -> Double {
        guard !bar.volume.isNaN else { return .infinity }
        guard bar.volume > 0 else { return 0 }
        guard let limit = settings.volumeLimit else { return .infinity }
        return instrument.floorToLot(bar.volume * limit)
    }

    /// Cash that is not set aside, in quote currency; a short position ties up its own value
    /// besides the proceeds of its sale.
    @inline(__always)
    func freeCash(at price: Double) -> Double {
        var free = rest.freeCash + ledger.cash
        if ledger.position < 0 { free += 2 * ledger.position * price }
        for index in working.indices { free -= working[index].reserved }
        return free
    }

    /// The whole account's equity with this position at `price`, in quote currency.
    @inline(__always)
    func equity(at price: Double) -> Double { rest.equity + ledger.equity(at: price) }

    /// Whether equity is cash + position · close and the free cash does not move with the price.
    var movesWithClose: Bool {
        (ledger.position == 0 || !allowsShort) && rest.isEmpty
    }

    /// Moves final orders out of ``working``.
    mutating func sweep() {
        defer { needsBars = !working.isEmpty || bracket != nil }
        var kept = 0
        for index in working.indices {
            if !isAlive(index) {
                if keepsOrders { finished.append(working[index]) }
            } else {
                if kept < index { working[kept] = working[index] }
                kept += 1
            }
        }
        guard kept < working.count else { return }
        working.removeAll(from: kept)
        ordersChanged = true
    }

    /// Ends an order as refused and counts the reason.
    mutating func reject(_ index: Int, _ reason: Rejection) {
        rejections.add(reason)
        finish(index, .rejected, .rejected(reason))
    }

    /// Ends an order that has not been filled whole.
    mutating func finish(_ index: Int, _ status: OrderStatus, _ reason: OrderReason) {
        working[index].status = status
        working[index].reason = reason
        working[index].reserved = 0
        touch(index)
    }

    /// Records that an order changed.
    mutating func touch(_ index: Int) {
        let created = working[index].createdTime
        working[index].updatedTime = max(created, row >= 0 ? bar.openTime : created)
        ordersChanged = true
        if collectsUpdates { updates.append(.order(working[index])) }
    }
}
