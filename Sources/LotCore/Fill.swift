/// Who waited in the book: decides the fee.
public enum Liquidity: String, Sendable, Hashable {
    /// The order rested and was met.
    case maker
    /// The order met one that rested.
    case taker
}

/// One execution.
public struct Fill: Sendable, Equatable {
    /// The order's number.
    public var orderID: Int
    /// Open time of the bar it happened in (milliseconds since the epoch).
    public var time: Int64
    /// Row of that bar.
    public var row: Int
    /// Bought or sold.
    public var side: Side
    /// Price after slippage and rounding.
    public var price: Double
    /// Quantity in base currency, greater than 0.
    public var quantity: Double
    /// Fee in quote currency; negative for a rebate.
    public var fee: Double
    /// What slippage cost, in quote currency: quantity × distance from the reference price.
    public var slippage: Double
    /// Maker or taker.
    public var liquidity: Liquidity
    /// Why the order existed.
    public var origin: OrderOrigin
    /// The order's tag.
    public var tag: String

    /// Makes a fill.
    public init(
        orderID: Int, time: Int64, row: Int, side: Side, price: Double, quantity: Double,
        fee: Double, slippage: Double, liquidity: Liquidity, origin: OrderOrigin, tag: String
    ) {
        self.orderID = orderID
        self.time = time
        self.row = row
        self.side = side
        self.price = price
        self.quantity = quantity
        self.fee = fee
        self.slippage = slippage
        self.liquidity = liquidity
        self.origin = origin
        self.tag = tag
    }
}

/// A position from flat to flat, prices weighted by quantity; a reversal is two trades.
public struct Trade: Sendable, Equatable {
    /// Long (`buy`) or short (`sell`).
    public var side: Side
    /// Open time of the bar of the first entry fill (milliseconds since the epoch).
    public var entryTime: Int64
    /// Open time of the bar of the last exit fill.
    public var exitTime: Int64
    /// Row of the entry bar.
    public var entryRow: Int
    /// Row of the exit bar.
    public var exitRow: Int
    /// Average entry price.
    public var entryPrice: Double
    /// Average exit price.
    public var exitPrice: Double
    /// Quantity that was opened and closed, in base currency.
    public var quantity: Double
    /// Fees of all its fills, in quote currency.
    public var fees: Double
    /// Funding paid while it was open, in quote currency; negative if received.
    public var funding: Double
    /// Profit after fees and funding, in quote currency.
    public var profit: Double
    /// Profit after fees and funding over the entry's notional.
    public var profitFraction: Double
    /// The entry order's tag.
    public var entryTag: String
    /// The exit's tag, or how it came about, such as `stop_loss` or `end_of_data`.
    public var exitTag: String
    /// Whether a fill depended on the order of events inside a bar.
    public var isAmbiguous: Bool
    /// Number of its symbol in a run over several, from 0 in name order.
    public var symbol = 0

    /// Makes a trade.
    public init(
        side: Side, entryTime: Int64, exitTime: Int64, entryRow: Int, exitRow: Int,
        entryPrice: Double, exitPrice: Double, quantity: Double, fees: Double,
        funding: Double = 0, profit: Double, profitFraction: Double, entryTag: String,
        exitTag: String, isAmbiguous: Bool
    ) {
        self.side = side
        self.entryTime = entryTime
        self.exitTime = exitTime
        self.entryRow = entryRow
        self.exitRow = exitRow
        self.entryPrice = entryPrice
        self.exitPrice = exitPrice
        self.quantity = quantity
        self.fees = fees
        self.funding = funding
        self.profit = profit
        self.profitFraction = profitFraction
        self.entryTag = entryTag
        self.exitTag = exitTag
        self.isAmbiguous = isAmbiguous
    }
}

// Swift's own `!=` of enums with texts compares the texts; these run several times an order.
