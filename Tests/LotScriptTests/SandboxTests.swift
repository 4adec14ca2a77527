import LotCore
import LotScript
import Testing

/// An attack on the sandbox: the body of `on_bar`, and what must stop it.
struct Attack: Sendable, CustomTestStringConvertible {
    let name: String
    let body: String
    let expected: String
    var testDescription: String { name }

    init(_ name: String, _ body: String, _ expected: String) {
        self.name = name
        self.body = body
        self.expected = expected
    }
}

/// The list of the security design, section 4.9, each stopped inside the VM.
@Suite struct Sandbox {
    static let missing = "is not available to strategies; see docs/strategy-api.md, \"The sandbox\""
    static let time = "stopped: 50 ms time limit in on_bar"
    static let memory = "stopped: 8 MiB memory limit in on_bar"
    static let pattern = "stopped: pattern too complex in on_bar"

    static let attacks: [Attack] = [
        Attack("os", "os.execute('true')", "line 2: \"os\" \(missing)"),
        Attack("io", "io.open('x')", "line 2: \"io\" \(missing)"),
        Attack("package", "return package.path", "line 2: \"package\" \(missing)"),
        Attack("debug", "debug.getregistry()", "line 2: \"debug\" \(missing)"),
        Attack("coroutine", "coroutine.wrap(print)()", "line 2: \"coroutine\" \(missing)"),
        Attack("dofile", "dofile('x')", "line 2: \"dofile\" \(missing)"),
        Attack("loadfile", "loadfile('x')", "line 2: \"loadfile\" \(missing)"),
        Attack("_G.os", "return _G.os", "line 2: \"os\" \(missing)"),
        Attack("string.dump", "string.dump(print)", "line 2: \"string.dump\" \(missing)"),
        Attack("randomseed", "math.randomseed(1)", "line 2: \"math.randomseed\" \(missing)"),
        Attack("bytecode", "assert(load('\\27Lua'))", "line 2: precompiled Lua is not accepted"),
        Attack("endless loop", "while true do end", "line 2: \(time)"),
        Attack("pcall around a loop", "pcall(function() while true do end end)", "line 2: \(time)"),
        Attack(
            "loop of pcall", "while true do pcall(function() while true do end end) end",
            "line 2: \(time)"),
        Attack(
            "pcall, then go on", "pcall(function() while true do end end)\nwhile true do end",
            "line 2: \(time)"),
        Attack(
            "handler of xpcall", "xpcall(error, function() while true do end end)",
            "line 2: \(time)"),
        Attack(
            "__gc", "setmetatable({}, { __gc = function() while true do end end })",
            "line 2: \"__gc\" is not available to strategies"),
        Attack(
            "__mode", "setmetatable({}, { __mode = 'k' })",
            "line 2: \"__mode\" is not available to strategies"),
        Attack(
            "collectgarbage", "collectgarbage('count')", "line 2: \"collectgarbage\" \(missing)"),
        Attack(
            "__close",
            "local x <close> = setmetatable({}, { __close = function() while true do end end })",
            "line 2: \(time)"),
        Attack(
            "__close under a limit",
            "local x <close> = setmetatable({}, { __close = function() while true do end end })\n"
                + "while true do end", "line 3: \(time)"),
        Attack("rep of nothing", "string.rep('', 1e18) while true do end", "line 2: \(time)"),
        Attack("rep", "string.rep('x', 1e18)", "line 2: string.rep: the result would be larger"),
        Attack("rep with separator", "('x'):rep(1e9, 'yyyy')", "line 2: string.rep: the result"),
        Attack(
            "eight times .-", "string.find(string.rep('a', 300), ('.-'):rep(8) .. 'b')",
            "line 2: \(pattern)"),
        Attack(
            "twenty times a*", "string.match(string.rep('a', 40), ('a*'):rep(20) .. 'b')",
            "line 2: \(pattern)"),
        Attack(
            "pattern inside pcall",
            "pcall(string.find, string.rep('a', 300), ('.-'):rep(8) .. 'b')",
            "line 2: \(pattern)"),
        Attack(
            "gsub", "string.gsub(string.rep('a', 300), ('.-'):rep(8) .. 'b', '')",
            "line 2: \(pattern)"),
        Attack(
            "gmatch", "for x in string.gmatch(string.rep('a', 300), ('.-'):rep(8) .. 'b') do end",
            "line 2: \(pattern)"),
        Attack(
            "insert with a false length",
            "table.insert(setmetatable({}, { __len = function() return 1e15 end }), 1, 0)\n"
                + "while true do end", "line 3: \(time)"),
        Attack("move", "table.move({}, 1, 1 << 52, 2)", "line 2: table.move: more than 10,000,000"),
        Attack("concat", "table.concat({}, '', 1, 1 << 52)", "line 2: table.concat: more than"),
        Attack("unpack", "table.unpack({}, 1, 1 << 40)", "line 2: too many results to unpack"),
        Attack(
            "sort with an endless order",
            "table.sort({ 3, 2, 1 }, function() while true do end end)", "line 2: \(time)"),
        Attack(
            "sort of long texts",
            "local x, t = ('x'):rep(1 << 20), {} local a, b = x .. 'a', x .. 'b'\n"
                + "for i = 1, 4000 do t[i] = i % 2 == 0 and a or b end\ntable.sort(t)",
            "line 4: \(time)"),
        Attack(
            "sort with an order in C",
            "local x, t = ('x'):rep(1 << 20), {} local a, b = x .. 'a', x .. 'b'\n"
                + "for i = 1, 4000 do t[i] = i % 2 == 0 and a or b end\n"
                + "table.sort(t, string.find)", "line 4: \(time)"),
        Attack(
            "gsub with a function in C",
            "local s = (('a'):rep(60) .. ',' .. ('.-'):rep(3) .. 'b;'):rep(10000)\n"
                + "string.gsub(s, '(a+),([^;]+);', string.find)", "line 3: \(time)"),
        Attack(
            "a pattern with a long set",
            "string.find(('b'):rep(1e6), '[' .. ('a'):rep(1 << 20) .. ']*c')", "line 2: \(time)"),
        Attack(
            "format of objects that are joined",
            "local l, t = {}, {} for i = 1, 50000 do l[i] = '' end\n"
                + "local o = setmetatable(l, { __tostring = table.concat })\n"
                + "for i = 1, 10000 do t[i] = o end\n"
                + "string.format(('%s'):rep(10000), table.unpack(t))", "line 5: \(time)"),
        Attack(
            "a text whose compiling takes the square of its length",
            "local s = ('elseif x then '):rep(60000)\n"
                + "load('local x if x then ' .. s .. 'end')", "line 3: \(time)"),
        Attack(
            "a table that is everywhere in ctx.state",
            "local t = { 1 } for _ = 1, 14 do local n = {} for i = 1, 40 do n[i] = t end t = n "
                + "end\n"
                + "ctx.state.t = t", "line 1: \(time)"),
        Attack("doubling", "local s = 'x' while true do s = s .. s end", "line 2: \(memory)"),
        Attack("tables", "local t = {} while true do t[#t + 1] = {} end", "line 2: \(memory)"),
        Attack(
            "closures", "local t = {} while true do t[#t + 1] = function() return t end end",
            "line 2: \(memory)"),
        Attack(
            "pcall around memory",
            "local t = {} while true do pcall(function() t[#t + 1] = ('x'):rep(1e6) .. #t end) end",
            "line 2: \(memory)"),
        Attack(
            "an error of __close in place of the memory's",
            "pcall(function() local x <close> = setmetatable({}, { __close = function() error() "
                + "end }) local t = {} while true do t[#t + 1] = {} end end) error('alive')",
            "line 2: \(memory)"),
        Attack(
            "an error of a loop's __close in place of the memory's",
            "local x = setmetatable({}, { __close = function() error() end }) pcall(function() "
                + "for _ in next, { 1 }, nil, x do local t = {} while true do t[#t + 1] = {} end "
                + "end end) error('alive')", "line 2: \(memory)"),
        Attack("concat bomb", "local t = {} for i = 1, 1e7 do t[i] = i end", "line 2: \(memory)"),
        Attack("recursion", "local function f() return 1 + f() end f()", "line 2: \(memory)"),
        Attack(
            "recursion through gsub",
            "local function f(s) return (s:gsub('.', f)) end f('x')", "line 2: "),
        Attack(
            "__index chain",
            "local t = {} for i = 1, 3000 do t = setmetatable({}, { __index = t }) end "
                + "return t.x.y",
            "line 2: '__index' chain too long; possible loop"),
        Attack(
            "nesting in load", "assert(load('return ' .. ('('):rep(10000)))",
            "line 2: load:1: nested too deeply: Lua takes at most 200 levels"),
        Attack(
            "long load", "assert(load(('x'):rep(1100000)))",
            "line 2: the text is longer than 1 MiB"),
        Attack(
            "string metatable", "getmetatable('').__index = nil",
            "line 2: attempt to index a boolean value"),
        Attack("methods of strings", "string.lower = nil", "line 2: \"lower\" cannot be set: "),
        Attack("library", "math.floor = nil", "line 2: \"floor\" cannot be set: the library"),
        Attack("rawset of a library", "rawset(ta, 'sma', 1)", "line 2: this table is read-only"),
        Attack("ctx", "ctx.equity = 1e9", "line 2: ctx is read-only: \"equity\" cannot be set"),
        Attack("ctx.position", "ctx.position.flat = 1", "line 2: ctx.position is read-only"),
        Attack(
            "metatable of ctx", "setmetatable(ctx, {})",
            "line 2: this table's metatable is fixed"),
        Attack("bar", "bar.close = 1", "line 2: a bar is read-only"),
        Attack("address", "string.format('%p', {})", "line 2: \"%p\" is not available"),
        Attack("error with a table", "error({})", "error raised with a table instead of a message"),
        Attack("error with nothing", "error()", "error raised with a nil instead of a message"),
        Attack(
            "tostring that lies", "tostring(setmetatable({}, { __tostring = function() end }))",
            "line 2: '__tostring' must return a string"),
        Attack("wrong self", "ctx.buy({}, {})", "line 2: call it with a colon: ctx:buy{…}"),
        Attack(
            "infinity", "ctx:buy { size = lot.base(1 / 0) }",
            "line 2: lot.base = inf is larger than"),
        Attack("not a number", "ctx:buy { stop_loss = 0 / 0 }", "line 2: stop_loss = "),
        Attack("require in on_bar", "require 'x'", "line 2: require works while the file loads"),
    ]

