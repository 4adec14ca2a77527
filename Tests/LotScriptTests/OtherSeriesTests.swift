import LotCore
import LotEngine
import LotMath
import LotScript
import Testing

/// `ctx:series`: other symbols and intervals in a script.
@Suite struct OtherSeriesTests {
    /// 400 hours of a wave, and a symbol beside them that begins later and has holes.
    private static func input(
        _ closes: [Double] = Array(HonestyTests.closes.prefix(400))
    ) throws -> BacktestInput {
        let bars = makeBars(closes)
        let four = try #require(Interval("4h"))
        let other = makeBars(Array(HonestyTests.closes.dropFirst(900).prefix(420)))
        let rows = (30..<420).filter { $0 % 17 != 0 }.map { other[$0] }
        let minutes = try #require(Interval("15m"))
        let fine = Bars(
            interval: minutes,
            (0..<1_600).map { row in
                var bar = other[row / 4]
                bar.openTime = Int64(row) * minutes.milliseconds
                bar.close += Double(row % 4)
                return bar
            })
        return BacktestInput(
            bars: bars, window: 0..<bars.count, instrument: Instrument(),
            settings: RunSettings(makerFee: 0, takerFee: 0, slippage: .none, volumeLimit: nil),
            sources: SourceBars([
                try SeriesAddress(exchange: "test", symbol: "BTCUSDT", interval: four):
                    bars.resampled(to: four),
                try SeriesAddress(exchange: "test", symbol: "ETHUSDT", interval: bars.interval):
                    Bars(interval: bars.interval, rows),
                try SeriesAddress(exchange: "test", symbol: "BTCUSDT", interval: minutes): fine,
            ]))
    }

    private func run(_ text: String, path: RunPath = .skipping) throws -> BacktestOutcome {
        try runBacktest(load(text).strategy, OtherSeriesTests.input(), path: path)
    }

    private let rules = """
        local S = lot.strategy { name = "t" }
        function S:rules(ctx)
          local h4, eth = ctx:series { interval = "4h" }, ctx:series { symbol = "ETH/USDT" }
          local m15 = ctx:series { interval = "15m" }
          local up = h4.close:above(ta.sma(h4.close, 3))
          local ratio = ctx.close / eth.close
          local calm = ta.atr(h4, 5):below(80)
          local turn = (ta.sma(h4.close, 2) + 0):crosses_above(ta.sma(h4.close, 5))
          return {
            enter_long = up & calm & ratio:above(ratio:shift(2)) | turn,
            exit_long = (~up | m15.close:below(m15.close:shift(3))) & ctx.close:below(h4.high),
            plot = { ratio = ratio, h4 = h4.close, up = up, m15 = m15.close },
          }
        end
        return S
        """

    private let events = """
        local S = lot.strategy { name = "t" }
        function S:on_init(ctx)
          local h4, eth = ctx:series { interval = "4h" }, ctx:series { symbol = "ETHUSDT" }
          local m15 = ctx:series { interval = "15m", symbol = ctx.symbol }
          self.h4, self.m15 = h4, m15
          self.sma, self.atr = ta.sma(h4.close, 3), ta.atr(h4, 5)
          self.ratio = ctx.close / eth.close
          self.before = self.ratio:shift(2)
          self.turn = (ta.sma(h4.close, 2) + 0):crosses_above(ta.sma(h4.close, 5))
        end
        function S:on_bar(ctx, bar)
          local up = self.h4.close[0] > self.sma[0]
          local r = self.ratio
          local enter = up and self.atr[0] < 80 and r[0] > self.before[0] or self.turn[0]
          local m = self.m15.close
          local exit = (not up or m[0] < m[3]) and bar.close < self.h4.high[0]
          ctx:plot("h4", self.h4.close[0])
          ctx:plot("m15", m[0])
          ctx:plot("ratio", r[0])
          ctx:plot("up", up and 1 or 0)
          if ctx.position.flat then
            if enter and not exit then ctx:buy { tag = "enter_long" } end
          elseif exit then
            ctx:exit { tag = "exit_long" }
          end
        end
        return S
        """

