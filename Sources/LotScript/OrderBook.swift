import LotCore
import LotEngine

/// The orders of a run as a script's handles show them: they change by updates only, never by
/// what was asked for in the same callback.
struct OrderBook {
    private struct Entry {
        var order: Order
        /// Whether no update has told of it yet.
        var isPending: Bool
        /// Whether its side is not known before the exchange has seen it: it closes a position.
        var isExit = false
    }

    private var entries: [Int: Entry] = [:]
    /// Numbers of the orders that work, in rising order.
    private var open: [Int] = []
    /// Numbers of the orders that have ended since ``forget()``.
    private var ended: [Int] = []

    /// Notes an order that the script has just asked for.
    mutating func send(_ id: Int, _ request: OrderRequest, time: Int64) {
        let order = Order(id: id, origin: .strategy, request: request, createdTime: time)
        entries[id] = Entry(order: order, isPending: true)
    }

    /// Notes the closing of the position that the script has just asked for.
    mutating func sendExit(_ id: Int, tag: String, time: Int64) {
        let request = OrderRequest(.sell, reduceOnly: true, tag: tag)
        let order = Order(id: id, origin: .strategy, request: request, createdTime: time)
        entries[id] = Entry(order: order, isPending: true, isExit: true)
    }

    /// Takes what became of an order.
    mutating func update(_ order: Order) {
        entries[order.id] = Entry(order: order, isPending: false)
        if order.status.isFinal {
            open.removeAll { $0 == order.id }
            ended.append(order.id)
        } else if !open.contains(order.id) {
            open.append(order.id)
            open.sort()
        }
    }

    /// Lets go of the orders that have ended, before the next callback.
    ///
    /// A handle lives as long as the callback that got it, since there is nowhere to keep it: an
    /// order is asked for no more once the callbacks that told of its end are over. A script whose
    /// orders are refused at every bar would hold them all otherwise.
    @inline(__always)
    mutating func forget() { if !ended.isEmpty { forgetEnded() } }

    @inline(never)
    private mutating func forgetEnded() {
        for id in ended { entries[id] = nil }
        ended.removeAll(keepingCapacity: true)
    }

    /// Numbers of the orders that work, separated by spaces.
    var working: String { open.map(String.init).joined(separator: " ") }

    /// The field of an order: its number, then the field's name.
    func field(_ arguments: [LuaValue]) -> LuaValue {
        guard let id = arguments.first?.number, let name = arguments.last?.text,
            let entry = entries[Int(id)]
        else { return .nothing }
        let order = entry.order
        switch name {
        case "id": return .number(Double(order.id))
        case "status": return .text(entry.isPending ? "pending" : order.status.rawValue)
        case "side": return entry.isExit ? .nothing : .text(order.request.side.rawValue)
        case "type": return .text(order.request.type.rawValue)
        case "tag": return .text(order.request.tag)
        case "origin": return .text(order.origin.rawValue)
        case "quantity": return .optional(order.quantity)
        case "filled": return .number(order.filledQuantity)
        case "average_price": return .number(order.averagePrice)
        case "price": return .optional(order.request.price)
        case "stop_price": return .optional(order.request.stopPrice)
        case "position_side":
            return order.request.positionSide.map { .text($0.rawValue) } ?? .nothing
        case "trailing_stop": return .optional(order.request.trailingStop)
        case "tif": return .text(order.request.timeInForce.rawValue)
        case "post_only": return .flag(order.request.postOnly)
        case "reduce_only": return .flag(order.request.reduceOnly)
        case "reason": return .text(order.reason)
        default: return .nothing
        }
    }
}
