/// The strategies that are timed.
enum BenchScripts {
    /// The SMA cross as events, of 20 and 100 bars.
    static let smaCross = cross()

    /// The same with lengths that a search sets.
    static let searchedCross = cross(
        parameters: """
            fast = lot.int { 20, min = 5, max = 50 }, slow = lot.int { 100, min = 60, max = 240 }
            """, fast: "p.fast", slow: "p.slow")

    static let plots = cross(each: "ctx:plot('fast', fast[0]) ctx:plot('slow', slow[0])")
    static let prints = cross(each: "print('close', bar.close)")
    static let window = cross(
        start: "ctx.state.closes, ctx.state.next = {}, 0",
        each: """
            local state = ctx.state
            state.next = state.next % 100 + 1
            state.closes[state.next] = bar.close
            """)
    static let tables = cross(each: "local t = { bar.close, fast[0] } local s = 'x' .. bar.close")

    /// The SMA cross, with a line more in `on_init` and one at each bar where they are given.
    private static func cross(
        parameters: String = "", fast: String = "20", slow: String = "100", start: String = "",
        each: String = ""
    ) -> String {
        """
        local S = lot.strategy { name = "bench_cross", params = { \(parameters) } }
        function S:on_init(ctx, p)
          self.fast, self.slow = ta.sma(ctx.close, \(fast)), ta.sma(ctx.close, \(slow))
          \(start)
        end
        function S:on_bar(ctx, bar)
          local fast, slow = self.fast, self.slow
          \(each)
          if fast[0] > slow[0] then
            if fast[1] <= slow[1] then ctx:buy {} end
          elseif fast[1] >= slow[1] and ctx.position.long then
            ctx:exit {}
          end
        end
        return S
        """
    }

    static let ruleCross = """
        local S = lot.strategy { name = "bench_rules", params = {
          fast = lot.int { 20, min = 5, max = 50 }, slow = lot.int { 100, min = 60, max = 240 } } }
        function S:rules(ctx, p)
          local fast, slow = ta.sma(ctx.close, p.fast), ta.sma(ctx.close, p.slow)
          return { enter_long = fast:crosses_above(slow), exit_long = fast:crosses_below(slow) }
        end
        return S
        """

    static let tenIndicators = """
        local S = lot.strategy { name = "bench_ten" }
        function S:on_init(ctx)
          self.a, self.b = ta.sma(ctx.close, 20), ta.sma(ctx.close, 100)
          self.c, self.d = ta.ema(ctx.close, 20), ta.ema(ctx.close, 100)
          self.e, self.f = ta.rsi(ctx.close, 14), ta.atr(ctx, 14)
          self.g, self.h = ta.roc(ctx.close, 10), ta.stdev(ctx.close, 20)
          self.i, self.j = ta.highest(ctx.high, 50), ta.lowest(ctx.low, 50)
          ctx.state.quiet = 0
        end
        function S:on_bar(ctx, bar)
          local state = ctx.state
          state.quiet = state.quiet + 1
          local up = self.a[0] > self.b[0] and self.c[0] > self.d[0] and self.e[0] > 50
          if up and self.g[0] > 0 and self.f[0] > 0.1 * self.h[0] and state.quiet > 100
            and bar.close < self.i[0] and ctx.position.flat then
            state.quiet = 0
            ctx:buy {}
          elseif ctx.position.long and bar.close < self.j[0] + self.f[0] then
            ctx:exit {}
          end
        end
        return S
        """
}
