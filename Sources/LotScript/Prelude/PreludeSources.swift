extension Prelude {
    /// Other symbols and intervals, and indicators of the script's own.
    ///
    /// Defines `other_series`, `ta.define`, `defined`. Needs `make`, `source_of_object`.
    static let sources = #"""
        local series_keys = set_of("symbol", "interval")
        local column_names = { "open", "high", "low", "close", "volume" }
        local objects_by_source = {}

        -- What ctx:series gives: columns, and what indicators over bars take in place of ctx.
        local function other_series(t)
            need_building("ctx:series")
            if type(t) ~= "table" then
                fail('ctx:series takes a table, as in ctx:series { interval = "4h" }')
            end
            check_keys(t, series_keys, "ctx:series")
            for _, name in ipairs { "symbol", "interval" } do
                if t[name] ~= nil and type(t[name]) ~= "string" then
                    fail(format('ctx:series: %s must be a text, got %s', name, type(t[name])))
                end
            end
            if t.symbol == nil and t.interval == nil then
                fail("ctx:series takes a symbol, an interval, or both")
            end
            local source = tointeger(call(SOURCE, t.symbol, t.interval))
            if source == 0 then return context_object end
            local object = objects_by_source[source]
            if object then return object end
            local columns = {
                symbol = t.symbol or context_object.symbol,
                interval = t.interval or context_object.interval,
            }
            for _, name in ipairs(column_names) do
                columns[name] = make(call(FIELD, name, source), false)
            end
            object = view(columns, "what ctx:series gave", unknown_field("what ctx:series gave",
                { "open", "high", "low", "close", "volume", "symbol", "interval" }))
            objects_by_source[source], source_of_object[object] = object, source
            return object
        end

        -- Functions handed to ta.define, for the checks once everything is declared.
        local defined = {}

        -- A copy of the parameters, and their text: the same text, the same values.
        local function define_parameters(t)
            local names, values = {}, {}
            if t ~= nil and (type(t) ~= "table" or node_of(t)) then
                fail("ta.define takes the parameters as a table, "
                    .. "as in ta.define(f, { length = 20 })")
            end
            for name, value in pairs(t or {}) do
                local kind = type(value)
                if type(name) ~= "string" or kind ~= "number" and kind ~= "string"
                    and kind ~= "boolean" then
                    fail(format('ta.define: the parameter "%s" is a %s; parameters are numbers, '
                        .. 'texts and booleans by name', tostring(name), kind))
                end
                names[#names + 1], values[name] = name, value
            end
            local parts = {}
            for i, name in ipairs(names) do
                parts[i] = format("%s = %s", name, tostring(values[name]))
            end
            return view(values, "the parameters", unknown_field("the parameters", names)),
                concat(parts, ", ")
        end

        local option_keys = set_of("outputs", "warm_up")

        local function define_options(t)
            if t == nil then return 1, 0 end
            if type(t) ~= "table" then
                fail("ta.define takes the options as a table, "
                    .. "as in ta.define(f, { }, { outputs = 2 })")
            end
            check_keys(t, option_keys, "ta.define")
            local outputs, warm_up = 1, 0
            if t.outputs ~= nil then
                outputs = number(t.outputs, "ta.define: outputs", 1, 16, true)
            end
            if t.warm_up ~= nil then
                warm_up = number(t.warm_up, "ta.define: warm_up", 0, 1000000, true)
            end
            return outputs, warm_up
        end

        -- ta.define([bars,] f [, parameters [, options]]): the series that f computes bar by bar.
        function ta.define(first, ...)
            need_building("ta.define")
            local source = type(first) == "table" and source_of_object[first]
            local f, t, options = first, ...
            if source then f, t, options = ... end
            no_more("ta.define", "a function, parameters and options",
                select(source and 4 or 3, ...))
            if type(f) ~= "function" then
                fail(format("ta.define takes a function of a state and a bar, "
                    .. "as in ta.define(function(state, bar) … end), got %s", type(f)))
            end
            local parameters, text = define_parameters(t)
            local outputs, warm_up = define_options(options)
            local key = format("%d %d %d %s", source or 0, outputs, warm_up, text)
            local known = defined[f]
            if not known then
                known = {}
                defined[f], defined[#defined + 1] = known, f
            end
            if not known[key] then
                local _, line = host.span(f)
                local name = format("define(line %d%s)", line, text == "" and "" or ", " .. text)
                known[key] = call(DEFINE, host.define(f, parameters), source or 0, outputs,
                    warm_up, name)
            end
            local results = {}
            for i = 1, outputs do results[i] = make(known[key] + i - 1, false) end
            return unpack(results)
        end

        -- Once everything is declared: functions see nothing of the run but their bars.
        local function check_defined(state)
            for _, f in ipairs(defined) do
                local name = host.captures(f, context_object, state)
                if name then
                    fixed_place = place_of(f, name)
                    fail(format('a function of ta.define sees its bar and its state only, and '
                        .. 'this one can reach ctx through %s',
                        name == "_ENV" and "a global" or '"' .. name .. '"'))
                end
            end
        end

        """#
}
