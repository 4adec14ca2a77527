import LotCore
import LotEngine
import LotMath
import Testing

/// Hedge mode: a long and a short leg over one account (`docs/execution.md`, rule 13).
@Suite struct HedgeTests {
    @Test func `the exposure of two legs is that of both`() throws {
        let flat = (100.0, 100.0, 100.0, 100.0)
        var settings = free
        settings.perpetual = PerpetualSettings(leverage: 5, positionMode: .hedge)
        let bars = hourly([flat, flat, flat, flat])
        let result = try runBacktest(
            Puppet { account, desk in
                guard account.row == 0 else { return }
                for side in [Side.buy, .sell] {
                    _ = desk.submit(OrderRequest(side, size: .base(side == .buy ? 60 : 40)))
                }
            },
            BacktestInput(
                bars: bars, window: 0..<4, instrument: Instrument(market: .perp),
                settings: settings))
        #expect(result.equity.curve.map(\.position) == [0, 20, 20, 0])
        #expect(result.equity.curve.map(\.gross) == [0, 100, 100, 0])
    }

    private let flat = (100.0, 100.0, 100.0, 100.0)

    private func input(
        _ bars: Bars, _ settings: RunSettings = free, leverage: Double = 5,
        margin: MarginMode = .isolated, mode: PositionMode = .hedge,
        data: PerpetualData = PerpetualData()
    ) -> BacktestInput {
        var settings = settings
        settings.perpetual = PerpetualSettings(
            leverage: leverage, margin: margin, positionMode: mode)
        return BacktestInput(
            bars: bars, window: 0..<bars.count,
            instrument: Instrument(market: .perp, liquidationFee: 0), settings: settings,
            perpetual: data)
    }

    /// Opens 100 units on both legs at the close of row 0.
    private func both(_ account: AccountView, _ desk: OrderDesk) {
        guard account.row == 0 else { return }
        _ = desk.submit(OrderRequest(.buy, size: .base(100)))
        _ = desk.submit(OrderRequest(.sell, size: .base(100), positionSide: .short))
    }

    @Test func `two legs stand side by side, each with its margin`() throws {
        var seen: [AccountView] = []
        let result = try runBacktest(
            Puppet { account, desk in
                seen.append(account)
                both(account, desk)
                if account.row == 1 { _ = desk.exit(tag: "out", .short) }
                if account.row == 2 { _ = desk.exit(tag: "rest") }
            }, input(hourly([flat, flat, (100, 100, 90, 90), (90, 90, 90, 90), flat])))
        // 2 · 100 · 100 / 5 are set aside; net nothing is held.
        #expect(seen[1].cash == 6_000 && seen[1].position == 0 && seen[1].equity == 10_000)
        #expect(seen[2].position == 100)
        #expect(result.trades.map(\.side) == [.sell, .buy])
        #expect(result.trades.map(\.exitTag) == ["out", "rest"])
        #expect(result.trades.map(\.profit) == [0, -1_000])
        #expect(result.orders.map(\.id) == [1, 2, 3, 4])
        #expect(result.orders.map(\.request.positionSide) == [.long, .short, .short, .long])
        #expect(result.finalEquity == 9_000 && result.counters.exposedBars == 2)
    }

    @Test func `one wish closes both legs`() throws {
        let result = try runBacktest(
            Puppet { account, desk in
                both(account, desk)
                if account.row == 1 { _ = desk.exit(tag: "out") }
            }, input(hourly([flat, flat, flat, flat])))
        #expect(result.trades.map(\.exitTag) == ["out", "out"])
        #expect(result.orders.map(\.id) == [1, 2, 3, 4])
    }

    @Test func `a leg opens on its own side only`() throws {
        let result = try runBacktest(
            Puppet(
                plan([
                    0: [
                        OrderRequest(.sell, size: .base(1), positionSide: .long),
                        OrderRequest(.buy, size: .base(1), positionSide: .short),
                    ]
                ])), input(hourly([flat, flat, flat])))
        #expect(result.orders.map(\.reason) == ["no_position", "no_position"])
    }

