import LotCore
import LotEngine
import LotScript

/// An explanation for people.
enum ExplanationText {
    static func render(_ explanation: BarExplanation, _ plan: BacktestPlan) -> String {
        let bar = explanation.bar
        var lines = [
            "\(escaped(plan.script.name)) on \(plan.request.address)",
            "bar \(CivilTime.text(bar.openTime)) to \(CivilTime.text(explanation.closeTime)): "
                + "open \(bar.open) high \(bar.high) low \(bar.low) close \(bar.close)"
                + (bar.volume > 0 ? " volume \(bar.volume)" : ""),
        ]
        section("inside the bar", explanation.inside.map(update), &lines)
        section("account at the close, before the decision", account(explanation), &lines)
        section("working orders", explanation.openOrders.map(order), &lines)
        section("other series, newest closed bars", explanation.others.map(other), &lines)
        section("series at the close", explanation.series.map(value), &lines)
        section(
            "rules",
            explanation.rules.flatMap { rule in
                condition(rule.condition, name: rule.name, depth: 0)
            }, &lines)
        section(
            "conditions",
            explanation.conditions.flatMap { condition($0, name: nil, depth: 0) }, &lines)
        section("plots", explanation.plots.map(value), &lines)
        section("log", explanation.log.map { escaped($0.text, limit: 2_000) }, &lines)
        let sent = explanation.sent.map(order)
        section("decided at the close", sent.isEmpty ? ["nothing"] : sent, &lines)
        section("why not", explanation.vetoes.map { escaped($0.text, limit: 300) }, &lines)
        section("inside the next bar", explanation.after.map(update), &lines)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func section(_ title: String, _ body: [String], _ lines: inout [String]) {
        guard !body.isEmpty else { return }
        lines.append("")
        lines.append(title)
        lines += body.map { "  " + $0 }
    }

    private static func account(_ explanation: BarExplanation) -> [String] {
        guard let account = explanation.account else { return [] }
        let money = "equity \(account.equity), free cash \(account.cash)"
        guard explanation.legs.isEmpty else {
            let held = explanation.legs.filter { $0.size != 0 }.map { leg in
                position(leg.size, leg.entryPrice, leg.profit, leg.liquidationPrice)
            }
            return (held.isEmpty ? ["flat"] : held) + [money]
        }
        return [
            account.position == 0
                ? "flat"
                : position(
                    account.position, account.entryPrice, account.profit,
                    account.liquidationPrice), money,
        ]
    }

    private static func position(
        _ size: Double, _ entry: Double, _ profit: Double, _ liquidation: Double?
    ) -> String {
        (size > 0 ? "long " : "short ") + "\(abs(size)) from \(entry), profit \(profit)"
            + (liquidation.map { ", liquidated at a mark price of \($0)" } ?? "")
    }

    private static func other(_ other: BarExplanation.Other) -> String {
        let name = escaped(other.name, limit: 100)
        guard let bar = other.bar, let close = other.closeTime else {
            return name + ": none has closed yet"
        }
        return "\(name) \(CivilTime.text(bar.openTime)) to \(CivilTime.text(close)): "
            + "open \(bar.open) high \(bar.high) low \(bar.low) close \(bar.close)"
    }

    private static func value(_ value: BarExplanation.Value) -> String {
        let number = value.value.isNaN ? "no value yet" : "\(value.value)"
        return escaped(value.name, limit: 200) + " = " + number
    }

    private static func condition(
        _ condition: BarExplanation.Condition, name: String?, depth: Int
    ) -> [String] {
        let indent = String(repeating: "  ", count: depth)
        let label = name.map { $0 + ": " } ?? ""
        var line = indent + label + (condition.holds ? "true   " : "false  ")
        line += escaped(condition.text, limit: 300)
        if !condition.values.isEmpty {
            let values = condition.values.map { $0.value.isNaN ? "no value yet" : "\($0.value)" }
            line += "   [" + values.joined(separator: ", ") + "]"
        }
        return [line]
            + condition.parts.flatMap { self.condition($0, name: nil, depth: depth + 1) }
    }

    private static func update(_ update: OrderUpdate) -> String {
        switch update {
        case .fill(let fill):
            "\(CivilTime.text(fill.time)) order \(fill.orderID): filled \(fill.side.rawValue) "
                + "\(fill.quantity) at \(fill.price), fee \(fill.fee), \(fill.liquidity.rawValue)"
                + (fill.origin == .strategy ? "" : " (\(fill.origin.rawValue))")
        case .order(let order):
            "\(CivilTime.text(order.updatedTime)) " + self.order(order)
        }
    }

    private static func order(_ order: Order) -> String {
        let request = order.request
        let (kind, amount) = request.size.words
        var text = "order \(order.id): \(request.side.rawValue) \(request.type.rawValue) "
        text += "\(kind)(\(amount))"
        if let price = request.price { text += " at \(price)" }
        if let stop = request.stopPrice { text += " stop \(stop)" }
        if let distance = request.trailingStop { text += " trailing \(distance)" }
        if request.timeInForce != .gtc { text += " " + request.timeInForce.rawValue }
        if request.postOnly { text += " post-only" }
        if request.reduceOnly { text += " reduce-only" }
        if !request.tag.isEmpty { text += " \"\(escaped(request.tag))\"" }
        if order.origin != .strategy { text += " (\(order.origin.rawValue))" }
        text += ": \(order.status.rawValue)"
        if order.filledQuantity > 0 { text += " \(order.filledQuantity) at \(order.averagePrice)" }
        return order.reason.isEmpty ? text : text + ", \(escaped(order.reason))"
    }
}

extension Size {
    /// The name of the function that makes it in a script, and its number.
    var words: (kind: String, amount: Double) {
        switch self {
        case .equity(let value): ("equity", value)
        case .quote(let value): ("quote", value)
        case .base(let value): ("base", value)
        case .risk(let value): ("risk", value)
        }
    }
}
