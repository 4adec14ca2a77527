import LotCore
import LotEngine
import Testing

@Suite struct SizingTests {
    private let bars = hourly([
        (100, 100, 100, 100), (100, 100, 100, 100), (100, 100, 100, 100),
    ])
    private var costs: RunSettings {
        RunSettings(takerFee: 0.001, slippage: .basisPoints(2), volumeLimit: nil)
    }

    private func quantity(
        _ size: Size, _ instrument: Instrument = Instrument(), bracket: Bracket = Bracket()
    ) throws -> Double {
        let result = try simulate(
            bars, costs, instrument, at(0, OrderRequest(.buy, size: size, bracket: bracket)))
        return result.orders[0].quantity ?? 0
    }

    @Test func `equity sizes pay for slippage and fee out of the amount`() throws {
        // 10,000 / (100.02 · 1.001)
        #expect(close(try quantity(.equity(1)), 10_000 / (100.02 * 1.001)))
        #expect(close(try quantity(.equity(0.5)), 5_000 / (100.02 * 1.001)))
    }

    @Test func `quote sizes are capped by the free cash`() throws {
        #expect(close(try quantity(.quote(1_000)), 1_000 / (100.02 * 1.001)))
        #expect(close(try quantity(.quote(50_000)), 10_000 / (100.02 * 1.001)))
    }

    @Test func `quantities are rounded down to the lot`() throws {
        let lot = Instrument(lotSize: DecimalStep("0.1"))
        // 99.8801… → 99.8
        #expect(try quantity(.equity(1), lot) == 99.8)
    }

    @Test func `a base size beyond the balance is rejected`() throws {
        let result = try simulate(bars, costs, at(0, OrderRequest(.buy, size: .base(100))))
        // 100 · 100.02 · 1.001 = 10,012.002 > 10,000
        #expect(result.orders[0].reason == "insufficient_cash")
        #expect(try quantity(.base(99)) == 99)
    }

    @Test func `risk sizes lose the fraction, fees included, if the stop is hit`() throws {
        let wanted = try quantity(.risk(0.01), bracket: Bracket(stopLoss: 0.05))
        let (entry, stop) = (100.02, 100.02 * 0.95)
        #expect(close(wanted, 100 / ((entry - stop) + 0.001 * (entry + stop))))
        let loss = wanted * ((entry - stop) + 0.001 * (entry + stop))
        #expect(close(loss, 100))
    }

    @Test func `risk sizes are capped by cash`() throws {
        let wanted = try quantity(.risk(0.5), bracket: Bracket(stopLoss: 0.01))
        #expect(close(wanted, 10_000 / (100.02 * 1.001)))
    }

    @Test(arguments: [
        ("min_quantity", Instrument(minQuantity: 200), "below_min_quantity"),
        ("min_notional", Instrument(minNotional: 20_000), "below_min_notional"),
        ("lot", Instrument(lotSize: DecimalStep("1000")), "zero_quantity"),
    ]) func `orders below a minimum are rejected with the reason`(
        _ name: String, _ instrument: Instrument, _ reason: String
    ) throws {
        let result = try simulate(bars, costs, instrument, at(0, OrderRequest(.buy)))
        #expect(result.orders[0].status == .rejected)
        #expect(result.orders[0].reason == reason)
        #expect(result.finalEquity == 10_000)
    }

    @Test func `exits below a minimum are exempt on perpetuals only`() throws {
        let falling = hourly([(100, 100, 100, 100), (100, 100, 100, 100), (1, 1, 1, 1)])
        func exitStatus(_ market: Market) throws -> OrderStatus {
            let instrument = Instrument(market: market, minNotional: 50)
            let result = try simulate(falling, free, instrument) { account, desk in
                if account.row == 0 { _ = desk.submit(OrderRequest(.buy, size: .base(1))) }
                if account.row == 1 { _ = desk.exit(tag: "") }
            }
            return result.orders[1].status
        }
        #expect(try exitStatus(.spot) == .rejected)
        #expect(try exitStatus(.perp) == .filled)
    }

    @Test(arguments: [
        Size.equity(0), .equity(-1), .quote(.nan), .base(.infinity), .risk(0),
    ]) func `sizes that are not positive numbers are rejected`(_ size: Size) throws {
        let result = try simulate(bars, free, at(0, OrderRequest(.buy, size: size)))
        #expect(result.orders[0].reason == "invalid_size")
    }
}

@Suite struct LiquidityTests {
    @Test func `the fills of a bar take at most the limit of its volume together`() throws {
        var settings = free
        settings.volumeLimit = 0.1
        let flat = (100.0, 100.0, 100.0, 100.0)
        let bars = hourly([flat, flat, flat, flat], volume: [0, 10, 10, 100])
        let result = try simulate(
            bars, settings,
            plan([0: [OrderRequest(.buy, size: .base(0.7)), OrderRequest(.buy, size: .base(0.7))]]))
        // bar 1 gives 1.0: 0.7 to the first and 0.3 to the second, whose 0.4 wait for bar 2
        #expect(close(result.orders[0].filledQuantity, 0.7))
        #expect(result.orders[0].updatedTime == newYear + 3_600_000)
        #expect(result.orders[1].updatedTime == newYear + 2 * 3_600_000)
        #expect(result.orders[1].status == .filled)
    }

    @Test func `a bar without volume fills nothing, limit or not`() throws {
        let flat = (100.0, 100.0, 100.0, 100.0)
        let bars = hourly([flat, flat, (105, 105, 105, 105)], volume: [1, 0, 10])
        let result = try simulate(bars, free, at(0, OrderRequest(.buy, size: .base(1))))
        #expect(result.trades[0].entryPrice == 105)
    }

    @Test func `a remainder that became too dear is cut and logged`() throws {
        var settings = free
        settings.volumeLimit = 0.1
        let bars = hourly(
            [
                (100, 100, 100, 100), (100, 100, 100, 100), (200, 200, 200, 200),
                (200, 200, 200, 200),
            ],
            volume: [1, 500, 10_000, 10_000])
        let result = try simulate(bars, settings, at(0, OrderRequest(.buy)))
        // 100 units are sized at 100; 50 fill, the other 5,000 buy 25 at 200
        #expect(close(result.orders[0].filledQuantity, 75))
        #expect(result.orders[0].reason == "remainder cut: cash")
    }

    @Test func `the end ignores the volume limit`() throws {
        var settings = free
        settings.volumeLimit = 0.1
        let flat = (100.0, 100.0, 100.0, 100.0)
        let bars = hourly([flat, flat, flat], volume: [1, 1_000, 0])
        let result = try simulate(bars, settings, at(0, OrderRequest(.buy, size: .base(50))))
        #expect(result.trades[0].quantity == 50)
        #expect(result.finalEquity == 10_000)
    }
}
