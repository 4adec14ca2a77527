import LotCore
import LotEngine
import LotScript
import Testing

/// A script whose `rules` has `body`; the body starts at line 2.
func rules(_ body: String) -> String {
    "local S = lot.strategy { name = \"t\" } function S:rules(ctx, p)\n\(body)\nend\nreturn S"
}

/// A script and the message it is refused with.
struct Refusal: Sendable, CustomTestStringConvertible {
    let text: String
    let expected: String
    var testDescription: String { expected }

    init(_ text: String, _ expected: String) {
        self.text = text
        self.expected = expected
    }
}

@Suite struct RulesContract {
    static let refusals: [Refusal] = [
        Refusal(
            "local c = ctx.close\nreturn { enter_lng = c:above(1) }",
            "line 3: rules: unknown key \"enter_lng\"; did you mean \"enter_long\"?"),
        Refusal(
            "local c = ctx.close\nlocal a = c:above(1) and c:below(9)\nreturn { enter_long = a }",
            "line 3: this condition is made but not returned (Lua's \"and\" and \"or\" keep only "
                + "one of two; use &, | and ~)"),
        Refusal(
            "return { enter_long = ctx.close < ctx.open }",
            "line 2: \"<\" does not compare series; write a:below(b) or a:above(b) for a "
                + "condition, "
                + "or a[0] < b[0] for values in on_bar"),
        Refusal("return { enter_long = ctx.close <= ctx.open }", "line 2: \"<=\" does not compare"),
        Refusal("return { enter_long = ctx.close == ctx.open }", "line 2: \"==\" does not compare"),
        Refusal(
            "return { enter_long = ctx.close[1] }",
            "line 2: series[1] inside rules: rules are made of whole series; write "
                + "series:shift(1)"),
        Refusal(
            "local c = ctx.close\nreturn {\n  enter_long = c:above(1),\n  enter_short = "
                + "c:below(1) }",
            "line 5: enter_short on a spot market: what is not owned cannot be sold; use "
                + "a perpetual"
        ),
        Refusal(
            "return { enter_long = ctx.close:above(1), size = lot.risk(0.01) }",
            "line 2: size = lot.risk(…) needs a stop_loss: the distance to it decides "
                + "the quantity"),
        Refusal(
            "return { enter_long = ctx.close:above(1), stop_loss = 5 }",
            "line 2: stop_loss = 5 is outside 1e-06…0.999999"),
        Refusal(
            "return { enter_long = ctx.close:above(1), max_bars = 1.5 }",
            "line 2: max_bars = 1.5 must be a whole number"),
        Refusal(
            "return { enter_long = ctx.close }",
            "line 2: enter_long must be a condition, such as a:crosses_above(b), "
                + "got a series of numbers"),
        Refusal(
            "return { exit_long = ctx.close:above(1) }",
            "line 2: rules returned neither enter_long nor enter_short"),
        Refusal("local x = 1", "line 1: rules must return a table of conditions, got nil"),
        Refusal(
            "return { enter_long = ctx.close:shift(-1):above(1) }",
            "line 2: series:shift(-1) would look ahead; n is 0 or more"),
        Refusal(
            "return { enter_long = ctx.close:abov(1) }",
            "line 2: a series has no \"abov\"; did you mean \"above\"?"),
        Refusal(
            "return { enter_long = ctx.close:above(1, 2) }",
            "line 2: series:above takes one series or number, got 1 more"),
        Refusal(
            "return { enter_long = ctx.close:crosses_above(1, 2, 3) }",
            "line 2: series:crosses_above takes one series or number, got 2 more"),
        Refusal(
            "return { enter_long = ctx.close:shift(1, 5):above(1) }",
            "line 2: series:shift takes one number of bars, got 1 more"),
        Refusal(
            "return { enter_long = ctx.close:align(3):above(1) }",
            "line 2: series:align takes nothing, got 1 more"),
        Refusal(
            "return { enter_long = ta.max(ctx.close):above(1) }",
            "line 2: ta.max takes two series or numbers, or more"),
        Refusal(
            "return { enter_long = ta.min(1, 2, 3):above(1) }",
            "line 2: ta.min takes at least one series; math.min takes numbers"),
        Refusal(
            "return { enter_long = ta.define(function() return 1 end, {}, {}, 5):above(1) }",
            "line 2: ta.define takes a function, parameters and options, got 1 more"),
        Refusal(
            "return { enter_long = ta.SMA(ctx.close, 3):above(1) }",
            "line 2: ta has no \"SMA\"; did you mean \"sma\"?"),
        Refusal(
            "return { enter_long = ta.smaa(ctx.close, 3):above(1) }",
            "line 2: ta has no \"smaa\"; did you mean \"sma\"?"),
        Refusal(
            "return { enter_long = ta.sma(ctx.close, 0):above(1) }",
            "line 2: ta.sma: length = 0 is outside 1…100000"),
        Refusal(
            "return { enter_long = ta.sma(ctx.close, 2.5):above(1) }",
            "line 2: ta.sma: length = 2.5 must be a whole number"),
        Refusal(
            "return { enter_long = ta.sma(3):above(1) }",
            "line 2: ta.sma takes a series first, such as ctx.close"),
        Refusal(
            "return { enter_long = ta.atr(ctx.close, 3):above(1) }",
            "line 2: ta.atr takes ctx first: ta.atr(ctx, …)"),
        Refusal(
            "return { enter_long = ta.sma(ctx.close, { lenght = 3 }):above(1) }",
            "line 2: ta.sma: unknown key \"lenght\"; did you mean \"length\"?"),
        Refusal(
            "return { enter_long = ctx.close & ctx.open }",
            "line 2: & takes conditions, such as a:above(b), got a series of numbers"),
        Refusal(
            "return { enter_long = (ctx.close:above(1) + 1):above(2) }",
            "line 2: + takes a series of numbers, got a condition"),
        Refusal(
            "return { enter_long = ctx.clos:above(1) }", "line 2: ctx has no \"clos\"; did you"),
        Refusal("return { enter_long = ctx.close:above(p.n) }", "line 2: p has no \"n\""),
        Refusal("ctx:buy {}", "line 2: ctx:buy works in on_bar, on_fill, on_order and on_stop"),
    ]

