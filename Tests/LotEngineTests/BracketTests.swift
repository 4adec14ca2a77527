import LotCore
import LotEngine
import Testing

@Suite struct BracketTests {
    private let enter = (100.0, 100.0, 100.0, 100.0)

    private func buy(_ bracket: Bracket, _ type: OrderType = .market, _ level: Double? = nil)
        -> OrderRequest
    {
        OrderRequest(
            .buy, type: type, size: .base(1), price: type == .limit ? level : nil,
            stopPrice: type == .stopMarket ? level : nil, bracket: bracket)
    }

    private func trade(
        _ bars: [(Double, Double, Double, Double)], _ request: OrderRequest,
        _ settings: RunSettings = free
    ) throws -> (trade: Trade, counters: RunCounters) {
        let result = try simulate(hourly([enter] + bars), settings, at(0, request))
        return (try #require(result.trades.first), result.counters)
    }

    @Test func `a stop loss fills at its level when the low reaches it`() throws {
        let (trade, counters) = try trade(
            [(100, 101, 99, 100), (99, 99, 95, 98)], buy(Bracket(stopLoss: 0.05)))
        #expect(trade.exitPrice == 95)
        #expect(trade.exitTag == "stop_loss")
        #expect(counters.ambiguousBars == 0)
    }

    @Test func `a stop loss gapped over fills at the open`() throws {
        let (trade, _) = try trade(
            [(100, 101, 99, 100), (90, 96, 89, 95)], buy(Bracket(stopLoss: 0.05)))
        #expect(trade.exitPrice == 90)
    }

    @Test func `after an entry at the open the whole bar counts`() throws {
        let (trade, _) = try trade(
            [(100, 101, 94, 100), (100, 100, 100, 100)], buy(Bracket(stopLoss: 0.05)))
        #expect(trade.exitPrice == 95)
        #expect(trade.exitRow == 1)
    }

    @Test func `a target is a limit: traded through, at its price, maker`() throws {
        var settings = free
        settings.makerFee = 0.01
        let touched = try trade(
            [(100, 110, 99, 100), (100, 100, 100, 100)], buy(Bracket(takeProfit: 0.1)), settings)
        #expect(touched.trade.exitTag == "end_of_data")
        let through = try trade(
            [(100, 110.5, 99, 100), (100, 100, 100, 100)], buy(Bracket(takeProfit: 0.1)),
            settings)
        #expect(close(through.trade.exitPrice, 110))
        #expect(close(through.trade.fees, 1.1))
    }

    @Test func `a bar that opens beyond the target fills at the target before any stop`() throws {
        let (trade, counters) = try trade(
            [(100, 101, 99, 100), (115, 116, 90, 95)],
            buy(Bracket(stopLoss: 0.05, takeProfit: 0.1)))
        #expect(close(trade.exitPrice, 110))
        #expect(counters.ambiguousBars == 0)
    }

    @Test func `stop and target in one bar: the stop, and the bar is ambiguous`() throws {
        let (trade, counters) = try trade(
            [(100, 101, 99, 100), (100, 111, 94, 100)],
            buy(Bracket(stopLoss: 0.05, takeProfit: 0.1)))
        #expect(trade.exitPrice == 95)
        #expect(trade.isAmbiguous)
        #expect(counters.ambiguousBars == 1)
    }

    @Test func `a market exit at the open cancels the bracket before it can trigger`() throws {
        let bars = hourly([enter, (100, 100, 100, 100), (98, 99, 80, 85)])
        let result = try simulate(bars) { [self] account, desk in
            if account.row == 0 { _ = desk.submit(buy(Bracket(stopLoss: 0.05))) }
            if account.row == 1 { _ = desk.exit(tag: "out") }
        }
        #expect(result.trades[0].exitPrice == 98)
        #expect(result.trades[0].exitTag == "out")
    }

    @Test func `after a limit entry inside the bar the stop counts, for certain`() throws {
        let (trade, counters) = try trade(
            [(100, 100, 93, 99), (99, 99, 99, 99)], buy(Bracket(stopLoss: 0.02), .limit, 95))
        // entry 95, stop 95 · 0.98 = 93.1
        #expect(close(trade.exitPrice, 93.1))
        #expect(trade.exitRow == 1)
        #expect(counters.ambiguousBars == 0)
    }

    @Test func `after a limit entry the target counts only if the close is beyond it`() throws {
        let bracket = Bracket(takeProfit: 0.02)
        let uncertain = try trade(
            [(100, 100, 94, 96), (96, 96, 96, 96)], buy(bracket, .limit, 95))
        // target 96.9; the high of 100 may have come before the entry
        #expect(uncertain.trade.exitTag == "end_of_data")
        #expect(uncertain.counters.ambiguousBars == 1)
        let certain = try trade(
            [(100, 100, 94, 98), (96, 96, 96, 96)], buy(bracket, .limit, 95))
        #expect(close(certain.trade.exitPrice, 96.9))
        #expect(certain.counters.ambiguousBars == 0)
    }

    @Test func `after a stop entry a target beyond the trigger is certain`() throws {
        let (trade, _) = try trade(
            [(100, 112, 99, 101), (101, 101, 101, 101)],
            buy(Bracket(takeProfit: 0.05), .stopMarket, 105))
        // 105 · 1.05
        #expect(close(trade.exitPrice, 110.25))
    }

    @Test func `after a stop entry the stop loss counts, and the bar is ambiguous`() throws {
        let (trade, counters) = try trade(
            [(100, 106, 95, 104), (101, 101, 101, 101)],
            buy(Bracket(stopLoss: 0.05), .stopMarket, 105))
        // 105 · 0.95
        #expect(close(trade.exitPrice, 99.75))
        #expect(counters.ambiguousBars == 1)
    }

    @Test func `the stop of a limit that the open has passed fills at the open`() throws {
        let (trade, _) = try trade(
            [(100, 101, 99, 100), (80, 81, 79, 80)], buy(Bracket(stopLoss: 0.05), .limit, 95))
        // the limit of 95 fills at 95 in a bar that opens at 80, beyond the stop of 90.25
        #expect(trade.entryPrice == 95)
        #expect(trade.exitPrice == 80)
    }

    @Test func `max bars exits at the open so many bars after the entry bar`() throws {
        let (trade, _) = try trade(
            [
                (100, 100, 100, 100), (101, 101, 101, 101), (102, 102, 102, 102),
                (103, 103, 103, 103),
            ],
            buy(Bracket(maxBars: 2)))
        #expect(trade.entryRow == 1)
        #expect(trade.exitRow == 3)
        #expect(trade.exitPrice == 102)
        #expect(trade.exitTag == "max_bars")
    }

    @Test func `levels of shorts are mirrored`() throws {
        let perpetual = Instrument(market: .perp)
        let sell = OrderRequest(
            .sell, size: .base(1), bracket: Bracket(stopLoss: 0.05, takeProfit: 0.1))
        let stopped = try simulate(
            hourly([enter, (100, 106, 99, 100), enter]), free, perpetual, at(0, sell))
        #expect(stopped.trades[0].exitPrice == 105)
        #expect(close(stopped.trades[0].profit, -5))
        let won = try simulate(
            hourly([enter, (100, 101, 89, 95), enter]), free, perpetual, at(0, sell))
        #expect(won.trades[0].exitPrice == 90)
        #expect(close(won.trades[0].profit, 10))
    }

    @Test func `levels come from the average entry price of partial fills`() throws {
        var settings = free
        settings.volumeLimit = 0.1
        let bars = hourly(
            [enter, (100, 100, 100, 100), (110, 110, 104, 110), (110, 110, 90, 95)],
            volume: [100, 5, 100, 100])
        let result = try simulate(bars, settings, at(0, buy(Bracket(stopLoss: 0.1))))
        // 0.5 at 100 and 0.5 at 110: average 105, stop 94.5
        #expect(close(result.trades[0].entryPrice, 105))
        #expect(close(result.trades[0].exitPrice, 94.5))
    }

    @Test func `a target cut by the volume limit keeps its bracket for the rest`() throws {
        var settings = free
        settings.volumeLimit = 0.1
        let bars = hourly(
            [enter, enter, (100, 111, 99, 105), (105, 106, 90, 95)], volume: [100, 100, 6, 100])
        let result = try simulate(
            bars, settings, at(0, buy(Bracket(stopLoss: 0.05, takeProfit: 0.1))))
        // 0.6 at the target of 110, 0.4 at the stop of 95
        #expect(close(result.trades[0].exitPrice, 0.6 * 110 + 0.4 * 95))
        #expect(result.trades.count == 1)
    }
}

@Suite struct TrailingStopTests {
    private let enter = (100.0, 100.0, 100.0, 100.0)
    private let buy = OrderRequest(.buy, size: .base(1), bracket: Bracket(trailingStop: 0.1))

