import LotCore
import LotEngine
import LotMath
import LotScript
import Testing

/// `ta.define`: a script's own indicators.
@Suite struct DefineTests {
    /// A script of rules whose function is `body`, on lines 4 and following.
    private func defined(
        _ body: String, more: String = "", before: String = "local n = 0"
    ) -> String {
        """
        local S = lot.strategy { name = "t" } \(before)
        function S:rules(ctx)
          local x = ta.define(function(state, bar, p)
        \(body)
          end\(more))
          return { enter_long = ctx.close:above(x), exit_long = ctx.close:below(x),
            plot = { x = x } }
        end
        return S
        """
    }

    private func plot(_ outcome: BacktestOutcome, _ name: String) throws -> [UInt64] {
        try #require(outcome.notes.plots.first { $0.name == name }).values.map(\.bitPattern)
    }

    @Test func `a function says what the operators say, to the last bit`() throws {
        let text = """
            local S = lot.strategy { name = "t" }
            function S:rules(ctx)
              local mine, top = ta.define(function(state, bar, p)
                state.closes = state.closes or {}
                local c = state.closes
                c[#c + 1] = bar.close
                if #c > p.back + 1 then table.remove(c, 1) end
                if #c <= p.back then return nil, bar.high end
                return bar.close - c[1], bar.high
              end, { back = 3 }, { outputs = 2, warm_up = 3 })
              local same = ctx.close - ctx.close:shift(3)
              return {
                enter_long = mine:above(0) & top:above(0), exit_long = mine:below(0),
                plot = { mine = mine, same = same, top = top, high = ctx.high },
              }
            end
            return S
            """
        let outcome = try run(text, Array(HonestyTests.closes.prefix(1_000)))
        #expect(outcome.trades.count > 30)
        #expect(outcome.firstDecisionRow == 3)
        #expect(try plot(outcome, "mine") == plot(outcome, "same"))
        #expect(try plot(outcome, "top") == plot(outcome, "high"))
    }

    @Test func `events read it, and tiles do not show`() throws {
        let text = """
            local S = lot.strategy { name = "t" }
            function S:on_init(ctx)
              self.n = ta.define(function(state) state.n = (state.n or 0) + 1 return state.n end)
              self.d = ta.define(ctx:series { interval = ctx.interval }, function(_, bar)
                return bar.time // 3600000 end)
            end
            function S:on_bar(ctx)
              assert(self.n[0] == ctx.time // 3600000 and self.d[0] == self.n[0])
              assert(self.n[0] == 1 or self.n[1] == self.n[0] - 1)
              if self.n[0] == 4097 then print("seen") end
            end
            return S
            """
        let outcome = try run(text, (0..<4_200).map { Double($0 % 9) + 5 })
        #expect(outcome.notes.log.map(\.text) == ["seen"])
    }

    @Test func `it runs over another series in that one's bars`() throws {
        let text = """
            local S = lot.strategy { name = "t" }
            function S:rules(ctx)
              local h4 = ctx:series { interval = "4h" }
              local mine = ta.define(h4, function(state, bar)
                local last = state.last
                state.last = bar.close
                return last and bar.close - last
              end, nil, { warm_up = 1 })
              local same = h4.close - h4.close:shift(1)
              return { enter_long = mine:above(0), exit_long = mine:below(0),
                plot = { mine = mine, same = same } }
            end
            return S
            """
        let bars = makeBars(Array(HonestyTests.closes.prefix(500)))
        let four = try #require(Interval("4h"))
        let address = try SeriesAddress(exchange: "test", symbol: "BTCUSDT", interval: four)
        let outcome = try runBacktest(
            load(text).strategy,
            BacktestInput(
                bars: bars, window: 0..<500, instrument: Instrument(),
                settings: RunSettings(volumeLimit: nil),
                sources: SourceBars([address: bars.resampled(to: four)])))
        #expect(try plot(outcome, "mine") == plot(outcome, "same"))
        #expect(outcome.firstDecisionRow == 7)
        #expect(outcome.trades.count > 10)
    }

    @Test func `every pass has a state of its own`() throws {
        let script = try load(
            defined("state.n = (state.n or 0) + 1 return state.n"))
        let program = script.strategy.program
        let node = try #require(script.rules?.plots.first?.node)
        let bars = makeBars([1, 2, 3, 4])
        for _ in 0..<2 {
            let evaluator = SeriesEvaluator(program, bars: bars)
            try evaluator.advanceChecked()
            #expect((0..<4).map { evaluator.value(node, at: $0) } == [1, 2, 3, 4])
        }
    }

    @Test func `the same function with the same parameters is one series`() throws {
        let text = """
            local S = lot.strategy { name = "t" }
            function S:rules(ctx)
              local function f(state, bar, p) return bar.close * p.k end
              local a, b = ta.define(f, { k = 2 }), ta.define(f, { k = 2 })
              local c = ta.define(f, { k = 3 })
              return { enter_long = (a + b):above(c) }
            end
            return S
            """
        let nodes = try load(text).strategy.program.nodes
        let count = nodes.count { if case .defined = $0.operation { true } else { false } }
        #expect(count == 2)
    }

