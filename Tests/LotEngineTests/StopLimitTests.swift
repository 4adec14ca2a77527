import LotCore
import LotEngine
import Testing

@Suite struct StopLimitTests {
    private let flat = (100.0, 100.0, 100.0, 100.0)

    /// Buys one above the market: triggered at 105, at most 106.
    private func buy(stop: Double = 105, price: Double = 106, postOnly: Bool = false)
        -> OrderRequest
    {
        OrderRequest(
            .buy, type: .stopLimit, size: .base(1), price: price, stopPrice: stop,
            postOnly: postOnly)
    }

    private func run(
        _ bars: [(Double, Double, Double, Double)], _ request: OrderRequest,
        _ settings: RunSettings = free
    ) throws -> BacktestOutcome { try simulate(hourly([flat] + bars), settings, at(0, request)) }

    @Test func `triggered inside a bar it rests from the next bar, at its limit, as maker`()
        throws
    {
        var settings = free
        settings.makerFee = 0.01
        let result = try run(
            [(100, 107, 99, 104), (104, 105, 103, 104), flat], buy(), settings)
        // The bar that triggers it fills nothing although it trades through 106; the next opens at
        // 104, below the limit: filled at 106.
        #expect(result.trades[0].entryRow == 2)
        #expect(result.trades[0].entryPrice == 106)
        #expect(close(result.trades[0].fees, 1.06))
    }

    @Test func `a price that runs away leaves it unfilled`() throws {
        let result = try run([(100, 107, 99, 107), (107, 110, 106, 109)], buy())
        #expect(result.trades.isEmpty)
        #expect(result.orders[0].status == .cancelled)
        #expect(result.orders[0].reason == "end_of_data")
    }

    @Test func `a touch triggers it`() throws {
        let result = try run([(100, 105, 99, 104), (104, 105, 103, 104)], buy())
        #expect(result.trades[0].entryRow == 2)
    }

    @Test func `gapped through it arrives at that open: marketable, it fills there as taker`()
        throws
    {
        var settings = free
        (settings.takerFee, settings.slippage) = (0.01, .basisPoints(100))
        let result = try run([(105.5, 107, 105, 106), flat], buy(), settings)
        #expect(result.trades[0].entryPrice == 105.5)
        #expect(result.trades[0].entryRow == 1)
        // 1 % of 105.5 in, and out at 100 · 0.99 at the end.
        #expect(close(result.trades[0].fees, 1.055 + 0.99))
    }

    @Test func `gapped past its limit it rests from that open on`() throws {
        let filled = try run([(107, 108, 105.9, 106), flat], buy())
        #expect(filled.trades[0].entryPrice == 106)
        #expect(filled.trades[0].entryRow == 1)
        let touched = try run([(107, 108, 106, 107), (107, 108, 106.5, 107)], buy())
        #expect(touched.trades.isEmpty)
    }

    @Test func `a sale is mirrored`() throws {
        let bars = hourly([
            flat, flat, (100, 101, 93, 93), (93, 93.9, 92, 93), (93, 96, 92, 95), flat,
        ])
        let sell = OrderRequest(
            .sell, type: .stopLimit, size: .base(1), price: 94, stopPrice: 95)
        let result = try simulate(
            bars, free, plan([0: [OrderRequest(.buy, size: .base(1))], 1: [sell]]))
        // Triggered in row 2, not reached in row 3 (93.9), filled at 94 in row 4.
        #expect(result.trades[0].exitRow == 4)
        #expect(result.trades[0].exitPrice == 94)
    }

    @Test func `its cash is reserved at its limit when it is sent`() throws {
        var settings = free
        settings.takerFee = 0.001
        var cash: [Double] = []
        _ = try simulate(hourly([flat, flat, flat]), settings) { account, desk in
            cash.append(account.cash)
            if account.row == 0 {
                _ = desk.submit(
                    OrderRequest(
                        .buy, type: .stopLimit, size: .base(10), price: 106, stopPrice: 105))
            }
        }
        // 10,000 − 10 · 106 · 1.001
        #expect(close(cash[1], 10_000 - 1_061.06))
    }

    @Test func `post-only is judged at the open that makes a limit of it`() throws {
        let crossing = try run([(105.5, 107, 105, 106), flat], buy(postOnly: true))
        #expect(crossing.orders[0].reason == "post_only_would_cross")
        // Triggered inside a bar it rests and takes nothing.
        let resting = try run(
            [(100, 107, 99, 104), (104, 105, 103, 104)], buy(postOnly: true))
        #expect(resting.orders[0].status == .filled)
    }

    @Test func `a bracket comes with its fill`() throws {
        var request = buy()
        request.bracket = Bracket(stopLoss: 0.05)
        let result = try run(
            [(100, 107, 99, 107), (107, 107, 100.5, 101), flat], request)
        // Filled at 106 inside row 2, whose low reaches 106 · 0.95 = 100.7.
        #expect(result.trades[0].exitRow == 2)
        #expect(close(result.trades[0].exitPrice, 100.7))
    }
}

