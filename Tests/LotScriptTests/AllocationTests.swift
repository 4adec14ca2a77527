import CTestAllocations
import LotCore
import LotEngine
import LotMath
import LotScript
import LotTestSupport
import Testing

/// A run allocates for its results and once per tile, never per bar.
///
/// Counted with a `malloc` of the tests' own. Twice as many bars may cost a few allocations more
/// for each tile of 4,096 bars, and for arrays that double; one allocation a bar would be 65,536.
@Suite struct AllocationTests {
    private let scripts = [
        """
        local S = lot.strategy { name = "ten" }
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
          local up = self.a[0] > self.b[0] and self.c[1] > self.d[0] and self.e[0] > 50
          if up and self.g[0] > 100 * self.f[0] + self.h[3] and bar.close > self.i[0]
            and ctx.position.flat and ctx.equity > self.j[0] then ctx:buy {} end
        end
        return S
        """,
        """
        local S = lot.strategy { name = "never" }
        function S:rules(ctx)
          local fast, slow = ta.sma(ctx.close, 20), ta.ema(ctx.close, 100)
          return { enter_long = fast:crosses_above(slow) & ctx.close:above(1e9),
            exit_long = fast:crosses_below(slow), stop_loss = 0.05 }
        end
        return S
        """,
        """
        local S = lot.strategy { name = "trades" }
        function S:rules(ctx)
          local fast, slow = ta.sma(ctx.close, 20), ta.ema(ctx.close, 50)
          return { enter_long = fast:crosses_above(slow), exit_long = fast:crosses_below(slow),
            \(AllocationTests.bracket) }
        end
        return S
        """,
    ]

    // Unoptimised code allocates the frames of accessors that it calls: with a bracket that is some
    // for each bar, which the optimised form (`make nightly`) does not have.
    #if DEBUG
    private static let bracket = ""
    #else
    private static let bracket = "trailing_stop = 0.05, take_profit = 0.08"
    #endif

    private func closes(_ count: Int) -> [Double] {
        var random = SplitMix(5)
        var price = 100.0
        return (0..<count).map { _ in
            price = min(1_000, max(10, price * (1 + 0.01 * (random.unit() - 0.5))))
            return (price * 100).rounded() / 100
        }
    }

    private func allocations(_ text: String, _ bars: Bars) throws -> (count: Int, trades: Int) {
        let strategy = try load(text).strategy
        let settings = RunSettings(makerFee: 0, takerFee: 0, slippage: .none, volumeLimit: nil)
        let input = BacktestInput(
            bars: bars, window: 0..<bars.count, instrument: Instrument(), settings: settings)
        let before = lot_test_allocations()
        let outcome = try runBacktest(strategy, input)
        return (lot_test_allocations() - before, outcome.trades.count)
    }

    @Test(arguments: 0..<3) func `bars cost no allocation`(_ index: Int) throws {
        let bars = makeBars(closes(131_072))
        let half = bars.slice(0..<65_536)
        let once = try allocations(scripts[index], half)
        let twice = try allocations(scripts[index], bars)
        #expect(once.count > 0, "nothing was counted: the tests' malloc is not the one in use")
        // What a trade and its orders take in the outcome is not the bars'.
        let results = 16 * (twice.trades - once.trades)
        #expect(
            twice.count - once.count < 65_536 / 32 + results, "\(once) for half, \(twice) for all")
        if index == 2 { #expect(twice.trades - once.trades > 500) }
    }

    @Test func `block sums of a run cost no allocation`() throws {
        var tracker = EquityTracker(
            startingCash: 100, startTime: 0, startPrice: 1, interval: try #require(Interval("1d")))
        for day in 1...400 {
            tracker.mark(
                time: Int64(day) * 86_400_000, equity: 100 + Double(day * 37 % 11), price: 1)
        }
        let input = MetricInput(
            equity: tracker, trades: TradeSummary(startingCash: 100), fees: 0, slippage: 0,
            counters: RunCounters(), windowBars: 400, startTime: 0, endTime: 400 * 86_400_000)
        var evaluator = MetricEvaluator()
        var sums: [Double] = []
        sums.reserveCapacity(64)
        evaluator.evaluate(input)
        evaluator.appendBlockSums(to: &sums)
        let before = lot_test_allocations()
        evaluator.appendBlockSums(to: &sums)
        let count = lot_test_allocations() - before
        #expect(count == 0 && sums.count == 64 && sums[..<32] == sums[32...])
    }
}
