import LotCore
import LotEngine
import LotMath

/// Orders: what a script asks for goes to the desk.
extension ScriptHost {
    func submit(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
        guard let desk, arguments.count == 15,
            let side = arguments[0].text.flatMap(Side.init(rawValue:)),
            let type = arguments[1].text.flatMap(OrderType.init(rawValue:)),
            let kind = arguments[2].text, let amount = arguments[3].number,
            let size = Size(kind: kind, amount),
            let timeInForce = arguments[7].text.flatMap(TimeInForce.init(rawValue:))
        else { throw LuaRefusal(reason: "orders can be sent during a run only") }
        let bracket = Bracket(
            stopLoss: arguments[10].number, takeProfit: arguments[11].number,
            trailingStop: arguments[12].number, maxBars: arguments[13].number.map { Int($0) })
        let request = OrderRequest(
            side, type: type, size: size, price: arguments[4].number,
            stopPrice: arguments[5].number, trailingStop: arguments[6].number,
            timeInForce: timeInForce, postOnly: arguments[8].flag ?? false,
            reduceOnly: arguments[9].flag ?? false, bracket: bracket,
            tag: arguments[14].text ?? "", positionSide: leg)
        leg = nil
        let id = desk.submit(request)
        orders.send(id, request, time: time)
        return .number(Double(id))
    }

    func exit(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
        guard let desk else { throw LuaRefusal(reason: "orders can be sent during a run only") }
        let tag = arguments.first?.text ?? ""
        let id = desk.exit(tag: tag, leg)
        leg = nil
        orders.sendExit(id, tag: tag, time: time)
        return .number(Double(id))
    }

    /// A field of a leg: its side, then the field's name.
    func legField(_ arguments: [LuaValue]) -> LuaValue {
        guard let hedge, let name = arguments.last?.text,
            let side = arguments.first?.text.flatMap(PositionSide.init(rawValue:))
        else { return .nothing }
        let leg = hedge.leg(side)
        switch name {
        case "flat": return .flag(leg.size == 0)
        case "size": return .number(leg.size)
        case "entry_price": return .number(leg.entryPrice)
        case "bars": return .number(leg.entryRow < 0 ? 0 : Double(row - leg.entryRow))
        case "pnl": return .number(leg.profit)
        default: return .nothing
        }
    }

    func cancel(_ arguments: [LuaValue]) -> LuaValue {
        switch arguments.first {
        case .text(let tag): desk?.cancel(tag: tag)
        case .number(let id): desk?.cancel(id: Int(id))
        default: break
        }
        return .nothing
    }
}

extension Size {
    /// A size by the name of the function that made it: `equity`, `quote`, `base`, `risk`.
    init?(kind: String, _ value: Double) {
        switch kind {
        case "equity": self = .equity(value)
        case "quote": self = .quote(value)
        case "base": self = .base(value)
        case "risk": self = .risk(value)
        default: return nil
        }
    }
}
