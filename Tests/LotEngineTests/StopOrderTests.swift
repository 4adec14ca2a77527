import LotCore
import LotEngine
import Testing

@Suite struct StopOrderTests {
    private func buyStop(_ price: Double) -> OrderRequest {
        OrderRequest(.buy, type: .stopMarket, size: .base(1), stopPrice: price)
    }

    @Test func `a stop triggers when the high reaches it and fills there with slippage`() throws {
        var settings = free
        settings.slippage = .basisPoints(10)
        let bars = hourly([(100, 100, 100, 100), (100, 105, 99, 101), (101, 101, 101, 101)])
        let result = try simulate(bars, settings, at(0, buyStop(105)))
        // 105 · 1.001
        #expect(close(result.trades[0].entryPrice, 105.105))
    }

    @Test func `a stop gapped over fills at the open`() throws {
        let bars = hourly([(100, 100, 100, 100), (108, 109, 107, 108), (108, 108, 108, 108)])
        #expect(try simulate(bars, free, at(0, buyStop(105))).trades[0].entryPrice == 108)
    }

    @Test func `a stop that is not reached waits`() throws {
        let bars = hourly([(100, 100, 100, 100), (100, 104.9, 99, 100), (100, 106, 99, 100)])
        let result = try simulate(bars, free, at(0, buyStop(105)))
        #expect(result.trades[0].entryRow == 2)
    }

    @Test func `a take-profit order triggers on the better side and pays as taker`() throws {
        var settings = free
        settings.takerFee = 0.001
        settings.slippage = .basisPoints(10)
        let bars = hourly([
            (100, 100, 100, 100), (100, 100, 100, 100), (100, 110, 99, 105), (105, 105, 105, 105),
        ])
        let target = OrderRequest(
            .sell, type: .takeProfit, size: .base(1), stopPrice: 108, reduceOnly: true)
        let result = try simulate(
            bars, settings, plan([0: [OrderRequest(.buy, size: .base(1))], 1: [target]]))
        // 108 · 0.999
        #expect(close(result.trades[0].exitPrice, 107.892))
        // 0.001 · (100.1 + 107.892)
        #expect(close(result.fees, 0.207_992))
    }

    @Test func `what a stop could not fill goes on as market`() throws {
        var settings = free
        settings.volumeLimit = 0.1
        let bars = hourly(
            [
                (100, 100, 100, 100), (100, 106, 99, 105), (104, 104, 104, 104),
                (103, 103, 103, 103),
            ], volume: [100, 4, 3, 100])
        let result = try simulate(bars, settings, at(0, buyStop(105)))
        // 0.4 at 105, 0.3 at 104, the remaining 0.3 at 103
        #expect(close(result.trades[0].entryPrice, 0.4 * 105 + 0.3 * 104 + 0.3 * 103))
        #expect(result.orders[0].status == .filled)
        #expect(result.counters.volumeLimitedFills == 2)
    }
}