    @Test(arguments: attacks) func `is stopped`(_ attack: Attack) {
        // What fills the memory must reach that limit first, on a slow machine too.
        let isBomb = attack.expected.hasSuffix(Sandbox.memory)
        let limits = ScriptLimits(
            callMilliseconds: isBomb ? 1_500 : 50, memoryBytes: 8 << 20)
        let clock = ContinuousClock()
        let started = clock.now
        let text = message { try run(onBar(attack.body), limits: limits) }
        #expect(text.hasPrefix("65 s.lua: "), "\(text)")
        #expect(text.contains(attack.expected), "\(text)")
        #expect(clock.now - started < .seconds(2))
    }

    @Test func `a limit names the line and the callback in the traceback`() throws {
        let script = """
            local S = lot.strategy { name = "t" }
            local function spin()
              while true do end
            end
            function S:on_bar(ctx, bar)
              spin()
            end
            return S
            """
        #expect {
            try run(script, limits: ScriptLimits(callMilliseconds: 20))
        } throws: { error in
            guard let error = error as? Diagnosis else { return false }
            return error.kind == "script.time" && error.place == "line 3"
                && error.details == ["s.lua:3: in spin", "s.lua:6: in on_bar"]
        }
    }

    @Test(arguments: ["while true do end", "local s = 'x' while true do s = s .. s end"])
    func `limits hold while the file loads and in on_init`(_ body: String) {
        let limits = ScriptLimits(callMilliseconds: 50, memoryBytes: 8 << 20)
        let loading = message { _ = try load(body, limits: limits) }
        #expect(loading.contains("line 1: stopped: ") && loading.contains("in the main chunk"))
        let start =
            "local S = lot.strategy { name = 't' } function S:on_bar() end function S:on_init()\n"
        let initial = message { _ = try load(start + body + "\nend return S", limits: limits) }
        #expect(initial.contains("line 2: stopped: ") && initial.contains("in on_init"))
    }

    @Test func `short calls that take long together are not stopped`() throws {
        let body = "local x = 0 for i = 1, 20000 do x = x + i end"
        try run(
            onBar(body), [Double](repeating: 1, count: 3_000),
            limits: ScriptLimits(callMilliseconds: 60))
    }

    @Test func `a state after a limit runs nothing more`() throws {
        let strategy = try load(
            onBar("while true do end"), limits: ScriptLimits(callMilliseconds: 20))
        let first = message { try run(strategy, [1, 2]) }
        let second = message { try run(strategy, [1, 2]) }
        #expect(first.contains("time limit"))
        #expect(second.contains("time limit"))
    }

    @Test func `a hundred thousand bars do not grow the state`() throws {
        let body = "local s = 'x' .. bar.close; local t = { s, ctx.equity }; ctx.state.n = #t"
        try run(
            onBar(body), [Double](repeating: 1, count: 100_000),
            limits: ScriptLimits(memoryBytes: 2 << 20))
    }
}
