import LotCore
import LotEngine
import LotScript
import Testing

/// Whichever way a script takes to change what is read-only, it is refused.
///
/// Fields that no code assigns to lie in the read-only views themselves, and values of series in
/// their tables: so each way is tried at an early bar and when everything has become fast.
@Suite struct ReadOnly {
    private static let setUp = """
        limits = { low = 1, deep = { n = 5, list = { 1, 2 } } }
        local shared = { n = 1, high = 9 }
        local Class = {} Class.__index = Class
        function S:on_init(ctx, p)
          self.avg, self.flag, self.text = ta.sma(ctx.close, 2), false, "x"
          self.list, self.object = { 1, 2, n = 3 }, setmetatable({ v = 1 }, Class)
          self.p, self.h4 = p, ctx:series { interval = "4h" }
          self.alias = self.object
          ctx.state.n = 0
        end
        local function helper(t, v) t.flag = v end
        local function by_key(t, k, v) t[k] = v end
        """
        .replacing("\n", with: " ")

    /// Reads everything at each bar, so that all of it has become fast, and runs an attack.
    ///
    /// The attack is on line 6, and runs at the close of `bar`; bars close at 1, 2, 3 and so on.
    private static func script(_ attack: String, at bar: Int) -> String {
        """
        local S = lot.strategy { name = "t" } \(setUp)
        function S:on_bar(ctx, bar)
          local sum = bar.close + bar.open + self.avg[0] + self.avg[1] + ctx.close[1]
          local same = not self.flag and ctx.position.flat and limits.deep.n == 5 and shared.n == 1
          assert(same and self.list.n == 3 and self.object.v == 1 and sum ~= 0)
          if bar.close == \(bar) then \(attack) end
        end
        return S
        """
    }

    private static func refusal(_ attack: String, at bar: Int) -> String {
        message { try run(script(attack, at: bar), Array(1...310).map(Double.init)) }
    }

    private static let attacks = [
        ("an existing field", "self.flag = true", "\"flag\" cannot be set"),
        ("a new field", "self.fresh = 1", "\"fresh\" cannot be set"),
        ("to nil", "self.text = nil", "\"text\" cannot be set"),
        ("a method", "function S:on_stop() end", "\"on_stop\" cannot be set"),
        ("on_bar itself", "S.on_bar = nil", "\"on_bar\" cannot be set"),
        ("a nested table", "self.list.n = 4", "\"n\" cannot be set"),
        ("an element", "self.list[1] = 4", "this table cannot be changed"),
        ("deeper", "limits.deep.n = 6", "\"n\" cannot be set"),
        ("an element deeper", "limits.deep.list[2] = 6", "this table cannot be changed"),
        ("an alias", "local t = self t.flag = 1", "\"flag\" cannot be set"),
        ("an alias in a table", "local t = { self } t[1].flag = 1", "\"flag\" cannot be set"),
        ("two names of one object", "self.alias.v = 2", "\"v\" cannot be set"),
        ("two at once", "local a a, self.text = 1, 2", "\"text\" cannot be set"),
        ("a computed key", "local k = 'fl' .. 'ag' self[k] = 1", "\"flag\" cannot be set"),
        ("rawset", "rawset(self, 'flag', 1)", "this table is read-only"),
        ("table.insert", "table.insert(self.list, 3)", "this table is read-only"),
        ("table.remove", "table.remove(self.list)", "this table is read-only"),
        ("table.sort", "table.sort(self.list)", "this table is read-only"),
        ("table.move", "table.move({ 7 }, 1, 1, 1, self.list)", "this table is read-only"),
        ("a new global", "fresh = 1", "\"fresh\" cannot be set"),
        ("a global", "limits = nil", "\"limits\" cannot be set"),
        ("a global by _G", "_G.limits = nil", "\"limits\" cannot be set"),
        ("a global by _ENV", "local _ENV = _ENV limits = 1", "\"limits\" cannot be set"),
        ("an environment", "local _ENV = self flag = 1", "\"flag\" cannot be set"),
        ("a table of the file", "shared.n = 2", "\"n\" cannot be set"),
        ("a library", "math.floor = nil", "\"floor\" cannot be set"),
        ("a class", "getmetatable(self.object).v = 1", "attempt to index a boolean value"),
        ("a new metatable", "setmetatable(self, {})", "this table's metatable is fixed"),
        (
            "__newindex that leads there", "setmetatable({}, { __newindex = self }).flag = 1",
            "\"flag\" cannot be set"
        ),
        ("ctx", "ctx.position = nil", "ctx is read-only: \"position\" cannot be set"),
        ("ctx.state itself", "ctx.state = {}", "ctx is read-only: \"state\" cannot be set"),
        ("rawset of ctx", "rawset(ctx, 'state', {})", "this table is read-only"),
        ("the position", "ctx.position.flat = false", "ctx.position is read-only: \"flat\""),
        ("a parameter", "self.p.length = 1", "p is read-only: \"length\" cannot be set"),
        ("another series", "self.h4.close = 1", "what ctx:series gave is read-only: \"close\""),
        ("the bar", "bar.close = 1", "a bar is read-only"),
        ("the bar, and others", "local t, k = {}, 1 t[k] = 1 bar.close = 1", "a bar is read-only"),
        ("a value of a series", "self.avg[7] = 1", "a series is read-only"),
        ("rawset of a series", "rawset(self.avg, 0, 1)", "this table is read-only"),
        ("code of text", "load('local s = ... s.flag = 1')(self)", "\"flag\" cannot be set"),
        (
            "code of text in an environment", "load('flag = 1', 'x', 't', self)()",
            "\"flag\" cannot be set"
        ),
        ("on_init again", "self:on_init(ctx)", "on_init is called once, before the first bar"),
    ]

