extension Prelude {
    /// What the host calls: the life of a strategy from its parameters to its last bar.
    static let entries = #"""
        local entries, values = {}, {}
        local self_table, parameter_view

        local conditions = set_of("enter_long", "exit_long", "enter_short", "exit_short")
        local rule_keys = set_of("enter_long", "exit_long", "enter_short", "exit_short",
            "stop_loss",
            "take_profit", "trailing_stop", "max_bars", "size", "plot")
        local handlers = set_of("on_init", "on_bar", "on_fill", "on_order", "on_stop")

        -- What the file returned, and whether it has rules or events.
        function entries.check(symbol, interval, market_name, mode)
            self_table = host.result()
            if not strategy then fail("the file makes no strategy; "
                    .. "write local S = lot.strategy { … } and return S") end
            if not rawequal(self_table, strategy) then
                fail("the file must end with: return S, the table that lot.strategy gave")
            end
            market, position_mode = market_name, mode
            hidden_context.symbol, hidden_context.interval = symbol, interval
            for name, value in pairs(strategy) do
                if type(name) == "string" and env.string.find(name, "^on_")
                    and not handlers[name] then
                    fixed_place = type(value) == "function" and place_of(value, name)
                    fail(format('the strategy has no event "%s"%s', name, suggest(name,
                        sorted_names(handlers))))
                end
                if (handlers[name] or name == "rules") and type(value) ~= "function" then
                    fail(format('"%s" must be a function, got %s', name, type(value)))
                end
            end
            if strategy.rules and strategy.on_bar then
                fixed_place = place_of(strategy.on_bar, "on_bar")
                fail("a strategy has rules or on_bar, not both")
            end
            if not strategy.rules and not strategy.on_bar then
                fail("the strategy has neither rules nor on_bar; "
                    .. "write function S:on_bar(ctx, bar) … end")
            end
            if strategy.rules then
                for name in pairs(handlers) do
                    if strategy[name] then
                        fixed_place = place_of(strategy[name], name)
                        fail(format("a strategy with rules has no %s: rules say everything", name))
                    end
                end
            end
            call(FORM, strategy.rules and "rules" or "events", strategy.on_fill ~= nil,
                strategy.on_order ~= nil)
        end

        function entries.parameter(name, value, kind)
            if kind == "int" then value = tointeger(value) end
            values[name] = value
            parameters[name] = value
        end

        -- Whether the parameters satisfy `where`; tells the host.
        function entries.where()
            local missing = unknown_field("p", parameter_names)
            parameter_view = view(values, "p", missing)
            if not where_check then return call(WHERE, true, "") end
            fixed_place = where_place
            local done, holds = env.pcall(where_check)
            if not done then
                local reason = env.string.match(holds, "^where:%d+: (.*)$")
                if not reason then env.error(holds, 0) end
                fail(format('where "%s": %s', where_text, reason))
            end
            if holds ~= true and holds ~= false then
                fail(format('where "%s" gives %s, not true or false', where_text, tostring(holds)))
            end
            local parts = {}
            for i, name in ipairs(parameter_names) do parts[i] = name .. " = "
                .. tostring(values[name]) end
            fixed_place = nil
            call(WHERE, holds, format('where "%s" does not hold: %s', where_text, concat(parts,
                ", ")))
        end

        local function make_columns()
            for _, name in ipairs { "open", "high", "low", "close", "volume" } do
                hidden_context[name] = make(call(FIELD, name), false)
            end
        end

        -- Rules.

        local function plot_rules(plots)
            if type(plots) ~= "table" then fail("plot takes a table of names and series") end
            for name, value in pairs(plots) do
                local node, is_condition = node_of(value)
                if type(name) ~= "string" or not node then
                    fail("plot takes a table of names and series, as in plot = { fast = fast }")
                end
                mark_used(value)
                check_line_name(name, "plot")
                if is_condition then node = call(APPLY, "number", node) end
                local reason = call(RULE_PLOT, name, node)
                if reason then fail(reason) end
            end
        end

        local function take_rules(result, at)
            for _, name in ipairs { "enter_long", "exit_long", "enter_short", "exit_short" } do
                local value = result[name]
                if value ~= nil then
                    fixed_place = at(name)
                    if name == "enter_short" and market == "spot" then
                        fail("enter_short on a spot market: "
                            .. "what is not owned cannot be sold; use a perpetual")
                    end
                    local node, is_condition = node_of(value)
                    if not is_condition then
                        fail(format("%s must be a condition, such as a:crosses_above(b), got %s",
                            name,
                            node and "a series of numbers" or type(value)))
                    end
                    mark_used(value)
                    call(RULE, name, node)
                end
            end
            fixed_place = at("return")
            if result.enter_long == nil and result.enter_short == nil then
                fail("rules returned neither enter_long nor enter_short")
            end
        end

