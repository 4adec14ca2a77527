import LotCore
import Testing

@testable import LotMath

/// Runs over several stretches as one.
@Suite struct JoiningTests {
    static let hour: Int64 = 3_600_000

    /// Equity and price over hours, each a function of the hour.
    static func run(
        _ hours: Range<Int>, cash: Double, from: Double, trades: [TradeRecord] = [],
        _ growth: (Int) -> Double
    ) throws -> MetricInput {
        var equity = EquityTracker(
            startingCash: cash, startTime: Int64(hours.lowerBound) * hour,
            startPrice: 100 * from, interval: try #require(Interval("1h")))
        for row in hours {
            equity.mark(
                time: Int64(row + 1) * hour, equity: cash * growth(row) / from,
                price: 100 * growth(row))
        }
        return MetricInput(
            equity: equity, trades: trades, fees: 1, slippage: 2, counters: RunCounters(),
            windowBars: hours.count, startTime: Int64(hours.lowerBound) * hour,
            endTime: Int64(hours.upperBound) * hour)
    }

    /// A walk without long flat stretches: up, down, and a fall across the seam.
    static func growth(_ row: Int) -> Double {
        1 + 0.3 * Double((row * 37) % 101) / 101 + Double(row) / 400
    }

    @Test func `two halves of a run make the run`() throws {
        let seam = 24 * 20
        let whole = try Self.run(0..<24 * 45, cash: 1_000, from: 1, Self.growth)
        let first = try Self.run(0..<seam, cash: 1_000, from: 1, Self.growth)
        let second = try Self.run(
            seam..<24 * 45, cash: 1_000, from: Self.growth(seam - 1), Self.growth)
        var one = MetricEvaluator()
        var other = MetricEvaluator()
        one.evaluate(whole)
        other.evaluate(MetricInput(joining: [first, second]))
        for (definition, values) in zip(
            MetricDefinition.search, zip(one.values, other.values))
        {
            let (left, right) = values
            // Fees and slippage are those of two runs; a fall inside days across the seam may be a
            // little deeper in the whole run.
            if ["fees", "slippage"].contains(definition.key) { continue }
            let isFall = ["max_drawdown", "calmar", "recovery_factor", "serenity"].contains(
                definition.key)
            let allowed = isFall ? 0.1 : 1e-9
            #expect(
                left.isNaN == right.isNaN
                    && (left.isNaN || abs(left - right) <= allowed * max(1e-3, abs(left))),
                "\(definition.key): \(left) \(right)")
        }
        #expect(other.values.count == one.values.count)
    }

    @Test func `what happened between stretches is left out`() throws {
        let first = try Self.run(0..<48, cash: 1_000, from: 1) { 1 + Double($0) / 100 }
        // The account doubles and the price trebles in between; nobody was there.
        let second = try Self.run(480..<528, cash: 1_000, from: 3) { 3 + Double($0 - 480) / 100 }
        let joined = MetricInput(joining: [first, second])
        #expect(joined.equity.closes.count == 4)
        #expect(joined.endTime - joined.startTime - joined.skipped == 96 * Self.hour)
        #expect(joined.windowBars == 96)
        #expect(abs(joined.equity.last.equity / (1_000 * 1.47 * (3.47 / 3)) - 1) < 1e-12)
        #expect(abs(joined.equity.last.price / (100 * 1.47 * (3.47 / 3)) - 1) < 1e-12)
        #expect(joined.equity.maxDrawdown == 0)
    }

