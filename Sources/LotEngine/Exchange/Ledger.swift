import LotCore

/// Cash, position and closed trades of one account in one symbol.
///
/// Fills change it through ``apply(_:ambiguous:)`` only. Positions are signed: long above 0, short
/// below. Cash changes by the whole notional of a fill, so `equity = cash + position · price`
/// holds for long and short alike.
struct Ledger: ~Copyable {
    /// Cash at the start.
    let startingCash: Double
    /// Cash now, reservations included.
    private(set) var cash: Double
    /// Signed quantity in base currency.
    private(set) var position = 0.0
    /// Average entry price of the position; 0 while flat.
    private(set) var entryPrice = 0.0
    /// Row of the first fill of the position; -1 while flat.
    private(set) var entryRow = -1
    /// Profit of closed quantities, before fees.
    private(set) var realisedProfit = 0.0
    /// Fees paid so far.
    private(set) var fees = 0.0
    /// What slippage cost so far.
    private(set) var slippage = 0.0
    /// Funding paid so far; below 0 if received.
    private(set) var funding = 0.0
    /// Closed trades, oldest first.
    var trades: [TradeRecord] = []

    /// Number of trades closed so far.
    private(set) var closedTrades = 0

    private let lotSize: DecimalStep?
    private var open = OpenTrade()

    /// The sums of a position that is not flat yet.
    private struct OpenTrade: Sendable {
        var entryTime: Int64 = 0
        var entryQuantity = 0.0
        var entryNotional = 0.0
        var exitQuantity = 0.0
        var exitNotional = 0.0
        var fees = 0.0
        var funding = 0.0
        var tag: TagID = 0
        var isAmbiguous = false
        var averageEntry = 0.0
        var averageExit = 0.0

        /// The average price of `quantity` at `price` and one more fill; exactly the fill's price
        /// where all had it.
        @inline(__always)
        static func average(_ price: Double, _ quantity: Double, _ fill: FillRecord) -> Double {
            guard quantity > 0, price != fill.price else { return fill.price }
            return (price * quantity + fill.price * fill.quantity) / (quantity + fill.quantity)
        }
    }

    /// An account with nothing but cash.
    ///
    /// - Parameters:
    ///   - startingCash: Quote currency, greater than 0.
    ///   - lotSize: The quantity step, which decides when a position is flat.
    init(startingCash: Double, lotSize: DecimalStep? = nil) {
        self.startingCash = startingCash
        self.lotSize = lotSize
        cash = startingCash
    }

    /// Cash plus the position at `price`, in quote currency.
    @inline(__always)
    func equity(at price: Double) -> Double { cash + position * price }

    /// Profit of the open position at `price`, before the fees of leaving.
    @inline(__always)
    func unrealisedProfit(at price: Double) -> Double { position * (price - entryPrice) }

    /// The position as a strategy sees it with the price at `price`: a copy, for a ledger cannot be
    /// copied itself.
    func summary(
        at price: Double
    ) -> (position: Double, entryPrice: Double, entryRow: Int, profit: Double) {
        (position, entryPrice, entryRow, unrealisedProfit(at: price))
    }

    /// Amounts that rounding is relative to where no cash was there to begin with.
    private var scale: Double { max(abs(position * entryPrice), abs(cash), 1) }

    /// How far `starting cash + realised + unrealised − fees − funding` is from the equity at
    /// `price`, relative to the larger of the two; it must stay below 1e-9.
    func imbalance(at price: Double) -> Double {
        let expected =
            startingCash + realisedProfit + unrealisedProfit(at: price) - fees - funding
        let actual = equity(at: price)
        return abs(expected - actual) / max(abs(expected), abs(actual), startingCash, scale)
    }

