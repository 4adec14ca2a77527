import LotCore
import LotEngine
import LotScript
import Testing

@Suite struct ThinPath {
    /// 30 bars down, 30 up, 30 down: the fast average crosses twice.
    static let wave =
        (0..<30).map { 100 - Double($0) } + (0..<30).map { 70 + Double($0) }
        + (0..<30).map { 100 - Double($0) }

    static let rules = """
        local S = lot.strategy {
          name = "cross",
          params = {
            fast = lot.int { 3, min = 2, max = 50, step = 1 },
            slow = lot.int { 8, min = 5, max = 240 },
          },
          where = "fast < slow",
        }
        function S:rules(ctx, p)
          local fast, slow = ta.sma(ctx.close, p.fast), ta.sma(ctx.close, p.slow)
          return {
            enter_long = fast:crosses_above(slow),
            exit_long  = fast:crosses_below(slow),
            plot       = { fast = fast, slow = slow },
          }
        end
        return S
        """

    static let events = """
        local S = lot.strategy {
          name = "cross",
          params = { fast = lot.int { 3 }, slow = lot.int { 8 } },
        }
        function S:on_init(ctx, p)
          self.fast, self.slow = ta.sma(ctx.close, p.fast), ta.sma(ctx.close, p.slow)
        end
        function S:on_bar(ctx, bar)
          local fast, slow = self.fast, self.slow
          if ctx.position.flat and fast[0] > slow[0] and fast[1] <= slow[1] then
            return { side = "buy", tag = "enter_long" }
          elseif ctx.position.long and fast[0] < slow[0] and fast[1] >= slow[1] then
            ctx:exit { tag = "exit_long" }
          end
        end
        return S
        """

    @Test func `rules and events that say the same make the same trades`() throws {
        let rules = try run(load(ThinPath.rules), ThinPath.wave)
        let events = try run(load(ThinPath.events), ThinPath.wave)
        #expect(rules.trades.count == 1)
        #expect(rules.trades == events.trades)
        #expect(rules.trades.first?.entryTag == "enter_long")
        #expect(rules.notes.plots.map(\.name) == ["fast", "slow"])
    }

    @Test func `a strategy knows its name, form and parameters`() throws {
        let strategy = try load(ThinPath.rules, [("fast", "5")])
        #expect(strategy.name == "cross")
        #expect(strategy.form == "rules")
        #expect(
            strategy.parameters
                == [NamedParameter("fast", .int(5)), NamedParameter("slow", .int(8))])
        #expect(strategy.declaredParameters.first?.maximum == 50)
        #expect(strategy.bytesByPath["s.lua"]?.count == ThinPath.rules.utf8.count)
    }
}
