import LotCore
import LotEngine
import LotScript
import Testing

@Suite struct Orders {
    @Test func `calls queue and a handle changes by later events only`() throws {
        let text = """
            local S = lot.strategy { name = "t" }
            function S:on_bar(ctx, bar)
              if ctx.position.flat and not ctx.state.sent then
                local o = ctx:buy { size = lot.base(2), tag = "in" }
                ctx.state.sent = true
                print("sent", o.id, o.status, o.filled, o.side, o.type, ctx.position.flat)
              end
              print("bar", ctx.position.size, ctx.position.entry_price, ctx.position.bars, \
              ctx.position.pnl, #ctx.orders)
            end
            function S:on_order(ctx, order) print("order", order.id, order.status, \
            order.filled, order.average_price) end
            function S:on_fill(ctx, fill)
              print("fill", fill.id, fill.side, fill.price, fill.quantity, fill.tag, \
              fill.order.status, ctx.close[0])
            end
            function S:on_stop(ctx) print("stop", ctx.position.long) end
            return S
            """
        let log = try run(text, [10, 11, 12]).notes.log.map {
            $0.text.replacing("\\x09", with: " ")
        }
        #expect(log.first == "sent 1 pending 0.0 buy market true")
        #expect(log.contains("bar 0.0 0.0 0 0.0 0"))
        // Bought 2 at the open of the second bar, 10; its close is 11.
        #expect(log.contains("bar 2.0 10.0 0 2.0 0"))
        #expect(log.contains("bar 2.0 10.0 1 4.0 0"))
        #expect(log.contains { $0.hasPrefix("fill 1 buy 10.0 2.0 in ") && $0.hasSuffix(" 10.0") })
        #expect(log.contains("order 1 filled 2.0 10.0"))
        #expect(log.last == "stop true")
    }

    @Test func `orders rest, show in ctx.orders, and can be cancelled by handle and by tag`() throws
    {
        let body = """
            local n = (ctx.state.n or 0) + 1
            ctx.state.n = n
            if n == 1 then
              ctx:buy { type = "limit", price = 1, size = lot.base(1), tag = "a" }
              ctx:buy { type = "limit", price = 2, size = lot.base(1), tag = "b" }
              ctx:buy { type = "stop_market", stop_price = 900, size = lot.base(1), tag = "c" }
            elseif n == 3 then
              print(#ctx.orders, ctx.orders[1].tag, ctx.orders[1].status, ctx.orders[3].stop_price)
              ctx:cancel(ctx.orders[1])
              ctx:cancel("b")
            elseif n == 5 then
              print(#ctx.orders, ctx.orders[1].tag)
            end
            """
        let log = try run(onBar(body), [10, 10, 10, 10, 10, 10]).notes.log.map(\.text)
        #expect(log == ["3\\x09a\\x09open\\x09900.0", "1\\x09c"])
    }

    @Test func `a bracket of an order closes the position`() throws {
        let body =
            "if ctx.position.flat and not ctx.state.done then ctx.state.done = true "
            + "return { side = 'buy', take_profit = 0.5, tag = 'x' } end"
        let trades = try run(onBar(body), [10, 10, 12, 14, 17, 20]).trades
        #expect(trades.first?.exitTag == "take_profit")
        #expect(trades.first?.exitPrice == 15)
    }

    @Test func `exit closes and a signal may ask for it`() throws {
        let body = """
            local n = (ctx.state.n or 0) + 1
            ctx.state.n = n
            if n == 1 then return { side = "buy" } end
            if n == 3 then return { side = "exit", tag = "bye" } end
            """
        let trades = try run(onBar(body), [10, 10, 12, 14, 17]).trades
        #expect(trades.map(\.exitTag) == ["bye"])
        #expect(trades.first?.exitPrice == 12)
    }

