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
    /// Whether it closes whatever the position is when it arrives: its side is settled there.
    public var closesPosition = false

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