    @Test(arguments: refusals) func `a mistake in rules is named with its line`(_ refusal: Refusal)
    {
        let text = message { _ = try load(rules(refusal.text)) }
        #expect(text.hasPrefix("65 s.lua: " + refusal.expected), "\(text)")
    }

    @Test func `enter_short is allowed on perpetuals`() throws {
        let strategy = try load(
            rules("return { enter_short = ctx.close:above(1) }"), market: .perp)
        #expect(strategy.form == "rules")
    }

    @Test func `every part of a rule reaches the engine`() throws {
        let body = """
            local c = ctx.close
            return { enter_long = (c:above(2) & ~c:above(3)) | c:above(900):shift(1), exit_long \
            = c:above(8),
              take_profit = 0.5, max_bars = 4, size = lot.quote(100), plot = { c = c, up = \
              c:above(2) } }
            """
        // Enters at the open after close 3 (open 3 at bar 3, 0-based), leaves four bars later.
        let outcome = try run(rules(body), (1...12).map(Double.init))
        let trade = try #require(outcome.trades.first)
        #expect(trade.entryRow == 3)
        #expect(trade.exitTag == "take_profit" || trade.exitTag == "max_bars")
        #expect(outcome.notes.plots.map(\.name) == ["c", "up"])
        // shift(1) warms up for one bar, so the first close looked at is the second: 2.
        #expect(outcome.notes.plots.last?.values.prefix(3) == [0, 1, 1])
    }
}