    @Test func `rules act on their own leg`() throws {
        var program = SeriesProgram()
        let close = program.field(.close)
        func above(_ level: Double) -> NodeID {
            program.apply(.above, [close, program.constant(level)])
        }
        func below(_ level: Double) -> NodeID {
            program.apply(.below, [close, program.constant(level)])
        }
        let rules = Rules(
            enterLong: above(99), exitLong: above(108), enterShort: above(99),
            exitShort: below(95), size: .base(10))
        let bars = hourly([
            flat, flat, (100, 110, 100, 109), (109, 109, 94, 94), (94, 94, 94, 94),
        ])
        let result = try runBacktest(RuleStrategy(rules, program: program), input(bars))
        #expect(result.trades.map(\.side) == [.buy, .sell])
        #expect(result.trades.map(\.entryRow) == [1, 1])
        #expect(result.trades.map(\.exitTag) == ["exit_long", "exit_short"])
        // The bar at 109 is the only one on which an entry meets its own exit: long's.
        #expect(result.counters.conflicts == 1)
    }

    @Test func `isolated, a leg is liquidated though the other gains as much`() throws {
        let bars = hourly([flat, flat, (100, 100, 60, 60), (60, 60, 60, 60)])
        let result = try runBacktest(Puppet(both), input(bars))
        #expect(result.trades.map(\.exitTag) == ["liquidation", "end_of_data"])
        #expect(close(result.trades[0].exitPrice, 80 / 0.99))
        let crossed = try runBacktest(Puppet(both), input(bars, margin: .cross))
        #expect(crossed.trades.map(\.exitTag) == ["end_of_data", "end_of_data"])
        #expect(crossed.finalEquity == 10_000)
    }

    @Test func `cross, both legs share one liquidation price`() throws {
        // 500 long and 100 short of 100 at leverage 10: equity 10,000 at 100, net 400. At P:
        // 10,000 + 400 · (P − 100) = 600 · P · 0.01, P = 30,000 / 394 = 76.142…
        let act = plan([
            0: [
                OrderRequest(.buy, size: .base(500)), OrderRequest(.sell, size: .base(100)),
            ]
        ])
        let bars = hourly([flat, flat, (100, 100, 70, 75), (75, 76, 74, 75)])
        let result = try runBacktest(
            Puppet(act), input(bars, leverage: 10, margin: .cross))
        #expect(result.trades[0].side == .buy && result.trades[0].exitTag == "liquidation")
        #expect(close(result.trades[0].exitPrice, 30_000 / 394))
        // The account is left with 500 · P − 40,000: the short falls at (that + 10,000) / 101,
        // should the price come back as far, which the bar does not rule out.
        #expect(close(result.trades[1].exitPrice, (500 * 30_000 / 394 - 30_000) / 101))
        // In a bar that opens lower still, the long goes at the open and nothing comes back.
        let gapped = try runBacktest(
            Puppet(act),
            input(
                hourly([flat, flat, (76, 78, 70, 75), (75, 76, 74, 75)]), leverage: 10,
                margin: .cross))
        #expect(gapped.trades.map(\.exitTag) == ["liquidation", "end_of_data"])
        #expect(gapped.trades[0].exitPrice == 76)
    }

    /// The example of rule 13: the fee of the short's liquidation takes what the long needs.
    @Test(arguments: [
        (100.0, 110.0, 99.0, 100.0), (100, 120, 99, 118),
    ]) func `cross, the other leg is looked at anew after a liquidation`(
        _ wild: (Double, Double, Double, Double)
    ) throws {
        let act = plan([
            0: [OrderRequest(.buy, size: .base(100)), OrderRequest(.sell, size: .base(1_500))]
        ])
        let last = (wild.3, wild.3, wild.3, wild.3)
        var input = input(hourly([flat, flat, wild, last]), leverage: 20, margin: .cross)
        input.instrument.liquidationFee = 0.0125
        let one = PortfolioSymbol(
            name: "A", bars: input.bars, window: input.window, instrument: input.instrument)
        let alone = try runBacktest(Puppet(act), input)
        let together = try runPortfolio(
            [Puppet(act)], PortfolioInput([one], settings: input.settings)
        ).account
        // 10,000 − 1,400 · (P − 100) = 1,600 · P · 0.01 at P = 150,000 / 1,416.
        for result in [alone, together] {
            #expect(result.trades.map(\.exitTag) == ["liquidation", "liquidation"])
            #expect(result.trades.allSatisfy { $0.exitRow == 2 })
            #expect(result.trades.allSatisfy { close($0.exitPrice, 150_000 / 1_416) })
            #expect(abs(result.finalEquity) < 1e-9 && result.equity.tracker.maxDrawdown <= 1)
        }
    }

