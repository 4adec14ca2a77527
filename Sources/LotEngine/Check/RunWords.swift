import LotCore

/// What a run did, in words that fit one line.
struct RunWords: Sendable {
    /// Names of the symbols by number, of a run over several; empty for one.
    var names: [String] = []

    /// What two runs did differently with an order, or that only one of them sent it.
    func difference(_ one: Order?, _ other: Order?, at time: Int64) -> RunDifference {
        let orders = [one, other]
        var texts = orders.map { $0.map(order) }
        if texts[0] == texts[1] { texts = orders.map { $0.map { order($0) + moments($0) } } }
        return RunDifference(time: time, what: "order", expected: texts[0], found: texts[1])
    }

    /// What two runs did differently in a trade, or that only one of them made it; from its exit
    /// on where they entered alike.
    func difference(_ one: Trade?, _ other: Trade?) -> RunDifference {
        let trades = [one, other]
        var texts = trades.map { $0.map(trade) }
        if texts[0] == texts[1] { texts = trades.map { $0.map { trade($0) + money($0) } } }
        var time = min(one?.entryTime ?? .max, other?.entryTime ?? .max)
        if let one, let other, one.side == other.side, one.entryTime == other.entryTime,
            one.exitTime != other.exitTime
        {
            time = min(one.exitTime, other.exitTime)
        }
        return RunDifference(time: time, what: "trade", expected: texts[0], found: texts[1])
    }

    private func order(_ order: Order) -> String {
        var text = self.request(of: order)
        if order.origin != .strategy { text += " (" + order.origin.rawValue + ")" }
        text += ", " + order.status.rawValue
        if order.filledQuantity > 0 { text += " \(order.filledQuantity) at \(order.averagePrice)" }
        return order.reason.isEmpty ? text : text + " (" + order.reason + ")"
    }

    /// What an order asks for, its symbol first where there are several.
    func request(of order: Order) -> String { name(order.symbol) + RunWords.request(order.request) }

    private func trade(_ trade: Trade) -> String {
        name(trade.symbol) + (trade.side == .buy ? "long" : "short")
            + " \(trade.quantity) from \(CivilTime.text(trade.entryTime)) at \(trade.entryPrice)"
            + " to \(CivilTime.text(trade.exitTime)) at \(trade.exitPrice)"
    }

    private func name(_ symbol: Int) -> String { names[safe: symbol].map { $0 + " " } ?? "" }

    /// What tells apart orders that say the same.
    private func moments(_ order: Order) -> String {
        ", order \(order.id), sent \(CivilTime.text(order.createdTime)), "
            + "last changed \(CivilTime.text(order.updatedTime))"
    }

    /// What tells apart trades that say the same.
    private func money(_ trade: Trade) -> String {
        ", fees \(trade.fees), funding \(trade.funding), profit \(trade.profit), "
            + "\"\(escaped(trade.entryTag))\" to \"\(escaped(trade.exitTag))\""
    }

    /// What an order asks for.
    static func request(_ request: OrderRequest) -> String {
        var text = request.side.rawValue + " " + request.type.rawValue + " " + size(request.size)
        if let price = request.price { text += " at \(price)" }
        if let stop = request.stopPrice { text += " stop \(stop)" }
        text += flags(request) + bracket(request.bracket)
        return request.tag.isEmpty ? text : text + " \"" + escaped(request.tag) + "\""
    }

    /// What an order asks for besides type and prices; empty for most.
    private static func flags(_ request: OrderRequest) -> String {
        var text = request.trailingStop.map { " trailing \($0)" } ?? ""
        if let side = request.positionSide { text += " \(side.rawValue)-leg" }
        if request.timeInForce != .gtc { text += " " + request.timeInForce.rawValue }
        if request.postOnly { text += " post-only" }
        return request.reduceOnly ? text + " reduce-only" : text
    }

    private static func bracket(_ bracket: Bracket) -> String {
        var text = ""
        if let value = bracket.stopLoss { text += " stop_loss \(value)" }
        if let value = bracket.takeProfit { text += " take_profit \(value)" }
        if let value = bracket.trailingStop { text += " trailing_stop \(value)" }
        if let value = bracket.maxBars { text += " max_bars \(value)" }
        return text
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
