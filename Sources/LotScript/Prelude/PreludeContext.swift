extension Prelude {
    /// `ctx`, orders and their handles; defines `hidden_context`, `orders`, `send`.
    static let context = #"""
        local running = false  -- whether orders can be sent
        local market = "spot"
        local state = {}
        -- Orders by number: what the script's handle shows, and the handle.
        local order_fields, order_handles = {}, {}

        local fill_names = { "order", "id", "time", "side", "price", "quantity", "fee", "slippage",
            "liquidity", "origin", "tag" }
        local order_names = { "id", "status", "side", "type", "tag", "origin", "quantity", "filled",
            "average_price", "price", "stop_price", "reduce_only", "reason" }

        local missing_order_field = unknown_field("an order", order_names)
        local ended_handles = {}  -- the newest orders that have ended

        local function handle_of(id, fields)
            order_fields[id] = fields
            local handle = view(fields, "an order", missing_order_field)
            order_handles[id] = handle
            return handle
        end

        local order_keys = set_of("size", "type", "price", "stop_price", "tif", "post_only",
            "reduce_only",
            "stop_loss", "take_profit", "trailing_stop", "max_bars", "tag")
        local needs_price = { limit = true }
        local needs_stop = { stop_market = true, take_profit = true }
        local order_types = set_of("market", "limit", "stop_market", "take_profit")
        local planned_types = set_of("stop_limit", "trailing_stop")

        local function check_type(t, what)
            local kind = t.type == nil and "market" or t.type
            if planned_types[kind] then
                fail(format('%s: type "%s" is not supported yet; types are '
                    .. 'market, limit, stop_market, take_profit', what, kind))
            end
            if not order_types[kind] then
                fail(format('%s: no order type "%s"%s', what, tostring(kind), suggest(kind,
                    sorted_names(order_types))))
            end
            local checks = { { "price", needs_price[kind] }, { "stop_price", needs_stop[kind] } }
            for _, check in ipairs(checks) do
                local name, needed = check[1], check[2]
                if needed then
                    if t[name] == nil then fail(format("%s: a %s order needs a %s", what, kind,
                        name)) end
                    number(t[name], what .. ": " .. name, smallest, 1e300)
                elseif t[name] ~= nil then
                    fail(format("%s: a %s order takes no %s", what, kind, name))
                end
            end
            return kind
        end

        local function check_flags(t, what)
            if t.tif ~= nil and t.tif ~= "gtc" then
                fail(format('%s: tif "%s" is not supported yet; only gtc', what, tostring(t.tif)))
            end
            if t.post_only ~= nil and t.post_only ~= false then
                fail(what .. ": post_only is not supported yet")
            end
            if t.reduce_only ~= nil and type(t.reduce_only) ~= "boolean" then
                fail(what .. ": reduce_only must be true or false")
            end
        end

        local function tag_of(t, what)
            local tag = t.tag
            if tag == nil then return "" end
            if type(tag) ~= "string" or #tag > 64 or env.string.find(tag, "%c") then
                fail(what .. ": tag must be a text of at most 64 bytes without control characters")
            end
            return tag
        end

        local function need_running(what)
            if not running then fail(what .. " works in on_bar, on_fill, on_order and on_stop") end
        end

        local function send(side, t, what)
            need_running(what)
            if t == nil then t = {} end
            if type(t) ~= "table" then
                fail(format("%s takes a table, as in %s { size = lot.equity(0.5) }", what, what))
            end
            check_keys(t, order_keys, what)
            local kind = check_type(t, what)
            check_flags(t, what)
            local stop_loss, take_profit, trailing_stop, max_bars = bracket_of(t)
            local size_kind, size = size_of(t.size, stop_loss)
            local tag = tag_of(t, what)
            local id = tointeger(call(ORDER, side, kind, size_kind, size, t.price, t.stop_price,
                t.reduce_only or false, stop_loss, take_profit, trailing_stop, max_bars, tag))
            return handle_of(id, {
                id = id, status = "pending", side = side, type = kind, tag = tag,
                    origin = "strategy",
                filled = 0, average_price = 0, price = t.price, stop_price = t.stop_price,
                reduce_only = t.reduce_only or false, reason = "",
            })
        end

        local function close(t, what)
            need_running(what)
            if t == nil then t = {} end
            if type(t) ~= "table" then fail(what
                .. ' takes a table, as in ctx:exit { tag = "done" }') end
            check_keys(t, { tag = true }, what)
            local tag = tag_of(t, what)
            local id = tointeger(call(EXIT, tag))
            return handle_of(id, {
                id = id, status = "pending", type = "market", tag = tag, origin = "strategy",
                filled = 0, average_price = 0, reduce_only = true, reason = "",
            })
        end

        local hidden_context = { state = state }

        local function need_self(self, name)
            if not rawequal(self, context_object) then
                fail(format("call it with a colon: ctx:%s", name))
            end
        end

        function hidden_context.buy(self, t)
            need_self(self, "buy{…}")
            return send("buy", t, "ctx:buy")
        end

        function hidden_context.sell(self, t)
            need_self(self, "sell{…}")
            return send("sell", t, "ctx:sell")
        end

        function hidden_context.exit(self, t)
            need_self(self, "exit{…}")
            return close(t, "ctx:exit")
        end

        function hidden_context.cancel(self, what)
            need_self(self, "cancel(order)")
            need_running("ctx:cancel")
            if type(what) == "string" then return call(CANCEL, what) end
            for id, handle in pairs(order_handles) do
                if rawequal(handle, what) then return call(CANCEL, id) end
            end
            if type(what) == "table" and host.metatable(what)
                and host.metatable(what).__name == "an order" then
                return  -- it has ended already
            end
            fail("ctx:cancel takes an order or a tag")
        end

        function hidden_context.plot(self, name, value)
            need_self(self, "plot(name, value)")
            if type(name) ~= "string" or name == "" or #name > 64 or env.string.find(name,
                "%c") then
                fail("ctx:plot: the name must be a text of 1 to 64 bytes")
            end
            if type(value) ~= "number" then
                fail(format('ctx:plot("%s"): the value must be a number, got %s', name,
                    tostring(value)))
            end
            if not running then fail("ctx:plot works in on_bar, on_fill, on_order and on_stop") end
            call(PLOT, name, value)
        end

        function hidden_context.series(self)
            need_self(self, "series{…}")
            fail("ctx:series: other symbols and intervals are not supported yet")
        end

        local function working_orders()
            local list = {}
            for id, fields in pairs(order_fields) do
                if fields.status ~= "pending" then list[#list + 1] = order_handles[id] end
            end
            return list
        end

        local context_names = { "open", "high", "low", "close", "volume", "symbol", "interval",
            "position",
            "equity", "cash", "time", "orders", "state", "buy", "sell", "exit", "cancel", "plot",
                "series" }
        local no_context_field = unknown_field("ctx", context_names)
        context_object = view(hidden_context, "ctx", host.context_index(function(_, name)
            if name == "orders" then return working_orders() end
            no_context_field(nil, name)
        end))
        local bar_object = host.bar()

        local position_fields = { flat = true, long = false, short = false, size = 0.0,
            entry_price = 0.0 }
        host.position(position_fields)
        hidden_context.position = view(position_fields, "ctx.position", host.position_index(
            unknown_field("ctx.position", { "flat", "long", "short", "size", "entry_price",
                "bars", "pnl" })))

        """#
}
