import LotCore
import LotEngine
import Testing

/// Entries that enlarge a position: their bracket, and what it does in their bar (rule 6).
@Suite struct SecondEntryTests {
    private let flat = (100.0, 100.0, 100.0, 100.0)

    private func first(_ bracket: Bracket = Bracket()) -> OrderRequest {
        OrderRequest(.buy, size: .base(10), bracket: bracket)
    }

    private func second(
        _ bracket: Bracket, _ type: OrderType = .market, _ level: Double? = nil
    ) -> OrderRequest {
        OrderRequest(
            .buy, type: type, size: .base(10), price: type == .limit ? level : nil,
            stopPrice: type == .limit ? nil : level, bracket: bracket)
    }

    @Test func `a second entry inside a bar is stopped in that bar`() throws {
        let bars = hourly([flat, flat, (100, 100.5, 92, 95), flat])
        let result = try simulate(
            bars, free, plan([0: [first(), second(Bracket(stopLoss: 0.03), .limit, 98)]]))
        // Average 99, stop 96.03: below the limit, and the low is below it.
        #expect(result.trades.count == 1)
        #expect(result.trades[0].exitRow == 2)
        #expect(close(result.trades[0].exitPrice, 99 * 0.97))
        #expect(result.counters.ambiguousBars == 0)
    }

    @Test func `a stop that the market is past when the entry comes fills where the market is`()
        throws
    {
        let bars = hourly([flat, flat, (100, 100.5, 92, 95), flat])
        let result = try simulate(
            bars, free, plan([0: [first(), second(Bracket(stopLoss: 0.01), .limit, 94)]]))
        // Average 97, stop 96.03: the purchase at 94 is past it.
        #expect(result.trades[0].exitRow == 2)
        #expect(close(result.trades[0].exitPrice, 94))
    }

    @Test func `the target of a second entry needs a close beyond it`() throws {
        let bars = hourly([flat, flat, (100, 101, 97, 99), (99, 99, 99, 99), flat])
        let result = try simulate(
            bars, free, plan([0: [first(), second(Bracket(takeProfit: 0.01), .limit, 98)]]))
        // Average 99, target 99.99: the high of 101 may have come first.
        #expect(result.trades[0].exitTag == "take_profit")
        #expect(result.trades[0].exitRow == 4)
        #expect(result.counters.ambiguousBars == 1)
    }

    @Test func `a target after a take-profit entry is not known to come later`() throws {
        // Bought at 94.4 on a straight fall from 98: the high of 98 came before.
        let bars = hourly([flat, (98, 98, 94, 94), (94, 94, 93, 93), (93, 93, 93, 93)])
        let result = try simulate(
            bars, free, plan([0: [second(Bracket(takeProfit: 0.01), .takeProfit, 94.4)]]))
        #expect(result.trades[0].entryPrice == 94.4)
        #expect(result.trades[0].exitTag == "end_of_data")
        #expect(result.trades[0].isAmbiguous)
    }

    @Test func `the time limit of a second entry counts from it`() throws {
        let bars = hourly([flat, flat, flat, flat, flat, flat, flat])
        let result = try simulate(
            bars, free,
            plan([0: [first(Bracket(stopLoss: 0.5))], 2: [second(Bracket(maxBars: 2))]]))
        #expect(result.trades[0].exitRow == 5)
        #expect(result.trades[0].exitTag == "max_bars")
    }

    @Test func `the trailing stop of a second entry follows from its own price`() throws {
        let bars = hourly([
            (80, 80, 80, 80), (80, 80, 80, 80), (100, 100, 96, 96.5), (96, 96, 96, 96),
        ])
        for bracket in [Bracket(), Bracket(stopLoss: 0.5)] {
            let result = try simulate(
                bars, free,
                plan([0: [first(bracket)], 1: [second(Bracket(trailingStop: 0.03))]]))
            // 3 % below 100, whether or not there was a bracket before.
            #expect(result.trades[0].exitRow == 2)
            #expect(close(result.trades[0].exitPrice, 97))
            #expect(result.counters.ambiguousBars == 0)
        }
    }

    @Test func `what is left of the first entry does not bring its bracket back`() throws {
        var settings = free
        settings.volumeLimit = 0.1
        let bars = hourly(
            [
                flat, (100, 100, 98, 99), (99, 99.5, 98.6, 98.9), (98.9, 99, 98.2, 98.9),
                (98.9, 99, 90, 91), (91, 91, 91, 91),
            ], volume: [1_000, 100, 300, 1_000, 1_000, 1_000])
        let limit = OrderRequest(
            .buy, type: .limit, size: .base(20), price: 98.5, bracket: Bracket(stopLoss: 0.2))
        let result = try simulate(
            bars, settings, plan([0: [limit], 1: [second(Bracket(stopLoss: 0.01))]]))
        // 10 and 10 more at 98.5, 10 at 99: average 98.666…, 1 % below it.
        #expect(result.trades[0].quantity == 30)
        #expect(result.trades[0].exitTag == "stop_loss")
        #expect(close(result.trades[0].exitPrice, (20 * 98.5 + 10 * 99) / 30 * 0.99))
    }

    @Test func `along the path a trailing stop follows the open`() throws {
        var settings = free
        settings.intrabar = .ohlc
        // 110 to 105 first: 4 % below the open is met before the high of 116.
        let bars = hourly([flat, flat, (110, 116, 105, 115), (115, 115, 115, 115)])
        let held = try simulate(bars, settings, at(0, first(Bracket(trailingStop: 0.04))))
        #expect(held.trades[0].exitRow == 2)
        #expect(close(held.trades[0].exitPrice, 110 * 0.96))
        let order = OrderRequest(
            .buy, type: .trailingStop, size: .base(10), trailingStop: 0.01)
        let turned = hourly([flat, (100, 100, 99.9, 100), (95, 96.2, 93.5, 95), (95, 95, 95, 95)])
        let bought = try simulate(turned, settings, at(0, order))
        #expect(close(bought.trades[0].entryPrice, 95 * 1.01))
    }
}
