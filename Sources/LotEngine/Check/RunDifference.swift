import LotCore

/// The first thing that two runs of one strategy did differently.
public struct RunDifference: Sendable, Hashable {
    /// When: a bar's close for decisions, its open for fills (milliseconds since the epoch).
    public var time: Int64
    /// What differs: `order`, `trade`, `equity` or `log`.
    public var what: String
    /// What the run over all the data did; `nothing` if it did nothing.
    public var expected: String
    /// What the other run did.
    public var found: String

    /// Describes a difference.
    public init(time: Int64, what: String, expected: String?, found: String?) {
        self.time = time
        self.what = what
        self.expected = expected ?? "nothing"
        self.found = found ?? "nothing"
    }

    /// The earliest of several; of those at one time the first.
    static func first(_ found: [RunDifference?]) -> RunDifference? {
        found.compactMap(\.self).enumerated()
            .min { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }?.element
    }
}

/// What a run did, in words that fit one line.
enum RunWords {
    static func order(_ order: Order) -> String {
        let request = order.request
        var text = request.side.rawValue + " " + request.type.rawValue + " " + size(request.size)
        if let price = request.price { text += " at \(price)" }
        if let stop = request.stopPrice { text += " stop \(stop)" }
        text += flags(request)
        if order.origin != .strategy { text += " (" + order.origin.rawValue + ")" }
        if !request.tag.isEmpty { text += " \"" + escaped(request.tag) + "\"" }
        text += ", " + order.status.rawValue
        if order.filledQuantity > 0 { text += " \(order.filledQuantity) at \(order.averagePrice)" }
        return order.reason.isEmpty ? text : text + " (" + order.reason + ")"
    }

    static func request(_ request: OrderRequest) -> String {
        var text = request.side.rawValue + " " + request.type.rawValue + " " + size(request.size)
        if let price = request.price { text += " at \(price)" }
        if let stop = request.stopPrice { text += " stop \(stop)" }
        text += flags(request)
        return request.tag.isEmpty ? text : text + " \"" + escaped(request.tag) + "\""
    }

    /// What an order asks for besides type and prices; empty for most.
    private static func flags(_ request: OrderRequest) -> String {
        var text = request.trailingStop.map { " trailing \($0)" } ?? ""
        if request.timeInForce != .gtc { text += " " + request.timeInForce.rawValue }
        if request.postOnly { text += " post-only" }
        return request.reduceOnly ? text + " reduce-only" : text
    }

    static func trade(_ trade: Trade) -> String {
        (trade.side == .buy ? "long" : "short") + " \(trade.quantity) from "
            + "\(CivilTime.text(trade.entryTime)) at \(trade.entryPrice) to "
            + "\(CivilTime.text(trade.exitTime)) at \(trade.exitPrice)"
    }

    private static func size(_ size: Size) -> String {
        switch size {
        case .equity(let value): "equity(\(value))"
        case .quote(let value): "quote(\(value))"
        case .base(let value): "base(\(value))"
        case .risk(let value): "risk(\(value))"
        }
    }
}