    @Test func `money that only closes is what had been put up`() throws {
        // 1,000 put up at leverage 10: 100 units. A fifth of it closes 20.
        let act = plan([
            0: [OrderRequest(.buy, size: .quote(1_000))],
            1: [OrderRequest(.sell, size: .quote(200), positionSide: .long)],
        ])
        let result = try runBacktest(
            Puppet(act), input(hourly([flat, flat, flat, flat]), leverage: 10))
        #expect(result.orders.prefix(2).map(\.filledQuantity) == [100, 20])
    }

    @Test func `funding of one leg pays the other's`() throws {
        let payments = [(time: newYear + 2 * 3_600_000, rate: 0.001)]
        let result = try runBacktest(
            Puppet(both),
            input(
                hourly([flat, flat, flat, flat]),
                data: PerpetualData(funding: FundingSeries(payments))))
        #expect(result.trades.map(\.funding) == [10, -10] && result.funding == 0)
        #expect(result.counters.fundings == 2)
    }

    @Test func `with one leg in use, hedge mode is one-way mode, to the last bit`() throws {
        var liquidations = 0
        for seed in 0..<150 {
            var random = Random(state: UInt64(seed) &+ 77_000)
            let bars = randomMarket(300, &random)
            var strategy = RandomStrategy(canShort: false, &random)
            strategy.rules.enterShort = nil
            strategy.rules.exitShort = nil
            var settings = randomSettings(&random)
            if bars.volume == nil { settings.volumeLimit = nil }
            settings.perpetual = randomPerpetual(&random)
            let instrument = randomInstrument(.perp, &random)
            let data = randomPerpetualData(bars, &random)
            func run(_ mode: PositionMode) throws -> BacktestOutcome {
                settings.perpetual.positionMode = mode
                return try runBacktest(
                    RuleStrategy(strategy.rules, program: strategy.program),
                    BacktestInput(
                        bars: bars, window: 0..<300, instrument: instrument, settings: settings,
                        perpetual: data))
            }
            let (hedged, plain) = (try run(.hedge), try run(.oneWay))
            #expect(hedged.trades == plain.trades, "seed \(seed)")
            #expect(hedged.equity.curve == plain.equity.curve, "seed \(seed)")
            #expect(hedged.counters == plain.counters, "seed \(seed)")
            #expect(hedged.orders.map(\.status) == plain.orders.map(\.status), "seed \(seed)")
            liquidations += plain.counters.liquidations
        }
        #expect(liquidations > 10)
    }

    @Test func `money adds up over both legs for random orders`() throws {
        for seed in 0..<150 {
            var random = Random(state: UInt64(seed) &+ 99_000)
            let bars = randomBars(300, &random)
            let act = randomActions(UInt64(seed))
            let settings = RunSettings(makerFee: 0.0004, volumeLimit: 0.05)
            let result = try runBacktest(
                Puppet(act),
                input(
                    bars, settings, leverage: 3, margin: seed % 2 == 0 ? .isolated : .cross,
                    data: PerpetualData(
                        funding: FundingSeries([(newYear + 100 * 3_600_000, 0.01)]))))
            let profits = result.trades.reduce(0) { $0 + $1.profit }
            #expect(abs(result.finalEquity - (10_000 + profits)) < 1e-6, "seed \(seed)")
            #expect(Set(result.orders.map(\.id)).count == result.orders.count)
            #expect(result.orders.allSatisfy { $0.status.isFinal })
        }
    }
}
