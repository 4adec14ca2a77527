import LotCore

/// What an order waits for now: its type, until its trigger makes another of it.
enum OrderKind: UInt8, Sendable {
    /// Nothing: it fills at any price from the next open on.
    case market
    /// A price that is as good as its own.
    case limit
    /// A price that is as bad as its trigger.
    case stop
    /// A price that is as good as its trigger.
    case target

    /// What an order of a type waits for first.
    init(_ type: OrderType) {
        switch type {
        case .market: self = .market
        case .limit: self = .limit
        case .stopMarket, .stopLimit, .trailingStop: self = .stop
        case .takeProfit: self = .target
        }
    }

    /// Whether it waits for a trigger.
    var isTrigger: Bool { self == .stop || self == .target }
}

/// What an order asks for, as plain memory: an ``OrderRequest`` whose tag is a number, and whose
/// prices are not numbers where there are none.
struct OrderTerms: Sendable {
    var side: Side
    var type: OrderType
    var timeInForce: TimeInForce
    var postOnly: Bool
    var reduceOnly: Bool
    var tag: TagID
    /// The leg it is for, in hedge mode.
    var positionSide: PositionSide?
    var size: Size
    private var priceOrNaN: Double
    private var stopPriceOrNaN: Double
    private var trailingStopOrNaN: Double
    var bracket: Bracket

    init(
        side: Side, type: OrderType = .market, size: Size = .equity(1), price: Double? = nil,
        stopPrice: Double? = nil, trailingStop: Double? = nil, timeInForce: TimeInForce = .gtc,
        postOnly: Bool = false, reduceOnly: Bool = false, bracket: Bracket = Bracket(),
        tag: TagID = 0
    ) {
        self.side = side
        self.type = type
        self.size = size
        priceOrNaN = price ?? .nan
        stopPriceOrNaN = stopPrice ?? .nan
        trailingStopOrNaN = trailingStop ?? .nan
        self.timeInForce = timeInForce
        self.postOnly = postOnly
        self.reduceOnly = reduceOnly
        self.bracket = bracket
        self.tag = tag
    }

    /// Limit price.
    var price: Double? {
        get { priceOrNaN.isNaN ? nil : priceOrNaN }
        set { priceOrNaN = newValue ?? .nan }
    }

    /// Trigger price.
    var stopPrice: Double? {
        get { stopPriceOrNaN.isNaN ? nil : stopPriceOrNaN }
        set { stopPriceOrNaN = newValue ?? .nan }
    }

    /// Distance of a trailing stop, a fraction of the best price.
    var trailingStop: Double? { trailingStopOrNaN.isNaN ? nil : trailingStopOrNaN }
}

extension OrderTerms {
    /// The terms of a request, its tag numbered by `tags`.
    init(_ request: OrderRequest, _ tags: inout TagTable) {
        self.init(
            side: request.side, type: request.type, size: request.size, price: request.price,
            stopPrice: request.stopPrice, trailingStop: request.trailingStop,
            timeInForce: request.timeInForce, postOnly: request.postOnly,
            reduceOnly: request.reduceOnly, bracket: request.bracket,
            tag: tags.id(of: request.tag))
        positionSide = request.positionSide
    }

    /// The request with its tag spelt out.
    func request(_ tags: TagTable) -> OrderRequest {
        OrderRequest(
            side, type: type, size: size, price: price, stopPrice: stopPrice,
            trailingStop: trailingStop, timeInForce: timeInForce, postOnly: postOnly,
            reduceOnly: reduceOnly, bracket: bracket, tag: tags[tag],
            positionSide: positionSide)
    }
}

/// An order inside the simulated exchange: plain memory, so that a fill costs no reference count
/// and no allocation.
struct WorkingOrder: Sendable {
    /// Number in the run, from 1 in the order of submission.
    var id: Int
    /// Why it exists.
    var origin: OrderOrigin
    /// What was asked for, prices on the tick.
    var terms: OrderTerms
    /// Close time of the bar whose callback sent it (milliseconds since the epoch).
    var createdTime: Int64
    /// Open time of the bar of its last change.
    var updatedTime: Int64
    private var quantityOrNaN = Double.nan
    /// Quantity filled so far.
    var filledQuantity = 0.0
    /// Average price of the fills; 0 before the first.
    var averagePrice = 0.0
    /// Cash set aside for it, in quote currency.
    var reserved = 0.0
    /// Where it stands.
    var status = OrderStatus.open
    /// Why it was rejected, cut or cancelled.
    var reason = OrderReason.none
    /// Whether it closes whatever the position is when it fills.
    var closesPosition = false
    /// Whether an open has passed since it was sent, or since its trigger made a limit of it: from
    /// then on a limit rests.
    var hasArrived = false
    /// Whether it has not reached the exchange yet.
    var isInTransit = false
    /// Whether it has had its turn in the bar, as far as the bar's volume went.
    var isSpent = false
    /// When its cancellation reaches the exchange (milliseconds since the epoch).
    var cancelTime = Int64.max
    /// Why it will be cancelled then.
    var cancelReason = OrderReason.none
    /// What it waits for now.
    private(set) var kind: OrderKind
    /// Best price since a trailing stop has arrived; not a number before.
    private var bestPrice = Double.nan

