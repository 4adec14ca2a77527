import LotCore
import Testing

/// Binance's table of a large perpetual, its first tiers.
private let tiers = [
    MaintenanceTier(notionalFloor: 0, rate: 0.004, deduction: 0, maxLeverage: 125),
    MaintenanceTier(notionalFloor: 50_000, rate: 0.005, deduction: 50, maxLeverage: 100),
    MaintenanceTier(notionalFloor: 250_000, rate: 0.01, deduction: 1_300, maxLeverage: 50),
]

@Test func `the margin of a position is its tier's rate less the deduction`() {
    let instrument = Instrument(market: .perp, maintenanceTiers: tiers)
    #expect(instrument.maintenanceMargin(notional: 10_000) == 40)
    // 100,000 · 0.005 − 50; part by part: 50,000 · 0.004 + 50,000 · 0.005.
    #expect(instrument.maintenanceMargin(notional: 100_000) == 450)
    #expect(instrument.maintenanceMargin(notional: -1_000_000) == 8_700)
    #expect(Instrument(market: .perp).maintenanceMargin(notional: 1) == nil)
}

@Test func `a tier begins at its floor, where the margin is continuous`() {
    let instrument = Instrument(market: .perp, maintenanceTiers: tiers)
    #expect(instrument.maintenanceTier(notional: 49_999.99)?.maxLeverage == 125)
    #expect(instrument.maintenanceTier(notional: 50_000)?.maxLeverage == 100)
    #expect(instrument.maintenanceMargin(notional: 50_000) == 200)
    #expect(tiers[0].margin(notional: 50_000) == 200)
}

@Test func `a table of tiers is checked`() {
    #expect(MaintenanceTier.problem(tiers) == nil)
    #expect(MaintenanceTier.problem([]) == nil)
    func broken(_ change: (inout [MaintenanceTier]) -> Void) -> String {
        var table = tiers
        change(&table)
        return MaintenanceTier.problem(table) ?? ""
    }
    #expect(broken { $0.removeFirst() }.contains("tier 1: its floor is not 0"))
    #expect(broken { $0[0].deduction = 1 }.contains("tier 1: its deduction is not 0"))
    #expect(broken { $0[1].rate = 1 }.contains("not between 0 and 1"))
    #expect(broken { $0[1].rate = .nan }.contains("not between 0 and 1"))
    #expect(broken { $0[1].rate = 0.003 }.contains("below the tier before"))
    #expect(broken { $0[2].notionalFloor = 50_000 }.contains("not above the tier before"))
    #expect(broken { $0[2].maxLeverage = 101 }.contains("above the tier before"))
    #expect(broken { $0[2].maxLeverage = 0 }.contains("not at least 1"))
    #expect(broken { $0[1].deduction = 51 }.contains("continuous"))
}

@Test func `fundings are found by time`() {
    let funding = FundingSeries([(100, 0.1), (200, -0.2), (300, 0.3)])
    #expect(funding.firstIndex(atOrAfter: 0) == 0)
    #expect(funding.firstIndex(atOrAfter: 200) == 1)
    #expect(funding.firstIndex(atOrAfter: 201) == 2)
    #expect(funding.firstIndex(atOrAfter: 301) == funding.count)
    #expect(funding.markPrice(1) == nil)
    let marked = FundingSeries(
        times: Column([1, 2]), rates: Column([0.1, 0.2]), markPrices: Column([.nan, 5]))
    #expect(marked.markPrice(0) == nil)
    #expect(marked.markPrice(1) == 5)
    #expect(marked.slice(1..<2).rates.array == [0.2])
}
