import LotCore
import LotEngine
import Testing

/// `--intrabar ohlc`: what the price meets on its way happens there, in that order.
@Suite struct PathTests {
    private typealias Row = (Double, Double, Double, Double)
    private let flat = (100.0, 100.0, 100.0, 100.0)

    private var path: RunSettings {
        var settings = free
        settings.intrabar = .ohlc
        return settings
    }

    private func run(
        _ bars: [(Double, Double, Double, Double)], _ requests: [Int: [OrderRequest]],
        _ market: Market = .spot, volume: [Double]? = nil, limit: Double? = nil
    ) throws -> BacktestOutcome {
        var settings = path
        settings.volumeLimit = limit
        let result = try simulate(
            hourly([flat] + bars, volume: volume), settings, Instrument(market: market),
            plan(requests))
        #expect(result.counters.ambiguousBars == 0)
        #expect(result.trades.allSatisfy { !$0.isAmbiguous })
        return result
    }

    private func buy(_ bracket: Bracket) -> OrderRequest {
        OrderRequest(.buy, size: .base(1), bracket: bracket)
    }

    @Test func `the nearer extreme comes first, the low where both are as near`() throws {
        let both = Bracket(stopLoss: 0.05, takeProfit: 0.05)
        // High 6 above, low 7 below: the target. High 7 above, low 6 below: the stop. As near: the
        // stop for a long, the target for a short.
        let cases: [(Row, String)] = [
            ((100, 106, 93, 100), "take_profit"), ((100, 107, 94, 100), "stop_loss"),
            ((100, 106, 94, 100), "stop_loss"),
        ]
        for (bar, tag) in cases {
            #expect(try run([bar, flat], [0: [buy(both)]]).trades[0].exitTag == tag, "\(bar)")
        }
        let short = OrderRequest(.sell, size: .base(1), bracket: both)
        let tied = try run([(100, 106, 94, 100), flat], [0: [short]], .perp)
        #expect(tied.trades[0].exitTag == "take_profit")
    }

    @Test func `a target after a limit entry counts if the path reaches it`() throws {
        let entry = OrderRequest(
            .buy, type: .limit, size: .base(1), price: 98, bracket: Bracket(takeProfit: 0.02))
        // 98 · 1.02 = 99.96. Low first, then the high of 103: bought at 98, sold at 99.96.
        let low = try run([(100, 103, 97, 99), flat], [0: [entry]])
        #expect(close(low.trades[0].exitPrice, 99.96))
        #expect(low.trades[0].exitRow == 1)
        // High first: the low of 96 comes after it, and the close of 99 is below the target.
        let high = try run([(100, 103, 96, 99), flat, flat], [0: [entry]])
        #expect(high.trades[0].exitRow == 2)
    }

    @Test func `several entries fill in one bar, and a position can be left and entered again`()
        throws
    {
        let first = OrderRequest(
            .buy, type: .limit, size: .base(1), price: 98, bracket: Bracket(takeProfit: 0.01))
        let second = OrderRequest(.buy, type: .stopMarket, size: .base(1), stopPrice: 102)
        let result = try run([(100, 103, 97, 102), flat], [0: [first, second]])
        // Bought at 98, sold at 98.98 on the way up, bought again at 102.
        #expect(result.trades.map(\.entryPrice) == [98, 102])
        #expect(close(result.trades[0].exitPrice, 98.98))
        #expect(result.trades.map(\.entryRow) == [1, 1])
    }

    @Test func `a trailing stop follows the path`() throws {
        // Low first (1 below, 9 above): after the high of 109 the level is 98.1, and the close of
        // 98 is below it.
        let late = try run(
            [(100, 109, 99, 98.5), (98.5, 98.5, 98, 98)], [0: [buy(Bracket(trailingStop: 0.1))]])
        #expect(close(late.trades[0].exitPrice, 98.1))
        #expect(late.trades[0].exitRow == 2)
        // High first (9 above, 11 below): the level of 98.1 is met on the way to the low of 89.
        let met = try run([(100, 109, 89, 105), flat], [0: [buy(Bracket(trailingStop: 0.1))]])
        #expect(close(met.trades[0].exitPrice, 98.1))
        #expect(met.trades[0].exitRow == 1)
    }

