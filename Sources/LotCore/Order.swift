/// The side of an order or fill.
public enum Side: String, Sendable, Hashable {
    /// Buys the base currency.
    case buy
    /// Sells it.
    case sell

    /// +1 for buy, −1 for sell.
    @inlinable
    public var sign: Double { self == .buy ? 1 : -1 }

    /// The other side.
    @inlinable
    public var opposite: Side { self == .buy ? .sell : .buy }
}

/// How an order executes.
public enum OrderType: String, Sendable, Hashable, CaseIterable {
    /// At the next open, whatever the price.
    case market
    /// At `price` or better.
    case limit
    /// Becomes a market order when the price reaches `stopPrice` from the better side.
    case stopMarket = "stop_market"
    /// Becomes a market order when the price reaches `stopPrice` from the worse side.
    case takeProfit = "take_profit"
    /// Becomes a limit order at `price` when the price reaches `stopPrice` from the better side.
    case stopLimit = "stop_limit"
    /// A stop that follows the best price since its arrival at `trailingStop`'s distance.
    case trailingStop = "trailing_stop"
}

/// How long an order lives.
public enum TimeInForce: String, Sendable, Hashable, CaseIterable {
    /// Until it is filled or cancelled.
    case gtc
    /// Immediate or cancel: what its first open does not fill expires.
    case ioc
    /// Fill or kill: its first open fills all of it or nothing.
    case fok
}

/// How much to trade; resolved to a quantity at the fill (limit orders: at submission).
public enum Size: Sendable, Hashable {
    /// A fraction of equity, at most the free cash.
    case equity(Double)
    /// An amount of quote currency, fees included, at most the free cash.
    case quote(Double)
    /// A quantity of base currency; beyond the balance the order is rejected.
    case base(Double)
    /// The fraction of equity lost, fees included, if the order's stop loss is hit.
    case risk(Double)
}

/// Exits that become active with an entry's fill; fractions of the average entry price.
///
/// 32 bytes of plain memory: a part that is off is stored as not a number.
public struct Bracket: Sendable, Hashable {
    private var stopLossOrNaN: Double
    private var takeProfitOrNaN: Double
    private var trailingStopOrNaN: Double
    private var maxBarsOrZero: Int

    /// Makes a bracket; parts left out are off.
    public init(
        stopLoss: Double? = nil, takeProfit: Double? = nil, trailingStop: Double? = nil,
        maxBars: Int? = nil
    ) {
        stopLossOrNaN = stopLoss ?? .nan
        takeProfitOrNaN = takeProfit ?? .nan
        trailingStopOrNaN = trailingStop ?? .nan
        maxBarsOrZero = maxBars ?? 0
    }

    /// Loss at which a stop closes the position: 0.05 is 5 % below the entry of a long.
    public var stopLoss: Double? {
        get { stopLossOrNaN.isNaN ? nil : stopLossOrNaN }
        set { stopLossOrNaN = newValue ?? .nan }
    }

    /// Profit at which a limit closes the position.
    public var takeProfit: Double? {
        get { takeProfitOrNaN.isNaN ? nil : takeProfitOrNaN }
        set { takeProfitOrNaN = newValue ?? .nan }
    }

    /// Distance of a stop that follows the best price since the entry.
    public var trailingStop: Double? {
        get { trailingStopOrNaN.isNaN ? nil : trailingStopOrNaN }
        set { trailingStopOrNaN = newValue ?? .nan }
    }

    /// The position is closed at the open this many bars after its entry bar; 1 or more.
    public var maxBars: Int? {
        get { maxBarsOrZero == 0 ? nil : maxBarsOrZero }
        set { maxBarsOrZero = newValue ?? 0 }
    }

    /// Whether a part depends on prices: a stop, a target, a trailing stop.
    public var hasPrices: Bool {
        !(stopLossOrNaN.isNaN && takeProfitOrNaN.isNaN && trailingStopOrNaN.isNaN)
    }

    /// Whether every part is off.
    public var isEmpty: Bool { !hasPrices && maxBarsOrZero == 0 }

    /// Whether two brackets have the same parts.
    public static func == (a: Bracket, b: Bracket) -> Bool { a.parts == b.parts }

    /// Feeds the parts to a hasher.
    public func hash(into hasher: inout Hasher) { hasher.combine(parts) }

    private var parts: [UInt64] {
        [
            stopLossOrNaN.bitPattern, takeProfitOrNaN.bitPattern, trailingStopOrNaN.bitPattern,
            UInt64(bitPattern: Int64(maxBarsOrZero)),
        ]
    }
}

