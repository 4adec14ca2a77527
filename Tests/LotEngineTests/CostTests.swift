import LotCore
import LotEngine
import Testing

@Suite struct SlippageModelTests {
    private let flat = (100.0, 100.0, 100.0, 100.0)

    private func prices(
        _ slippage: Slippage, quantity: Double, volume: [Double],
        _ instrument: Instrument = Instrument()
    ) throws -> Trade {
        var settings = free
        settings.slippage = slippage
        let bars = hourly([flat, flat, flat, flat], volume: volume)
        let result = try simulate(bars, settings, instrument) { account, desk in
            if account.row == 0 { _ = desk.submit(OrderRequest(.buy, size: .base(quantity))) }
            if account.row == 1 { _ = desk.exit(tag: "out") }
        }
        return try #require(result.trades.first)
    }

    @Test func `half of the quoted spread goes against the trader`() throws {
        let trade = try prices(.halfSpread(10), quantity: 1, volume: [1, 1, 1, 1])
        #expect(close(trade.entryPrice, 100.05) && close(trade.exitPrice, 99.95))
        let ticked = try prices(
            .halfSpread(1), quantity: 1, volume: [1, 1, 1, 1],
            Instrument(tickSize: DecimalStep("0.01")))
        // 100.005 and 99.995, rounded against the trader.
        #expect(ticked.entryPrice == 100.01 && ticked.exitPrice == 99.99)
    }

    @Test func `the price moves with the square of the share of the volume, up to the limit`()
        throws
    {
        let model = Slippage.volumeShare(limit: 0.2, impact: 0.5)
        // 10 of 100: 0.5 · 0.1² = 0.005. 10 of 20: at most 0.5 · 0.2² = 0.02.
        let trade = try prices(model, quantity: 10, volume: [100, 100, 20, 100])
        #expect(close(trade.entryPrice, 100.5))
        #expect(close(trade.exitPrice, 98))
    }

    @Test func `what was filled in the last bar counts for the closing at its end`() throws {
        var settings = free
        settings.slippage = .volumeShare(limit: 1, impact: 0.5)
        let result = try simulate(
            hourly([flat, flat], volume: [100, 1_000]), settings,
            at(0, OrderRequest(.buy, size: .base(50))))
        // Bought as 5 % of the bar, sold as 10 % of it: 0.5 · 0.05² and 0.5 · 0.1².
        #expect(close(result.trades[0].entryPrice, 100.125))
        #expect(close(result.trades[0].exitPrice, 99.5))
    }

    @Test func `nothing is sold below one tick`() throws {
        let penny = hourly([(0.02, 0.02, 0.02, 0.02), (0.02, 0.02, 0.01, 0.01), flatPenny])
        let settings = RunSettings(makerFee: 0, takerFee: 0, volumeLimit: nil)
        let tick = Instrument(tickSize: DecimalStep("0.01"))
        for bracket in [Bracket(), Bracket(stopLoss: 0.3)] {
            let request = OrderRequest(.buy, size: .base(1), bracket: bracket)
            let result = try simulate(penny, settings, tick, at(0, request))
            // 0.01 · 0.9998 is below a tick.
            #expect(result.trades[0].exitPrice == 0.01)
        }
        // A limit of less than a tick is no price.
        let limit = OrderRequest(.buy, type: .limit, size: .base(1), price: 0.004)
        let refused = try simulate(penny, settings, tick, at(0, limit))
        #expect(refused.orders[0].reason == "invalid_price")
    }

    private let flatPenny = (0.01, 0.01, 0.01, 0.01)

    @Test func `what was filled in the bar before counts as part of the share`() throws {
        var settings = free
        settings.slippage = .volumeShare(limit: 1, impact: 0.1)
        let order = OrderRequest(.buy, size: .base(5))
        let result = try simulate(
            hourly([flat, flat, flat], volume: [100, 100, 100]), settings,
            plan([0: [order, order]]))
        // 0.1 · 0.05² and 0.1 · 0.1²
        #expect(close(result.orders[0].averagePrice, 100.025))
        #expect(close(result.orders[1].averagePrice, 100.1))
    }

    @Test func `an order over all equity is sized by the largest impact`() throws {
        var settings = free
        settings.slippage = .volumeShare(limit: 0.5, impact: 0.1)
        let result = try simulate(
            hourly([flat, flat, flat], volume: [1_000, 1_000, 1_000]), settings,
            at(0, OrderRequest(.buy)))
        // 10,000 / (100 · (1 + 0.1 · 0.25)); the share is that of the quantity.
        let quantity = 10_000 / 102.5
        let share = quantity / 1_000
        #expect(close(result.trades[0].quantity, quantity))
        #expect(close(result.trades[0].entryPrice, 100 * (1 + 0.1 * share * share)))
    }

