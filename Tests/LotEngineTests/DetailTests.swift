import LotCore
import LotEngine
import Testing

/// `--detail`: bars are walked in finer ones where something can happen.
@Suite struct DetailTests {
    private typealias Row = (Double, Double, Double, Double)
    private let flat = (100.0, 100.0, 100.0, 100.0)

    /// Quarter hours from 2024-01-01T00:00Z, four for each list.
    private func quarters(
        _ hours: [[(Double, Double, Double, Double)]], volume: Double = 1e6, skipping: Set<Int> = []
    ) -> Bars {
        var bars: [Bar] = []
        for (index, row) in hours.flatMap(\.self).enumerated() where !skipping.contains(index) {
            bars.append(
                Bar(
                    openTime: newYear + Int64(index) * 900_000, open: row.0, high: row.1,
                    low: row.2, close: row.3, volume: volume))
        }
        guard let interval = Interval("15m") else { preconditionFailure("15m is an interval") }
        return Bars(interval: interval, bars)
    }

    private func run(
        _ fine: Bars, _ hours: [(Double, Double, Double, Double)], _ settings: RunSettings = free,
        doing act: @escaping (AccountView, OrderDesk) -> Void
    ) throws -> BacktestOutcome {
        let bars = hourly(hours, volume: [Double](repeating: 4e6, count: hours.count))
        return try runBacktest(
            Puppet(act),
            BacktestInput(
                bars: bars, window: 0..<bars.count, instrument: Instrument(), settings: settings,
                detail: fine))
    }

    private var quiet: [(Double, Double, Double, Double)] { [flat, flat, flat, flat] }

    private let both = OrderRequest(
        .buy, size: .base(1), bracket: Bracket(stopLoss: 0.05, takeProfit: 0.05))

    @Test func `the finer bars tell which of stop and target came first`() throws {
        let rising = [(100.0, 106.0, 100.0, 104.0), (104, 104, 94, 95), flat, flat]
        let hours = [flat, flat, (100.0, 106.0, 94.0, 100.0), flat]
        let result = try run(quarters([quiet, quiet, rising, quiet]), hours, doing: at(0, both))
        #expect(result.trades[0].exitTag == "take_profit")
        #expect(result.counters.ambiguousBars == 0)
        // The fill is in the first quarter of the third hour.
        #expect(result.trades[0].exitTime == newYear + 2 * 3_600_000)
        #expect(result.trades[0].exitRow == 2)
        let falling = [flat, (100.0, 100.0, 94.0, 95.0), (95, 106, 95, 104), flat]
        let stopped = try run(quarters([quiet, quiet, falling, quiet]), hours, doing: at(0, both))
        #expect(stopped.trades[0].exitTag == "stop_loss")
        #expect(stopped.trades[0].exitTime == newYear + 2 * 3_600_000 + 900_000)
    }

    @Test func `a bar without all of its finer bars is taken whole`() throws {
        let rising = [(100.0, 106.0, 100.0, 104.0), (104, 104, 94, 95), flat, flat]
        let hours = [flat, flat, (100.0, 106.0, 94.0, 100.0), flat]
        let fine = quarters([quiet, quiet, rising, quiet], skipping: [11])
        let result = try run(fine, hours, doing: at(0, both))
        #expect(result.trades[0].exitTag == "stop_loss")
        #expect(result.counters.ambiguousBars == 1)
        #expect(countIncompleteBars(fine, in: hourly(hours), 0..<4) == 1)
        #expect(countIncompleteBars(fine, in: hourly(hours), 0..<2) == 0)
    }

    @Test func `finer bars that leave the range of their bar are not believed`() {
        let outside = [flat, (100.0, 120.0, 100.0, 100.0), flat, flat]
        let fine = quarters([quiet, outside])
        #expect(countIncompleteBars(fine, in: hourly([flat, flat]), 0..<2) == 1)
    }

    @Test(arguments: [[Int](), [11]]) func `the end is in the last finer bar`(
        _ missing: [Int]
    ) throws {
        // Bought in the third quarter of the last hour, where it can be told.
        let last = [flat, flat, (100.0, 100.0, 98.0, 100.0), flat]
        let hours = [flat, flat, (100.0, 100.0, 98.0, 100.0)]
        let order = OrderRequest(.buy, type: .limit, size: .base(1), price: 99)
        let result = try run(
            quarters([quiet, quiet, last], skipping: Set(missing)), hours, doing: at(1, order))
        let (trade, hour) = (result.trades[0], newYear + 2 * 3_600_000)
        #expect(trade.exitTag == "end_of_data" && trade.exitPrice == 100)
        #expect(trade.entryTime == hour + (missing.isEmpty ? 2 * 900_000 : 0))
        #expect(trade.exitTime == hour + (missing.isEmpty ? 3 * 900_000 : 0))
    }

