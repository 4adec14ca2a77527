import LotCore
import LotEngine
import LotMath
import Testing

/// Rule 13 of `docs/execution.md`, case by case: no fees but the liquidation's, no slippage.
@Suite struct PerpetualTests {
    private let flat = (100.0, 100.0, 100.0, 100.0)
    private let contract = Instrument(
        market: .perp,
        maintenanceTiers: [
            MaintenanceTier(notionalFloor: 0, rate: 0.004, deduction: 0, maxLeverage: 50)
        ], liquidationFee: 0.0025)

    private func settings(_ leverage: Double, _ margin: MarginMode = .isolated) -> RunSettings {
        var settings = free
        settings.perpetual = PerpetualSettings(leverage: leverage, margin: margin)
        return settings
    }

    private func run(
        _ bars: Bars, _ settings: RunSettings, data: PerpetualData = PerpetualData(),
        instrument: Instrument? = nil, _ act: @escaping (AccountView, OrderDesk) -> Void
    ) throws -> BacktestOutcome {
        try runBacktest(
            Puppet(act),
            BacktestInput(
                bars: bars, window: 0..<bars.count, instrument: instrument ?? contract,
                settings: settings, perpetual: data))
    }

    // MARK: Margin

    @Test func `sizes are the money put up, so leverage multiplies the exposure`() throws {
        var settings = settings(3)
        settings.takerFee = 0.001
        let result = try run(hourly([flat, flat, flat]), settings, at(0, OrderRequest(.buy)))
        // 10,000 / (100 · (1/3 + 0.001))
        #expect(close(result.trades[0].quantity, 10_000 / (100 * (1 / 3.0 + 0.001))))
    }

    @Test(arguments: [Side.buy, .sell]) func `what is not margin stays free`(
        _ side: Side
    ) throws {
        var seen: [AccountView] = []
        _ = try run(hourly([flat, flat, (100, 105, 95, 104)]), settings(4)) { account, desk in
            seen.append(account)
            if account.row == 0 { _ = desk.submit(OrderRequest(side, size: .base(100))) }
        }
        // 100 · 100 / 4 = 2,500 are set aside; a profit or loss is not available before it is real.
        #expect(seen[1].cash == 7_500 && seen[2].cash == 7_500)
        #expect(seen[2].equity == 10_000 + side.sign * 400)
    }

    @Test func `cross, profit is available and the margin follows the mark`() throws {
        var seen: [AccountView] = []
        _ = try run(
            hourly([flat, flat, (100, 110, 100, 110)]), settings(4, .cross)
        ) { account, desk in
            seen.append(account)
            if account.row == 0 { _ = desk.submit(OrderRequest(.buy, size: .base(100))) }
        }
        // 10,000 + 1,000 − 100 · 110 / 4
        #expect(seen[2].cash == 11_000 - 2_750)
    }

    @Test func `more than the margin pays for is refused`() throws {
        let act = plan([
            0: [
                OrderRequest(.sell, size: .base(400.1)), OrderRequest(.sell, size: .base(400)),
            ]
        ])
        let result = try run(hourly([flat, flat, flat]), settings(4), act)
        #expect(result.orders[0].reason == "insufficient_cash")
        #expect(result.orders[1].filledQuantity == 400)
    }

    @Test func `a position beyond the tier of its leverage is refused`() throws {
        var instrument = contract
        instrument.maintenanceTiers = someTiers
        let act = plan([
            0: [OrderRequest(.buy, size: .base(999)), OrderRequest(.buy, size: .base(10))]
        ])
        // Leverage 20 is allowed below 100,000 of notional.
        let result = try run(
            hourly([flat, flat, flat]), settings(20), instrument: instrument, act)
        #expect(result.orders[0].status == .filled)
        #expect(result.orders[1].reason == "above_max_notional")
        #expect(result.counters.rejections == ["above_max_notional": 1])
    }

    @Test func `an order against a position closes it and opens the other side`() throws {
        let act = plan([
            0: [OrderRequest(.buy, size: .base(100))], 1: [OrderRequest(.sell, size: .base(250))],
        ])
        let result = try run(hourly([flat, flat, flat, flat]), settings(4), act)
        #expect(result.trades.map(\.side) == [.buy, .sell])
        #expect(result.trades.map(\.quantity) == [100, 150])
    }

    @Test(arguments: [false, true]) func `money closes as much as it opens`(
        _ reduceOnly: Bool
    ) throws {
        // 1,000 put up at leverage 10 with a fee of 0.1 %: 1,000 / (100 · 0.101) units.
        var settings = settings(10)
        settings.takerFee = 0.001
        for size in [Size.quote(250), .equity(0.025)] {
            let result = try run(
                hourly([flat, flat, flat, flat]), settings,
                plan([
                    0: [OrderRequest(.buy, size: .quote(1_000))],
                    1: [OrderRequest(.sell, size: size, reduceOnly: reduceOnly)],
                ]))
            let equity = 10_000 - 0.001 * 100 * 1_000 / 10.1
            let money = size == .quote(250) ? 250 : 0.025 * equity
            #expect(close(result.orders[1].filledQuantity, money / 10.1))
        }
    }

