import LotCore
import LotEngine
import LotMath
import LotScript
import Testing

/// A script that is loaded once and makes rules of many sets of parameters.
@Suite struct RuleScriptTests {
    private func file(_ text: String) throws -> ScriptFile {
        try ScriptFile(name: "s.lua", bytes: Array(text.utf8))
    }

    /// What a strategy of its own makes of the same parameters.
    private func alone(
        _ file: ScriptFile, _ parameters: [(String, String)]
    ) throws -> (rules: Rules, program: SeriesProgram) {
        let strategy = try ScriptStrategy(
            file, parameters: parameters, seed: 7, address: testAddress())
        return (try #require(strategy.rules), strategy.strategy.program)
    }

    private func expectSame(
        _ made: ScriptRules, _ own: (rules: Rules, program: SeriesProgram)
    ) {
        #expect(made.program.nodes == own.program.nodes)
        #expect(made.program.warmUps == own.program.warmUps)
        #expect(made.rules.enterLong == own.rules.enterLong)
        #expect(made.rules.exitLong == own.rules.exitLong)
        #expect(made.rules.bracket == own.rules.bracket)
        #expect(made.rules.size == own.rules.size)
        #expect(made.rules.plots.map(\.name) == own.rules.plots.map(\.name))
    }

    @Test func `every set finds what a strategy of its own finds`() throws {
        let file = try ScriptFile.load(path: Examples.path("sma_cross"))
        let script = try SearchedScript(file, seed: 7, address: testAddress())
        for (fast, slow) in [(5, 60), (50, 240), (20, 100), (5, 60)] {
            let parameters = [("fast", "\(fast)"), ("slow", "\(slow)")]
            expectSame(try #require(try script.rules(parameters)), try alone(file, parameters))
        }
    }

    /// Each more is the larger of what there is and the next, numbers wherever they stand.
    @Test func `the largest of any number of series`() throws {
        func rules(_ of: String) throws -> ScriptRules {
            let script = try SearchedScript(
                try file(
                    """
                    local S = lot.strategy { name = "t" }
                    function S:rules(ctx)
                      local a, b, c = ctx.open, ctx.high, ta.sma(ctx.close, 3)
                      return { enter_long = ctx.close:above(\(of)) }
                    end
                    return S
                    """), seed: 7, address: testAddress())
            return try #require(try script.rules([]))
        }
        let pairs = [
            ("ta.max(a, b, c)", "ta.max(ta.max(a, b), c)"),
            ("ta.min(a, 5, c)", "ta.min(ta.min(a, 5), c)"),
            ("ta.max(5, 6, a)", "ta.max(ta.max(a, 5), 6)"),
        ]
        for (many, nested) in pairs {
            let (one, other) = (try rules(many), try rules(nested))
            #expect(one.program.nodes == other.program.nodes)
            #expect(one.rules.enterLong == other.rules.enterLong)
        }
    }

    @Test func `a script carries nothing from one set to the next`() throws {
        // Counts its own calls, grows a table, draws random numbers: all of it starts anew.
        let file = try file(
            """
            local calls, seen = 0, {}
            local S = lot.strategy { name = "leak", params = {
              n = lot.int { 5, min = 1, max = 90 } } }
            function S:rules(ctx, p)
              calls = calls + 1
              seen[#seen + 1] = p.n
              for i = 1, 2000 do seen["k" .. i] = { i } end
              local length = p.n + calls + #seen + math.random(1, 5)
              return { enter_long = ctx.close:above(ta.sma(ctx.close, length)) }
            end
            return S
            """)
        let script = try SearchedScript(file, seed: 7, address: testAddress())
        for n in [5, 9, 5, 40, 9] {
            let parameters = [("n", "\(n)")]
            expectSame(try #require(try script.rules(parameters)), try alone(file, parameters))
        }
    }

    /// The list of what the host knows of the script's series grows outside of what is put back.
    @Test func `many series in each set`() throws {
        let file = try file(
            """
            local S = lot.strategy { name = "many", params = {
              n = lot.int { 5, min = 1, max = 90 } } }
            function S:rules(ctx, p)
              local enter = ctx.close:above(1)
              for i = 1, 80 do enter = enter & ctx.close:above(ta.sma(ctx.close, p.n + i)) end
              return { enter_long = enter }
            end
            return S
            """)
        let script = try SearchedScript(file, seed: 7, address: testAddress())
        for n in [5, 9, 5, 40, 9, 60, 61, 62] {
            let parameters = [("n", "\(n)")]
            expectSame(try #require(try script.rules(parameters)), try alone(file, parameters))
        }
    }

    @Test func `a set that goes wrong leaves the next one whole`() throws {
        let file = try file(
            """
            local S = lot.strategy { name = "wrong", params = {
              n = lot.int { 5, min = 1, max = 90 } }, where = "n < 80" }
            function S:rules(ctx, p)
              if p.n == 13 then error("not thirteen") end
              if p.n == 14 then while true do end end
              return { enter_long = ctx.close:above(ta.sma(ctx.close, p.n)) }
            end
            return S
            """)
        let script = try SearchedScript(
            file, seed: 7, address: testAddress(), limits: ScriptLimits(callMilliseconds: 30))
        for (n, words) in [(13, "not thirteen"), (14, "30 ms"), (85, "n < 80")] {
            let text = message { _ = try script.rules([("n", "\(n)")]) }
            #expect(text.contains(words), "\(text)")
            let made = try #require(try script.rules([("n", "6")]))
            expectSame(made, try alone(file, [("n", "6")]))
        }
    }

    @Test(arguments: ["rsi_mean_reversion", "breakout_retest", "atr_trailing_stop"])
    func `events of a script that is loaded once trade as those of a fresh one`(
        _ name: String
    ) throws {
        let file = try ScriptFile.load(path: Examples.path(name))
        let script = try SearchedScript(file, seed: 7, address: testAddress())
        let declared = try ScriptStrategy.parameters(file)
        let range = try #require(declared.first { ($0.maximum ?? 0) > ($0.minimum ?? 0) })
        let (low, high) = (range.minimum ?? 0, range.maximum ?? 0)
        for value in [low, high, low, high] {
            let parameters = [(range.name, "\(Int(value))")]
            let own = try ScriptStrategy(
                file, parameters: parameters, seed: 7, address: testAddress())
            let expected = try run(own.strategy, Examples.closes)
            let found = try run(try script.strategy(parameters), Examples.closes)
            #expect(found.trades == expected.trades)
            #expect(found.finalEquity == expected.finalEquity)
            #expect(found.notes.log == expected.notes.log)
        }
    }

    /// More series than the host has room for at first, so that its lists move between two sets.
    @Test func `events with a state, random numbers and many series carry nothing over`() throws {
        let file = try file(
            """
            local S = lot.strategy { name = "many", params = {
              n = lot.int { 5, min = 1, max = 90 } } }
            local count = 0
            function S:on_init(ctx, p)
              count = count + 1
              self.all = {}
              for i = 1, 3 * p.n do self.all[i] = ta.sma(ctx.close, i + 1) end
              ctx.state.seen = 0
            end
            function S:on_bar(ctx, bar)
              ctx.state.seen = ctx.state.seen + 1
              local sum = 0
              for i = 1, #self.all do sum = sum + self.all[i][0] end
              if ctx.state.seen % 50 == 0 then
                print(count, ctx.state.seen, sum, math.random(1, 1000), bar.close)
                if ctx.position.flat then ctx:buy {} else ctx:exit {} end
              end
            end
            return S
            """)
        let script = try SearchedScript(file, seed: 7, address: testAddress())
        for n in [5, 60, 9, 90, 5] {
            let parameters = [("n", "\(n)")]
            let own = try ScriptStrategy(
                file, parameters: parameters, seed: 7, address: testAddress())
            let expected = try run(own.strategy, Array(Examples.closes.prefix(700)))
            let found = try run(
                try script.strategy(parameters), Array(Examples.closes.prefix(700)))
            #expect(!expected.notes.log.isEmpty)
            #expect(found.notes.log == expected.notes.log)
            #expect(found.trades == expected.trades)
        }
    }

    @Test func `events and functions of the script need a state of their own`() throws {
        let events = try SearchedScript(
            file(onBar("")), address: testAddress())
        #expect(try events.rules([]) == nil)
    }
}

extension Examples {
    /// The path of a strategy that ships with `lot`.
    static func path(_ name: String) -> String {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return "/\(root)/strategies/\(name).lua"
    }
}
