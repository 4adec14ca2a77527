import LotCore
import LotEngine
import LotReport

/// An explanation for programs: `lot.explain/1` (`docs/result.md`).
enum ExplanationJSON {
    static func write(
        _ explanation: BarExplanation, run: String, into json: inout JSONWriter
    ) {
        json.object { json in
            field(&json, "schema", "lot.explain/1")
            field(&json, "run", run)
            bar(explanation, &json)
            account(explanation.account, explanation.legs, &json)
            others(explanation.others, &json)
            values("series", explanation.series, &json)
            json.key("rules")
            json.object { json in
                for rule in explanation.rules {
                    json.key(rule.name)
                    condition(rule.condition, &json)
                }
            }
            json.key("conditions")
            json.array { json in
                for item in explanation.conditions { condition(item, &json) }
            }
            values("plots", explanation.plots, &json)
            updates("inside", explanation.inside, &json)
            orders("working_orders", explanation.openOrders, &json)
            orders("sent_orders", explanation.sent, &json)
            updates("next_bar", explanation.after, &json)
            json.key("vetoes")
            json.array { json in
                for veto in explanation.vetoes {
                    json.object(inline: true) { json in
                        field(&json, "kind", veto.kind)
                        field(&json, "text", veto.text)
                    }
                }
            }
            json.key("log")
            json.array { json in
                for line in explanation.log { json.value(line.text) }
            }
        }
    }

    private static func bar(_ explanation: BarExplanation, _ json: inout JSONWriter) {
        json.key("bar")
        json.object(inline: true) { json in
            bar(explanation.bar, closeTime: explanation.closeTime, &json)
        }
    }

    private static func bar(_ bar: Bar, closeTime: Int64, _ json: inout JSONWriter) {
        time("open_time", bar.openTime, &json)
        time("close_time", closeTime, &json)
        number("open", bar.open, &json)
        number("high", bar.high, &json)
        number("low", bar.low, &json)
        number("close", bar.close, &json)
        number("volume", bar.volume, &json)
    }

    /// The newest closed bars of other series; without a bar before their first.
    private static func others(
        _ others: [BarExplanation.Other], _ json: inout JSONWriter
    ) {
        json.key("other_series")
        json.array { json in
            for other in others {
                json.object(inline: true) { json in
                    field(&json, "name", other.name)
                    guard let newest = other.bar, let closeTime = other.closeTime else { return }
                    bar(newest, closeTime: closeTime, &json)
                }
            }
        }
    }

    /// The account at the close before the decision; `null` during warm-up.
    private static func account(
        _ account: AccountView?, _ legs: [HedgeView.Leg], _ json: inout JSONWriter
    ) {
        json.key("account")
        guard let account else { return json.value(nil as String?) }
        json.object(inline: legs.isEmpty) { json in
            number("position", account.position, &json)
            number("entry_price", account.position == 0 ? nil : account.entryPrice, &json)
            number("equity", account.equity, &json)
            number("cash", account.cash, &json)
            number("profit", account.profit, &json)
            number("liquidation_price", account.liquidationPrice, &json)
            for (name, leg) in zip(["long_leg", "short_leg"], legs) {
                json.key(name)
                json.object(inline: true) { json in
                    number("position", leg.size, &json)
                    number("entry_price", leg.size == 0 ? nil : leg.entryPrice, &json)
                    number("profit", leg.profit, &json)
                    number("liquidation_price", leg.liquidationPrice, &json)
                }
            }
        }
    }

    private static func values(
        _ key: String, _ values: [BarExplanation.Value], _ json: inout JSONWriter
    ) {
        json.key(key)
        json.array { json in
            for value in values {
                json.object(inline: true) { json in
                    field(&json, "name", value.name)
                    number("value", value.value, &json)
                }
            }
        }
    }

    private static func condition(
        _ condition: BarExplanation.Condition, _ json: inout JSONWriter
    ) {
        json.object { json in
            field(&json, "text", condition.text)
            json.key("holds")
            json.value(condition.holds)
            if !condition.values.isEmpty { values("values", condition.values, &json) }
            guard !condition.parts.isEmpty else { return }
            json.key("parts")
            json.array { json in
                for part in condition.parts { self.condition(part, &json) }
            }
        }
    }

    private static func updates(
        _ key: String, _ updates: [OrderUpdate], _ json: inout JSONWriter
    ) {
        json.key(key)
        json.array { json in
            for update in updates {
                json.object(inline: true) { json in
                    switch update {
                    case .fill(let fill): write(fill, &json)
                    case .order(let order):
                        field(&json, "event", "order")
                        write(order, &json)
                    }
                }
            }
        }
    }

    private static func orders(_ key: String, _ orders: [Order], _ json: inout JSONWriter) {
        json.key(key)
        json.array { json in
            for order in orders { json.object(inline: true) { write(order, &$0) } }
        }
    }

    private static func write(_ fill: Fill, _ json: inout JSONWriter) {
        field(&json, "event", "fill")
        field(&json, "order", fill.orderID)
        time("time", fill.time, &json)
        field(&json, "side", fill.side.rawValue)
        number("price", fill.price, &json)
        number("quantity", fill.quantity, &json)
        number("fee", fill.fee, &json)
        number("slippage", fill.slippage, &json)
        field(&json, "liquidity", fill.liquidity.rawValue)
        field(&json, "origin", fill.origin.rawValue)
        field(&json, "tag", fill.tag)
    }

    private static func write(_ order: Order, _ json: inout JSONWriter) {
        let (kind, amount) = order.request.size.words
        field(&json, "order", order.id)
        field(&json, "origin", order.origin.rawValue)
        field(&json, "side", order.request.side.rawValue)
        field(&json, "type", order.request.type.rawValue)
        field(&json, "size_kind", kind)
        number("size", amount, &json)
        number("price", order.request.price, &json)
        number("stop_price", order.request.stopPrice, &json)
        number("trailing_stop", order.request.trailingStop, &json)
        field(&json, "tif", order.request.timeInForce.rawValue)
        json.key("post_only")
        json.value(order.request.postOnly)
        json.key("reduce_only")
        json.value(order.request.reduceOnly)
        time("created_time", order.createdTime, &json)
        time("updated_time", order.updatedTime, &json)
        field(&json, "status", order.status.rawValue)
        number("quantity", order.quantity, &json)
        number("filled_quantity", order.filledQuantity, &json)
        number("average_price", order.filledQuantity > 0 ? order.averagePrice : nil, &json)
        field(&json, "reason", order.reason)
        field(&json, "tag", order.request.tag)
    }

    private static func number(_ key: String, _ value: Double?, _ json: inout JSONWriter) {
        json.key(key)
        json.value(value)
    }

    private static func time(_ key: String, _ value: Int64, _ json: inout JSONWriter) {
        json.key(key)
        json.value(value)
    }
}
