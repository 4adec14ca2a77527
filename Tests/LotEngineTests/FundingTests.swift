import LotCore
import LotEngine
import Testing

/// Funding: sign, time and price (`docs/execution.md`, rule 13).
@Suite struct FundingTests {
    private let flat = (100.0, 100.0, 100.0, 100.0)
    private let hour: Int64 = 3_600_000

    private func run(
        _ bars: Bars, _ payments: [(time: Int64, rate: Double)], leverage: Double = 2,
        margin: MarginMode = .isolated, marks: Bars? = nil,
        _ act: @escaping (AccountView, OrderDesk) -> Void
    ) throws -> BacktestOutcome {
        var settings = free
        settings.perpetual = PerpetualSettings(leverage: leverage, margin: margin)
        return try runBacktest(
            Puppet(act),
            BacktestInput(
                bars: bars, window: 0..<bars.count, instrument: Instrument(market: .perp),
                settings: settings,
                perpetual: PerpetualData(funding: FundingSeries(payments), marks: marks)))
    }

    @Test(arguments: [Side.buy, .sell], [0.0001, -0.0002])
    func `longs pay a positive rate, shorts receive it`(_ side: Side, _ rate: Double) throws {
        let result = try run(
            hourly([flat, flat, flat, flat]), [(newYear + 2 * hour, rate)],
            at(0, OrderRequest(side, size: .base(10))))
        // 10 · 100 · rate
        let paid = side.sign * 1_000 * rate
        #expect(close(result.trades[0].funding, paid) && close(result.funding, paid))
        #expect(close(result.trades[0].profit, -paid) && close(result.finalEquity, 10_000 - paid))
        #expect(result.counters.fundings == 1)
    }

    @Test func `funding at an open is due before that open's fills`() throws {
        // Bought at the open of row 1, when funding is due: not held before, nothing paid.
        let entering = try run(
            hourly([flat, flat, flat, flat]), [(newYear + hour, 0.001)],
            at(0, OrderRequest(.buy, size: .base(10))))
        #expect(entering.funding == 0 && entering.counters.fundings == 0)
        // Sold at the open of row 2, when funding is due: held until then, paid.
        let leaving = try run(
            hourly([flat, flat, flat, flat]), [(newYear + 2 * hour, 0.001)]
        ) { account, desk in
            if account.row == 0 { _ = desk.submit(OrderRequest(.buy, size: .base(10))) }
            if account.row == 1 { _ = desk.exit(tag: "out") }
        }
        #expect(leaving.trades[0].exitRow == 2 && close(leaving.funding, 1))
    }

    @Test func `funding inside a bar is due after its open`() throws {
        let time = newYear + hour + 60_000
        let entering = try run(
            hourly([flat, flat, flat, flat]), [(time, 0.001)],
            at(0, OrderRequest(.buy, size: .base(10))))
        #expect(close(entering.funding, 1))
        let leaving = try run(hourly([flat, flat, flat, flat]), [(time + hour, 0.001)]) {
            account, desk in
            if account.row == 0 { _ = desk.submit(OrderRequest(.buy, size: .base(10))) }
            if account.row == 1 { _ = desk.exit(tag: "out") }
        }
        #expect(leaving.funding == 0)
    }

    @Test func `an entry between open and close does not pay what fell due in the bar`() throws {
        let order = OrderRequest(.buy, type: .limit, size: .base(10), price: 99)
        let result = try run(
            hourly([flat, flat, (100, 100, 95, 98), flat]), [(newYear + 2 * hour + 60_000, 0.001)],
            at(0, order))
        #expect(result.trades[0].entryRow == 2 && result.funding == 0)
    }

    @Test func `the price is the mark's, else the nearer of open and close`() throws {
        let bars = hourly([flat, flat, (100, 120, 100, 120), flat])
        let buy = at(0, OrderRequest(.buy, size: .base(10)))
        let early = try run(bars, [(newYear + 2 * hour + 60_000, 0.001)], buy)
        #expect(close(early.funding, 1))
        let late = try run(bars, [(newYear + 2 * hour + 50 * 60_000, 0.001)], buy)
        #expect(close(late.funding, 1.2))
        let marks = hourly([flat, flat, (103, 119, 101, 118), flat])
        let marked = try run(bars, [(newYear + 2 * hour, 0.001)], marks: marks, buy)
        #expect(close(marked.funding, 1.03))
    }

    @Test func `a payment in a gap is made at the next open`() throws {
        let bars = hourly([flat, flat, flat])
        let gapped = Bars(
            interval: bars.interval,
            [0, 1, 5].map { hours in
                Bar(
                    openTime: newYear + Int64(hours) * hour, open: 100, high: 100, low: 100,
                    close: 100, volume: 1_000_000)
            })
        let result = try run(
            gapped, [(newYear + 3 * hour, 0.001), (newYear + 4 * hour, 0.002)],
            at(0, OrderRequest(.buy, size: .base(10))))
        #expect(close(result.funding, 3))
    }

    @Test func `isolated, funding is taken from the position's margin`() throws {
        // Ten at 100, leverage 10, maintenance 1 %: liquidated at 900 / 9.9 = 90.909…; after 10 %
        // of the margin went for funding, at 910 / 9.9 = 91.919…
        let bars = hourly([flat, flat, flat, (100, 100, 91, 95), flat])
        let buy = at(0, OrderRequest(.buy, size: .base(10)))
        let without = try run(bars, [(newYear, 0.01)], leverage: 10, buy)
        #expect(without.trades[0].exitTag == "end_of_data")
        let paid = try run(bars, [(newYear + 2 * hour, 0.01)], leverage: 10, buy)
        #expect(paid.trades[0].exitTag == "liquidation")
        #expect(close(paid.trades[0].exitPrice, 910 / 9.9))
        // No more than the margin of 100 is lost, funding included.
        #expect(abs(paid.finalEquity - 9_900) < 1e-9)
    }

    @Test func `funding itself can liquidate`() throws {
        let result = try run(
            hourly([flat, flat, flat, flat]), [(newYear + 2 * hour, 0.095)], leverage: 10,
            at(0, OrderRequest(.buy, size: .base(10))))
        // 5 of the margin are left, 10 are needed.
        #expect(result.trades[0].exitTag == "liquidation" && result.trades[0].exitRow == 2)
        #expect(abs(result.finalEquity - 9_900) < 1e-9)
    }
}
