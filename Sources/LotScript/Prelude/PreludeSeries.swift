extension Prelude {
    /// Series and what combines them.
    ///
    /// Defines `make`, `series_of`, `tracked`. Needs `INDICATORS`.
    static let series = #"""
        local methods = {}
        local meta = host.series_meta(methods)
        local node_of = host.node
        -- Series are made while the file loads, in rules and in on_init.
        local building = true
        -- The conditions that rules made: { place, used }, in order, and by object.
        local tracked, tracked_by_object

        local function make(node, is_condition)
            local object = host.series(node, is_condition)
            if is_condition and tracked then
                local entry = { place = host.place(), used = false }
                tracked[#tracked + 1] = entry
                tracked_by_object[object] = entry
            end
            return object
        end

        local function mark_used(object)
            local entry = tracked_by_object and tracked_by_object[object]
            if entry then entry.used = true end
        end

        local function need_building(what)
            if not building then
                fail(what .. " makes a series; make series in on_init and keep them in self")
            end
        end

        -- What a function does not take would be dropped without a word.
        local function no_more(what, takes, ...)
            local count = select("#", ...)
            if count > 0 then
                fail(format("%s takes %s, got %d more", what, takes, count))
            end
        end

        -- The node of a series of numbers or of a plain number.
        local function number_node(value, what)
            if type(value) == "number" then
                if value ~= value or value == huge or value == -huge then
                    fail(format("%s: %s cannot be combined with a series", what, value))
                end
                return call(CONSTANT, value)
            end
            local node, is_condition = node_of(value)
            if not node then
                fail(format("%s takes a series or a number, got %s", what, type(value)))
            end
            if is_condition then
                fail(what .. " takes a series of numbers, got a condition")
            end
            return node
        end

        local function condition_node(value, what)
            local node, is_condition = node_of(value)
            if not node or not is_condition then
                local got = node and "a series of numbers" or type(value)
                fail(format("%s takes conditions, such as a:above(b), got %s", what, got))
            end
            mark_used(value)
            return node
        end

        local function binary(symbol, operation)
            return function(a, b)
                need_building(symbol)
                return make(call(APPLY, operation, number_node(a, symbol), number_node(b,
                    symbol)), false)
            end
        end
        meta.__add = binary("+", "add")
        meta.__sub = binary("-", "subtract")
        meta.__mul = binary("*", "multiply")
        meta.__div = binary("/", "divide")
        -- -1 · x is the exact negative of every x.
        meta.__unm = function(a)
            need_building("-")
            return make(call(APPLY, "multiply", number_node(a, "-"), call(CONSTANT, -1)), false)
        end

        local function comparison(name)
            methods[name] = function(a, b, ...)
                local what = "series:" .. name
                need_building(what)
                if b == nil then fail(what .. " takes a series or a number") end
                no_more(what, "one series or number", ...)
                return make(call(APPLY, name, number_node(a, what), number_node(b, what)), true)
            end
        end
        comparison "above"
        comparison "below"
        comparison "crosses_above"
        comparison "crosses_below"

        local function logic(symbol, operation)
            return function(a, b)
                need_building(symbol)
                return make(call(APPLY, operation, condition_node(a, symbol), condition_node(b,
                    symbol)), true)
            end
        end
        meta.__band = logic("&", "and")
        meta.__bor = logic("|", "or")
        meta.__bnot = function(a)
            need_building("~")
            return make(call(APPLY, "not", condition_node(a, "~")), true)
        end

        function methods.shift(a, bars, ...)
            need_building("series:shift")
            no_more("series:shift", "one number of bars", ...)
            local node, is_condition = node_of(a)
            if not node then fail("shift is called as series:shift(n)") end
            if type(bars) == "number" and bars < 0 then
                fail(format("series:shift(%s) would look ahead; n is 0 or more", bars))
            end
            number(bars, "series:shift: n", 0, 100000, true)
            mark_used(a)
            return make(call(APPLY, is_condition and "shift_condition" or "shift", node, nil,
                bars), is_condition)
        end

        -- At the main bars: the value of the newest bar that has closed.
        function methods.align(a, ...)
            need_building("series:align")
            no_more("series:align", "nothing", ...)
            local node, is_condition = node_of(a)
            if not node then fail("align is called as series:align()") end
            mark_used(a)
            return make(call(APPLY, "align", node), is_condition)
        end

        setmetatable(methods, { __index = unknown_field("a series",
            { "above", "below", "crosses_above", "crosses_below", "shift", "align" }) })

        local function no_comparison(symbol, instead)
            return function()
                fail(format('"%s" does not compare series; write %s for a condition, '
                    .. 'or a[0] %s b[0] for values in on_bar',
                    symbol, instead, symbol))
            end
        end
        meta.__lt = no_comparison("<", "a:below(b) or a:above(b)")
        meta.__le = no_comparison("<=", "~a:above(b) or ~a:below(b)")
        meta.__eq = no_comparison("==", "~a:above(b) & ~a:below(b)")
        meta.__len = function() fail("a series has no length; series[0] is its newest value") end
        meta.__pairs = function() fail("a series cannot be walked; "
                .. "index it from 0, the newest value") end

        local ta = {}

        local function extremum(name, operation)
            ta[name] = function(...)
                local what = "ta." .. name
                need_building(what)
                local count, first = select("#", ...)
                for i = count, 1, -1 do
                    if node_of((select(i, ...))) then first = i end
                end
                if not first then
                    fail(what .. " takes at least one series; math." .. name .. " takes numbers")
                end
                if count < 2 then fail(what .. " takes two series or numbers, or more") end
                -- From a series on, so that no two constants meet.
                local node = number_node((select(first, ...)), what)
                for i = 1, count do
                    if i ~= first then
                        node = call(APPLY, operation, node, number_node((select(i, ...)), what))
                    end
                end
                return make(node, false)
            end
        end
        extremum("max", "maximum")
        extremum("min", "minimum")

        -- The values of an indicator's parameters: by position, a trailing table by name.
        local function indicator_arguments(definition, what, ...)
            local count, values, names = select("#", ...), {}, {}
            local named = {}
            if count > 0 and type((select(count, ...))) == "table" and not node_of((select(count,
                ...))) then
                named = select(count, ...)
                count = count - 1
            end
            for i, parameter in ipairs(definition.parameters) do names[i] = parameter.name end
            check_keys(named, set_of(unpack(names)), what)
            if count > #names then
                fail(format("%s takes %d parameter%s (%s), got %d", what, #names, #names == 1
                    and "" or "s",
                    concat(names, ", "), count))
            end
            for i, parameter in ipairs(definition.parameters) do
                local value = parameter.follows and values[i - 1] or parameter.default
                if named[parameter.name] ~= nil then value = named[parameter.name] end
                if i <= count then
                    if named[parameter.name] ~= nil then
                        fail(format('%s: "%s" is given twice', what, parameter.name))
                    end
                    local given = select(i, ...)
                    if given ~= nil then value = given end
                end
                values[i] = number(value, what .. ": " .. parameter.name, parameter.min,
                    parameter.max, parameter.whole)
            end
            return values
        end

        local context_object
        -- The source of ctx and of what ctx:series gives: 0 is the strategy's own bars.
        local source_of_object = {}

        -- The nodes of an indicator's inputs: columns of the bars, or the first arguments.
        local function input_nodes(definition, what, ...)
            local nodes = {}
            if definition.reads_bars then
                local source = type((...)) == "table" and source_of_object[(...)]
                if not source then
                    fail(format("%s takes ctx first: %s(ctx, …), or what ctx:series gives", what,
                        what))
                end
                for i, input in ipairs(definition.inputs) do
                    nodes[i] = call(FIELD, input.name, source)
                end
                return nodes, 1
            end
            for i, input in ipairs(definition.inputs) do
                local value = select(i, ...)
                local place = #definition.inputs == 1 and "first"
                    or format("as argument %d (%s)", i, input.name)
                if input.kind == "condition" then
                    if not node_of(value) then
                        fail(format("%s takes a condition %s, such as a:above(b)", what, place))
                    end
                    nodes[i] = condition_node(value, what)
                else
                    if not node_of(value) and not (input.kind == "level"
                        and type(value) == "number") then
                        fail(format("%s takes a series %s, such as ctx.close", what, place))
                    end
                    nodes[i] = number_node(value, what)
                end
            end
            return nodes, #nodes
        end

        -- By number, not by definition: what the definitions take is freed before the first bar.
        local function define(index, name)
            local what = "ta." .. name
            ta[name] = function(...)
                need_building(what)
                local definition = INDICATORS[index]
                local nodes, taken = input_nodes(definition, what, ...)
                local values = indicator_arguments(definition, what, select(taken + 1, ...))
                for _, value in ipairs(values) do nodes[#nodes + 1] = value end
                local node = call(INDICATOR, index - 1, unpack(nodes))
                local results = {}
                for i = 1, definition.outputs do results[i] = make(node + i - 1, false) end
                return unpack(results)
            end
        end
        for index, definition in ipairs(INDICATORS) do
            for _, name in ipairs(definition.names) do define(index, name) end
        end

        local function end_building()
            building = false
            INDICATORS = nil
        end

        """#
}