    /// Books one execution: position, cash, fee, and the trade it opens, changes or closes.
    ///
    /// - Parameters:
    ///   - fill: An execution that does not cross from long to short: reversals are two fills.
    ///   - ambiguous: Whether it depended on an order of events inside the bar.
    @inline(__always)
    mutating func apply(_ fill: FillRecord, ambiguous: Bool = false) {
        precondition(fill.quantity > 0 && fill.price > 0, "a fill without quantity or price")
        let signed = fill.side.sign * fill.quantity
        if position == 0 { begin(fill) }
        if position == 0 || (position > 0) == (signed > 0) {
            enlarge(fill, signed)
        } else {
            shrink(fill, signed)
        }
        cash -= signed * fill.price + fill.fee
        fees += fill.fee
        slippage += fill.slippage
        open.fees += fill.fee
        open.isAmbiguous = open.isAmbiguous || ambiguous
        if position == 0 { close(fill) }
        assert(imbalance(at: fill.price) < 1e-9, "money does not add up")
    }

    /// Pays funding for the open position; below 0 it is received.
    mutating func pay(funding amount: Double) {
        cash -= amount
        funding += amount
        open.funding += amount
    }

    /// Takes cash that is the rounding of sums for the nothing that it is: without a position, a
    /// billionth of the starting cash.
    mutating func dropDust() {
        if position == 0, abs(cash) <= 1e-9 * startingCash { cash = 0 }
    }

    /// Marks the open trade as one that depended on an order of events inside a bar.
    mutating func markAmbiguous() {
        open.isAmbiguous = true
    }

    @inline(__always)
    private mutating func begin(_ fill: FillRecord) {
        open = OpenTrade()
        open.entryTime = fill.time
        open.tag = fill.tag
        entryRow = fill.row
    }

    @inline(__always)
    private mutating func enlarge(_ fill: FillRecord, _ signed: Double) {
        let (before, wasFlat) = (open.entryQuantity, position == 0)
        open.entryQuantity += fill.quantity
        open.entryNotional += fill.quantity * fill.price
        position = snap(position + signed)
        entryPrice =
            wasFlat
            ? fill.price
            : (entryPrice * (abs(position) - fill.quantity) + fill.price * fill.quantity)
                / abs(position)
        open.averageEntry = OpenTrade.average(open.averageEntry, before, fill)
    }

    @inline(__always)
    private mutating func shrink(_ fill: FillRecord, _ signed: Double) {
        open.averageExit = OpenTrade.average(open.averageExit, open.exitQuantity, fill)
        open.exitQuantity += fill.quantity
        open.exitNotional += fill.quantity * fill.price
        realisedProfit -= signed * (fill.price - entryPrice)
        let before = position
        position = snap(position + signed)
        precondition(position == 0 || (position > 0) == (before > 0), "a fill crosses zero")
    }

    /// Rounds off what binary fractions leave of decimal quantities.
    @inline(__always)
    private func snap(_ quantity: Double) -> Double {
        if let lotSize {
            let count = lotSize.steps(abs(quantity), .toNearestOrEven)
            return quantity < 0 ? -lotSize.multiple(count) : lotSize.multiple(count)
        }
        return abs(quantity) <= 1e-12 * open.entryQuantity ? 0 : quantity
    }

    @inline(__always)
    private mutating func close(_ fill: FillRecord) {
        let side = fill.side.opposite
        let gross = side.sign * (open.exitNotional - open.entryNotional)
        let profit = gross - open.fees - open.funding
        closedTrades += 1
        trades.append(
            TradeRecord(
                side: side, isAmbiguous: open.isAmbiguous, entryTag: open.tag,
                exitTag: fill.tag == 0 ? fill.origin.tag : fill.tag, entryTime: open.entryTime,
                exitTime: fill.time, entryRow: entryRow, exitRow: fill.row,
                entryPrice: open.averageEntry, exitPrice: open.averageExit,
                quantity: open.entryQuantity, fees: open.fees,
                funding: open.funding, profit: profit,
                profitFraction: profit / open.entryNotional))
        entryPrice = 0
        entryRow = -1
    }
}