    @Test func `an order shows its type, its distance and how long it lives`() throws {
        let body = """
            local n = (ctx.state.n or 0) + 1
            ctx.state.n = n
            if n == 1 then
              ctx:buy { type = "limit", price = 1, post_only = true, tag = "a" }
              ctx:buy { type = "stop_limit", stop_price = 20, price = 21, size = lot.base(1) }
              ctx:buy { size = lot.base(2) }
            elseif n == 2 then
              ctx:sell { type = "trailing_stop", trailing_stop = 0.25, tif = "ioc", \
              reduce_only = true }
            elseif n == 3 then
              for _, o in ipairs(ctx.orders) do
                print(o.type, o.price, o.stop_price, o.trailing_stop, o.tif, o.post_only, \
                o.reduce_only)
              end
            end
            """
        let log = try run(onBar(body), [10, 10, 10, 10]).notes.log.map {
            $0.text.replacing("\\x09", with: " ")
        }
        #expect(
            log == [
                "limit 1.0 nil nil gtc true false", "trailing_stop nil 7.5 0.25 ioc false true",
            ])
    }

    static let refusals: [Refusal] = [
        Refusal(
            "ctx:buy { sise = 1 }",
            "line 2: ctx:buy: unknown key \"sise\"; did you mean "
                + "\"size\"?"),
        Refusal("ctx:buy { size = 1 }", "line 2: size takes lot.equity(0.5), lot.quote(1000)"),
        Refusal("ctx:buy(5)", "line 2: ctx:buy takes a table"),
        Refusal("ctx:buy { type = 'limit' }", "line 2: ctx:buy: a limit order needs a price"),
        Refusal("ctx:buy { price = 5 }", "line 2: ctx:buy: a market order takes no price"),
        Refusal(
            "ctx:sell { type = 'stop_market', stop_price = -1 }",
            "line 2: ctx:sell: stop_price = -1 must be larger than 0"),
        Refusal(
            "ctx:buy { type = 'limt' }",
            "line 2: ctx:buy: no order type \"limt\"; did you mean \"limit\"?"),
        Refusal(
            "ctx:buy { type = 'stop_limit', stop_price = 5 }",
            "line 2: ctx:buy: a stop_limit order needs a price"),
        Refusal(
            "ctx:buy { type = 'stop_limit', price = 5 }",
            "line 2: ctx:buy: a stop_limit order needs a stop_price"),
        Refusal(
            "ctx:sell { type = 'trailing_stop' }",
            "line 2: ctx:sell: a trailing_stop order needs its distance, as in "
                + "trailing_stop = 0.05"),
        Refusal(
            "ctx:sell { type = 'trailing_stop', trailing_stop = 2 }",
            "line 2: trailing_stop = 2 is outside"),
        Refusal(
            "ctx:sell { type = 'trailing_stop', trailing_stop = 0.1, stop_price = 5 }",
            "line 2: ctx:sell: a trailing_stop order takes no stop_price"),
        Refusal(
            "ctx:buy { tif = 'fik' }",
            "line 2: ctx:buy: no tif \"fik\"; did you mean \"fok\"?; it is gtc, ioc or fok"),
        Refusal(
            "ctx:buy { post_only = true }",
            "line 2: ctx:buy: a market order cannot be post_only: it takes liquidity"),
        Refusal(
            "ctx:buy { type = 'limit', price = 5, post_only = true, tif = 'ioc' }",
            "line 2: ctx:buy: post_only with tif ioc can never fill"),
        Refusal(
            "ctx:buy { reduce_only = 1 }", "line 2: ctx:buy: reduce_only must be true or false"),
        Refusal("ctx:buy { size = lot.risk(0.1) }", "line 2: size = lot.risk(…) needs a stop_loss"),
        Refusal("ctx:buy { tag = 5 }", "line 2: ctx:buy: tag must be a text"),
        Refusal("ctx:cancel(5)", "line 2: ctx:cancel takes an order or a tag"),
        Refusal("lot.equity(2)", "line 2: lot.equity = 2 is larger than 1"),
        Refusal("return 5", "line 2: on_bar returned 5; it returns nothing or a table with a side"),
        Refusal(
            "return {}",
            "line 2: the signal's side must be \"buy\", \"sell\" or "
                + "\"exit\", got nil"),
        Refusal("return {\nside = 'buy',\nsie = 1 }", "line 2: the signal: unknown key \"sie\""),
        Refusal(
            "ctx:plot('x', nil)", "line 2: ctx:plot(\"x\"): the value must be a number, got nil"),
        Refusal(
            "ctx:series { interval = '4h' }",
            "line 2: ctx:series makes a series; make series in on_init and keep them in self"),
        Refusal(
            "return ctx.position.sise",
            "line 2: ctx.position has no \"sise\"; did you mean \"size\"?"),
        Refusal("return bar.closed", "line 2: bar has no \"closed\"; it has open, high"),
        Refusal(
            "return ctx:buy {}.pice", "line 2: an order has no \"pice\"; did you mean \"price\"?"),
    ]

    @Test(arguments: refusals) func `a wrong order is named with its line`(_ refusal: Refusal) {
        let text = message { try run(onBar(refusal.text)) }
        #expect(text.hasPrefix("65 s.lua: " + refusal.expected), "\(text)")
    }
}
