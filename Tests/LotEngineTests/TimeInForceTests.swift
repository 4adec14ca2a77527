import LotCore
import LotEngine
import Testing

@Suite struct TimeInForceTests {
    private let flat = (100.0, 100.0, 100.0, 100.0)

    private func limited(_ fraction: Double) -> RunSettings {
        var settings = free
        settings.volumeLimit = fraction
        return settings
    }

    private func order(
        _ bars: [(Double, Double, Double, Double)], volume: [Double]? = nil,
        _ settings: RunSettings = free, sending request: OrderRequest
    ) throws -> (order: Order, result: BacktestOutcome) {
        let result = try simulate(hourly([flat] + bars, volume: volume), settings, at(0, request))
        return (result.orders[0], result)
    }

    private func limit(_ price: Double, _ tif: TimeInForce, postOnly: Bool = false) -> OrderRequest
    {
        OrderRequest(
            .buy, type: .limit, size: .base(10), price: price, timeInForce: tif,
            postOnly: postOnly)
    }

    @Test func `an IOC limit takes what its first open gives, the rest expires`() throws {
        // 10 % of 40 is 4 of the 10.
        let (order, result) = try order(
            [(99, 101, 90, 95), (95, 96, 90, 95)], volume: [40, 40, 1_000], limited(0.1),
            sending: limit(99.5, .ioc))
        #expect(order.status == .expired)
        #expect(order.filledQuantity == 4)
        #expect(order.averagePrice == 99)
        #expect(order.reason == "ioc_unfilled")
        #expect(result.counters.expirations == ["ioc_unfilled": 1])
        #expect(result.trades[0].quantity == 4)
    }

    @Test func `an IOC limit that is not marketable at its first open expires, whatever follows`()
        throws
    {
        let (order, result) = try order([(100, 101, 90, 95), flat], sending: limit(99, .ioc))
        #expect(order.status == .expired)
        #expect(order.filledQuantity == 0)
        #expect(result.trades.isEmpty)
    }

    @Test func `an IOC market order does not carry on at the next open`() throws {
        let request = OrderRequest(.buy, size: .base(10), timeInForce: .ioc)
        let (order, result) = try order(
            [flat, flat], volume: [40, 40, 1_000], limited(0.1), sending: request)
        #expect(order.status == .expired)
        #expect(result.trades[0].quantity == 4)
    }

    @Test func `a bar without volume is the first open all the same`() throws {
        let request = OrderRequest(.buy, size: .base(10), timeInForce: .ioc)
        let (order, result) = try order([flat, flat], volume: [40, 0, 1_000], sending: request)
        #expect(order.status == .expired)
        #expect(result.trades.isEmpty)
    }

    @Test func `FOK is all or nothing at the first open`() throws {
        let killed = try order(
            [(99, 101, 90, 95), flat], volume: [40, 99, 1_000], limited(0.1),
            sending: limit(99.5, .fok))
        #expect(killed.order.status == .expired)
        #expect(killed.order.reason == "fok_unfilled")
        #expect(killed.order.filledQuantity == 0)
        #expect(killed.result.counters.volumeLimitedFills == 0)
        #expect(killed.result.counters.expirations == ["fok_unfilled": 1])
        let filled = try order(
            [(99, 101, 90, 95), flat], volume: [40, 100, 1_000], limited(0.1),
            sending: limit(99.5, .fok))
        #expect(filled.order.status == .filled)
        #expect(filled.order.averagePrice == 99)
    }

    @Test func `FOK counts what other orders have taken from the bar's volume`() throws {
        let bars = hourly([flat, flat, flat], volume: [100, 100, 1_000])
        let result = try simulate(
            bars, limited(0.1),
            plan([
                0: [
                    OrderRequest(.buy, size: .base(4)),
                    OrderRequest(.buy, size: .base(7), timeInForce: .fok),
                ]
            ]))
        #expect(result.orders[1].status == .expired)
        #expect(result.trades[0].quantity == 4)
    }

