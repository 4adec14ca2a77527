import LotCore

/// An order inside the simulated exchange.
struct WorkingOrder: Sendable {
    /// Its record.
    var order: Order
    /// Whether it closes whatever the position is when it fills.
    var closesPosition = false
    /// Whether an open has passed since it was sent: from then on a limit rests.
    var hasArrived = false
    /// Whether its trigger was reached, so that it goes on as a market order.
    var isTriggered = false
    /// Cash set aside for it, in quote currency.
    var reserved = 0.0

    /// The side it trades.
    var side: Side { order.request.side }

    /// Whether it fills at any price from the next open on.
    var isMarket: Bool { order.request.type == .market || isTriggered }

    /// The price at which something happens to an order that waits.
    var level: Double {
        order.request.type == .limit ? order.request.price ?? 0 : order.request.stopPrice ?? 0
    }

    /// Whether its price is reached from above: buy limits, sell stops, buy take-profits.
    var waitsBelow: Bool {
        switch order.request.type {
        case .limit, .takeProfit: side == .buy
        case .stopMarket: side == .sell
        case .market: false
        }
    }

    /// Whether a waiting order happens at `price`: triggers when the price reaches them, limits
    /// when it is traded through (or touched, where touching is enough).
    func happens(at price: Double, touching: Bool) -> Bool {
        if price == level { return order.request.type != .limit || touching }
        return waitsBelow ? price < level : price > level
    }

    /// Whether a limit is marketable at `price`.
    func crosses(_ price: Double) -> Bool {
        side == .buy ? price <= level : price >= level
    }
}

/// Why an order was refused, as it stands in the order log.
enum Rejection: String, Error, Sendable {
    case invalidPrice = "invalid_price"
    case invalidSize = "invalid_size"
    case insufficientCash = "insufficient_cash"
    case insufficientPosition = "insufficient_position"
    case noPosition = "no_position"
    case belowMinQuantity = "below_min_quantity"
    case belowMinNotional = "below_min_notional"
    case zeroQuantity = "zero_quantity"
    case riskWithoutStop = "risk_without_stop_loss"
}