@Suite struct FileContract {
    static let refusals: [Refusal] = [
        Refusal("x =", "line 1: unexpected symbol near <eof>"),
        Refusal("local a\nb == 1", "line 2: syntax error near '=='"),
        Refusal("return 1", "the file makes no strategy; write local S = lot.strategy { … } and "),
        Refusal("lot.strategy { name = 't' }", "the file must end with: return S"),
        Refusal("return lot.strategy { name = 't' }", "the strategy has neither rules nor on_bar"),
        Refusal(
            "local S = lot.strategy { name = 't' }\nfunction S:on_bars() end\nreturn S",
            "line 2: the strategy has no event \"on_bars\"; did you mean \"on_bar\"?"),
        Refusal(
            "local S = lot.strategy { name = 't' }\nfunction S:rules() end\nfunction "
                + "S:on_bar() end\nreturn S",
            "line 3: a strategy has rules or on_bar, not both"),
        Refusal(
            "lot.strategy { nam = 't' }",
            "line 1: lot.strategy: unknown key \"nam\"; did you mean \"name\"?"),
        Refusal("lot.strategy { name = '' }", "line 1: lot.strategy: name must be 1 to 64"),
        Refusal(
            "lot.strategy { name = 't', params = { n = 3 } }",
            "line 1: lot.strategy: parameter \"n\" must be made by lot.int"),
        Refusal("lot.int { 3, min = 5 }", "line 1: lot.int: the default 3 is outside 5…inf"),
        Refusal("lot.int { 3.5 }", "line 1: lot.int: the default = 3.5 must be a whole number"),
        Refusal(
            "lot.float { 1, lg = true }",
            "line 1: lot.float: unknown key \"lg\"; did you mean \"log\"?"),
        Refusal("lot.bool { 1 }", "line 1: lot.bool: the default must be true or false"),
        Refusal("lot.choice {}", "line 1: lot.choice takes a list of names"),
        Refusal("lot.inte { 3 }", "line 1: lot has no \"inte\"; did you mean \"int\"?"),
        Refusal(
            "lot.strategy { name = 't', where = 'a <' }", "line 1: lot.strategy"
        ),
        Refusal("print(undefined)", "line 1: \"undefined\" is not defined: no global or local"),
        Refusal("error('mine')", "line 1: mine"),
        Refusal("error('mine', 0)", "line 1: mine"),
    ]

    @Test(arguments: refusals) func `a mistake in the file is named with its line`(
        _ refusal: Refusal
    ) {
        let text = message { _ = try load(refusal.text) }
        if refusal.expected == "line 1: lot.strategy" {
            #expect(text.contains("line 1: where \"a <\": unexpected symbol"), "\(text)")
        } else {
            #expect(text.hasPrefix("65 s.lua: " + refusal.expected), "\(text)")
        }
    }

    static let parameters = """
        local S = lot.strategy { name = "t", params = {
          slow = lot.int { 20, min = 2, max = 200 }, fast = lot.int { 10, min = 2, max = 200, \
          step = 2 },
          k = lot.float { 0.5, min = 0.1, max = 2, log = true }, kind = lot.choice { "ema", "sma" },
          on = lot.bool { true } }, where = "fast < slow and (k >= 0.1 or kind == 'sma')" }
        function S:on_init(ctx, p) print(p.slow, p.fast, p.k, p.kind, p.on, math.type(p.fast)) end
        function S:on_bar(ctx, bar) end
        return S
        """

