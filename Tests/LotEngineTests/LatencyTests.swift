import LotCore
import LotEngine
import Testing

/// `--latency`: what a strategy asks for acts at the first open that is late enough.
@Suite struct LatencyTests {
    private let flat = (100.0, 100.0, 100.0, 100.0)

    private func late(_ milliseconds: Int64) -> RunSettings {
        var settings = free
        settings.latency = milliseconds
        return settings
    }

    private func rising(_ count: Int) -> Bars {
        hourly(
            (0..<count).map { row in
                let price = 100 + Double(row)
                return (price, price, price, price)
            })
    }

    @Test(arguments: [(0, 1), (1, 2), (250, 2), (3_600_000, 2), (3_600_001, 3)])
    func `an order acts at the first open at or after it was sent plus the latency`(
        _ milliseconds: Int64, _ row: Int
    ) throws {
        let result = try simulate(
            rising(6), late(milliseconds), at(0, OrderRequest(.buy, size: .base(1))))
        #expect(result.trades[0].entryRow == row)
        #expect(result.trades[0].entryPrice == 100 + Double(row))
    }

    @Test func `after a gap the first open may be late enough already`() throws {
        let early = hourly([flat])
        let later = hourly([flat, flat], start: newYear + 10 * 3_600_000)
        let bars = Bars(interval: early.interval, [early[0], later[0], later[1]])
        let result = try simulate(
            bars, late(3_600_000), at(0, OrderRequest(.buy, size: .base(1))))
        #expect(result.trades[0].entryRow == 1)
    }

    @Test func `a cancellation takes as long, and an order may fill before it arrives`() throws {
        // Rests from row 2 on; the cancellation sent at the close of row 1 acts at the open of 3.
        let bars = hourly([flat, flat, (100, 101, 94, 100), flat, flat])
        func run(_ cancelAt: Int) throws -> Order {
            try simulate(bars, late(1)) { account, desk in
                if account.row == 0 {
                    _ = desk.submit(
                        OrderRequest(.buy, type: .limit, size: .base(1), price: 95, tag: "a"))
                }
                if account.row == cancelAt { desk.cancel(tag: "a") }
            }.orders[0]
        }
        #expect(try run(1).status == .filled)
        // Both arrive at the open of row 2: the order never works.
        #expect(try run(0).status == .cancelled)
    }

    @Test func `a limit rests from its arrival, not from when it was sent`() throws {
        let bars = hourly([flat, (100, 101, 94, 100), flat, (100, 101, 94, 100), flat])
        let result = try simulate(
            bars, late(1), at(0, OrderRequest(.buy, type: .limit, size: .base(1), price: 95)))
        #expect(result.trades[0].entryRow == 3)
    }

    @Test func `an exit closes the position that there is when it arrives`() throws {
        // The exit is sent while the entry is on its way, and follows it by a bar.
        let result = try simulate(rising(8), late(1)) { account, desk in
            if account.row == 0 { _ = desk.submit(OrderRequest(.buy, size: .base(1))) }
            if account.row == 1 { _ = desk.exit(tag: "out") }
        }
        #expect(result.trades.map(\.entryRow) == [2])
        #expect(result.trades.map(\.exitRow) == [3])
        #expect(result.trades[0].exitTag == "out")
    }

    @Test func `an exit with nothing to close ends`() throws {
        let result = try simulate(rising(6), late(1)) { account, desk in
            if account.row == 0 { _ = desk.exit(tag: "out") }
        }
        #expect(result.orders.map(\.status) == [.cancelled])
        #expect(result.orders[0].reason == "nothing to close")
    }

    @Test func `brackets are at the exchange and need no time`() throws {
        let bars = hourly([flat, flat, flat, (100, 101, 94, 100), flat])
        let result = try simulate(
            bars, late(1),
            at(0, OrderRequest(.buy, size: .base(1), bracket: Bracket(stopLoss: 0.05))))
        #expect(result.trades[0].exitRow == 3)
    }

    @Test func `time in force and post-only are judged at the arrival`() throws {
        let bars = hourly([flat, (90, 90, 90, 90), flat, flat])
        let ioc = OrderRequest(
            .buy, type: .limit, size: .base(1), price: 95, timeInForce: .ioc)
        #expect(try simulate(bars, late(1), at(0, ioc)).orders[0].status == .expired)
        let post = OrderRequest(.buy, type: .limit, size: .base(1), price: 95, postOnly: true)
        #expect(try simulate(bars, late(1), at(0, post)).orders[0].reason == "end_of_data")
    }
}
