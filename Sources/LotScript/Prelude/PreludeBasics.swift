/// The part of the sandbox that is written in Lua.
///
/// Trusted code, run once per state before the script. It checks what scripts hand over and turns
/// it into calls of the host.
///
/// All parts are one chunk, so a local of an earlier part is visible in a later one. Each part
/// says what it defines. Errors point at the script's own line: `fail` looks for it.
enum Prelude {
    /// Names, errors, checks of tables; defines `fail`, `suggest`, `check_keys`, `view`, `number`.
    static let basics = #"""
        local host = ...
        local env = host.env()
        local call = host.call
        local type, tostring, pairs, ipairs, select = env.type, host.tostring, env.pairs,
            env.ipairs, env.select
        local setmetatable, rawequal = env.setmetatable, env.rawequal
        local concat, sort, unpack = env.table.concat, env.table.sort, env.table.unpack
        local tointeger, huge, math_type = env.math.tointeger, env.math.huge, env.math.type
        local format = env.string.format

        -- Operations of the host; LotScript's HostOperation has the same numbers.
        local PRINT, PLOT, DECLARE, FIELD, APPLY, INDICATOR, CONSTANT = 1, 2, 3, 4, 5, 6, 7
        local NEAREST, ORDER, EXIT, CANCEL, RULE, RULE_PLOT, STRATEGY = 8, 9, 10, 11, 12, 13, 14
        local FORM, WHERE, LINE_OF, ORDER_FIELD, OPEN_ORDERS = 15, 16, 17, 18, 19
        local LEG, LEG_FIELD = 50, 51
        local SOURCE, DEFINE = 30, 31
        local SETTING = 40
        local SYMBOLS = 41

        -- Where errors point while no line of the script runs, as after on_bar has returned: a
        -- place, or a function that looks for it when it is needed.
        local fixed_place

        local function fail(text)
            if type(fixed_place) == "function" then fixed_place = fixed_place() end
            if fixed_place then host.fail_at(fixed_place, text) end
            host.fail(text)
        end

        -- "file:line: " of the line of function f that holds the word, else of f's first line.
        local function place_of(f, word)
            local file, first, last = host.span(f)
            local line = call(LINE_OF, file, first, last, word or "")
            return format("%s:%d: ", file, line or first)
        end

        local function sorted_names(t)
            local names = {}
            for name in pairs(t) do names[#names + 1] = tostring(name) end
            return names
        end

        local function suggest(word, names)
            local near = call(NEAREST, tostring(word), concat(names, "\n"))
            return near and '; did you mean "' .. near .. '"?' or ""
        end

        -- Refuses keys of t that are not in allowed.
        local function check_keys(t, allowed, what, place)
            for key in pairs(t) do
                if not allowed[key] then
                    local names = sorted_names(allowed)
                    local hint = suggest(key, names)
                    if hint == "" then hint = "; it takes " .. concat(names, ", ") end
                    fixed_place = place and place(key) or fixed_place
                    fail(format('%s: unknown key "%s"%s', what, key, hint))
                end
            end
        end

        local function set_of(...)
            local result = {}
            for _, name in ipairs { ... } do result[name] = true end
            return result
        end

        -- The views that were made before the first bar, each followed by its table.
        local views = {}

        -- A read-only view of a table of the host's side; it changes until the first bar only.
        local function view(hidden, name, missing)
            setmetatable(hidden, { __index = missing })
            local object = setmetatable({}, host.mark {
                __index = hidden,
                __newindex = function(_, key)
                    fail(format('%s is read-only: "%s" cannot be set', name, tostring(key)))
                end,
                __pairs = function() return pairs(hidden) end,
                __metatable = false,
                __name = name,
            })
            if views then views[#views + 1], views[#views + 2] = object, hidden end
            return object
        end

        -- Nothing of the host's side changes any more: views may hold what no code assigns to.
        local function open_views()
            for i = 1, #views, 2 do host.open(views[i], views[i + 1]) end
            views = nil
        end

        -- Returns a function that raises for an unknown field of `what`, with the nearest name; a
        -- known field that is not set is nil.
        local function unknown_field(what, names)
            local known = set_of(unpack(names))
            return function(_, key)
                if known[key] then return nil end
                fail(format('%s has no "%s"%s', what, tostring(key), suggest(key, names)))
            end
        end

        local smallest = 5e-324  -- as a lower bound: larger than 0

        -- Checks that value is a finite number in the range, and whole if it has to be.
        local function number(value, what, low, high, whole)
            if type(value) ~= "number" then
                fail(format("%s must be a number, got %s", what, type(value)))
            end
            if low == smallest and not (value > 0) then
                fail(format("%s = %s must be larger than 0", what, value))
            end
            if value ~= value or value < low or value > high then
                if low == smallest then fail(format("%s = %s is larger than %s", what, value,
                    high)) end
                fail(format("%s = %s is outside %s…%s", what, value, low, high))
            end
            if whole and not tointeger(value) then
                fail(format("%s = %s must be a whole number", what, value))
            end
            return value
        end

        env.print = function(...)
            local parts = {}
            for i = 1, select("#", ...) do parts[i] = tostring((select(i, ...))) end
            call(PRINT, concat(parts, "\t"))
        end

        """#
}
