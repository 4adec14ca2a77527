extension Prelude {
    /// `lot.strategy`, parameters, sizes; defines `lot`, `parameters`, `strategy`, `size_of`.
    static let parameters = #"""
        local lot = {}
        local kinds, serial = {}, 0

        -- The metatable of objects that hold nothing of their own: what they stand for is kept
        -- here, since a table of the host's that a script could fill would be left as it is when
        -- everything else becomes read-only.
        local function sealed(name)
            return host.mark {
                __newindex = function(_, key)
                    fail(format('a %s is read-only: "%s" cannot be set', name, tostring(key)))
                end,
                __metatable = false,
                __name = name,
            }
        end

        local parameter_meta = sealed("parameter")

        local function declare(kind, t, allowed)
            if type(t) ~= "table" then
                fail(format("lot.%s takes a table, as in lot.%s { 20, min = 5, max = 50 }", kind,
                    kind))
            end
            check_keys(t, allowed, "lot." .. kind)
            local result = setmetatable({}, parameter_meta)
            serial = serial + 1
            kinds[result] = {
                kind = kind, default = t[1], min = t.min, max = t.max, step = t.step,
                log = t.log, choices = t.choices, serial = serial,
            }
            return result
        end

        local function check_range(kind, t, whole)
            local what = "lot." .. kind
            number(t[1], what .. ": the default", -1e300, 1e300, whole)
            if t.min ~= nil then number(t.min, what .. ": min", -1e300, 1e300, whole) end
            if t.max ~= nil then number(t.max, what .. ": max", -1e300, 1e300, whole) end
            if t.step ~= nil then number(t.step, what .. ": step", smallest, 1e300, whole) end
            if t.min and t.max and t.min > t.max then
                fail(format("%s: min = %s is larger than max = %s", what, t.min, t.max))
            end
            if t.min and t[1] < t.min or t.max and t[1] > t.max then
                fail(format("%s: the default %s is outside %s…%s", what, t[1], t.min or "-inf",
                    t.max or "inf"))
            end
            if t.log ~= nil and type(t.log) ~= "boolean" then fail(what
                .. ": log must be true or false") end
            if t.log and (not t.min or t.min <= 0) then
                fail(what .. ": log = true needs a min larger than 0")
            end
        end

        local range_keys = set_of(1, "min", "max", "step", "log")

        function lot.int(t)
            local result = declare("int", t, range_keys)
            check_range("int", t, true)
            return result
        end

        function lot.float(t)
            local result = declare("float", t, range_keys)
            check_range("float", t, false)
            return result
        end

        function lot.bool(t)
            local result = declare("bool", t, set_of(1))
            if type(t[1]) ~= "boolean" then fail("lot.bool: the default must be true or false") end
            return result
        end

        -- lot.choice { "ema", "sma", "wma" }: the first is the default.
        function lot.choice(t)
            if type(t) ~= "table" or #t == 0 then
                fail('lot.choice takes a list of names, the default first: '
                    .. 'lot.choice { "ema", "sma" }')
            end
            local seen = {}
            for index, name in pairs(t) do
                if not tointeger(index) or type(name) ~= "string" or name == ""
                    or env.string.find(name, "[%c]") then
                    fail("lot.choice takes a list of names")
                end
                if seen[name] then fail(format('lot.choice names "%s" twice', name)) end
                seen[name] = true
            end
            local result = declare("choice", { t[1] }, set_of(1))
            kinds[result].choices = concat(t, "\n")
            return result
        end

        local strategy, parameters, where_text, where_check, where_place
        local parameter_names = {}

        local function declare_all(params)
            local list = {}
            for name, parameter in pairs(params) do
                if type(name) ~= "string" or not env.string.find(name, "^[%a_][%w_]*$") then
                    fail(format('lot.strategy: "%s" cannot name a parameter', tostring(name)))
                end
                local known = kinds[parameter]
                if not known then
                    fail(format("lot.strategy: parameter \"%s\" must be made by "
                        .. "lot.int, lot.float, lot.choice or lot.bool", name))
                end
                known.name = name
                list[#list + 1] = known
            end
            sort(list, function(a, b) return a.serial < b.serial end)
            for _, known in ipairs(list) do
                parameter_names[#parameter_names + 1] = known.name
                call(DECLARE, known.name, known.kind, known.default, known.min, known.max,
                    known.step,
                    known.log or false, known.choices)
            end
        end

        -- File and line of the call that runs; the line of a word that stands on it or below.
        local function line_below(word)
            local file, line = env.string.match(host.place(), "^(.*):(%d+): $")
            if not file then return nil end
            return file, call(LINE_OF, file, env.tonumber(line), 1000000, word)
        end

        -- What the strategy sets of a run's settings, where nobody else does; each value goes to
        -- the host with the line it stands on.
        local function take_settings(settings)
            if settings == nil then return end
            local what = "lot.strategy: settings"
            if type(settings) ~= "table" then
                fail(what .. " must be a table, as in settings = { fee = 0.0004 }")
            end
            local file, top = line_below("settings")
            for name, value in pairs(settings) do
                if type(name) ~= "string" then fail(what .. " takes names and values") end
                local list = type(value) == "table" and value or { value }
                local at = top and call(LINE_OF, file, top, 1000000, name)
                for _, one in ipairs(list) do
                    local kind = type(one)
                    if kind ~= "string" and kind ~= "boolean" then
                        number(one, format("%s.%s", what, name), -1e300, 1e300)
                    end
                    call(SETTING, name, one, at)
                end
            end
        end

        -- The symbols of a run over several, where nobody names others.
        local function take_symbols(symbols)
            if symbols == nil then return end
            local what = "lot.strategy: symbols"
            if type(symbols) ~= "table" or #symbols == 0 then
                fail(what .. ' must be a list, as in symbols = { "BTCUSDT", "ETHUSDT" }')
            end
            for index, name in pairs(symbols) do
                if not tointeger(index) or type(name) ~= "string"
                    or not env.string.find(name, "^[%w/._:*?-]+$") then
                    fail(what .. " must be a list of names")
                end
            end
            call(SYMBOLS, concat(symbols, ","))
        end

        function lot.strategy(t)
            if type(t) ~= "table" then fail("lot.strategy takes a table") end
            if strategy then fail("lot.strategy was called before: a file holds one strategy") end
            check_keys(t, set_of("name", "params", "where", "settings", "symbols"), "lot.strategy")
            if type(t.name) ~= "string" or not env.string.find(t.name, "^[%w._-]+$")
                or #t.name > 64 then
                fail("lot.strategy: name must be 1 to 64 letters, digits, \".\", \"_\" or \"-\"")
            end
            if t.params ~= nil
                and type(t.params) ~= "table" then fail("lot.strategy: params must be a table") end
            if t.where ~= nil
                and type(t.where) ~= "string" then fail("lot.strategy: where must be a text") end
            strategy = {}
            declare_all(t.params or {})
            parameters = {}
            if t.where then
                where_text = t.where
                local file, line = line_below("where")
                where_place = file and format("%s:%d: ", file, line)
                local names = setmetatable({}, { __index = function(_, name)
                    local value = parameters[name]
                    if value == nil then
                        fail(format('where: no parameter "%s"%s', tostring(name), suggest(name,
                            parameter_names)))
                    end
                    return value
                end })
                local reason
                where_check, reason = host.compile("return (" .. t.where .. "\n)", names)
                if not where_check then
                    fixed_place = where_place
                    fail(format('where "%s": %s', t.where, env.string.gsub(reason,
                        "^where:%d+: ", "")))
                end
            end
            take_settings(t.settings)
            take_symbols(t.symbols)
            call(STRATEGY, t.name)
            return strategy
        end

        -- Sizes.
        local size_meta = sealed("size")
        local KIND, VALUE = {}, {}  -- keys that no script has
        local size_limits = { equity = 1, quote = 1e300, base = 1e300, risk = 1 }

        for kind, high in pairs(size_limits) do
            lot[kind] = function(value)
                number(value, "lot." .. kind, smallest, high)
                return setmetatable({ [KIND] = kind, [VALUE] = value }, size_meta)
            end
        end

        -- Returns kind and value of a size; all equity by default.
        local function size_of(size, stop_loss)
            if size == nil then return "equity", 1 end
            if host.metatable(size) ~= size_meta then
                fail("size takes lot.equity(0.5), lot.quote(1000), lot.base(0.1) or lot.risk(0.01)")
            end
            local kind = size[KIND]
            if kind == "risk" and not stop_loss then
                fail("size = lot.risk(…) needs a stop_loss: "
                    .. "the distance to it decides the quantity")
            end
            return kind, size[VALUE]
        end

        -- Checks the exits of an entry; returns stop_loss, take_profit, trailing_stop, max_bars.
        local function bracket_of(t)
            if t.stop_loss ~= nil then number(t.stop_loss, "stop_loss", 1e-6, 0.999999) end
            if t.take_profit ~= nil then number(t.take_profit, "take_profit", 1e-6, 100) end
            if t.trailing_stop ~= nil then number(t.trailing_stop, "trailing_stop", 1e-6,
                0.999999) end
            if t.max_bars ~= nil then number(t.max_bars, "max_bars", 1, 1000000000, true) end
            return t.stop_loss, t.take_profit, t.trailing_stop, t.max_bars
        end

        """#
}
