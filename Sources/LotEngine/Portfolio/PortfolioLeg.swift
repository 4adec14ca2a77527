import LotCore

/// One position that an account may hold: a symbol's, with its own orders and its own cash flow.
///
/// The leg's ledger books what its fills cost and bring; the account's cash is the sum over all
/// legs, the first of which holds the starting cash.
final class PortfolioLeg {
    /// Number of the symbol whose bars it trades.
    let symbol: Int
    /// Its orders, position and cash flow.
    var exchange: SimulatedExchange
    /// The price at which the position counts: the bar's open while its orders fill, else the
    /// newest close.
    private(set) var mark = 0.0
    /// Cash flow plus position at the mark.
    private(set) var value: Double
    /// The same less what is set aside; see ``SimulatedExchange/ownFreeCash(at:)``.
    private(set) var free: Double
    /// Whether its symbol has the bar under way, and whether something can happen in it.
    private(set) var isPresent = false
    private(set) var isActive = false
    /// Whether it held a position before the bar under way.
    private(set) var wasHeld = false
    private var markBefore = 0.0
    /// The bar under way, and the mark price's range in it.
    private var bar = Bar(openTime: 0, open: 0, high: 0, low: 0, close: 0, volume: 0)
    private var row = -1
    private var range = MarkRange(open: 0, high: 0, low: 0)

    /// What others may count on inside the bar under way: see ``freezeOpen()``.
    private var openFree = 0.0
    private var openValue = 0.0
    private var openHeld = false

    /// A leg without a position.
    ///
    /// - Parameters:
    ///   - symbol: Number of its symbol.
    ///   - source: The symbol.
    ///   - settings: Fees, slippage, limits.
    ///   - cash: The account's cash, for one of its legs.
    ///   - traded: What the account trades, for its fee tiers.
    ///   - collectsUpdates: Whether the strategy is told of fills.
    ///   - listedRejections: Refused orders whose records are kept.
    ///   - side: The positions it may open, where a symbol has two legs.
    init(
        symbol: Int, _ source: PortfolioSymbol, _ settings: RunSettings, cash: Double,
        traded: TradedVolume, collectsUpdates: Bool, listedRejections: Int,
        side: PositionLeg? = nil
    ) {
        self.symbol = symbol
        exchange = SimulatedExchange(
            instrument: source.instrument, settings: source.settings(settings),
            collectsUpdates: collectsUpdates, startingCash: cash, leg: side,
            schedule: source.schedule, detail: source.detailBars, traded: traded)
        exchange.rejectionLimit = listedRejections
        value = cash
        free = cash
    }

    /// Whether it holds a position.
    @inline(__always)
    var isHeld: Bool { exchange.ledger.position != 0 }

    /// Profit so far, open positions at the mark.
    var profit: Double { value - exchange.ledger.startingCash }

    /// Values the position at `price`.
    @inline(__always)
    func value(at price: Double) {
        mark = price
        refresh()
    }

    /// Values the position again after its exchange has changed.
    @inline(__always)
    func refresh() {
        value = exchange.ledger.equity(at: mark)
        free = exchange.ownFreeCash(at: mark)
    }

    /// Enters its symbol's next bar; ``take(_:row:)`` follows if something may happen in any.
    @inline(__always)
    func enter() {
        isPresent = true
        isActive = false
        wasHeld = isHeld
        markBefore = mark
    }

    /// Takes the bar that was entered: at its open the position counts at that.
    @inline(__always)
    func take(_ bar: Bar, row: Int) {
        self.bar = bar
        self.row = row
        value(at: bar.open)
    }

    /// Begins the bar; see ``SimulatedExchange/begin(_:row:isWatched:)``.
    @inline(__always)
    func begin(isWatched: Bool) {
        isActive = exchange.begin(bar, row: row, isWatched: isWatched)
    }

    /// Looks at what the mark price does in the bar.
    func look() { range = exchange.margin.marks(row, bar) }

    /// Whether funding may fall due in the bar.
    var isCharged: Bool { isPresent && isHeld && exchange.margin.nextChargeRow <= row }

    /// Pays the funding that is due by the open.
    func chargeAtOpen() {
        exchange.chargeAtOpen()
        refresh()
    }

    /// Pays the funding that falls due between open and close.
    func chargeInside() {
        exchange.chargeFunding(atOpen: false)
        refresh()
    }

    /// The lowest and the highest mark price of the bar under way.
    var extremes: (low: Double, high: Double) { (range.low, range.high) }

    /// What others miss with the mark at `price`: ``SimulatedExchange/drop(to:from:in:)``.
    func drop(to price: Double) -> Double {
        isPresent ? exchange.drop(to: price, from: mark, in: bar) : 0
    }

    /// What the position has lost with the mark at `price`, an extreme of the bar under way, in
    /// quote currency.
    func loss(at price: Double) -> Double {
        isPresent ? exchange.loss(at: price, in: bar) : 0
    }

    /// What the position has lost at its mark.
    var loss: Double { -exchange.ledger.unrealisedProfit(at: mark) }

    /// Ends the bar under way.
    @inline(__always)
    func end() {
        isPresent = false
        isActive = false
    }

    /// Value and free cash at the close before the bar under way.
    var beforeBar: (value: Double, free: Double) {
        guard isPresent else { return (value, free) }
        return (
            exchange.ledger.equity(at: markBefore), exchange.ownFreeCash(at: markBefore)
        )
    }

    /// Keeps what the leg has once everything at the open has filled.
    @inline(__always)
    func freezeOpen() {
        openFree = free
        openValue = value
        openHeld = isHeld
    }

    /// Adds what the leg leaves to others.
    ///
    /// What this leg frees inside a bar may come after what others do there, so only what it had
    /// at the open counts for them, or what is left of that.
    /// - Parameters:
    ///   - rest: What the others leave so far.
    ///   - leg: The leg that it is left to.
    ///   - inside: Whether it is for one that acts inside the bar.
    /// - Returns: Whether the leg takes one of the open positions.
    @inline(__always)
    func add(to rest: inout RestOfAccount, of leg: PortfolioLeg, inside: Bool) -> Bool {
        if symbol == leg.symbol {
            rest.counterPosition = exchange.ledger.position
            rest.counterMark = mark
            if inside, exchange.lastFall.row == row { rest.counterFall = exchange.lastFall.price }
        } else {
            rest.maintenance += exchange.maintenanceMargin(at: mark)
        }
        guard inside else {
            rest.freeCash += free
            rest.equity += value
            return isHeld
        }
        rest.freeCash += min(free, openFree)
        rest.equity += min(value, openValue)
        return isHeld || openHeld
    }
}