    @Test func `a trailing stop order follows the path too, and can enter`() throws {
        let sell = OrderRequest(.sell, type: .trailingStop, size: .base(1), trailingStop: 0.1)
        let left = try run(
            [flat, (100, 109, 89, 105), flat],
            [0: [OrderRequest(.buy, size: .base(1))], 1: [sell]])
        #expect(close(left.trades[0].exitPrice, 98.1))
        let entry = OrderRequest(.buy, type: .trailingStop, size: .base(1), trailingStop: 0.05)
        // Low first: 95 · 1.05 = 99.75, met on the way to the high.
        let entered = try run([(100, 106, 95, 101), flat], [0: [entry]])
        #expect(close(entered.trades[0].entryPrice, 99.75))
        #expect(entered.trades[0].entryRow == 1)
    }

    @Test func `a stop-limit goes on along the path from its trigger`() throws {
        func order(_ price: Double, postOnly: Bool = false) -> OrderRequest {
            OrderRequest(
                .buy, type: .stopLimit, size: .base(1), price: price, stopPrice: 105,
                postOnly: postOnly)
        }
        // Marketable at its trigger: there, as taker.
        let taken = try run([(100, 107, 99, 104), flat], [0: [order(106)]])
        #expect(taken.trades[0].entryPrice == 105)
        // Below it: it rests, and fills when the price comes back.
        let rested = try run([(100, 107, 99, 103), flat], [0: [order(104)]])
        #expect(rested.trades[0].entryPrice == 104)
        #expect(rested.trades[0].entryRow == 1)
        let refused = try run([(100, 107, 99, 103), flat], [0: [order(106, postOnly: true)]])
        #expect(refused.orders[0].reason == "post_only_would_cross")
    }

    @Test func `limits must be traded through and stops need a touch, on each move`() throws {
        let limit = OrderRequest(.buy, type: .limit, size: .base(1), price: 97)
        #expect(try run([(100, 103, 97, 100), flat], [0: [limit]]).trades.isEmpty)
        let stop = OrderRequest(.buy, type: .stopMarket, size: .base(1), stopPrice: 103)
        #expect(try run([(100, 103, 97, 100), flat], [0: [stop]]).trades[0].entryPrice == 103)
    }

    @Test func `the volume limit holds for the whole path`() throws {
        let orders = [98.0, 99.0].map {
            OrderRequest(.buy, type: .limit, size: .base(8), price: $0)
        }
        let result = try run(
            [(100, 103, 97, 100), flat], [0: orders], volume: [100, 100, 1_000], limit: 0.1)
        // 10 may fill: 8 at 99, then 2 at 98.
        #expect(close(result.trades[0].entryPrice, (8 * 99 + 2 * 98) / 10))
        #expect(result.counters.volumeLimitedFills == 1)
    }

    @Test func `what the open decides is decided before the path begins`() throws {
        let both = Bracket(stopLoss: 0.05, takeProfit: 0.05)
        let gap = try run([flat, (90, 120, 89, 100), flat], [0: [buy(both)]])
        #expect(gap.trades[0].exitPrice == 90)
        #expect(gap.trades[0].exitTag == "stop_loss")
    }

    @Test func `a bar without volume moves trailing stops and fills nothing`() throws {
        let result = try run(
            [flat, (100, 120, 90, 115), (115, 115, 110, 110), (110, 110, 107, 107), flat],
            [0: [buy(Bracket(trailingStop: 0.1))]], volume: [1, 1, 0, 1, 1, 1])
        // 120 · 0.9 = 108
        #expect(close(result.trades[0].exitPrice, 108))
        #expect(result.trades[0].exitRow == 4)
    }
}
