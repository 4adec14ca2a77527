import LotCore

/// What an order asks for, as plain memory: an ``OrderRequest`` whose tag is a number, and whose
/// prices are not numbers where there are none.
struct OrderTerms: Sendable {
    var side: Side
    var type: OrderType
    var timeInForce: TimeInForce
    var reduceOnly: Bool
    var tag: TagID
    /// The leg it is for, in hedge mode.
    var positionSide: PositionSide?
    var size: Size
    private var priceOrNaN: Double
    private var stopPriceOrNaN: Double
    var bracket: Bracket

    init(
        side: Side, type: OrderType = .market, size: Size = .equity(1), price: Double? = nil,
        stopPrice: Double? = nil, timeInForce: TimeInForce = .gtc, reduceOnly: Bool = false,
        bracket: Bracket = Bracket(), tag: TagID = 0
    ) {
        self.side = side
        self.type = type
        self.size = size
        priceOrNaN = price ?? .nan
        stopPriceOrNaN = stopPrice ?? .nan
        self.timeInForce = timeInForce
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
}

extension OrderTerms {
    /// The terms of a request, its tag numbered by `tags`.
    init(_ request: OrderRequest, _ tags: inout TagTable) {
        self.init(
            side: request.side, type: request.type, size: request.size, price: request.price,
            stopPrice: request.stopPrice, timeInForce: request.timeInForce,
            reduceOnly: request.reduceOnly, bracket: request.bracket,
            tag: tags.id(of: request.tag))
        positionSide = request.positionSide
    }

    /// The request with its tag spelt out.
    func request(_ tags: TagTable) -> OrderRequest {
        OrderRequest(
            side, type: type, size: size, price: price, stopPrice: stopPrice,
            timeInForce: timeInForce, reduceOnly: reduceOnly, bracket: bracket, tag: tags[tag],
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
    /// Whether an open has passed since it was sent: from then on a limit rests.
    var hasArrived = false
    /// Whether its trigger was reached, so that it goes on as a market order.
    var isTriggered = false

    init(id: Int, origin: OrderOrigin, terms: OrderTerms, createdTime: Int64) {
        self.id = id
        self.origin = origin
        self.terms = terms
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
    var isMarket: Bool { terms.type == .market || isTriggered }

    /// The price at which something happens to an order that waits.
    var level: Double { (terms.type == .limit ? terms.price : terms.stopPrice) ?? 0 }

    /// Whether its price is reached from above: buy limits, sell stops, buy take-profits.
    var waitsBelow: Bool {
        switch terms.type {
        case .limit, .takeProfit: side == .buy
        case .stopMarket: side == .sell
        case .market: false
        }
    }

    /// Whether a waiting order happens at `price`: triggers when the price reaches them, limits
    /// when it is traded through (or touched, where touching is enough).
    func happens(at price: Double, touching: Bool) -> Bool {
        if price == level { return terms.type != .limit || touching }
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