    @Test func `falls last as long as they were tested, and the market is held only then`() throws {
        // Day closes 100, 110, 99 | nine days off | 99, 121: under water from the end of day 2
        // to the end of day 13, of which two days in the first stretch's wake were tested.
        func day(_ number: Int, _ value: Double, _ price: Double, _ start: Double) throws
            -> MetricInput
        {
            let hours = number * 24..<number * 24 + 24
            var equity = EquityTracker(
                startingCash: start, startTime: Int64(hours.lowerBound) * Self.hour,
                startPrice: price / 1.1, interval: try #require(Interval("1h")))
            for row in hours {
                equity.mark(time: Int64(row + 1) * Self.hour, equity: value, price: price)
            }
            return MetricInput(
                equity: equity, trades: [], fees: 0, slippage: 0, counters: RunCounters(),
                windowBars: 24, startTime: Int64(hours.lowerBound) * Self.hour,
                endTime: Int64(hours.upperBound) * Self.hour)
        }
        let joined = MetricInput(joining: [
            try day(0, 100, 50, 100), try day(1, 110, 60, 100), try day(2, 99, 40, 110),
            try day(12, 99, 200, 99), try day(13, 121, 500, 99),
        ])
        var found: [DrawdownEpisode] = []
        DrawdownMetrics.forEachEpisode(joined) { found.append($0) }
        #expect(found.count == 1)
        let fall = try #require(found.first)
        #expect(fall.start == 48 * Self.hour && fall.recovery == 14 * 24 * Self.hour)
        // Days 2, 12 and 13; twelve by the calendar.
        #expect(fall.length == 3 * 24 * Self.hour)
        var evaluator = MetricEvaluator()
        evaluator.evaluate(joined)
        for key in ["max_drawdown_duration", "avg_drawdown_duration"] {
            let place = try #require(MetricDefinition.searchIndex(of: key))
            #expect(evaluator.values[place] == Double(3 * 24 * Self.hour))
        }
        let duration = try #require(MetricDefinition.searchIndex(of: "duration"))
        #expect(evaluator.values[duration] == Double(5 * 24 * Self.hour))
        #expect(joined.seams.map(\.skipped) == [0, 0, 9 * 24 * Self.hour, 0])
        // Each stretch opens a tenth below its close: held in the five of them only, from the
        // first close on, 1.1 to the fourth.
        let holding = try #require(MetricDefinition.searchIndex(of: "buy_hold_return"))
        #expect(abs(evaluator.values[holding] - (1.1 * 1.1 * 1.1 * 1.1 - 1)) < 1e-12)
        // The last scale takes the last price, 500, to that: 50 · 1.1⁴ / 500.
        let scale = try #require(joined.seams.last?.priceScale)
        #expect(abs(scale - 50 * 1.1 * 1.1 * 1.1 * 1.1 / 500) < 1e-12)
    }

    @Test func `trades keep their fractions, their amounts are scaled`() throws {
        func trade(_ profit: Double, at hour: Int64) -> TradeRecord {
            TradeRecord(
                side: .buy, entryTime: hour * Self.hour, exitTime: (hour + 1) * Self.hour,
                entryRow: 0, exitRow: 1, entryPrice: 1, exitPrice: 1, quantity: 1, fees: 0,
                profit: profit, profitFraction: profit / 1_000)
        }
        let first = try Self.run(0..<24, cash: 1_000, from: 1, trades: [trade(100, at: 2)]) { _ in
            1.1
        }
        let second = try Self.run(48..<72, cash: 1_000, from: 1.1, trades: [trade(-50, at: 50)]) {
            _ in 1.1 * 0.95
        }
        let joined = MetricInput(joining: [first, second])
        #expect(joined.trades.count == 2)
        #expect(joined.trades.profits[0] == 100)
        // The account of the second run began with 1,100 instead of 1,000.
        #expect(abs(joined.trades.profits[1] + 55) < 1e-9)
        #expect(joined.fees == 1 + 1.1)
    }

    @Test func `a fall across the seam is exact where the later run knows the peak`() throws {
        let hours = try #require(Interval("1h"))
        func tracker(_ cash: Double, _ start: Int64, peak: Double, _ values: [Double])
            -> EquityTracker
        {
            var tracker = EquityTracker(
                startingCash: cash, startTime: start * Self.hour, startPrice: 1, interval: hours,
                earlierPeak: peak)
            for (index, value) in values.enumerated() {
                tracker.mark(
                    time: (start + Int64(index) + 1) * Self.hour, equity: value, price: 1)
            }
            return tracker
        }
        // 100, 120, 90, then 78 inside the next day, which closes at 96: 1 - 78/120 = 35 %.
        let day = [Double](repeating: 120, count: 23) + [90]
        var joined = tracker(100, 0, peak: 0, day)
        var blind = joined
        let later = [78] + [Double](repeating: 96, count: 23)
        joined.join(tracker(90, 24, peak: joined.peak, later))
        #expect(joined.maxDrawdown == 1 - 78.0 / 120)
        #expect(joined.peak == 120)
        #expect(joined.closes.map(\.equity) == [90, 96])
        // Without the peak only closes of days are seen across the seam: 1 - 90/120.
        blind.join(tracker(90, 24, peak: 0, later))
        #expect(blind.maxDrawdown == 0.25)
    }
}
