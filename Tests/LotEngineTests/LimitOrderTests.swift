import LotCore
import LotEngine
import Testing

@Suite struct LimitOrderTests {
    private func limit(_ side: Side, _ price: Double) -> OrderRequest {
        OrderRequest(side, type: .limit, size: .base(1), price: price)
    }

    @Test func `a limit that is marketable when it arrives fills at the open as taker`() throws {
        var settings = free
        settings.takerFee = 0.001
        let bars = hourly([(100, 100, 100, 100), (98, 99, 97, 98), (98, 99, 97, 98)])
        let result = try simulate(bars, settings, at(0, limit(.buy, 99)))
        #expect(result.trades[0].entryPrice == 98)
        // taker on both sides: 0.001 · (98 + 98)
        #expect(close(result.fees, 0.196))
    }

    @Test func `of a quoted spread a marketable limit pays half, but no more than its price`()
        throws
    {
        var settings = free
        settings.slippage = .halfSpread(100)
        func price(_ side: Side, _ price: Double, _ instrument: Instrument = Instrument()) throws
            -> Double
        {
            let bars = hourly([
                (100, 100, 100, 100), (100, 100, 100, 100), (100, 100, 100, 100),
                (100, 100, 100, 100),
            ])
            let held = OrderRequest(.buy, size: .base(5))
            let result = try simulate(
                bars, settings, instrument,
                side == .buy
                    ? at(0, limit(.buy, price)) : plan([0: [held], 1: [limit(.sell, price)]]))
            return side == .buy ? result.trades[0].entryPrice : result.orders[1].averagePrice
        }
        // 0.5 % of 100: the quote is 100.5 to buy, 99.5 to sell.
        #expect(try close(price(.buy, 101), 100.5))
        #expect(try price(.buy, 100.2) == 100.2)
        #expect(try price(.buy, 100) == 100)
        #expect(try price(.sell, 99) == 99.5)
        #expect(try price(.sell, 99.8) == 99.8)
        // On a grid of 0.4 the quote is 100.8, the limit 100.8 too.
        let tick = Instrument(tickSize: DecimalStep("0.4"))
        #expect(try close(price(.buy, 101, tick), 100.8))
        // Other models say nothing of a quote.
        settings.slippage = .basisPoints(50)
        #expect(try price(.buy, 101) == 100)
    }

    @Test func `a resting limit fills at its price as maker when traded through`() throws {
        var settings = free
        settings.makerFee = 0.002
        let bars = hourly([(100, 100, 100, 100), (100, 101, 94.9, 100), (100, 100, 100, 100)])
        let result = try simulate(bars, settings, at(0, limit(.buy, 95)))
        #expect(result.trades[0].entryPrice == 95)
        #expect(close(result.fees, 0.19))
    }

    @Test func `touching is not enough unless it is asked for`() throws {
        let bars = hourly([(100, 100, 100, 100), (100, 101, 95, 100), (100, 101, 99, 100)])
        #expect(try simulate(bars, free, at(0, limit(.buy, 95))).trades.isEmpty)
        var touching = free
        touching.fillOnTouch = true
        #expect(try simulate(bars, touching, at(0, limit(.buy, 95))).trades.count == 1)
    }

    @Test func `a later bar that opens beyond a resting limit fills at the limit as maker`() throws
    {
        var settings = free
        settings.makerFee = 0.002
        let bars = hourly([(100, 100, 100, 100), (100, 101, 99, 100), (90, 91, 89, 90)])
        let result = try simulate(bars, settings, at(0, limit(.buy, 95)))
        #expect(result.trades[0].entryPrice == 95)
        #expect(close(result.fees, 0.19))
    }

    @Test func `limits round away from the market, stops against the trader`() throws {
        let tick = Instrument(tickSize: DecimalStep("0.5"))
        let bars = hourly([(100, 100, 100, 100), (100, 110, 90, 100), (100, 100, 100, 100)])
        let buy = try simulate(bars, free, tick, at(0, limit(.buy, 95.3)))
        #expect(buy.trades[0].entryPrice == 95)
        let stop = OrderRequest(.buy, type: .stopMarket, size: .base(1), stopPrice: 105.3)
        #expect(try simulate(bars, free, tick, at(0, stop)).trades[0].entryPrice == 105.5)
    }

    @Test func `a limit reserves its cash, and another cannot spend it`() throws {
        var settings = free
        settings.takerFee = 0.001
        let bars = hourly([(100, 100, 100, 100), (100, 100, 99.5, 100), (100, 100, 100, 100)])
        let result = try simulate(
            bars, settings,
            plan([
                0: [
                    OrderRequest(.buy, type: .limit, size: .equity(0.75), price: 90),
                    OrderRequest(.buy, type: .limit, size: .equity(0.75), price: 80),
                    OrderRequest(.buy, type: .limit, size: .base(1), price: 70),
                ]
            ]))
        // 7,500 / (90 · 1.001)
        #expect(close(result.orders[0].quantity ?? 0, 7_500 / 90.09))
        // the remaining 2,500 / (80 · 1.001)
        #expect(close(result.orders[1].quantity ?? 0, 2_500 / 80.08))
        #expect(result.orders[2].status == .rejected)
        #expect(result.orders[2].reason == "insufficient_cash")
    }

    @Test func `a cancelled limit gives its cash back`() throws {
        let bars = hourly([(100, 100, 100, 100), (100, 100, 100, 100), (100, 100, 100, 100)])
        var cash: [Double] = []
        _ = try simulate(bars) { account, desk in
            cash.append(account.cash)
            if account.row == 0 {
                _ = desk.submit(OrderRequest(.buy, type: .limit, size: .quote(4_000), price: 50))
            }
            if account.row == 1 { desk.cancel(id: 1) }
        }
        #expect(cash == [10_000, 6_000, 10_000])
    }

    @Test func `a limit to sell the position is its target`() throws {
        let bars = hourly([
            (100, 100, 100, 100), (100, 100, 100, 100), (100, 106, 99, 100), (100, 100, 100, 100),
        ])
        let result = try simulate(
            bars, free,
            plan([0: [OrderRequest(.buy, size: .base(1)), limit(.sell, 105)]]))
        #expect(result.trades[0].exitPrice == 105)
        #expect(result.trades[0].exitRow == 2)
    }

    @Test func `at most one entry fills inside a bar, the nearest to the open`() throws {
        let bars = hourly([(100, 100, 100, 100), (100, 100, 80, 100), (100, 100, 99, 100)])
        let result = try simulate(
            bars, free, plan([0: [limit(.buy, 90), limit(.buy, 95)]]))
        #expect(result.orders[1].status == .filled)
        #expect(result.orders[0].status == .cancelled)
        #expect(result.trades[0].quantity == 1)
    }
}