    // MARK: Liquidation

    /// Ten units at 100 with leverage 10: margin 100, liquidated at 900 / 9.96 = 90.36.
    private func ten(_ side: Side) -> (AccountView, OrderDesk) -> Void {
        at(0, OrderRequest(side, size: .base(10)))
    }

    @Test func `a long is liquidated where the mark meets its price`() throws {
        let result = try run(
            hourly([flat, flat, (100, 100, 90, 95), flat]), settings(10), ten(.buy))
        let trade = result.trades[0]
        #expect(trade.exitTag == "liquidation" && result.counters.liquidations == 1)
        #expect(close(trade.exitPrice, 900 / 9.96))
        // Left of the margin: 100 − 10 · (100 − 90.3614…) = 3.614…; the fee takes 2.259… of it.
        let fee = 0.0025 * 10 * 900 / 9.96
        #expect(close(trade.fees, fee))
        #expect(close(result.finalEquity, 10_000 - 10 * (100 - 900 / 9.96) - fee))
        #expect(result.orders.last?.origin == .liquidation)
    }

    @Test func `a short is liquidated above`() throws {
        let result = try run(
            hourly([flat, flat, (100, 110, 100, 95), flat]), settings(10), ten(.sell))
        #expect(close(result.trades[0].exitPrice, 1_100 / 10.04))
        #expect(result.trades[0].exitTag == "liquidation")
    }

    @Test func `a fee beyond the margin takes the margin and no more`() throws {
        var instrument = contract
        instrument.liquidationFee = 0.0125
        let result = try run(
            hourly([flat, flat, (100, 100, 90, 95), flat]), settings(10), instrument: instrument,
            ten(.buy))
        #expect(abs(result.finalEquity - 9_900) < 1e-9)
    }

    @Test func `a gap beyond bankruptcy costs the margin: the insurance fund pays the rest`()
        throws
    {
        let result = try run(
            hourly([flat, flat, (80, 85, 75, 80), flat]), settings(10), ten(.buy))
        #expect(result.trades[0].exitPrice == 90)
        #expect(result.trades[0].fees == 0)
        #expect(abs(result.finalEquity - 9_900) < 1e-9)
        #expect(result.counters.ambiguousBars == 0)
    }

    @Test func `a price that the collateral bounds is no slippage, and all is exactly all`()
        throws
    {
        var settings = settings(7, .cross)
        (settings.slippage, settings.startingCash) = (.basisPoints(2), 9_876.54)
        let result = try run(
            hourly([flat, flat, (500, 500, 500, 500), flat]), settings,
            at(0, OrderRequest(.sell)))
        // Sold at 99.98 with all of the account; the gap is the insurance fund's.
        #expect(result.trades[0].exitTag == "liquidation" && result.trades[0].exitPrice < 120)
        #expect(close(result.slippage, 0.02 * result.trades[0].quantity))
        #expect(result.finalEquity == 0)
        #expect(result.equity.tracker.maxDrawdown == 1)
    }

    @Test func `a liquidation gapped through comes before an exit at the same open`() throws {
        let result = try run(
            hourly([flat, flat, (90.2, 95, 90, 94), flat]), settings(10)
        ) { account, desk in
            if account.row == 0 { _ = desk.submit(OrderRequest(.buy, size: .base(10))) }
            if account.row == 1 { _ = desk.exit(tag: "out") }
        }
        #expect(result.trades[0].exitTag == "liquidation")
        #expect(result.trades[0].exitPrice == 90.2)
        let exit = result.orders.first { $0.request.tag == "out" }
        #expect(exit?.status == .cancelled && exit?.reason == "nothing to close")
    }

    @Test func `a nearer stop saves the position`() throws {
        let bracket = Bracket(stopLoss: 0.08)
        let result = try run(
            hourly([flat, flat, (100, 100, 85, 95), flat]), settings(10),
            at(0, OrderRequest(.buy, size: .base(10), bracket: bracket)))
        #expect(result.trades[0].exitTag == "stop_loss" && result.trades[0].exitPrice == 92)
    }

    @Test func `a stop beyond the liquidation price is never reached`() throws {
        let bracket = Bracket(stopLoss: 0.15)
        let result = try run(
            hourly([flat, flat, (100, 100, 80, 95), flat]), settings(10),
            at(0, OrderRequest(.buy, size: .base(10), bracket: bracket)))
        #expect(result.trades[0].exitTag == "liquidation")
    }