    @Test func `the level follows the highs up to the bar before`() throws {
        let bars = hourly([
            enter, (100, 110, 100, 108), (108, 120, 108, 119), (119, 119, 107, 109),
            (109, 109, 109, 109),
        ])
        let result = try simulate(bars, free, at(0, buy))
        // highs 110 and 120: level of the fourth bar 108
        #expect(result.trades[0].exitPrice == 108)
        #expect(result.trades[0].exitRow == 3)
        #expect(result.trades[0].exitTag == "trailing_stop")
        #expect(result.counters.ambiguousBars == 0)
    }

    @Test func `a close past the new level fills there, and the bar is ambiguous`() throws {
        let bars = hourly([enter, (100, 120, 99, 105), (105, 105, 105, 105)])
        let result = try simulate(bars, free, at(0, buy))
        // the entry bar was entered at its open, so its high of 120 counts: 108 > close 105
        #expect(result.trades[0].exitPrice == 108)
        #expect(result.trades[0].exitRow == 1)
        #expect(result.counters.ambiguousBars == 1)
    }

    @Test func `a gap below the level fills at the open`() throws {
        let bars = hourly([enter, (100, 101, 100, 101), (85, 86, 84, 85)])
        #expect(try simulate(bars, free, at(0, buy)).trades[0].exitPrice == 85)
    }

    @Test func `the high of an intrabar entry's bar is not known to come after it`() throws {
        let request = OrderRequest(
            .buy, type: .limit, size: .base(1), price: 95, bracket: Bracket(trailingStop: 0.1))
        let bars = hourly([enter, (100, 130, 94, 96), (96, 96, 86, 90), (90, 90, 90, 90)])
        let result = try simulate(bars, free, at(0, request))
        // 95 · 0.9 = 85.5 holds; 130 · 0.9 = 117 would have ended it in its first bar
        #expect(result.trades[0].exitTag == "end_of_data")
    }

    @Test func `the nearer of the fixed and the trailing stop is the one that fills`() throws {
        let request = OrderRequest(
            .buy, size: .base(1), bracket: Bracket(stopLoss: 0.05, trailingStop: 0.1))
        let bars = hourly([enter, (100, 101, 90, 100), enter])
        let result = try simulate(bars, free, at(0, request))
        #expect(result.trades[0].exitPrice == 95)
        #expect(result.trades[0].exitTag == "stop_loss")
    }
}
