extension Prelude {
    /// `ctx`, orders and their handles; defines `hidden_context`, `orders`, `send`.
    static let context = #"""
        local running = false  -- whether orders can be sent
        local market = "spot"
        local state = {}

        local fill_names = { "order", "id", "time", "side", "price", "quantity", "fee", "slippage",
            "liquidity", "origin", "tag" }
        local order_names = { "id", "status", "side", "type", "tag", "origin", "quantity", "filled",
            "average_price", "price", "stop_price", "trailing_stop", "tif", "post_only",
            "reduce_only", "position_side", "reason" }

        local missing_order_field = unknown_field("an order", order_names)

        local ID = {}  -- key under which a handle keeps its order's number
        local known_order_field = set_of(unpack(order_names))

        local function order_field(id, key)
            local value = call(ORDER_FIELD, id, key)
            if key == "id" then value = tointeger(value) end
            return value
        end

        -- A handle holds a number; its fields are asked of the host when they are read. So orders
        -- that nobody looks at cost no call when they change.
        local handle_meta = host.mark {
            __index = function(handle, key)
                if not known_order_field[key] then missing_order_field(nil, key) end
                return order_field(handle[ID], key)
            end,
            __newindex = function(_, key)
                fail(format('an order is read-only: "%s" cannot be set', tostring(key)))
            end,
            __eq = function(a, b) return a[ID] == b[ID] end,
            __pairs = function(handle)
                local fields = {}
                for _, key in ipairs(order_names) do fields[key] = order_field(handle[ID], key) end
                return pairs(fields)
            end,
            __metatable = false,
            __name = "an order",
        }

        local function handle_of(id) return setmetatable({ [ID] = id }, handle_meta) end

        local order_keys = set_of("size", "type", "price", "stop_price", "tif", "post_only",
            "reduce_only", "position_side",
            "stop_loss", "take_profit", "trailing_stop", "max_bars", "tag")
        local needs_price = { limit = true, stop_limit = true }
        local needs_stop = { stop_market = true, stop_limit = true, take_profit = true }
        local order_types = set_of("market", "limit", "stop_market", "stop_limit", "take_profit",
            "trailing_stop")
        local times_in_force = set_of("gtc", "ioc", "fok")

        local function check_price(t, name, needed, kind, what)
            local value = t[name]
            if needed then
                if value == nil then fail(format("%s: a %s order needs a %s", what, kind, name)) end
                number(value, what .. ": " .. name, smallest, 1e300)
            elseif value ~= nil then
                fail(format("%s: a %s order takes no %s", what, kind, name))
            end
        end

        local function check_type(t, what)
            local kind = t.type == nil and "market" or t.type
            if not order_types[kind] then
                fail(format('%s: no order type "%s"%s', what, tostring(kind), suggest(kind,
                    sorted_names(order_types))))
            end
            check_price(t, "price", needs_price[kind], kind, what)
            check_price(t, "stop_price", needs_stop[kind], kind, what)
            if kind == "trailing_stop" and t.trailing_stop == nil then
                fail(what .. ": a trailing_stop order needs its distance, as in "
                    .. "trailing_stop = 0.05")
            end
            return kind
        end

        local function check_flags(t, kind, what)
            for _, name in ipairs { "post_only", "reduce_only" } do
                if t[name] ~= nil and type(t[name]) ~= "boolean" then
                    fail(format("%s: %s must be true or false", what, name))
                end
            end
            local tif = t.tif == nil and "gtc" or t.tif
            if not times_in_force[tif] then
                fail(format('%s: no tif "%s"%s; it is gtc, ioc or fok', what, tostring(tif),
                    suggest(tif, sorted_names(times_in_force))))
            end
            if t.post_only and not needs_price[kind] then
                fail(format("%s: a %s order cannot be post_only: it takes liquidity", what, kind))
            end
            if t.post_only and tif ~= "gtc" then
                fail(format("%s: post_only with tif %s can never fill", what, tif))
            end
            return tif
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
            local tif = check_flags(t, kind, what)
            local stop_loss, take_profit, trailing_stop, max_bars = bracket_of(t)
            local distance
            if kind == "trailing_stop" then distance, trailing_stop = trailing_stop, nil end
            local size_kind, size = size_of(t.size, stop_loss)
            local tag = tag_of(t, what)
            local leg = leg_of(t, what)
            if leg then call(LEG, leg) end
            local id = tointeger(call(ORDER, side, kind, size_kind, size, t.price, t.stop_price,
                distance, tif, t.post_only or false, t.reduce_only or false, stop_loss,
                take_profit, trailing_stop, max_bars, tag))
            return handle_of(id)
        end

        local function close(t, what)
            need_running(what)
            if t == nil then t = {} end
            if type(t) ~= "table" then fail(what
                .. ' takes a table, as in ctx:exit { tag = "done" }') end
            check_keys(t, { tag = true, position_side = true }, what)
            local tag = tag_of(t, what)
            local leg = leg_of(t, what)
            if leg then call(LEG, leg) end
            local id = tointeger(call(EXIT, tag))
            return handle_of(id)
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
            if type(what) == "table" and host.metatable(what) == handle_meta then
                return call(CANCEL, what[ID])
            end
            fail("ctx:cancel takes an order or a tag")
        end

        local function check_line_name(name, what)
            if type(name) ~= "string" or name == "" or #name > 64 or env.string.find(name,
                "%c") then
                fail(what .. ": the name must be a text of 1 to 64 bytes")
            end
        end

        local plot, line_numbers = host.plot, {}

        function hidden_context.plot(self, name, value)
            local line = line_numbers[name]
            if line and self == context_object and plot(line, value) then return end
            need_self(self, "plot(name, value)")
            check_line_name(name, "ctx:plot")
            if type(value) ~= "number" then
                fail(format('ctx:plot("%s"): the value must be a number, got %s', name,
                    tostring(value)))
            end
            if not running then fail("ctx:plot works in on_bar, on_fill, on_order and on_stop") end
            line_numbers[name] = tointeger(call(PLOT, name, value))
        end

        function hidden_context.series(self, t)
            need_self(self, "series{…}")
            return other_series(t)
        end

        local function working_orders()
            local list = {}
            for id in env.string.gmatch(call(OPEN_ORDERS), "%d+") do
                list[#list + 1] = handle_of(tointeger(env.tonumber(id)))
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
        source_of_object[context_object] = 0
        local bar_object = host.bar()

        local position_fields = { flat = true, long = false, short = false, size = 0.0,
            entry_price = 0.0 }
        hidden_context.position = view(position_fields, "ctx.position", host.position_index(
            position_legs(unknown_field("ctx.position", { "flat", "long", "short", "size",
                "entry_price", "bars", "pnl", "long_leg", "short_leg" }))))
        host.position(position_fields, hidden_context.position)

        """#
}