    @Test func `models are read as they are written`() {
        let models: [Slippage] = [
            .none, .basisPoints(2), .halfSpread(3.5), .volumeShare(limit: 0.025, impact: 0.1),
        ]
        for model in models { #expect(Slippage(model.description) == model) }
        #expect(Slippage("spread:4") == .halfSpread(4))
        #expect(Slippage("volume-share") == .volumeShare(limit: 0.025, impact: 0.1))
        #expect(Slippage("volume-share:0.1") == .volumeShare(limit: 0.1, impact: 0.1))
        for text in [
            "", "bps", "bps:", "bps:x", "bps:-1", "bps:5000", "none:1", "volume-share:0",
            "volume-share:2", "volume-share:1,1", "volume-share:0.1,0.1,0.1", "spread:nan",
            "half-spread:10000", "bps:1e3",
        ] { #expect(Slippage(text) == nil, "\(text)") }
    }
}

@Suite struct FeeTierTests {
    private let flat = (100.0, 100.0, 100.0, 100.0)

    private func tiers(_ text: String) throws -> FeeTiers { try FeeTiers(text) }

    @Test func `a day's tier is that of the 30 days before`() throws {
        var settings = free
        settings.feeTiers = try tiers("0:0.001/0.002,2000:0.0005/0.001")
        // Hourly bars from midnight. Bought 10 at 01:00 and sold at 02:00 on the first day for
        // 2,000 together; bought and sold again on the first day, and on the second.
        let bars = hourly([(Double, Double, Double, Double)](repeating: flat, count: 40))
        let result = try simulate(bars, settings) { account, desk in
            if [0, 4, 30].contains(account.row) {
                _ = desk.submit(OrderRequest(.buy, size: .base(10)))
            }
            if [1, 5, 31].contains(account.row) { _ = desk.exit(tag: "out") }
        }
        #expect(result.trades.count == 3)
        // 0.002 of 2,000, though 2,000 had been traded by then; 0.001 the next day.
        #expect(close(result.trades[0].fees, 4))
        #expect(close(result.trades[1].fees, 4))
        #expect(close(result.trades[2].fees, 2))
    }

    @Test func `what was traded more than 30 days ago no longer counts`() throws {
        var settings = free
        settings.feeTiers = try tiers("0:0.001/0.002,1000:0.0005/0.001")
        let day = 24
        let bars = hourly([(Double, Double, Double, Double)](repeating: flat, count: 33 * day))
        let times = [0: 0.002, 30 * day + 5: 0.001, 32 * day: 0.001]
        let result = try simulate(bars, settings) { account, desk in
            if times[account.row] != nil {
                _ = desk.submit(OrderRequest(.buy, size: .base(5)))
            }
            if times[account.row - 1] != nil { _ = desk.exit(tag: "out") }
        }
        // Day 0 counts on day 30 and not on day 32, where day 30 itself does.
        #expect(
            result.trades.map { ($0.fees / 1_000 * 1e6).rounded() / 1e6 } == [0.002, 0.001, 0.001])
        settings.feeTiers = try tiers("0:0.001/0.002,1001:0.0005/0.001")
        let dearer = try simulate(bars, settings) { account, desk in
            if [0, 31 * day].contains(account.row) {
                _ = desk.submit(OrderRequest(.buy, size: .base(6)))
            }
            if [1, 31 * day + 1].contains(account.row) { _ = desk.exit(tag: "out") }
        }
        #expect(dearer.trades.map { ($0.fees / 1_200 * 1e6).rounded() / 1e6 } == [0.002, 0.002])
    }

    @Test func `rebates are paid by tiers too`() throws {
        var settings = free
        settings.feeTiers = try tiers("0:-0.0001/0.001")
        let bars = hourly([flat, (100, 100, 94, 100), flat])
        let result = try simulate(
            bars, settings, at(0, OrderRequest(.buy, type: .limit, size: .base(1), price: 95)))
        #expect(close(result.trades[0].fees, -0.0095 + 0.1))
    }

    @Test func `a table is read from lines and written on one`() throws {
        let table = try tiers("# example\n0: 0.001/0.001  # VIP 0\n\n1000000:0.0009/0.001\n")
        #expect(table.description == "0.0:0.001/0.001,1000000.0:0.0009/0.001")
        #expect(try tiers(table.description) == table)
        for text in ["", "1:0.1/0.1", "0:0.1", "0:0.1/0.1,0:0.1/0.1", "0:0.1/0.9", "0:x/0.1"] {
            #expect(throws: FeeTierError.self, "\(text)") { try FeeTiers(text) }
        }
    }
}
