import LotCore
import LotEngine
import LotScript
import Testing

/// What `lot explain` says of one bar.
@Suite struct ExplainTests {
    private let rules = """
        local S = lot.strategy { name = "r" }
        function S:rules(ctx)
          local up = ctx.close:above(ta.sma(ctx.close, 2))
          return {
            enter_long = up & ctx.close:above(5), exit_long = ctx.close:above(8), stop_loss = 0.5,
            plot = { half = ctx.close / 2 },
          }
        end
        return S
        """

    private func explain(
        _ text: String, _ closes: [Double], row: Int
    ) throws -> BarExplanation {
        let script = try load(text)
        let bars = makeBars(closes)
        return try BarExplanation(
            script.strategy, rules: script.rules,
            input: BacktestInput(
                bars: bars, window: 0..<bars.count, instrument: Instrument(),
                settings: RunSettings(
                    makerFee: 0, takerFee: 0, slippage: .none, volumeLimit: nil)), row: row)
    }

    @Test func `conditions, their parts and their numbers are those of the bar`() throws {
        let bar = try explain(rules, [1, 2, 3, 4, 6, 7, 9, 10], row: 4)
        #expect(bar.bar.close == 6)
        #expect(bar.closeTime == 5 * 3_600_000)
        #expect(bar.series.first == BarExplanation.Value(name: "sma(close, 2)", value: 5))
        #expect(bar.rules.map(\.name) == ["enter_long", "exit_long"])
        let enter = bar.rules[0].condition
        #expect(enter.holds)
        #expect(enter.text == "(close above sma(close, 2) & close above 5)")
        #expect(enter.parts.map(\.holds) == [true, true])
        #expect(enter.parts[0].values.map(\.value) == [6, 5])
        #expect(!bar.rules[1].condition.holds)
        #expect(bar.plots == [BarExplanation.Value(name: "half", value: 3)])
        #expect(bar.vetoes == [])
        #expect(bar.sent.map(\.request.tag) == ["enter_long"])
        #expect(bar.sent.map(\.status) == [.filled])
        #expect(bar.account?.position == 0)
        let fills = bar.after.compactMap { if case .fill(let fill) = $0 { fill } else { nil } }
        #expect(fills.map(\.price) == [6])
    }

    @Test func `vetoes say why rules that hold led to nothing`() throws {
        let closes: [Double] = [1, 2, 3, 4, 6, 7, 9, 10, 7, 6]
        let warm = try explain(rules, closes, row: 0)
        #expect(warm.vetoes.map(\.kind) == ["warm_up"])
        #expect(warm.account == nil)
        let held = try explain(rules, closes, row: 5)
        #expect(held.vetoes.map(\.kind) == ["in_position"])
        #expect(held.inside.count == 3 || held.inside.count == 2)
        // At 9 the entry and its exit hold: the position is left, which is no veto of the exit.
        let both = try explain(rules, closes, row: 6)
        #expect(both.vetoes.map(\.kind) == ["conflict", "in_position"])
        #expect(both.sent.map(\.request.tag) == ["exit_long"])
        let flat = try explain(rules, closes, row: 7)
        #expect(flat.vetoes.map(\.kind) == ["conflict", "no_position"])
        #expect(flat.sent == [])
    }

    @Test func `events: series, orders, refusals and prints`() throws {
        let text = onBar(
            """
            print("at", bar.close)
            ctx:plot("p", bar.close * 2)
            if bar.close == 3 then ctx:sell { size = lot.base(1), tag = "no" } end
            """, setUp: "function S:on_init(ctx) self.m = ta.sma(ctx.close, 2) end")
        let bar = try explain(text, [1, 2, 3, 4, 5], row: 2)
        #expect(bar.series == [BarExplanation.Value(name: "sma(close, 2)", value: 2.5)])
        #expect(bar.rules == [])
        #expect(bar.log.map(\.text) == ["at\\x093.0"])
        #expect(bar.plots == [BarExplanation.Value(name: "p", value: 6)])
        #expect(bar.sent.map(\.status) == [.rejected])
        #expect(bar.vetoes.map(\.kind) == ["rejected"])
        let reason = try #require(bar.sent.first?.reason)
        #expect(!reason.isEmpty)
        #expect(bar.vetoes.first?.text.hasSuffix("was rejected: " + reason) == true)
    }

    @Test func `an order that still works one bar later is shown as it stood then`() throws {
        let text = onBar(
            """
            if bar.close ~= 9 then
              ctx:buy { type = "limit", price = 0.5, size = lot.base(1) }
            end
            """)
        let closes: [Double] = [1, 2, 3, 4, 5, 6]
        #expect(try explain(text, closes, row: 2).sent.map(\.status) == [.open])
        #expect(try explain(text, closes, row: 3).sent.map(\.status) == [.open])
        // One bar later the run ends, and the order with it.
        for row in [4, 5] {
            let sent = try explain(text, closes, row: row).sent
            #expect(sent.map(\.status) == [.cancelled])
            #expect(sent.map(\.reason) == ["end_of_data"])
        }
    }

    @Test func `the last bar of a run can be explained`() throws {
        let bar = try explain(rules, [1, 2, 3, 4, 6], row: 4)
        #expect(bar.after == [])
        #expect(bar.rules[0].condition.holds)
    }
}