    @Test func `liquidation and target in one bar: the liquidation, ambiguous`() throws {
        let bracket = Bracket(takeProfit: 0.05)
        let result = try run(
            hourly([flat, flat, (100, 106, 90, 95), flat]), settings(10),
            at(0, OrderRequest(.buy, size: .base(10), bracket: bracket)))
        #expect(result.trades[0].exitTag == "liquidation")
        #expect(result.trades[0].isAmbiguous && result.counters.ambiguousBars == 1)
    }

    @Test func `an entry inside a bar may be liquidated in it`() throws {
        let order = OrderRequest(.buy, type: .limit, size: .base(10), price: 98)
        let result = try run(
            hourly([flat, flat, (100, 100, 85, 95), flat]), settings(10), at(0, order))
        // 98 · 10 · (1 − 1/10) / (10 · 0.996)
        #expect(close(result.trades[0].exitPrice, 88.2 / 0.996))
        #expect(result.trades[0].entryRow == 2 && result.trades[0].exitRow == 2)
    }

    @Test func `a liquidation ignores volume and cancels the orders that rest`() throws {
        var settings = settings(10)
        settings.volumeLimit = 0.1
        let act = plan([
            0: [
                OrderRequest(.buy, size: .base(10)),
                OrderRequest(.sell, type: .limit, size: .base(10), price: 120),
            ]
        ])
        let bars = hourly(
            [flat, flat, (100, 100, 80, 95), flat], volume: [100, 100, 0, 100])
        let result = try run(bars, settings, act)
        #expect(result.trades[0].exitTag == "liquidation" && result.trades[0].quantity == 10)
        #expect(result.orders[1].status == .cancelled && result.orders[1].reason == "liquidation")
    }

    @Test func `the mark price liquidates, not the traded one`() throws {
        let bars = hourly([flat, flat, (100, 100, 80, 95), flat])
        let calm = hourly([flat, flat, (100, 100, 91, 95), flat])
        let result = try run(
            bars, settings(10), data: PerpetualData(marks: calm), ten(.buy))
        #expect(result.trades[0].exitTag == "end_of_data")
        let other = try run(calm, settings(10), data: PerpetualData(marks: bars), ten(.buy))
        #expect(other.trades[0].exitTag == "liquidation")
        // The traded price went no lower than 91: no better price for that.
        #expect(close(other.trades[0].exitPrice, 900 / 9.96))
    }

    @Test func `a mark past the liquidation price at the open fills at the worse of both prices`()
        throws
    {
        let marks = hourly([flat, flat, (90, 95, 90, 95), flat])
        for (open, price) in [(98.0, 900 / 9.96), (90.2, 90.2)] {
            let bars = hourly([flat, flat, (open, 99, 90, 95), flat])
            let result = try run(
                bars, settings(10), data: PerpetualData(marks: marks), ten(.buy))
            #expect(result.trades[0].exitTag == "liquidation")
            #expect(close(result.trades[0].exitPrice, price))
        }
    }

    @Test func `the path liquidates at its price where the last price never came there`() throws {
        var settings = settings(10)
        settings.intrabar = .ohlc
        let marks = hourly([flat, flat, (100, 100, 80, 95), flat])
        let calm = hourly([flat, flat, (100, 100, 91, 95), flat])
        let result = try run(calm, settings, data: PerpetualData(marks: marks), ten(.buy))
        #expect(result.trades[0].exitTag == "liquidation")
        #expect(close(result.trades[0].exitPrice, 900 / 9.96))
    }

    @Test func `cross, the whole account answers, down to nothing`() throws {
        // 400 units at 100, all of 10,000 at leverage 4: cash −30,000.
        let buy = at(0, OrderRequest(.buy, size: .base(400)))
        let held = try run(
            hourly([flat, flat, (100, 100, 80, 85), flat]), settings(4, .cross), buy)
        #expect(held.trades[0].exitTag == "end_of_data")
        let fallen = try run(
            hourly([flat, flat, (100, 100, 70, 85), flat, flat]), settings(4, .cross)
        ) { account, desk in
            buy(account, desk)
            if account.row == 3 { _ = desk.submit(OrderRequest(.buy)) }
        }
        // LP = 30,000 / (400 · 0.996) = 75.30…
        #expect(close(fallen.trades[0].exitPrice, 30_000 / 398.4))
        let gapped = try run(
            hourly([flat, flat, (60, 65, 60, 60), flat, flat]), settings(4, .cross)
        ) { account, desk in
            buy(account, desk)
            if account.row == 3 { _ = desk.submit(OrderRequest(.buy)) }
        }
        #expect(abs(gapped.finalEquity) < 1e-9)
        #expect(gapped.counters.rejections == ["insufficient_cash": 1])
    }
}