        function entries.rules()
            make_columns()
            tracked, tracked_by_object = {}, {}
            host.rules(true)
            local rules = strategy.rules
            local function at(word) return place_of(rules, word) end
            local result = rules(strategy, context_object, parameter_view)
            end_building()
            fixed_place = at("return")
            if type(result) ~= "table" or node_of(result) then
                fail(format("rules must return a table of conditions, got %s", tostring(result)))
            end
            check_keys(result, rule_keys, "rules", at)
            take_rules(result, at)
            for _, name in ipairs { "stop_loss", "take_profit", "trailing_stop", "max_bars" } do
                fixed_place = at(name)
                bracket_of { [name] = result[name] }
                if result[name] ~= nil then call(RULE, name, result[name]) end
            end
            fixed_place = at("size")
            local kind, size = size_of(result.size, result.stop_loss)
            call(RULE, kind, size)
            if #defined > 0 then
                check_defined(state)
                host.freeze(env, strategy, defined, state)
            end
            fixed_place = at("plot")
            if result.plot ~= nil then plot_rules(result.plot) end
            for _, entry in ipairs(tracked) do
                if not entry.used then
                    fixed_place = entry.place
                    fail('this condition is made but not returned '
                        .. '(Lua\'s "and" and "or" keep only one of two; use &, | and ~)')
                end
            end
            fixed_place = nil
        end

        -- Events.

        local function init_again() fail("on_init is called once, before the first bar") end

        function entries.init()
            make_columns()
            local on_init = strategy.on_init
            if on_init then
                on_init(strategy, context_object, parameter_view)
                -- What it assigns to is settled: its code is not among what runs from now on.
                strategy.on_init = init_again
            end
            end_building()
            check_defined(state)
            host.freeze(env, strategy, defined, state)
            open_views()
            host.check_state(on_init)
            host.arm(strategy.on_bar, strategy, context_object, bar_object)
            running = true
        end

        local function check_callback(callback)
            host.check_frozen()
            host.check_state(callback)
        end

        local function signal_place() return place_of(strategy.on_bar, "return") end

        -- What on_bar returned: an order call named by its side.
        function entries.signal(t)
            fixed_place = signal_place
            if type(t) ~= "table" then
                fail(format("on_bar returned %s; it returns nothing or a table with a side",
                    tostring(t)))
            end
            local order = {}
            for key, value in pairs(t) do
                if key ~= "side" then order[key] = value end
            end
            if t.side == "exit" then
                close(order, "the signal")
            elseif t.side == "buy" or t.side == "sell" then
                send(t.side, order, "the signal")
            else
                fail(format('the signal\'s side must be "buy", "sell" or "exit", got %s',
                    tostring(t.side)))
            end
            fixed_place = nil
        end

        -- An order has changed, and the strategy listens.
        function entries.order(id)
            strategy.on_order(strategy, context_object, handle_of(tointeger(id)))
            check_callback(strategy.on_order)
        end

        local missing_fill_field = unknown_field("a fill", fill_names)

        function entries.fill(id, time, side, price, quantity, fee, slippage, liquidity, origin,
            tag)
            id = tointeger(id)
            strategy.on_fill(strategy, context_object, view({
                id = id, order = handle_of(id), time = tointeger(time), side = side,
                    price = price,
                quantity = quantity, fee = fee, slippage = slippage, liquidity = liquidity,
                origin = origin, tag = tag,
            }, "a fill", missing_fill_field))
            check_callback(strategy.on_fill)
        end

        function entries.stop()
            if strategy.on_stop then strategy.on_stop(strategy, context_object) end
            check_callback(strategy.on_stop)
        end

        -- Everything is in place: what scripts see becomes read-only.
        setmetatable(lot, { __index = unknown_field("lot", sorted_names(lot)) })
        setmetatable(ta, { __index = unknown_field("ta", sorted_names(ta)) })
        env.lot, env.ta = lot, ta
        for _, name in ipairs { "string", "table", "math", "utf8", "lot", "ta" } do
            host.readonly(env[name], "the library table \"" .. name .. "\" is read-only")
        end
        host.entries(entries)
        """#
}
