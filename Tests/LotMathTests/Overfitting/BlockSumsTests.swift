import LotCore
import Testing

@testable import LotMath

/// Block sums of a run that was just evaluated.
struct BlockSumsTests {
    private func input(_ equities: [Double]) throws -> MetricInput {
        var tracker = EquityTracker(
            startingCash: 100, startTime: 0, startPrice: 1, interval: try #require(Interval("1d")))
        for (day, equity) in equities.enumerated() {
            tracker.mark(
                time: Int64(day + 1) * millisecondsPerDay, equity: equity, price: 1)
        }
        return MetricInput(
            equity: tracker, trades: [TradeRecord](), fees: 0, slippage: 0,
            counters: RunCounters(), windowBars: equities.count, startTime: 0,
            endTime: Int64(equities.count) * millisecondsPerDay)
    }

    @Test func `lengths differ by one day at most and add up`() {
        #expect(BlockSums.lengths(days: 10, blocks: 4) == [2, 3, 2, 3])
        for days in [0, 1, 15, 16, 17, 365, 731] {
            let lengths = BlockSums.lengths(days: days)
            #expect(lengths.count == 16 && lengths.reduce(0, +) == days)
            #expect((lengths.max() ?? 0) - (lengths.min() ?? 0) <= 1)
        }
    }

    @Test func `sums of blocks by hand`() {
        var sums = [7.0]
        BlockSums.append(of: [1, 2, 3, 4, 5], blocks: 2, to: &sums)
        // Two days, then three.
        #expect(sums == [7, 3, 12, 5, 50])
    }

    @Test func `the sums of a run give its Sharpe ratio`() throws {
        var equity = 100.0
        let equities = MadeUp.trials(1, days: 100)[0].map { change in
            equity *= 1 + change
            return equity
        }
        var evaluator = MetricEvaluator()
        evaluator.evaluate(try input(equities))
        #expect(evaluator.dayCount == 100 && evaluator.dayReturns.count == 100)
        var sums: [Double] = []
        evaluator.appendBlockSums(to: &sums)
        #expect(sums.count == 32)
        let (sum, square) = (sums[..<16].reduce(0, +), sums[16...].reduce(0, +))
        let sharpe = sum / 100 / ((square - sum * sum / 100) / 99).squareRoot() * 365.0.squareRoot()
        let index = try #require(MetricDefinition.searchIndex(of: "sharpe"))
        #expect(abs(sharpe - evaluator.values[index]) < 1e-10)
    }

    @Test func `a run that lost everything has none, and keeps its days`() throws {
        var evaluator = MetricEvaluator()
        evaluator.evaluate(try input([90, 50, 0, 0] + [Double](repeating: 0, count: 30)))
        var sums: [Double] = []
        evaluator.appendBlockSums(to: &sums)
        #expect(sums.count == 32 && sums.allSatisfy(\.isNaN))
        #expect(evaluator.dayCount == 34 && evaluator.dayReturns.isEmpty)
        // The next run is not touched by it.
        evaluator.evaluate(try input([Double](repeating: 100, count: 34)))
        sums.removeAll()
        evaluator.appendBlockSums(to: &sums)
        #expect(sums == [Double](repeating: 0, count: 32))
    }
}
