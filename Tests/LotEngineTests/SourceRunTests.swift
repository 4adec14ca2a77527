import LotCore
import LotEngine
import LotMath
import Testing

/// Runs of rules over several series.
@Suite struct SourceRunTests {
    private struct Case {
        let input: BacktestInput
        let addresses: [SeriesAddress]
        var random: Random

        init(_ seed: Int) throws {
            random = Random(state: UInt64(seed) &* 0x9E37_79B9 &+ 5)
            let bars = randomMarket([200, 500, 5_000][seed % 23 == 0 ? 2 : seed % 2], &random)
            var sources: [SeriesAddress: Bars] = [:]
            var addresses: [SeriesAddress] = []
            for index in 0..<2 {
                let own = randomMarket(random.below(900) + 2, &random)
                addresses.append(
                    try SeriesAddress(
                        exchange: "test", symbol: "S\(index)USDT", interval: own.interval))
                sources[addresses[index]] = own
            }
            let first = random.below(3) == 0 ? random.below(bars.count / 2) : 0
            let last = bars.count - random.below(bars.count / 3)
            self.addresses = addresses
            var settings = randomSettings(&random)
            if bars.volume == nil { settings.volumeLimit = nil }
            input = BacktestInput(
                bars: bars, window: first..<last, instrument: randomInstrument(.spot, &random),
                settings: settings, sources: SourceBars(sources))
        }
    }

    private func same(_ a: BacktestOutcome, _ b: BacktestOutcome) -> Bool {
        a.trades == b.trades && a.orders == b.orders && a.equity.curve == b.equity.curve
            && a.counters == b.counters && a.firstDecisionRow == b.firstDecisionRow
            && a.notes.plots.map { $0.values.map(\.bitPattern) }
                == b.notes.plots.map { $0.values.map(\.bitPattern) }
    }

    @Test func `skipping bars changes nothing with other series`() throws {
        var trades = 0
        for seed in 0..<400 {
            var one = try Case(seed)
            let strategy = RandomStrategy(
                canShort: false, sources: one.addresses, &one.random)
            let skipping = try runBacktest(
                RuleStrategy(strategy.rules, program: strategy.program), one.input)
            let visiting = try runBacktest(
                RuleStrategy(strategy.rules, program: strategy.program), one.input,
                path: .everyBar)
            #expect(same(skipping, visiting), "seed \(seed)")
            trades += visiting.trades.count
        }
        #expect(trades > 2_000)
    }

    @Test func `a run on bars cut off at a row is the same up to there`() throws {
        for seed in 0..<100 {
            var one = try Case(seed)
            let strategy = RandomStrategy(
                canShort: false, sources: one.addresses, &one.random)
            let end = one.input.window.lowerBound + one.input.window.count / 2 + 1
            var cut = one.input
            cut.window = one.input.window.lowerBound..<end
            var shorter = cut
            shorter.bars = one.input.bars.slice(0..<end)
            shorter.sources = one.input.sources.closed(by: one.input.bars.closeTime(end - 1))
            let outcomes = try [cut, shorter].map {
                try runBacktest(
                    RuleStrategy(strategy.rules, program: strategy.program), $0)
            }
            #expect(same(outcomes[0], outcomes[1]), "seed \(seed)")
        }
    }

    @Test func `a sweep gives every set the metrics of its own run`() throws {
        var trades = 0
        for seed in 0..<60 {
            var one = try Case(seed)
            var program = SeriesProgram()
            var sets: [RuleSet] = []
            var wanted: [[Double]] = []
            var evaluator = MetricEvaluator()
            for _ in 0..<5 {
                // The same strategy twice: in a program of its own, and in that of all.
                var again = one.random
                let own = RandomStrategy(canShort: false, sources: one.addresses, &one.random)
                let shared = RandomStrategy(
                    canShort: false, sources: one.addresses, after: program, &again)
                program = shared.program
                let warmUp = own.program.firstRow(over: one.input.bars, one.input.sources)
                sets.append(RuleSet(shared.rules, warmUp: warmUp))
                let outcome = try runBacktest(
                    RuleStrategy(own.rules, program: own.program), one.input)
                let (bars, window) = (one.input.bars, one.input.window)
                evaluator.evaluate(
                    MetricInput(
                        equity: outcome.equity.tracker, trades: outcome.trades.map(\.record),
                        fees: outcome.fees, slippage: outcome.slippage,
                        counters: outcome.counters, windowBars: window.count,
                        startTime: bars.openTime[window.lowerBound],
                        endTime: bars.closeTime(window.upperBound - 1)))
                wanted.append(evaluator.values)
                trades += outcome.trades.count
            }
            let found = try runSweep(
                sets, program: program, one.input, on: ParallelRunner(threads: 1 + seed % 3)
            ) { _, run, evaluator in
                evaluator.evaluate(run)
                return evaluator.values
            }
            #expect(
                found.map { $0?.map(\.bitPattern) } == wanted.map { $0.map(\.bitPattern) },
                "seed \(seed)")
        }
        #expect(trades > 1_000)
    }
}
