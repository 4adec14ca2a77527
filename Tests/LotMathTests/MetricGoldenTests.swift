import LotCore
import Testing

@testable import LotMath

/// Metrics and tables of a real run against Python: `Golden/make_metrics.py`.
struct MetricGoldenTests {
    static let hour: Int64 = 3_600_000

    /// The run that backtesting.py made, as our engine would hand it over.
    struct Run {
        var input: MetricInput
        var trades: [Trade]
        var curve: [EquityPoint]
        var bars: Bars
        var expected: [[String]]
    }

    static func run() throws -> Run {
        let rows = try golden("bars.csv").rows.prefix(2_987)
        let numbers = try rows.map { row in try row.map { try #require(Double($0)) } }
        let bars = Bars(
            interval: try #require(Interval("1h")),
            numbers.map {
                Bar(
                    openTime: Int64($0[0]), open: $0[1], high: $0[2], low: $0[3], close: $0[4],
                    volume: $0[5])
            })
        var tracker = EquityTracker(
            startingCash: 1_000_000, startTime: bars.openTime[0], startPrice: bars.open[0],
            interval: bars.interval)
        var curve: [EquityPoint] = []
        for row in try golden("metrics_equity.csv").rows {
            let numbers = try row.map { try #require(Double($0)) }
            tracker.mark(time: Int64(numbers[0]), equity: numbers[1], price: numbers[2])
            curve.append(
                EquityPoint(
                    time: Int64(numbers[0]), equity: numbers[1], drawdown: 0,
                    position: numbers[3], close: numbers[2]))
        }
        let expected = try golden("metrics_expected.csv").rows
        var counters = RunCounters()
        for row in expected where row[0] == "input_exposed_bars" {
            counters.exposedBars = Int(try #require(Double(row[1])))
        }
        let trades = try golden("metrics_trades.csv").rows.map { try trade($0) }
        let input = MetricInput(
            equity: tracker, trades: trades.map(\.record), fees: 1, slippage: 2,
            counters: counters, windowBars: curve.count, startTime: bars.openTime[0],
            endTime: tracker.last.time)
        return Run(input: input, trades: trades, curve: curve, bars: bars, expected: expected)
    }

    private static func trade(_ row: [String]) throws -> Trade {
        func number(_ column: Int) throws -> Double { try #require(Double(row[column])) }
        return Trade(
            side: row[0] == "buy" ? .buy : .sell, entryTime: try #require(Int64(row[1])),
            exitTime: try #require(Int64(row[2])), entryRow: try #require(Int(row[5])),
            exitRow: try #require(Int(row[6])), entryPrice: try number(7),
            exitPrice: try number(8), quantity: try number(9), fees: 0,
            funding: try number(12), profit: try number(3), profitFraction: try number(4),
            entryTag: row[10], exitTag: row[11], isAmbiguous: row[13] == "1")
    }

    /// Sums of up to 3,000 doubles in another order: far below 1e-10 of the value.
    private func isNear(_ value: Double, _ golden: Double) -> Bool {
        abs(value - golden) <= 1e-10 * max(1, abs(golden))
    }

    @Test func `every metric that a run's numbers decide has a golden value`() throws {
        let run = try Self.run()
        let details = computeDetails(
            run.input, trades: run.trades, curve: run.curve, bars: run.bars)
        let found = Dictionary(
            uniqueKeysWithValues: computeMetrics(run.input, details).map { ($0.key, $0.value) })
        var checked: Set<String> = []
        for row in run.expected where row[0] != "input_exposed_bars" {
            let value = try #require(found[row[0]] ?? nil, "\(row[0])")
            let golden = try #require(Double(row[1]))
            #expect(isNear(value, golden), "\(row[0]): \(value), golden \(golden)")
            checked.insert(row[0])
        }
        // What the engine counts itself is passed through.
        let passed: Set<String> = [
            "fees", "slippage", "ambiguous_bars", "missing_bars", "conflicts", "rejected_orders",
            "volume_limited_fills", "liquidations",
        ]
        #expect(Set(MetricDefinition.keys).subtracting(checked) == passed)
    }

    @Test func `an evaluator gives the same bits for each run, whatever ran before`() throws {
        let run = try Self.run()
        var other = run.input
        other.trades = TradeSummary(startingCash: run.input.equity.base.equity)
        var evaluator = MetricEvaluator()
        evaluator.evaluate(run.input)
        let first = evaluator.values
        evaluator.evaluate(other)
        #expect(!same(evaluator.values, first))
        evaluator.evaluate(run.input)
        #expect(same(evaluator.values, first))
        let index = try #require(MetricDefinition.searchIndex(of: "sharpe"))
        #expect(evaluator[index] == first[index])
        #expect(MetricDefinition.searchIndex(of: "avg_mae") == nil)
    }

    @Test(arguments: PeriodKind.allCases)
    func `the breakdown by period is pandas' own`(kind: PeriodKind) throws {
        let run = try Self.run()
        let details = computeDetails(
            run.input, trades: run.trades, curve: run.curve, bars: run.bars)
        let expected = try golden("metrics_periods.csv").rows.filter { $0[0] == kind.rawValue }
        let rows = details.rows(kind)
        #expect(rows.count == expected.count && !rows.isEmpty)
        for (row, golden) in zip(rows, expected) {
            let numbers = try golden.dropFirst().map { try #require(Double($0)) }
            #expect(row.start == Int64(numbers[0]))
            #expect(row.days == Int(numbers[1]))
            #expect(isNear(row.growth, numbers[2]) && isNear(row.market, numbers[3]))
            #expect(abs(row.profit - numbers[4]) < 1e-6)
            #expect([row.trades, row.wins, row.losses] == numbers[5...7].map { Int($0) })
        }
    }

    @Test func `the deepest drawdowns are those of pandas`() throws {
        let run = try Self.run()
        let found = DrawdownMetrics.deepest(10, run.input)
        let expected = try golden("metrics_drawdowns.csv").rows
        #expect(found.count == expected.count && found.count > 1)
        for (episode, row) in zip(found, expected) {
            #expect(episode.start == Int64(row[0]) && episode.trough == Int64(row[1]))
            #expect(episode.recovery == Int64(row[2]))
            #expect(isNear(episode.depth, try #require(Double(row[3]))))
            #expect(abs(episode.amount - (try #require(Double(row[4])))) < 1e-6)
        }
        #expect(expected.contains { $0[2].isEmpty })
    }

    @Test func `tags add up as pandas groups them`() throws {
        let run = try Self.run()
        let details = computeDetails(
            run.input, trades: run.trades, curve: run.curve, bars: run.bars)
        let tables = [
            "entry": details.entryTags, "exit": details.exitTags, "both": details.tagPairs,
        ]
        let expected = try golden("metrics_tags.csv").rows
        #expect(tables.values.reduce(0) { $0 + $1.count } == expected.count)
        for row in expected {
            let tag = try #require(
                tables[row[0]]?.first {
                    ($0.entry ?? "-") == row[1] && ($0.exit ?? "-") == row[2]
                })
            let numbers = try row[3...].map { try #require(Double($0)) }
            #expect([tag.trades, tag.wins, tag.losses] == numbers[0...2].map { Int($0) })
            #expect(abs(tag.profit - numbers[3]) < 1e-6)
            #expect(isNear(tag.average, numbers[4]) && isNear(tag.duration, numbers[5]))
        }
        for rows in tables.values {
            #expect(rows.map(\.profit) == rows.map(\.profit).sorted(by: >))
        }
    }

    @Test func `how far each trade moved is what numpy finds between its bars`() throws {
        let run = try Self.run()
        let expected = try golden("metrics_excursions.csv").rows
        #expect(expected.count == run.trades.count)
        for (trade, row) in zip(run.trades, expected) {
            let found = excursion(of: trade.record, run.bars)
            #expect(isNear(found.adverse, try #require(Double(row[0]))))
            #expect(isNear(found.favourable, try #require(Double(row[1]))))
        }
    }
}
