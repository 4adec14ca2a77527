import LotCore
import LotEngine
import Testing

@Suite struct MarketOrderTests {
    private let flat = [
        (100.0, 101.0, 99.0, 100.0), (102.0, 103.0, 101.0, 102.0), (104.0, 105.0, 103.0, 104.0),
    ]

    @Test func `a market order fills at the next open`() throws {
        let result = try simulate(
            hourly(flat), free, at(0, OrderRequest(.buy, size: .base(1))))
        let trade = try #require(result.trades.first)
        #expect(trade.entryPrice == 102)
        #expect(trade.entryRow == 1)
        #expect(trade.entryTime == newYear + 3_600_000)
        #expect(result.orders[0].status == .filled)
    }

    @Test func `an order sent on the last bar never fills`() throws {
        let result = try simulate(
            hourly(flat), free, at(2, OrderRequest(.buy, size: .base(1))))
        #expect(result.trades.isEmpty)
        #expect(result.orders[0].status == .cancelled)
        #expect(result.orders[0].reason == "end_of_data")
    }

    @Test func `slippage moves a fill against the trader and is rounded against him`() throws {
        var settings = free
        settings.slippage = .basisPoints(2)
        let tick = Instrument(tickSize: DecimalStep("0.01"))
        let result = try simulate(
            hourly(flat), settings, tick, at(0, OrderRequest(.buy, size: .base(1))))
        let trade = try #require(result.trades.first)
        // 102 · 1.0002 = 102.0204, up to the tick: 102.03
        #expect(trade.entryPrice == 102.03)
        // 104 · 0.9998 = 103.9792, down to the tick: 103.97
        #expect(trade.exitPrice == 103.97)
        // (102.03 − 102) + (104 − 103.97)
        #expect(close(result.slippage, 0.03 + 0.03))
    }

    @Test func `taker fees are charged on each side's notional`() throws {
        var settings = free
        settings.takerFee = 0.001
        settings.makerFee = 0.5
        let result = try simulate(
            hourly(flat), settings, at(0, OrderRequest(.buy, size: .base(2))))
        // 0.001 · 2 · (102 + 104) = 0.412
        #expect(close(result.fees, 0.412))
        // 2 · (104 − 102) − 0.412 = 3.588
        #expect(close(result.trades[0].profit, 3.588))
        #expect(close(result.finalEquity, 10_003.588))
        #expect(close(result.trades[0].profitFraction, 3.588 / 204))
    }

    @Test func `what is open at the end is closed at the last close and tagged`() throws {
        let result = try simulate(
            hourly(flat), free, at(0, OrderRequest(.buy, size: .base(1))))
        #expect(result.trades[0].exitPrice == 104)
        #expect(result.trades[0].exitTag == "end_of_data")
        #expect(result.trades[0].exitRow == 2)
        #expect(result.orders[1].origin == .endOfData)
    }

    @Test func `exit closes the position at the next open`() throws {
        let result = try simulate(hourly(flat)) { account, desk in
            if account.row == 0 { _ = desk.submit(OrderRequest(.buy, size: .base(1))) }
            if account.row == 1 { _ = desk.exit(tag: "done") }
        }
        #expect(result.trades.count == 1)
        #expect(result.trades[0].exitPrice == 104)
        #expect(result.trades[0].exitTag == "done")
    }

    @Test func `exit while flat is a cancelled order, not a short sale`() throws {
        let perpetual = Instrument(market: .perp)
        let result = try simulate(hourly(flat), free, perpetual) { account, desk in
            if account.row == 0 { _ = desk.exit(tag: "") }
        }
        #expect(result.trades.isEmpty)
        #expect(result.orders[0].status == .cancelled)
        #expect(result.orders[0].reason == "nothing to close")
    }

    @Test func `a reversal is two trades at one open, the second sized after the first`() throws {
        let bars = hourly([
            (100, 100, 100, 100), (100, 100, 100, 100), (110, 110, 110, 110), (99, 99, 99, 99),
        ])
        let result = try simulate(bars, free, Instrument(market: .perp)) { account, desk in
            if account.row == 0 { _ = desk.submit(OrderRequest(.buy)) }
            if account.row == 1 {
                _ = desk.exit(tag: "reverse")
                _ = desk.submit(OrderRequest(.sell))
            }
        }
        #expect(result.trades.count == 2)
        // 10,000 / 100 = 100 units, sold at 110: equity 11,000; short 11,000 / 110 = 100 units
        #expect(close(result.trades[0].quantity, 100))
        #expect(close(result.trades[0].profit, 1_000))
        #expect(result.trades[1].side == .sell)
        #expect(close(result.trades[1].quantity, 100))
        // 100 · (110 − 99) = 1,100
        #expect(close(result.trades[1].profit, 1_100))
        #expect(result.trades[1].entryRow == result.trades[0].exitRow)
    }

    @Test func `selling more than is held reverses on perpetuals and is cut on spot`() throws {
        let orders = plan([
            0: [OrderRequest(.buy, size: .base(1))], 1: [OrderRequest(.sell, size: .equity(1))],
        ])
        let short = try simulate(hourly(flat), free, Instrument(market: .perp), orders)
        #expect(short.trades.count == 2)
        let spot = try simulate(hourly(flat), free, Instrument(), orders)
        #expect(spot.trades.count == 1)
        #expect(spot.trades[0].quantity == 1)
    }

    @Test func `selling while flat on spot is rejected with the reason`() throws {
        let result = try simulate(hourly(flat), free, at(0, OrderRequest(.sell)))
        #expect(result.orders[0].status == .rejected)
        #expect(result.orders[0].reason == "no_position")
        #expect(result.counters.rejections == ["no_position": 1])
    }

    @Test func `orders are told of in the order of events, with series one bar behind`() throws {
        let puppet = Puppet(at(0, OrderRequest(.buy, size: .base(1))))
        let bars = hourly(flat)
        _ = try runBacktest(
            puppet,
            BacktestInput(
                bars: bars, window: 0..<3, instrument: Instrument(), settings: free))
        #expect(puppet.updates.count == 3)
        #expect(puppet.updates.allSatisfy { $0.row == 0 })
        guard case .order(let sent) = puppet.updates[0].update,
            case .fill(let fill) = puppet.updates[1].update,
            case .order(let done) = puppet.updates[2].update
        else {
            Issue.record("expected open, fill, filled")
            return
        }
        #expect(sent.status == .open)
        #expect(fill.price == 102)
        #expect(done.status == .filled)
    }
}