/// What a strategy asks for.
public struct OrderRequest: Sendable, Hashable {
    /// Buy or sell.
    public var side: Side
    /// How it executes.
    public var type: OrderType
    /// How much.
    public var size: Size
    /// Limit price, for limit and stop-limit orders.
    public var price: Double?
    /// Trigger price, for stop, stop-limit and take-profit orders; of a trailing stop in a run's
    /// record the trigger where it stood last.
    public var stopPrice: Double?
    /// Distance of a trailing stop from the best price, as a fraction of it.
    public var trailingStop: Double?
    /// How long it lives.
    public var timeInForce: TimeInForce
    /// Whether it is refused if it would take liquidity when it arrives; limits only.
    public var postOnly: Bool
    /// Whether it may only shrink a position.
    public var reduceOnly: Bool
    /// Exits that become active when it opens a position.
    public var bracket: Bracket
    /// The user's label, shown with orders and trades; empty for none.
    public var tag: String
    /// The leg it is for, in hedge mode; `nil` is the leg that its side opens.
    public var positionSide: PositionSide?

    /// Makes a request; by default a market order over all equity.
    public init(
        _ side: Side, type: OrderType = .market, size: Size = .equity(1), price: Double? = nil,
        stopPrice: Double? = nil, trailingStop: Double? = nil, timeInForce: TimeInForce = .gtc,
        postOnly: Bool = false, reduceOnly: Bool = false, bracket: Bracket = Bracket(),
        tag: String = "",
        positionSide: PositionSide? = nil
    ) {
        self.side = side
        self.type = type
        self.size = size
        self.price = price
        self.stopPrice = stopPrice
        self.trailingStop = trailingStop
        self.timeInForce = timeInForce
        self.postOnly = postOnly
        self.reduceOnly = reduceOnly
        self.bracket = bracket
        self.tag = tag
        self.positionSide = positionSide
    }
}

/// Where an order stands.
public enum OrderStatus: String, Sendable, Hashable {
    /// Accepted and working.
    case open
    /// Filled in part, still working.
    case partiallyFilled = "partially_filled"
    /// Filled whole.
    case filled
    /// Cancelled; it may have been filled in part before.
    case cancelled
    /// Refused; see the reason.
    case rejected
    /// Ended by its time in force; it may have been filled in part before.
    case expired

    /// Whether nothing can happen to the order any more.
    @inlinable
    public var isFinal: Bool {
        // Not by `!=`, which compares the texts.
        switch self {
        case .open, .partiallyFilled: false
        default: true
        }
    }
}

/// Why an order exists.
public enum OrderOrigin: String, Sendable, Hashable, CaseIterable {
    /// The strategy asked for it.
    case strategy
    /// A bracket's stop.
    case stopLoss = "stop_loss"
    /// A bracket's target.
    case takeProfit = "take_profit"
    /// A bracket's trailing stop.
    case trailingStop = "trailing_stop"
    /// A bracket's time limit.
    case maxBars = "max_bars"
    /// The closing of what was open after the last bar.
    case endOfData = "end_of_data"
    /// The closing of a perpetual position whose margin no longer suffices.
    case liquidation
}

/// The record of an order, from its request to its end.
public struct Order: Sendable, Equatable {
    /// Number in the run, from 1 in the order of submission.
    public var id: Int
    /// Why it exists.
    public var origin: OrderOrigin
    /// What was asked for.
    public var request: OrderRequest
    /// Close time of the bar whose callback sent it (milliseconds since the epoch).
    public var createdTime: Int64
    /// Quantity in base currency; `nil` until the size has been resolved.
    public var quantity: Double?
    /// Quantity filled so far.
    public var filledQuantity: Double
    /// Average price of the fills; 0 before the first.
    public var averagePrice: Double
    /// Where it stands.
    public var status: OrderStatus
    /// Why it was rejected, cut or cancelled; empty otherwise.
    public var reason: String
    /// Open time of the bar of its last change (milliseconds since the epoch).
    public var updatedTime: Int64
    /// Number of its symbol in a run over several, from 0 in name order.
    public var symbol = 0

    /// Makes the record of a new order.
    public init(id: Int, origin: OrderOrigin, request: OrderRequest, createdTime: Int64) {
        self.id = id
        self.origin = origin
        self.request = request
        self.createdTime = createdTime
        quantity = nil
        filledQuantity = 0
        averagePrice = 0
        status = .open
        reason = ""
        updatedTime = createdTime
    }

    /// Quantity still to fill; `nil` until the size has been resolved.
    public var leavesQuantity: Double? { quantity.map { max(0, $0 - filledQuantity) } }
}

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

extension Side {
    /// Whether two sides are not the same.
    @inlinable
    public static func != (a: Side, b: Side) -> Bool { !(a == b) }
}

extension OrderType {
    /// Whether two types are not the same.
    @inlinable
    public static func != (a: OrderType, b: OrderType) -> Bool { !(a == b) }
}

extension OrderStatus {
    /// Whether two states are not the same.
    @inlinable
    public static func != (a: OrderStatus, b: OrderStatus) -> Bool { !(a == b) }
}

extension OrderOrigin {
    /// Whether two reasons to exist are not the same.
    @inlinable
    public static func != (a: OrderOrigin, b: OrderOrigin) -> Bool { !(a == b) }
}
