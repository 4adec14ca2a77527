import LotCore
import LotEngine
import LotScript
import Testing

@Suite struct Events {
    @Test func `series end at the newest closed bar and are NaN before the first row`() throws {
        let body = """
            local c = ctx.close
            print(c[0], c[1], c[2], self.avg[0], bar.close, bar.open, bar.volume, bar.time, \
            bar.open_time)
            """
        let setUp = "function S:on_init(ctx) self.avg = ta.sma(ctx.close, 1) end"
        let log = try run(onBar(body, setUp: setUp), [5, 6, 7]).notes.log.map(\.text)
        #expect(
            log == [
                "5.0\\x09nan\\x09nan\\x095.0\\x095.0\\x095.0\\x091000.0\\x093600000\\x090",
                "6.0\\x095.0\\x09nan\\x096.0\\x096.0\\x095.0\\x091000.0\\x097200000\\x093600000",
                "7.0\\x096.0\\x095.0\\x097.0\\x097.0\\x096.0\\x091000.0\\x0910800000\\x097200000",
            ])
    }

    @Test(arguments: ["-1", "0.5", "5000", "1e300", "0/0"])
    func `an index outside the history names the line`(_ index: String) {
        let text = message { try run(onBar("return ctx.close[\(index)]")) }
        #expect(text.hasPrefix("65 s.lua: line 2: series["), "\(text)")
        #expect(text.contains("an index is a whole number from 0 (the newest closed bar) to 4999"))
    }

    @Test func `the oldest value that can be read is 4999 bars old`() throws {
        let closes = (0..<9_500).map { Double($0 + 1) }
        let body =
            "local i = 4999; if bar.close >= 5000 then assert(ctx.close[i] == bar.close "
            + "- 4999 and self.x[i] == ctx.close[i]) end"
        let setUp = "function S:on_init(ctx) self.x = ta.sma(ctx.close, 1) end"
        try run(onBar(body, setUp: setUp), closes)
    }

    @Test func `conditions made in on_init are read like series of truth`() throws {
        let setUp = """
            function S:on_init(ctx) self.up = ctx.close:above(2); self.not_up = ~self.up end
            """
        let body = "print(self.up[0], self.up[1], self.not_up[0], self.up[7])"
        let log = try run(onBar(body, setUp: setUp), [2, 3, 1]).notes.log.map(\.text)
        #expect(
            log == [
                "false\\x09false\\x09true\\x09false", "true\\x09false\\x09false\\x09false",
                "false\\x09true\\x09true\\x09false",
            ])
    }

    @Test func `series cannot be made after on_init`() {
        #expect(
            message { try run(onBar("ta.sma(ctx.close, 2)")) }
                == "65 s.lua: line 2: ta.sma makes a series; make series in on_init and "
                + "keep them in self"
        )
        #expect(
            message { try run(onBar("return ctx.close + 1")) }.contains("line 2: + makes a series"))
    }

    @Test(arguments: [
        ("S.n = 1", "\"n\" cannot be set"), ("self.n = 1", "\"n\" cannot be set"),
        ("self.list[1] = 2", "this table cannot be changed"),
        ("table.insert(self.list, 2)", "this table is read-only"),
        ("rawset(self, 'n', 1)", "this table is read-only"),
        ("counter = 1", "\"counter\" cannot be set"), ("known = 2", "\"known\" cannot be set"),
        ("_G.x = 1", "\"x\" cannot be set"), ("shared.n = 2", "\"n\" cannot be set"),
        ("count = count + 1", "\"count\" cannot be set"),
    ]) func `nothing but ctx.state can change after on_init`(_ body: String, _ expected: String) {
        let setUp = """
            known = 1; count = 0; local shared = { n = 1 } function S:on_init() self.list = { 1 \
            } end
            """
        let text = message {
            try run(onBar(body, setUp: setUp.replacing("\n", with: " ")))
        }
        #expect(text.contains("line 2: \(expected)"), "\(text)")
    }

    @Test func `a local that a callback changes is found`() {
        let text = message {
            try run(onBar("count = count + 1", setUp: "local count = 0"))
        }
        #expect(
            text
                == "65 s.lua: line 1: the local \"count\" was changed by a callback: after on_init "
                + "the strategy's own tables, globals and locals are read-only; keep what changes "
                + "in ctx.state")
    }

    @Test func `frozen tables read as before`() throws {
        let setUp = """
            function S:on_init() self.list = { 3, 1, 2, name = "x" }
              self.point = setmetatable({ x = 1 }, { __index = { y = 2 }, __add = function(a, \
              b) return a.x + b end })
            end
            """
        let body = """
            local n, t = 0, self.list
            for k in pairs(t) do n = n + 1 end
            for i, v in ipairs(t) do n = n + v end
            print(n, #t, table.concat(t, ","), select("#", table.unpack(t)), next(t), \
            self.point.y, self.point + 1)
            """
        let log = try run(onBar(body, setUp: setUp), [1]).notes.log.map(\.text)
        #expect(log == ["10\\x093\\x093,1,2\\x093\\x091\\x092\\x092"])
    }

    @Test func `objects of a class defined in the file can be made in callbacks`() throws {
        let setUp = """
            local Point = {} Point.__index = Point function Point:twice() return self.x * 2 end
            """
        let body = """
            local p = setmetatable({ x = 4 }, Point)
            print(p:twice(), getmetatable(p) == Point, pcall(function() Point.x = 1 end))
            """
        let log = try run(onBar(body, setUp: setUp), [1]).notes.log.map(\.text)
        #expect(
            log.first?.hasPrefix("8\\x09true\\x09false\\x09s.lua:3: \"x\" cannot be set") == true)
    }

    @Test func `ctx.state lives from bar to bar`() throws {
        let body =
            "local s = ctx.state; s.n = (s.n or 0) + 1; s.deep = { list = { s.n } }; print(s.n)"
        #expect(try run(onBar(body), [1, 2, 3]).notes.log.map(\.text) == ["1", "2", "3"])
    }

    @Test(arguments: [
        ("ctx.state.f = print", "ctx.state.f holds a function, which cannot be stored"),
        ("ctx.state.a = { b = { ctx } }", "ctx.state.a.b[1] holds a ctx, which cannot be stored"),
        ("ctx.state.c = ctx.close", "ctx.state.c holds a series, which cannot be stored"),
        ("ctx.state[1.5] = 1", "ctx.state has a number as a key"),
        ("ctx.state.s = ctx.state", "is nested deeper than 16 tables"),
        ("ctx.state = {}", "ctx is read-only: \"state\" cannot be set"),
    ]) func `ctx.state holds only what can be stored`(_ body: String, _ expected: String) {
        let text = message { try run(onBar(body)) }
        #expect(text.hasPrefix("65 s.lua: line ") && text.contains(expected), "\(text)")
    }

    @Test(arguments: [
        "on_init(ctx)", "on_fill(ctx)", "on_order(ctx)", "on_bar(ctx)", "on_stop(ctx)",
    ])
    func `what cannot be stored is named with the line of the callback`(_ callback: String) {
        let text = """
            local S = lot.strategy { name = "t" }

            function S:\(callback)
              ctx.state.f = print
            end
            \(callback.hasPrefix("on_bar") ? "" : "function S:on_bar(ctx, bar) ctx:buy {} end")
            return S
            """
        let found = message { try run(text) }
        #expect(
            found == "65 s.lua: line 3: ctx.state.f holds a function, which cannot be stored: "
                + "numbers, strings, booleans and plain tables only", "\(found)")
    }

    @Test func `a line that is plotted twice at a bar keeps the later value`() throws {
        let body = """
            ctx:plot('a', 0) ctx:plot('b', -bar.close) ctx:plot('a', bar.close)
            if bar.close == 3 then
              assert(not pcall(ctx.plot, ctx, 'a', 'x') and not pcall(ctx.plot, {}, 'a', 1))
            end
            """
        let plots = try run(onBar(body), [1, 2, 3]).notes.plots
        #expect(plots.map(\.name) == ["a", "b"])
        #expect(plots.map(\.values) == [[1, 2, 3], [-1, -2, -3]])
    }

    @Test func `a script plots at most 256 lines`() {
        let text = message {
            try run(onBar("for i = 1, 256 + bar.close - 1 do ctx:plot('l' .. i, i) end"), [1, 2])
        }
        #expect(text == "65 s.lua: line 2: ctx:plot: more than 256 lines")
    }

    @Test func `plots and prints reach the notes`() throws {
        let body = "ctx:plot('twice', 2 * bar.close); print('a', 1, 2.5, nil, true)"
        let notes = try run(onBar(body), [1, 2]).notes
        #expect(notes.plots.map(\.name) == ["twice"])
        #expect(notes.plots.first?.values == [2, 4])
        #expect(
            notes.log.map(\.text) == [
                "a\\x091\\x092.5\\x09nil\\x09true", "a\\x091\\x092.5\\x09nil\\x09true",
            ])
        #expect(notes.log.map(\.time) == [3_600_000, 7_200_000])
    }

    @Test func `a runtime error shows its line, its reason and the lines that led there`() {
        let text = """
            local S = lot.strategy { name = "t" }
            local function helper(x)
              return x.y.z
            end
            function S:on_bar(ctx, bar)
              helper({})
            end
            return S
            """
        #expect {
            try run(text)
        } throws: { error in
            guard let error = error as? Diagnosis else { return false }
            return error.message == "s.lua: line 3: attempt to index a nil value (field 'y')"
                && error.details == ["s.lua:3: in helper", "s.lua:6: in on_bar"]
        }
    }
}
