import LotCore
import Testing

@testable import LotEngine

/// Margin arithmetic against numbers that exchanges publish.
@Suite struct LiquidationPriceTests {
    private func terms(
        _ tiers: [MaintenanceTier], leverage: Double = 10, margin: MarginMode = .isolated
    ) -> MarginTerms {
        MarginTerms(
            Instrument(market: .perp, maintenanceTiers: tiers),
            PerpetualSettings(leverage: leverage, margin: margin))
    }

    private func one(_ rate: Double, _ deduction: Double) -> MarginTerms {
        terms([
            MaintenanceTier(
                notionalFloor: 0, rate: rate, deduction: deduction, maxLeverage: 100)
        ])
    }

    /// Binance's worked examples, "How to Calculate Liquidation Price of USDⓈ-M Futures Contracts".
    ///
    /// Two long positions of one account with a wallet balance of 1,535,443.01. The collateral is
    /// WB − TMM + UPNL − Q · EP.
    @Test(arguments: [
        // ETHUSDT alone: isolated, so TMM = UPNL = 0.
        (0.0, 0.0, 135_365.0, 3_683.979, 1_456.84, 0.10, 1_114.78),
        // ETHUSDT beside BTCUSDT: cross.
        (71_200.81144, -56_354.57, 135_365.0, 3_683.979, 1_456.84, 0.10, 1_153.26),
        // BTCUSDT alone, and beside ETHUSDT.
        (0.0, 0.0, 16_300.0, 109.488, 32_481.980, 0.025, 18_778.73),
        (356_512.508, -448_192.89, 16_300.0, 109.488, 32_481.980, 0.025, 26_316.89),
    ]) func `the exchange's own examples`(
        _ others: Double, _ profit: Double, _ amount: Double, _ quantity: Double, _ entry: Double,
        _ rate: Double, _ expected: Double
    ) {
        let collateral = 1_535_443.01 - others + profit - quantity * entry
        let level = one(rate, amount).liquidationPrice(position: quantity, collateral: collateral)
        #expect(abs(level - expected) < 0.005)
    }

    /// With both legs over one collateral the margin needed may rise as fast as the loss falls:
    /// then no price liquidates, whichever leg is asked (9 and 7 at 12.5 %, 99 and 101 at 1 %).
    @Test(arguments: [(9.0, 7.0, 0.125), (101.0, 99.0, 0.01), (51.0, 49.0, 0.02), (3.0, 1.0, 0.5)])
    func `a short leg is not liquidated where no price does it`(
        _ long: Double, _ short: Double, _ rate: Double
    ) {
        let terms = one(rate, 0)
        let level = terms.liquidationPrice(
            position: -short, counter: long, collateral: 10_000 - (long - short) * 100)
        #expect(level > 1e9)
    }

    @Test func `a long of 10 at leverage 10`() {
        // Margin 10 · 100 / 10 = 100; LP = (1,000 − 100) / (10 · (1 − 0.004)) = 90.3614…
        let level = one(0.004, 0).liquidationPrice(position: 10, collateral: 100 - 1_000)
        #expect(close(level, 900 / 9.96))
        #expect(MarginTerms.bankruptcyPrice(position: 10, collateral: -900) == 90)
    }

    @Test func `a short of 10 at leverage 10`() {
        // LP = (1,000 + 100) / (10 · (1 + 0.004)) = 109.5617…
        let level = one(0.004, 0).liquidationPrice(position: -10, collateral: 100 + 1_000)
        #expect(close(level, 1_100 / 10.04))
        #expect(MarginTerms.bankruptcyPrice(position: -10, collateral: 1_100) == 110)
    }

    @Test func `no price liquidates a long without leverage`() {
        #expect(one(0.004, 0).liquidationPrice(position: 10, collateral: 0) == 0)
    }

    @Test(arguments: [1.0, -1.0], [5_000.0, 30_000, 99_000, 105_000, 130_000, 900_000])
    func `at the price, the equity is the maintenance margin of the tier that it lies in`(
        _ side: Double, _ notional: Double
    ) {
        for leverage in [1.5, 4.0, 20.0] {
            let terms = terms(someTiers, leverage: leverage)
            let (position, entry) = (side * notional / 100, 100.0)
            let collateral = notional / leverage - position * entry
            let level = terms.liquidationPrice(position: position, collateral: collateral)
            let equity = collateral + position * level
            let needed = terms.maintenance(notional: notional / 100 * level)
            #expect(abs(equity - needed) < 1e-9 * notional, "\(leverage)")
        }
    }

    @Test func `leverage bounds the notional value of a position`() {
        #expect(terms(someTiers, leverage: 5).largestNotional == .infinity)
        #expect(terms(someTiers, leverage: 6).largestNotional == 100_000)
        #expect(terms(someTiers, leverage: 26).largestNotional == 20_000)
        #expect(terms(someTiers, leverage: 51).largestNotional == 0)
    }
}