    @Test(arguments: attacks, [10, 300]) func `what is read-only is refused at its line`(
        _ attack: (name: String, text: String, expected: String), _ bar: Int
    ) {
        let text = ReadOnly.refusal(attack.text, at: bar)
        #expect(text.hasPrefix("65 s.lua: line 6: \(attack.expected)"), "\(attack.name): \(text)")
    }

    @Test(arguments: [
        "helper(self, 1)", "by_key(self, 'flag', 1)", "pcall(helper, self, 1) error('x')",
    ])
    func `a function that is handed the table is refused at its own line`(_ call: String) {
        for bar in [10, 300] {
            let text = ReadOnly.refusal(call, at: bar)
            let expected = call.hasPrefix("pcall") ? "line 6: x" : "line 1: \"flag\" cannot be set"
            #expect(text.hasPrefix("65 s.lua: \(expected)"), "\(call): \(text)")
        }
    }

    @Test func `a refused assignment leaves everything as it was`() throws {
        let attack = """
            for _, f in ipairs { function() self.flag = 1 end, function() limits.low = 2 end, \
            function() ctx.position.flat = 1 end, function() bar.close = 0 end } do \
            assert(not pcall(f)) end \
            assert(self.flag == false and limits.low == 1 and ctx.position.flat) \
            assert(bar.close == 300) \
            print("same")
            """
        let log = try run(ReadOnly.script(attack, at: 300), Array(1...310).map(Double.init))
            .notes.log.map(\.text)
        #expect(log == ["same"])
    }

    /// The line is not known, since it is found after the bar; nothing the bar asked for happens.
    @Test(arguments: [
        "self.avg[0] = 1", "self.avg[1] = {}", "local k = 0 self.avg[k] = 'x'",
        "local k = 'close' bar[k] = 1", "local k = 'open' bar[k] = nil",
    ])
    func `a value that lies in a series or the bar is found after the bar`(_ attack: String) {
        let text = ReadOnly.refusal(attack, at: 300)
        #expect(
            text == "65 s.lua: line 2: a series or the bar was assigned to by on_bar: they are "
                + "read-only", "\(attack): \(text)")
    }

    @Test func `code of text after many bars changes no value that is read`() throws {
        let attack = "assert(load('local s = ... return s.flag')(self) == false) print(#self.list)"
        let text = ReadOnly.script(attack, at: 300)
        let log = try run(text, Array(1...310).map(Double.init)).notes.log.map(\.text)
        #expect(log == ["2"])
    }

    @Test func `views are walked by what is behind them`() throws {
        let body = "print(rawget(ctx, 'symbol'), (next(ctx.position)), rawlen(self.list))"
        let setUp = "function S:on_init() self.list = { 1, 2 } end"
        #expect(
            try run(onBar(body, setUp: setUp), [1]).notes.log.map(\.text)
                == ["BTCUSDT\\x09entry_price\\x092"])
    }

    /// Values in place and values by `__index` are the same: the sum of all that is read.
    @Test(arguments: ["", "local t = {} local k = 1 t[k] = 2 t[1] = 3 "])
    func `values are those of the columns at each bar`(_ more: String) throws {
        let body =
            more + """
                local i = bar.close
                assert(self.avg[0] == (i == 1 and self.avg[0] or i - 0.5) or i == 1)
                assert(i < 3 or self.avg[1] == i - 1.5 and ctx.close[2] == i - 2)
                assert(i < 2 or self.up[0] == (i > 200) and self.up[1] == (i > 201))
                assert(bar.open == (i == 1 and 1 or i - 1) and bar.time == i * 3600000)
                local c = ctx.close
                if i % 7 == 0 then assert(i < 10 or c[5] == i - 5 and c[4] == i - 4) end
                """
        let setUp = """
            function S:on_init(ctx)
              self.avg, self.up = ta.sma(ctx.close, 2), ctx.close:above(200)
            end
            """
        let outcome = try run(onBar(body, setUp: setUp), Array(1...9_000).map(Double.init))
        #expect(outcome.trades.isEmpty)
    }
}