    @Test(arguments: [
        ("return ctx.equity", "can reach ctx through \"ctx\"", 4),
        ("print(1) return 1", "the run is not available", 4),
        ("return math.random()", "math.random is not available", 4),
        ("return collectgarbage(\"count\")", "\"collectgarbage\" is not available", 4),
        ("return close[0]", "a series is not available", 4),
        ("n = n + 1 return n", "the local \"n\" was changed", 2),
        ("counter = 1 return 1", "read-only", 4),
        ("return \"up\"", "returned a string", 3),
        ("return 1, 2", "returned 2 values, its series is made for 1", 3),
        ("state.last = bar return 1", "holds a bar", 3),
        ("state.f = print return 1", "holds a function", 3),
        ("return bar.clsoe", "bar has no \"clsoe\"", 4),
        ("return p.length", "no \"length\"", 4),
        ("error(\"mine\")", "mine", 4),
        ("return require \"x\"", "while the file loads", 4),
        ("return ta.sma(1, 2)", "ta.sma makes a series", 3),
        ("return kept.x", "can reach ctx through \"kept\"", 4),
    ])
    func `what it may not do is refused`(_ body: String, _ reason: String, _ line: Int) {
        let setUp = "local close, kept = ctx.close, { { y = ctx.state } }"
        let text = defined(body).replacing(
            "function S:rules(ctx)\n", with: "function S:rules(ctx) \(setUp)\n")
        let found = message { try run(text, [1, 2, 3, 4, 5]) }
        #expect(found.hasPrefix("65 ") && found.contains(reason), "\(found)")
        #expect(found.contains("line \(line)"), "\(found)")
    }

    @Test func `a series that events have read does not leak into it`() throws {
        let text = """
            local S = lot.strategy { name = "t" }
            function S:on_init(ctx)
              local close = ctx.close
              self.close = close
              self.leak = ta.define(function(_, bar)
                return bar.time > 4096 * 3600000 and close[0] or 0 end)
            end
            function S:on_bar(ctx) local _ = self.close[0] + self.leak[0] end
            return S
            """
        let closes = (0..<4_200).map { Double($0 % 9) + 5 }
        let found = message { try run(text, closes) }
        // Refused, or hidden: never the close of a bar.
        #expect(found.contains("a series is not available") || found == "no error")
        let plotted = text.replacing(
            "self.leak[0] end", with: "0 ctx:plot(\"x\", self.leak[0]) end")
        if let outcome = try? run(plotted, closes) {
            let values = try #require(outcome.notes.plots.first).values
            #expect(values.allSatisfy { $0 == 0 || $0.isNaN })
        }
    }

    /// A tile is computed before the strategy sees its first bar: what a function does to anything
    /// but its series would be news from the future.
    @Test(arguments: [
        ("local flag = 0.0", "flag = -0.0", "assert(1 / flag > 0)"),
        ("local flag = 1", "flag = 1.0", "assert(math.type(flag) == 'integer')"),
        (
            "local t = {} for i = 1, 16 do t[i] = i end for i = 10, 16 do t[i] = nil end t[11] = 1",
            "local _ = t[11]", "assert(#t == 9 and rawlen(t) == 9)"
        ),
    ])
    func `nothing but its series tells what a function did`(
        _ shared: String, _ sent: String, _ received: String
    ) {
        let text = """
            local S = lot.strategy { name = "t" } \(shared)
            function S:on_init(ctx)
              self.x = ta.define(function(_, bar) if bar.close > 8 then \(sent) end return 1 end)
            end
            function S:on_bar() \(received) end
            return S
            """
        let found = message { try run(text, (0..<20).map(Double.init)) }
        #expect(found == "no error" || found.contains("was changed by a callback"), "\(found)")
    }

    @Test func `the time limit is for each bar, and stops it`() throws {
        let limits = ScriptLimits(callMilliseconds: 50)
        let found = message {
            try run(defined("while true do end"), [1, 2, 3], limits: limits)
        }
        #expect(found.contains("50 ms time limit in ta.define"), "\(found)")
    }

    @Test(arguments: [
        ("ta.define(3)", "takes a function"), ("ta.define(f, 3)", "as a table"),
        ("ta.define(f, { x = {} })", "is a table"),
        ("ta.define(f, {}, { outptus = 2 })", "did you mean \"outputs\""),
        ("ta.define(f, {}, { outputs = 0 })", "outside 1…16"),
        ("ta.define(f, {}, { warm_up = 0.5 })", "whole number"),
    ])
    func `arguments are checked`(_ call: String, _ reason: String) {
        let text = """
            local S = lot.strategy { name = "t" }
            function S:rules(ctx)
              local f = function() return 1 end
              return { enter_long = ctx.close:above(\(call)) }
            end
            return S
            """
        let found = message { _ = try load(text) }
        #expect(found.contains(reason) && found.contains("line 4"), "\(found)")
    }

    @Test func `cut data prove that it is causal`() throws {
        let text = defined(
            "state.v = state.v and state.v + (bar.close - state.v) / 20 or bar.close\n"
                + "return state.v", more: ", nil, { warm_up = 20 }")
        let file = try ScriptFile(name: "s.lua", bytes: Array(text.utf8))
        let address = try testAddress()
        let report = try checkHonesty(HonestyTests.input(), threads: 3) { () throws(Diagnosis) in
            try ScriptStrategy(file, seed: 1, address: address).strategy
        }
        #expect(report.isPassed, "\(String(describing: report.firstDifference))")
        #expect(report.settlingBars > 100)
    }
}
