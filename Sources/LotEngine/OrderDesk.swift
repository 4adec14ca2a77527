public import LotCore

/// What a strategy asked for in one callback, as plain memory; it acts from the next open.
enum OrderCommand: Sendable {
    /// Submit an order under this number.
    case submit(id: Int, OrderTerms)
    /// Cancel the order with this number.
    case cancel(id: Int)
    /// Cancel every open order with this tag.
    case cancelTag(TagID)
    /// Close the position at the next open and cancel entry orders.
    case exit(id: Int, tag: TagID, PositionSide? = nil)
}

/// The queue between a strategy and the exchange.
///
/// Calls only queue: they reach risk and the exchange when the callback returns. Not thread-safe.
public final class OrderDesk {
    /// What was asked for since the engine last emptied the queue.
    var commands: [OrderCommand] = []
    /// Orders that are working now, in the order of their numbers.
    var working: [WorkingOrder] = []
    /// The run's tags.
    var tags = TagTable()
    /// The number the next order gets.
    public internal(set) var nextOrderID = 1

    /// Whether something was asked for that the engine has not taken yet.
    public var hasCommands: Bool { !commands.isEmpty }

    /// An empty desk.
    public init() {}

    /// Orders that are working now, in the order of their numbers.
    ///
    /// - Complexity: O(orders), a copy of each.
    public var openOrders: [Order] { working.map { $0.record(tags) } }

    /// Queues an order and returns its number.
    public func submit(_ request: OrderRequest) -> Int { submit(OrderTerms(request, &tags)) }

    /// Queues the closing of the position.
    ///
    /// - Parameters:
    ///   - tag: The order's tag.
    ///   - side: In hedge mode the leg that is closed; `nil` is every leg that is held.
    /// - Returns: The number of the market order that does it.
    public func exit(tag: String, _ side: PositionSide? = nil) -> Int {
        exit(tags.id(of: tag), side)
    }

    /// Queues a cancellation; a number that is not working is ignored.
    public func cancel(id: Int) { commands.append(.cancel(id: id)) }

    /// Queues the cancellation of every open order with `tag`.
    public func cancel(tag: String) { commands.append(.cancelTag(tags.id(of: tag))) }

    /// Queues an order whose tag has a number.
    @discardableResult
    func submit(_ terms: OrderTerms) -> Int {
        let id = takeNumber()
        commands.append(.submit(id: id, terms))
        return id
    }

    /// Queues the closing of the position; its tag has a number.
    @discardableResult
    func exit(_ tag: TagID, _ side: PositionSide? = nil) -> Int {
        let id = takeNumber()
        commands.append(.exit(id: id, tag: tag, side))
        return id
    }

    private func takeNumber() -> Int {
        defer { nextOrderID += 1 }
        return nextOrderID
    }
}