    @Test func `rules and events that say the same make the same trades`() throws {
        let one = try run(rules)
        let other = try run(events)
        let visiting = try run(rules, path: .everyBar)
        #expect(one.trades.count > 10)
        #expect(one.trades == other.trades && one.trades == visiting.trades)
        #expect(one.orders == visiting.orders)
        #expect(one.firstDecisionRow == other.firstDecisionRow)
        let lines = Dictionary(
            uniqueKeysWithValues: other.notes.plots.map { ($0.name, $0.values) })
        for plot in one.notes.plots { #expect(lines[plot.name] == plot.values, "\(plot.name)") }
        #expect(one.notes.plots.count == 4)
    }

    @Test func `a script reads the bars of a series by their own count`() throws {
        let text = """
            local S = lot.strategy { name = "t" }
            function S:on_init(ctx)
              self.h4 = ctx:series { interval = "4h" }
              self.rise = self.h4.close:above(self.h4.close:shift(1))
              self.here = self.h4.close:align()
              assert(ctx:series { interval = "4h" } == self.h4)
              assert(rawequal(ctx:series { interval = ctx.interval }, ctx))
              assert(self.h4.interval == "4h" and self.h4.symbol == ctx.symbol)
            end
            function S:on_bar(ctx, bar)
              if ctx.time // 3600000 % 4 == 2 and ctx.position.flat then ctx:buy {} end
              if ctx.time // 3600000 >= 18 and ctx.time // 3600000 <= 21 then
                local h = self.h4.close
                print(ctx.time // 3600000, h[0], h[1], self.here[1], self.rise[0], h[4] == h[4])
              end
            end
            function S:on_fill(ctx, fill) print("fill", ctx.time // 3600000, self.h4.close[0]) end
            return S
            """
        let input = try OtherSeriesTests.input((0..<60).map { Double($0 * 7 % 13 + 50) })
        let bars = input.bars
        let lines = try runBacktest(load(text).strategy, input).notes.log.map {
            $0.text.replacing("\\x09", with: "\t")
        }
        func close(_ hour: Int) -> String { "\(bars.close[hour - 1])" }
        func row(_ hour: Int, _ newest: Int, _ aligned: Int) -> String {
            let rises = bars.close[newest - 1] > bars.close[newest - 5]
            return "\(hour)\t\(close(newest))\t\(close(newest - 4))\t\(close(aligned))\t"
                + "\(rises)\t\(hour >= 20)"
        }
        // At 20:00 the bar from 16:00 closes with the hour from 19:00.
        let wanted = [row(18, 16, 16), row(19, 16, 16), row(20, 20, 16), row(21, 20, 20)]
        #expect(lines.filter { !$0.hasPrefix("fill") } == wanted)
        // Sent at 10:00 and filled in the hour from there: the 4h bar to 08:00 is the newest.
        #expect(lines.first { $0.hasPrefix("fill") } == "fill\t10\t\(close(8))")
    }

    @Test func `the first decision waits until every series has a value`() throws {
        // The other symbol begins at hour 30, hour 34 is missing: row 35 is its fifth bar.
        let text = """
            local S = lot.strategy { name = "t" }
            function S:rules(ctx)
              local eth = ctx:series { symbol = "ETHUSDT" }
              return { enter_long = ctx.close:above(ta.sma(eth.close, 5)) }
            end
            return S
            """
        #expect(try run(text).firstDecisionRow == 35)
    }

    @Test(arguments: [
        ("ctx:series { interval = \"5h\" }", "\"5h\" is not an interval"),
        ("ctx:series { symbol = \"../x\" }", "is not a symbol"),
        ("ctx:series { interval = 4 }", "interval must be a text, got number"),
        ("ctx:series { timeframe = \"4h\" }", "unknown key \"timeframe\""),
        ("ctx:series {}", "takes a symbol, an interval, or both"),
        ("ctx:series \"4h\"", "takes a table"),
        ("ctx.series { interval = \"4h\" }", "call it with a colon"),
        ("ctx:series { interval = \"4h\" }.clsoe", "did you mean \"close\""),
        ("ta.atr(ctx:series { interval = \"4h\" }.close, 3)", "takes ctx first"),
        ("ta.sma(ctx:series { interval = \"4h\" }, 3)", "takes a series first"),
        ("(ctx:series { interval = \"4h\" }).close.x = 1", "read-only"),
    ])
    func `a mistake is named with its line`(_ call: String, _ reason: String) {
        let text = """
            local S = lot.strategy { name = "t" }
            function S:on_init(ctx)
              local x = \(call)
            end
            function S:on_bar(ctx) end
            return S
            """
        let found = message { _ = try load(text.replacing("local x = (", with: "(")) }
        #expect(found.contains(reason) && found.contains("line 3"), "\(found)")
    }

    @Test func `series are declared before the run`() {
        let found = message { try ran(onBar("ctx:series { interval = \"4h\" }")) }
        #expect(found.contains("on_init") && found.contains("line 2"), "\(found)")
    }

    private func ran(_ text: String) throws { _ = try run(text) }

    @Test func `cut data prove that no decision knew a bar that had not closed`() throws {
        let file = try ScriptFile(name: "s.lua", bytes: Array(rules.utf8))
        let address = try testAddress()
        let report = try checkHonesty(try OtherSeriesTests.input(), threads: 2) {
            () throws(Diagnosis) in try ScriptStrategy(file, seed: 1, address: address).strategy
        }
        #expect(report.isPassed, "\(String(describing: report.firstDifference))")
        #expect(report.findings.count { $0.kind == .end } > 12)
    }

    @Test func `an explanation shows the newest closed bars of other series`() throws {
        let script = try load(rules)
        let input = try OtherSeriesTests.input()
        let explanation = try BarExplanation(
            script.strategy, rules: script.rules, input: input, row: 41)
        #expect(explanation.others.map(\.name) == ["BTCUSDT:4h", "ETHUSDT:1h", "BTCUSDT:15m"])
        #expect(explanation.others.map(\.closeTime) == [40, 42, 42].map { $0 * 3_600_000 })
        #expect(explanation.others[0].bar?.close == input.bars.close[39])
        let names = explanation.series.map(\.name)
        #expect(names.contains("atr(BTCUSDT:4h, 5)") && !names.contains("BTCUSDT:4h.close"))
        let early = try BarExplanation(
            load(rules).strategy, rules: script.rules, input: input, row: 2)
        #expect(early.others.map { $0.bar == nil } == [true, true, false])
    }
}
