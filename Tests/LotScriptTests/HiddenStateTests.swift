import LotCore
import LotEngine
import LotScript
import Testing

/// Places where a script could keep what nobody checks: state beside `ctx.state`, and code that
/// assigns to what the host believes nobody assigns to.
@Suite struct HiddenState {
    private static let closes = Array(1...600).map(Double.init)

    private static func refusal(onInit: String, onBar body: String = "") -> String {
        message {
            let setUp = "function S:on_init(ctx) \(onInit) end"
            try run(onBar(body, setUp: setUp), closes)
        }
    }

    @Test(arguments: [
        ("lot.equity(1)", "size"), ("lot.quote(10)", "size"), ("lot.risk(0.1)", "size"),
        ("lot.int { 1 }", "parameter"), ("lot.choice { 'a' }", "parameter"),
    ])
    func `what stands for a value holds no other`(_ object: String, _ name: String) {
        let expected = "65 s.lua: line 1: a \(name) is read-only: \"n\" cannot be set"
        #expect(HiddenState.refusal(onInit: "local box = \(object) box.n = 0") == expected)
        let later = HiddenState.refusal(onInit: "self.box = \(object)", onBar: "self.box.n = 1")
        #expect(later == "65 s.lua: line 2: a \(name) is read-only: \"n\" cannot be set")
        let raw = HiddenState.refusal(
            onInit: "self.box = \(object)", onBar: "rawset(self.box, 'n', 1)")
        #expect(raw == "65 s.lua: line 2: this table is read-only")
    }

    @Test(arguments: [
        "self.next = pairs({ 1, 2, 3 })", "self.next = string.gmatch('a b', '%a')",
        "local next = pairs({ 1, 2, 3 }) self.f = function() return next() end",
        "next_one = ('a b'):gmatch('%a')", "self.deep = { { pairs({}) } }",
    ])
    func `an iterator does not outlive on_init`(_ body: String) {
        let text = HiddenState.refusal(onInit: body)
        #expect(text.contains("an iterator of pairs or gmatch is kept after on_init"), "\(text)")
    }

    /// The code of `f` assigns to any key, but lay where nobody read it: an iterator's table.
    @Test func `code that no one has read cannot be kept`() {
        let text = HiddenState.refusal(
            onInit: "local function f(t, k, v) t[k] = v end self.next = pairs({ f, f, f }) "
                + "self.x = 1",
            onBar: "local _, f = self.next() if f then f(self, 'x', 2) end")
        #expect(text.contains("an iterator of pairs or gmatch is kept after on_init"), "\(text)")
    }

    @Test(arguments: ["__gc", "__mode"])
    func `a metatable gets neither a finaliser nor weak keys later`(_ field: String) {
        // A finaliser would run at any time, after the run too, where no limit holds.
        let text = HiddenState.refusal(
            onInit: "local mt = {} local t = setmetatable({}, mt) self.kept = t "
                + "mt.\(field) = function() while true do end end")
        #expect(text.contains("\"\(field)\" is not available to strategies"), "\(text)")
    }

    @Test func `an object of a class that is global keeps its methods`() throws {
        let body = """
            if bar.close > 2 then return end
            print(self.o.hello(), self.o(), self.o + 1, #self.o, self.o.v, self.o:value())
            """
        let setUp = """
            Class = { __call = function() return "called" end }
            Class.__index, Class.__add = Class, function() return "added" end
            function Class.hello() return "hello" end
            function Class:value() return self.v end
            function S:on_init() self.o = setmetatable({ v = 7 }, Class) end
            """
        let log = try run(onBar(body, setUp: setUp), [1, 2, 3]).notes.log.map(\.text)
        #expect(log.first == "hello\\x09called\\x09added\\x090\\x097\\x097")
    }

    @Test func `a module is read-only after on_init, whichever way it is reached`() throws {
        for (attack, expected) in [
            ("util.n = 2", "\"n\" cannot be set"),
            ("require('util').n = 2", "\"n\" cannot be set"),
            ("require('util').list[1] = 2", "this table cannot be changed"),
            ("util.count()", "\"calls\" cannot be set"),
            ("util.step()", "the local \"steps\" was changed by a callback"),
            ("if util.n ~= 1 or require 'util' ~= util then error('another') end", "no error"),
        ] {
            let folder = try Folder()
            defer { folder.remove() }
            try folder.write(
                "util.lua",
                """
                local steps, hidden = 0, { calls = 0 }
                local util = { n = 1, list = { 1 } }
                function util.count() hidden.calls = hidden.calls + 1 return hidden.calls end
                function util.step() steps = steps + 1 return steps end
                return util
                """)
            // Required in on_init only, and by nobody kept: "require" gives it all the same.
            let name = attack.hasPrefix("require") ? "local util" : "util"
            let setUp = "function S:on_init() \(name) = require 'util' end"
            let text = message {
                try run(
                    load(onBar(attack, setUp: setUp), folder: folder.path), HiddenState.closes)
            }
            #expect(text.contains(expected), "\(attack): \(text)")
        }
    }