@Suite struct TrailingStopOrderTests {
    private let flat = (100.0, 100.0, 100.0, 100.0)

    private func trailing(_ side: Side, _ distance: Double, _ bracket: Bracket = Bracket())
        -> OrderRequest
    {
        OrderRequest(
            side, type: .trailingStop, size: .base(1), trailingStop: distance, bracket: bracket)
    }

    private func held(
        _ bars: [(Double, Double, Double, Double)], _ settings: RunSettings = free
    ) throws -> BacktestOutcome {
        try simulate(
            hourly([flat, flat] + bars), settings,
            plan([0: [OrderRequest(.buy, size: .base(1))], 1: [trailing(.sell, 0.1)]]))
    }

    @Test func `it follows the highs from the open of its arrival`() throws {
        // Arrives at 100: trigger 90. Highs 110 and 120: the trigger is 108 in row 4.
        let result = try held([
            (100, 110, 100, 108), (108, 120, 108, 119), (119, 119, 107, 109), (109, 109, 109, 109),
        ])
        #expect(result.trades[0].exitPrice == 108)
        #expect(result.trades[0].exitRow == 4)
        #expect(result.counters.ambiguousBars == 0)
        #expect(result.orders[1].request.stopPrice == 108)
    }

    @Test func `a close past the new trigger fills there, and the bar is ambiguous`() throws {
        let result = try held([(100, 120, 99, 105), (105, 105, 105, 105)])
        #expect(result.trades[0].exitPrice == 108)
        #expect(result.trades[0].exitRow == 2)
        #expect(result.trades[0].isAmbiguous)
        #expect(result.counters.ambiguousBars == 1)
    }

    @Test func `a gap fills at the open, with slippage and the taker fee`() throws {
        var settings = free
        (settings.takerFee, settings.slippage) = (0.001, .basisPoints(10))
        let result = try held([flat, (85, 86, 84, 85)], settings)
        #expect(close(result.trades[0].exitPrice, 85 * 0.999))
    }

    @Test func `a purchase is mirrored and protects a short position`() throws {
        let bars = hourly([flat, flat, (100, 100, 90, 91), (91, 99.5, 91, 99)])
        let result = try simulate(
            bars, free, Instrument(market: .perp),
            plan([0: [OrderRequest(.sell, size: .base(1))], 1: [trailing(.buy, 0.1)]]))
        // Low 90: trigger 99.
        #expect(close(result.trades[0].exitPrice, 99))
        #expect(result.trades[0].exitRow == 3)
        #expect(close(result.trades[0].profit, 1))
    }

    @Test func `a purchase while flat enters when the price has turned`() throws {
        let result = try simulate(
            hourly([flat, (100, 101, 90, 95), (95, 100, 94, 98), flat]), free,
            at(0, trailing(.buy, 0.1)))
        #expect(close(result.trades[0].entryPrice, 99))
        #expect(result.trades[0].entryRow == 2)
    }

    @Test func `an entry by the close knows nothing of the bar but the close`() throws {
        // Low 80: trigger 88, the close of 95 is beyond it. The stop at 88 · 0.95 = 83.6 lies
        // above the low, which came before the entry for certain; the target at 92.4 is certain.
        let bracket = Bracket(stopLoss: 0.05, takeProfit: 0.05)
        let result = try simulate(
            hourly([flat, (100, 101, 80, 95), (95, 95, 95, 95)]), free,
            at(0, trailing(.buy, 0.1, bracket)))
        #expect(close(result.trades[0].entryPrice, 88))
        #expect(close(result.trades[0].exitPrice, 92.4))
        #expect(result.trades[0].exitRow == 1)
    }

    @Test func `of two triggers by the close the one nearer to the extreme was first`() throws {
        let entry = OrderRequest(.buy, size: .base(1), bracket: Bracket(trailingStop: 0.05))
        let bars = hourly([flat, flat, (100, 120, 100, 101), (101, 101, 101, 101)])
        // High 120: the bracket's trigger 114, the order's 108 (or 117.6).
        let bracketFirst = try simulate(
            bars, free, plan([0: [entry], 1: [trailing(.sell, 0.1)]]))
        #expect(bracketFirst.trades[0].exitPrice == 114)
        #expect(bracketFirst.trades[0].exitTag == "trailing_stop")
        #expect(bracketFirst.orders.last?.reason == "")
        let orderFirst = try simulate(
            bars, free, plan([0: [entry], 1: [trailing(.sell, 0.02)]]))
        #expect(close(orderFirst.trades[0].exitPrice, 117.6))
        #expect(orderFirst.trades[0].exitTag == "strategy")
    }

    @Test func `a distance that is no fraction is refused`() throws {
        for distance in [0, 1, -0.1, Double.nan] {
            let result = try simulate(
                hourly([flat, flat]), free, at(0, trailing(.buy, distance)))
            #expect(result.orders[0].reason == "invalid_price")
        }
    }
}