    @Test func `a stop with a time in force is judged when it is triggered`() throws {
        let request = OrderRequest(
            .buy, type: .stopMarket, size: .base(10), stopPrice: 105, timeInForce: .ioc)
        // Nothing for a bar, then triggered inside the next, where 10 % of 40 may fill.
        let (order, result) = try order(
            [flat, (100, 106, 100, 106), (106, 106, 106, 106)], volume: [40, 40, 40, 1_000],
            limited(0.1), sending: request)
        #expect(order.status == .expired)
        #expect(order.filledQuantity == 4)
        #expect(result.trades[0].entryPrice == 105)
    }

    @Test func `a post-only order that would cross at arrival is rejected`() throws {
        for open in [98.0, 99.0] {
            let (order, result) = try order(
                [(open, 101, 90, 95), flat], sending: limit(99, .gtc, postOnly: true))
            #expect(order.status == .rejected)
            #expect(order.reason == "post_only_would_cross")
            #expect(result.counters.rejections == ["post_only_would_cross": 1])
            #expect(result.trades.isEmpty)
        }
    }

    @Test func `a post-only order that rests fills as maker`() throws {
        var settings = free
        (settings.makerFee, settings.takerFee) = (0.001, 0.1)
        let (order, result) = try order(
            [(100, 101, 98, 100), flat], settings, sending: limit(99, .gtc, postOnly: true))
        #expect(order.averagePrice == 99)
        // 10 · 99 · 0.001 in, 10 · 100 · 0.1 out at the end
        #expect(close(result.fees, 0.99 + 100))
    }

    @Test func `a post-only order is judged by the open of a bar without volume too`() throws {
        let (order, _) = try order(
            [(98, 98, 98, 98), flat], volume: [40, 0, 40], sending: limit(99, .gtc, postOnly: true))
        #expect(order.reason == "post_only_would_cross")
    }

    @Test(arguments: OrderType.allCases)
    func `a reduce-only order of any type closes no more than the position`(_ type: OrderType)
        throws
    {
        // Long 2 from bar 1; an order over 5 that happens in bar 2 or 3 closes 2 and ends.
        let level = type == .limit || type == .takeProfit ? 105.0 : 95.0
        let request = OrderRequest(
            .sell, type: type, size: .base(5), price: type == .stopLimit ? 90 : level,
            stopPrice: level, trailingStop: type == .trailingStop ? 0.05 : nil, reduceOnly: true)
        var sized = request
        sized.size = .quote(1_000)
        let bars = hourly([flat, flat, (100, 106, 94, 100), flat, flat])
        let perpetual = Instrument(market: .perp)
        let result = try simulate(
            bars, free, perpetual,
            plan([0: [OrderRequest(.buy, size: .base(2))], 1: [sized]]))
        #expect(result.trades.count == 1)
        #expect(result.trades[0].quantity == 2)
        #expect(result.trades[0].exitTag != "end_of_data")
        #expect(result.orders[1].status == .filled)
        // A quantity beyond the position is refused, as everywhere.
        let beyond = try simulate(
            bars, free, perpetual,
            plan([0: [OrderRequest(.buy, size: .base(2))], 1: [request]]))
        #expect(beyond.orders[1].reason == "insufficient_position")
    }

    @Test(arguments: OrderType.allCases)
    func `a reduce-only order of any type opens nothing`(_ type: OrderType) throws {
        let level = type == .limit || type == .takeProfit ? 105.0 : 95.0
        let request = OrderRequest(
            .sell, type: type, size: .base(5), price: type == .stopLimit ? 90 : level,
            stopPrice: level, trailingStop: 0.05, reduceOnly: true)
        let result = try simulate(
            hourly([flat, (100, 106, 94, 100), flat, flat]), free, Instrument(market: .perp),
            at(0, request))
        #expect(result.trades.isEmpty)
        #expect(result.orders[0].reason == "no_position")
    }
}
