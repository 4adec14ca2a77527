import LotCore
import LotEngine
import LotMath
import Testing

/// Hedge mode with several symbols: a long and a short leg of each, over one account.
@Suite struct PortfolioHedgeTests {
    private func settings(_ random: inout Random, _ bars: [Bars]) -> RunSettings {
        var settings = randomSettings(&random)
        settings.perpetual = randomPerpetual(&random)
        settings.perpetual.positionMode = .hedge
        if bars.contains(where: { $0.volume == nil }) { settings.volumeLimit = nil }
        if case .volumeShare = settings.slippage, settings.volumeLimit == nil {
            settings.slippage = .none
        }
        return settings
    }

    @Test(arguments: 0..<150) func `a hedged portfolio of one symbol is that symbol's run`(
        _ seed: Int
    ) throws {
        var random = Random(state: UInt64(seed) &+ 610_000)
        let bars = randomMarket(60 + random.below(400), &random)
        let first = random.below(3) == 0 ? random.below(30) : 0
        let instrument = randomInstrument(.perp, &random)
        let data = randomPerpetualData(bars, &random)
        let detail = random.below(4) == 0 ? randomDetail(bars, &random) : nil
        let settings = settings(&random, [bars])
        let rules = RandomStrategy(canShort: true, &random)
        func strategy() -> any Strategy {
            seed % 3 == 0
                ? Puppet(randomActions(UInt64(seed)))
                : RuleStrategy(rules.rules, program: rules.program)
        }
        let alone = try runBacktest(
            strategy(),
            BacktestInput(
                bars: bars, window: first..<bars.count, instrument: instrument,
                settings: settings, perpetual: data, detail: detail))
        let one = PortfolioSymbol(
            name: "BTC", bars: bars, window: first..<bars.count, instrument: instrument,
            perpetual: data, detail: detail)
        let input = PortfolioInput([one], settings: settings)
        for path in [RunPath.skipping, .everyBar] {
            let together = try runPortfolio([strategy()], input, path: path)
            #expect(accountDifferences(together.account, alone).isEmpty)
            #expect(together.account.funding == alone.funding)
        }
    }

    @Test func `each leg of each symbol stands beside the others`() throws {
        let flat = (100.0, 100.0, 100.0, 100.0)
        let perpetual = Instrument(market: .perp, liquidationFee: 0)
        var settings = free
        settings.perpetual = PerpetualSettings(leverage: 5, positionMode: .hedge)
        let input = PortfolioInput(
            [
                symbol(
                    "A", hourly([flat, flat, (100, 110, 100, 110), (110, 110, 110, 110)]),
                    perpetual),
                symbol("B", hourly([flat, flat, (100, 100, 90, 90), (90, 90, 90, 90)]), perpetual),
            ], settings: settings)
        let both = plan([
            0: [OrderRequest(.buy, size: .base(100)), OrderRequest(.sell, size: .base(50))]
        ])
        let (outcome, puppets) = try simulate(input, ["A": both, "B": both])
        // Four legs: 150 · 100 / 5 of each symbol are set aside.
        #expect(puppets[0].seen[1].cash == 4_000 && puppets[1].seen[1].position == 50)
        #expect(outcome.mostPositions == 4)
        // A: 100 · 10 − 50 · 10, B the other way round.
        #expect(outcome.symbols.map(\.profit) == [500, -500])
        #expect(outcome.symbols.map(\.counters.exposedBars) == [3, 3])
        #expect(outcome.account.trades.map(\.symbol) == [0, 0, 1, 1])
        #expect(outcome.account.trades.map(\.side) == [.buy, .sell, .buy, .sell])
        #expect(outcome.account.finalEquity == 10_000)
    }

    @Test(arguments: 0..<60) func `passing over bars without a signal changes nothing`(
        _ seed: Int
    ) throws {
        var random = Random(state: UInt64(seed) &+ 620_000)
        let symbols = randomSymbols(2 + random.below(3), bars: 200, .perp, &random)
        let input = PortfolioInput(symbols, settings: settings(&random, symbols.map(\.bars)))
        let strategies = symbols.map { _ in RandomStrategy(canShort: true, &random) }
        func fresh() -> [any Strategy] {
            strategies.map { RuleStrategy($0.rules, program: $0.program) }
        }
        let one = try runPortfolio(fresh(), input)
        let other = try runPortfolio(fresh(), input, path: .everyBar)
        #expect(differences(one, other).isEmpty)
        #expect(
            abs(
                one.account.finalEquity - input.settings.startingCash
                    - one.symbols.reduce(0) { $0 + $1.profit }) < 1e-6)
    }
}