    init(id: Int, origin: OrderOrigin, terms: OrderTerms, createdTime: Int64) {
        self.id = id
        self.origin = origin
        self.terms = terms
        kind = OrderKind(terms.type)
        self.createdTime = createdTime
        updatedTime = createdTime
    }

    /// Quantity in base currency; `nil` until the size has been resolved.
    var quantity: Double? {
        get { quantityOrNaN.isNaN ? nil : quantityOrNaN }
        set { quantityOrNaN = newValue ?? .nan }
    }

    /// The side it trades.
    var side: Side { terms.side }

    /// Whether nothing can happen to it any more.
    var isFinal: Bool { status.isFinal }

    /// Quantity still to fill; `nil` until the size has been resolved.
    var leavesQuantity: Double? { quantity.map { max(0, $0 - filledQuantity) } }

    /// Whether it fills at any price from the next open on.
    var isMarket: Bool { kind == .market }

    /// The price at which something happens to an order that waits.
    var level: Double { (kind == .limit ? terms.price : terms.stopPrice) ?? 0 }

    /// Whether its price is reached from above: buy limits, sell stops, buy take-profits.
    var waitsBelow: Bool {
        switch kind {
        case .limit, .target: side == .buy
        case .stop: side == .sell
        case .market: false
        }
    }

    /// Makes of a triggered order what goes on: a limit of a stop-limit, else a market order.
    mutating func trigger() {
        kind = terms.type == .stopLimit ? .limit : .market
        hasArrived = false
    }

    /// Makes it wait for a limit, whatever it asked for: a bracket's target.
    mutating func rest(at price: Double) {
        terms.type = .limit
        terms.price = price
        kind = .limit
    }

    /// Moves a trailing stop with `price`, its trigger rounded to the tick against the trader.
    ///
    /// - Returns: Whether the trigger moved.
    mutating func follow(_ price: Double, _ instrument: Instrument) -> Bool {
        guard terms.type == .trailingStop, kind == .stop, let distance = terms.trailingStop else {
            return false
        }
        let isSell = side == .sell
        if !bestPrice.isNaN, isSell ? price <= bestPrice : price >= bestPrice { return false }
        bestPrice = price
        terms.stopPrice = instrument.roundAgainst(side, price * (1 - (isSell ? 1 : -1) * distance))
        return true
    }

    /// Whether a waiting order happens at `price`: triggers when the price reaches them, limits
    /// when it is traded through (or touched, where touching is enough).
    func happens(at price: Double, touching: Bool) -> Bool {
        if price == level { return kind != .limit || touching }
        return waitsBelow ? price < level : price > level
    }

    /// Whether a limit is marketable at `price`.
    func crosses(_ price: Double) -> Bool {
        side == .buy ? price <= level : price >= level
    }

    /// The public record, its tag spelt out.
    func record(_ tags: TagTable) -> Order {
        var order = Order(
            id: id, origin: origin, request: terms.request(tags), createdTime: createdTime)
        order.quantity = quantity
        order.filledQuantity = filledQuantity
        order.averagePrice = averagePrice
        order.status = status
        order.reason = reason.text
        order.updatedTime = updatedTime
        order.closesPosition = closesPosition
        return order
    }
}

/// An execution as plain memory: a ``Fill`` whose tag is a number.
struct FillRecord: Sendable {
    var orderID: Int
    var time: Int64
    var row: Int
    var side: Side
    var liquidity: Liquidity
    var origin: OrderOrigin
    var tag: TagID
    var price: Double
    var quantity: Double
    var fee: Double
    var slippage: Double

    /// The public record, its tag spelt out.
    func record(_ tags: TagTable) -> Fill {
        Fill(
            orderID: orderID, time: time, row: row, side: side, price: price, quantity: quantity,
            fee: fee, slippage: slippage, liquidity: liquidity, origin: origin, tag: tags[tag])
    }
}

/// What happened inside a bar, before it is told to a strategy.
enum ExchangeUpdate: Sendable {
    case fill(FillRecord)
    case order(WorkingOrder)

    /// The public update, tags spelt out.
    func record(_ tags: TagTable) -> OrderUpdate {
        switch self {
        case .fill(let fill): .fill(fill.record(tags))
        case .order(let order): .order(order.record(tags))
        }
    }
}