    @Test func `parameters keep their order, types and ranges`() throws {
        let strategy = try load(
            FileContract.parameters, [("k", "1e-1"), ("kind", "sma"), ("on", "false")])
        #expect(
            strategy.parameters == [
                NamedParameter("slow", .int(20)), NamedParameter("fast", .int(10)),
                NamedParameter("k", .float(0.1)), NamedParameter("kind", .choice("sma")),
                NamedParameter("on", .bool(false)),
            ])
        #expect(strategy.declaredParameters[1].step == 2)
        #expect(strategy.declaredParameters[2].isLogarithmic)
        #expect(strategy.declaredParameters[3].choices == ["ema", "sma"])
        let outcome = try run(strategy, [1, 2])
        #expect(
            outcome.notes.log.map(\.text) == ["20\\x0910\\x090.1\\x09sma\\x09false\\x09integer"])
    }

    @Test(arguments: [
        ("where = 'a < b'", "where \"a < b\": attempt to compare number with string"),
        ("where = 'a < c'", "where: no parameter \"c\"; did you mean \"a\"?"),
        ("where = 'a + 1'", "where \"a + 1\" gives 2.0, not true or false"),
        ("where = 'a <'", "where \"a <\": unexpected symbol near ')'"),
    ])
    func `what is wrong with where is named with its line`(_ text: String, _ expected: String) {
        let script = """
            local S = lot.strategy {
              name = "t",
              params = { a = lot.float { 1 }, b = lot.choice { "x" } },
              \(text),
            }
            function S:on_bar() end
            return S
            """
        let found = message { _ = try load(script) }
        #expect(found == "65 s.lua: line 4: " + expected, "\(found)")
    }

    @Test(arguments: [("(", ")"), ("{", "}"), ("f(", ")")])
    func `a text that is nested too deeply is named with its line`(_ open: String, _ close: String)
    {
        let deep = String(repeating: open, count: 300) + "1" + String(repeating: close, count: 300)
        let found = message { _ = try load("local a = 1\n\nlocal b = " + deep + "\nreturn a\n") }
        #expect(
            found == "65 s.lua: line 3: nested too deeply: Lua takes at most 200 levels",
            "\(found)")
    }

    @Test func `rules draw at most 256 lines, each with a name of at most 64 bytes`() throws {
        func rules(_ plots: String) -> String {
            "local S = lot.strategy { name = \"t\" }\nfunction S:rules(ctx)\nlocal t = {} "
                + plots + "\n"
                + "return { enter_long = ctx.close:above(1), plot = t }\nend\nreturn S"
        }
        _ = try load(rules("for i = 1, 256 do t['l' .. i] = ctx.close end"))
        let many = message { _ = try load(rules("for i = 1, 257 do t['l' .. i] = ctx.close end")) }
        #expect(many == "65 s.lua: line 4: plot: more than 256 lines", "\(many)")
        let long = message { _ = try load(rules("t[('x'):rep(65)] = ctx.close")) }
        #expect(
            long == "65 s.lua: line 4: plot: the name must be a text of 1 to 64 bytes", "\(long)")
    }

    @Test(arguments: [
        (
            "fast", "500",
            "parameter \"fast\" = 500 outside 2…200; stay within, or change min and max in the "
                + "script"
        ),
        ("fast", "1.5", "parameter \"fast\": \"1.5\" is not a whole number"),
        ("k", "nan", "parameter \"k\": \"nan\" is not a number"),
        ("k", "0x1", "parameter \"k\": \"0x1\" is not a number"),
        ("kind", "wma", "parameter \"kind\": \"wma\" is not one of ema, sma"),
        ("on", "yes", "parameter \"on\": \"yes\" is not true or false"),
        ("fats", "5", "no parameter \"fats\"; did you mean \"fast\"?"),
        (
            "fast", "20",
            "where \"fast < slow and (k >= 0.1 or kind == 'sma')\" does not hold: "
                + "slow = 20, fast = 20, k = 0.5, kind = ema, on = true; choose values with --param"
        ),
    ]) func `a wrong parameter is a usage error`(_ name: String, _ value: String, _ reason: String)
    {
        let text = message { _ = try load(FileContract.parameters, [(name, value)]) }
        #expect(text == "64 s.lua: " + reason)
    }

    @Test(
        arguments: [
            (
                [0x1b, 0x4c, 0x75, 0x61],
                "65 s.lua: precompiled Lua is not accepted; give source text"
            ),
            ([0x0a, 0x00], "65 s.lua: line 2: holds a NUL byte: not a text file"),
            ([0x0a, 0x0a, 0xff], "65 s.lua: line 3: is not UTF-8; save it as UTF-8"),
        ] as [([UInt8], String)]) func `what is not source text is refused before it runs`(
            _ bytes: [UInt8], _ expected: String
        )
    {
        #expect(message { _ = try ScriptFile(name: "s.lua", bytes: bytes) } == expected)
    }

    @Test func `a script of more than 1 MiB is refused before it runs`() {
        let bytes = [UInt8](repeating: 0x20, count: (1 << 20) + 1)
        #expect(
            message { _ = try ScriptFile(name: "s.lua", bytes: bytes) }
                == "65 s.lua: 1,048,577 bytes, a script has at most 1 MiB")
    }

    @Test func `a missing file is no input`() {
        let text = message { _ = try ScriptFile.load(path: "nowhere/s.lua") }
        #expect(text.hasPrefix("66 nowhere/s.lua: no such file; give the path of a strategy"))
    }
}