    @Test(arguments: [
        ("on_fill", "self.avg[0] = 1"), ("on_fill", "local k = 0 self.avg[k] = nil"),
        ("on_order", "self.avg[0] = 'x'"), ("on_order", "local k = 0 ctx.close[k] = 7"),
    ])
    func `a value of a series or the bar that a callback assigns to is found after it`(
        _ callback: String, _ attack: String
    ) {
        // Values lie in the tables once they have been read often; then an order is sent.
        let script = """
            local S = lot.strategy { name = "t" }
            function S:on_init(ctx) self.avg = ta.sma(ctx.close, 2) end
            function S:\(callback)(ctx) \(attack) end
            function S:on_bar(ctx, bar)
              local sum = self.avg[0] + ctx.close[0]
              if bar.close == 300 then ctx:buy {} end
            end
            return S
            """
        let text = message { try run(script, HiddenState.closes) }
        #expect(
            text == "65 s.lua: a series or the bar was assigned to by \(callback): "
                + "they are read-only", "\(attack): \(text)")
    }

    /// What changes a local is seen after each callback, not after every 256th alone.
    @Test(arguments: [
        "n = ctx.state.i % 256 == 0 and 0 or n + 1",
        "(function() n = ctx.state.i % 256 == 0 and 0 or n + 1 end)()",
    ])
    func `a local that is put back before a check is due is found`(_ change: String) {
        let text = message {
            try run(
                onBar(
                    "ctx.state.i = (ctx.state.i or 0) + 1 if ctx.state.i > 64 then \(change) end",
                    setUp: "local n = 0"), HiddenState.closes)
        }
        #expect(
            text.hasPrefix("65 s.lua: line 1: the local \"n\" was changed by a callback: after "),
            "\(text)")
    }

    @Test func `the place of a changed local is named once, whichever callback changed it`() {
        for callback in ["on_stop(ctx)", "on_fill(ctx, fill)", "on_order(ctx, order)"] {
            let text = message {
                let setUp = "local n = 0 function S:\(callback) n = 1 end"
                try run(onBar("ctx:buy {}", setUp: setUp), [1, 2, 3])
            }
            #expect(text.hasPrefix("65 s.lua: line 1: the local \"n\" was changed by"), "\(text)")
        }
    }

    @Test func `a callback's own locals may change in its functions`() throws {
        let body = "local n = 0 local function add() n = n + 1 end add() add() print(n)"
        let log = try run(onBar(body), HiddenState.closes).notes.log.map(\.text)
        #expect(log == Array(repeating: "2", count: 600))
    }

    @Test func `raw reads show a bar whole, and no series`() throws {
        let body = """
            local c = bar.close
            if c ~= 1 and c ~= 500 then return end
            local names = {}
            for name in pairs(bar) do names[#names + 1] = name end
            print(table.concat(names, " "), next(bar), rawget(bar, "open") == bar.open)
            """
        let log = try run(onBar(body), HiddenState.closes).notes.log.map(\.text)
        #expect(
            log == [
                "close high low open open_time time volume\\x09close\\x09true",
                "close high low open open_time time volume\\x09close\\x09true",
            ])
        for read in [
            "rawget(ctx.close, 0)", "rawlen(ctx.close)", "next(ctx.close)",
            "table.unpack(ctx.close, 0, 1)", "table.concat(ctx.close, '', 0, 0)",
            "table.move(ctx.close, 0, 1, 1, {})",
        ] {
            let text = message { try run(onBar(read), HiddenState.closes) }
            #expect(
                text == "65 s.lua: line 2: a series is read as series[i], from 0, the newest "
                    + "closed bar", "\(read): \(text)")
        }
    }

    @Test func `a script meets its memory limit at the same byte in every state`() throws {
        func fits(_ count: Int) -> Bool {
            let limits = ScriptLimits(memoryBytes: 1 << 20)
            let body = "local s = ('x'):rep(\(count))"
            return message { try run(onBar(body), [1, 2], limits: limits) } == "no error"
        }
        let most = (0..<3).map { _ in
            var (low, high) = (0, 1 << 20)
            while high - low > 1 {
                let middle = (low + high) / 2
                if fits(middle) { low = middle } else { high = middle }
            }
            return low
        }
        #expect(most[0] > 0 && most[0] == most[1] && most[1] == most[2])
    }

    /// Equal to Lua, but a script can tell them apart: each would be a bit that is kept.
    @Test(arguments: [
        ("0.0", "-0.0"), ("1", "1.0"), ("2^53", "1 << 53"), ("0/0", "-(0/0)"), ("nil", "0/0"),
    ])
    func `a shared local that becomes another of the same value has changed`(
        _ first: String, _ second: String
    ) {
        let kept = message { try run(onBar("n = \(first)", setUp: "local n = \(first)")) }
        #expect(kept == "no error")
        let text = message { try run(onBar("n = \(second)", setUp: "local n = \(first)")) }
        #expect(text.contains("the local \"n\" was changed by a callback"), "\(text)")
    }

    @Test func `reading a table with holes does not change what its length is`() throws {
        // Of a table with holes Lua gives any border, and moves to another where it has read.
        let setUp = """
            local t = {} for i = 1, 16 do t[i] = i end
            for i = 12, 16 do t[i] = nil end t[10] = nil
            local n = #t local _ = t[11] assert(#t ~= n)
            """
        let body = """
            local n = #t
            for i = 1, 16 do
              local _ = t[i], rawget(t, i)
              assert(#t == n and rawlen(t) == n and select("#", table.unpack(t)) == n)
            end
            """
        try run(onBar(body, setUp: setUp))
    }
}