    @Test func `the volume limit is that of each finer bar`() throws {
        var settings = free
        settings.volumeLimit = 0.1
        let hours = [flat, flat, flat]
        let result = try run(
            quarters([quiet, quiet, quiet], volume: 30), hours, settings,
            doing: at(0, OrderRequest(.buy, size: .base(10))))
        // 3 + 3 + 3 + 1 in the four quarters of the second hour.
        #expect(result.orders[0].status == .filled)
        #expect(result.counters.volumeLimitedFills == 3)
        #expect(result.trades[0].entryRow == 1)
    }

    @Test func `an order arrives at the first finer open that is late enough`() throws {
        var settings = free
        settings.latency = 250
        let steps = (0..<4).map { step -> (Double, Double, Double, Double) in
            let price = 100 + Double(step)
            return (price, price, price, price)
        }
        let result = try run(
            quarters([quiet, steps, quiet]), [flat, (100, 103, 100, 103), flat], settings,
            doing: at(0, OrderRequest(.buy, size: .base(1))))
        #expect(result.trades[0].entryPrice == 101)
        #expect(result.trades[0].entryTime == newYear + 3_600_000 + 900_000)
        #expect(result.trades[0].entryRow == 1)
    }

    @Test func `trailing stops follow each finer bar`() throws {
        let order = OrderRequest(.buy, size: .base(1), bracket: Bracket(trailingStop: 0.1))
        // 120 in the second quarter: 108 is met in the third, though the hour closes at 115.
        let hour = [
            (100.0, 100.0, 100.0, 100.0), (100, 120, 100, 118), (118, 118, 105, 110),
            (110, 115, 110, 115),
        ]
        let result = try run(
            quarters([quiet, hour, quiet]), [flat, (100, 120, 100, 115), flat],
            doing: at(0, order))
        #expect(result.trades[0].exitPrice == 108)
        #expect(result.counters.ambiguousBars == 0)
        #expect(result.trades[0].exitTime == newYear + 3_600_000 + 2 * 900_000)
    }

    @Test func `after an entry inside a finer bar the later ones count whole`() throws {
        let entry = OrderRequest(
            .buy, type: .limit, size: .base(1), price: 98, bracket: Bracket(takeProfit: 0.02))
        let hour = [
            (100.0, 100.0, 97.0, 98.0), (98, 101, 98, 99), (99, 99, 98, 98), (98, 98, 98, 98),
        ]
        let result = try run(
            quarters([quiet, hour, quiet]), [flat, (100, 101, 97, 98), flat], doing: at(0, entry))
        #expect(close(result.trades[0].exitPrice, 99.96))
        #expect(result.trades[0].exitTime == newYear + 3_600_000 + 900_000)
    }

    @Test func `an order with a time limit is judged by the first finer open`() throws {
        let request = OrderRequest(
            .buy, type: .limit, size: .base(1), price: 99, timeInForce: .ioc)
        let hour = [flat, (98.0, 98.0, 98.0, 98.0), flat, flat]
        let result = try run(
            quarters([quiet, hour, quiet]), [flat, (100, 100, 98, 100), flat], doing: at(0, request)
        )
        #expect(result.orders[0].status == .expired)
    }

    @Test func `funding is charged at the finer bar it falls due in`() throws {
        // The stop is met in the second quarter of the third hour.
        let hour = [flat, (100.0, 100.0, 94.0, 95.0), (95, 95, 95, 95), (95, 95, 95, 95)]
        let fine = quarters([quiet, quiet, hour, quiet])
        let bars = hourly([flat, flat, (100, 100, 94, 95), (95, 95, 95, 95)])
        let order = OrderRequest(.buy, size: .base(1), bracket: Bracket(stopLoss: 0.05))
        func funding(_ minutes: Int64, _ detail: Bars?) throws -> Double {
            let time = newYear + 2 * 3_600_000 + minutes * 60_000
            var data = PerpetualData()
            data.funding = FundingSeries([(time: time, rate: 0.01)])
            return try runBacktest(
                Puppet(at(0, order)),
                BacktestInput(
                    bars: bars, window: 0..<bars.count, instrument: Instrument(market: .perp),
                    settings: free, perpetual: data, detail: detail)
            ).funding
        }
        #expect(try funding(0, fine) > 0)
        #expect(try funding(10, fine) > 0)
        #expect(try funding(15, fine) > 0)
        #expect(try funding(30, fine) == 0)
        #expect(try funding(45, fine) == 0)
        // Of a bar that is taken whole it is due after the open, before what happens inside.
        #expect(try funding(45, nil) > 0)
    }

    @Test func `max_bars counts whole bars`() throws {
        let order = OrderRequest(.buy, size: .base(1), bracket: Bracket(maxBars: 1))
        let result = try run(
            quarters([quiet, quiet, quiet]), [flat, flat, flat], doing: at(0, order))
        #expect(result.trades[0].exitRow == 2)
        #expect(result.trades[0].exitTag == "max_bars")
    }
}
