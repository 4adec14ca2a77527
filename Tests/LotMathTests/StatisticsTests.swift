import LotCore
import Testing

@testable import LotMath

/// Statistics against published examples, arithmetic and properties.
struct StatisticsTests {
    @Test func `the probabilistic Sharpe ratio of the paper's example`() {
        // Bailey and López de Prado 2012, section 3: 24 months, mean 0.036, deviation 0.079
        // (0.458 a month), skewness -2.448, kurtosis 10.164; 0.982 if returns were normal, 0.913
        // as they are.
        let normal = probabilisticSharpe(0.458, skewness: 0, kurtosis: 3, count: 24)
        let real = probabilisticSharpe(0.458, skewness: -2.448, kurtosis: 10.164, count: 24)
        #expect(abs(normal - 0.982) < 0.0005)
        #expect(abs(real - 0.913) < 0.0005)
        // At the benchmark it is a coin toss; one return proves nothing.
        #expect(
            probabilisticSharpe(0.2, above: 0.2, skewness: -1, kurtosis: 5, count: 50) == 0.5)
        #expect(probabilisticSharpe(0.2, skewness: 0, kurtosis: 3, count: 1).isNaN)
    }

    @Test func `the median of numbers worked by hand`() {
        #expect(median(of: [3, 1, 2]) == 2 && median(of: [4, 1, 3, 2]) == 2.5)
        #expect(median(of: [7]) == 7)
        #expect(median(of: []) == nil && median(of: [1, .nan]) == nil)
        #expect(median(of: [1, .infinity, 2]) == nil)
    }

    @Test func `moments of numbers worked by hand`() {
        // Mean 2, distances -1 -1 -1 3: squares 12, cubes 24, fourths 84; variance 3.
        let moments = SeriesMoments([1, 1, 1, 5])
        #expect(moments.mean == 2 && moments.deviation == 2)
        #expect(abs(moments.skewness - 6 / (3 * 3.0.squareRoot())) < 1e-15)
        #expect(abs(moments.kurtosis - 21.0 / 9) < 1e-15)
        #expect(SeriesMoments([]).mean.isNaN && SeriesMoments([3]).deviation.isNaN)
        #expect(SeriesMoments([0.1, 0.1 + 1e-17]).deviation == 0)
    }

    @Test(arguments: 0..<100)
    func `selection finds what sorting finds`(seed: Int) {
        var random = SeededNumbers(UInt64(seed) &* 31 &+ 5)
        let count = 1 + Int(random.unit() * 60)
        let kinds = 1 + Int(random.unit() * 60)
        let values = (0..<count).map { _ in (random.unit() * Double(kinds)).rounded() }
        let sorted = values.sorted()
        for index in values.indices {
            var copy = values
            #expect(selectSmallest(index, in: &copy) == sorted[index])
            #expect(copy[..<index].allSatisfy { $0 <= sorted[index] })
            #expect(copy[index...].allSatisfy { $0 >= sorted[index] })
        }
    }

    @Test func `the risk of losing half is certain without an edge`() throws {
        let losing = MetricTests.metrics(
            try MetricTests.input(equity: (1...40).map { 100 - Double($0 % 7) - Double($0) }))
        #expect(losing["risk_of_ruin"] == 1)
        let winning = MetricTests.metrics(
            try MetricTests.input(equity: (1...40).map { 100 - Double($0 % 7) + Double($0) }))
        let risk = try #require(winning["risk_of_ruin"])
        #expect(risk > 0 && risk < 1)
    }

    @Test func `a position under water shows in the equity and not in closed trades`() throws {
        // Bought at 100, at 50 on the second day, sold at 110 on the third.
        var trade = MetricTests.trade(10, 0.1)
        trade.exitTime = 2 * MetricTests.day
        let found = MetricTests.metrics(
            try MetricTests.input(equity: [100, 50, 110], trades: [trade]))
        #expect(found["max_drawdown"] == 0.5)
        #expect(found["closed_max_drawdown"] == 0)
        // c is 0, 0 and 0.1: no losing day, so no Sortino ratio; Sharpe is 1/√3 · √365.
        #expect(found["closed_sortino"] == nil)
        #expect(found.isNear("closed_sharpe", (365.0 / 3).squareRoot(), 1e-12))
    }

    @Test func `a trade that lost and one that won, closed one after the other`() throws {
        // C: 100, 80, 110: the fall is 20 of 100.
        var trades = [MetricTests.trade(-20, -0.2), MetricTests.trade(30, 0.3, side: .sell)]
        trades[1].isAmbiguous = true
        trades[0].funding = 2
        trades[1].funding = -3.5
        let found = MetricTests.metrics(
            try MetricTests.input(equity: [95, 110], trades: trades))
        #expect(found.isNear("closed_max_drawdown", 0.2))
        #expect(found["long_profit"] == -20 && found["short_profit"] == 30)
        #expect(found["ambiguous_profit"] == 30 && found["funding"] == -1.5)
        #expect(found["payoff_ratio"].map { abs($0 - 1.5) < 1e-15 } == true)
        // (1 + 1.5) · 0.5 − 1.
        #expect(found.isNear("expectancy_ratio", 0.25))
        // Two trades of 1 at 1: notional 4 over a mean equity of 102.5.
        #expect(found.isNear("turnover", 4 / 102.5))
    }

    @Test(arguments: 0..<50)
    func `breakdowns add up to the run`(seed: Int) throws {
        var random = SeededNumbers(UInt64(seed) &* 977 &+ 3)
        let curve = (0..<Int(2 + random.unit() * 500)).map { _ in 50 + 100 * random.unit() }
        let trades = (0..<Int(random.unit() * 40)).map { index -> TradeRecord in
            var trade = MetricTests.trade(random.unit() - 0.5, random.unit() - 0.5)
            trade.exitTime = Int64(index) * 3 * MetricTests.day
            return trade
        }
        let input = try MetricTests.input(equity: curve, trades: trades)
        let final = try #require(curve.last)
        for (kind, rows) in PeriodTables(input, trades).rows {
            #expect(rows.reduce(0) { $0 + $1.days } == curve.count, "\(kind)")
            #expect(rows.reduce(0) { $0 + $1.trades } == trades.count)
            #expect(rows.reduce(0) { $0 + $1.wins } == trades.count { $0.profit > 0 })
            #expect(abs(rows.reduce(0) { $0 + $1.profit } - (final - 100)) < 1e-9)
            let growth = rows.reduce(1) { $0 * (1 + $1.growth) }
            #expect(abs(growth - final / 100) < 1e-9)
        }
    }

    @Test func `what an exit bar did after the exit is nobody's excursion`() {
        let bars = Bars(
            interval: Interval.all[1],
            [(100, 103, 99, 102), (102, 110, 95, 104), (104, 150, 20, 90)].enumerated().map {
                let (row, bar) = ($0, $1)
                return Bar(
                    openTime: Int64(row) * 60_000, open: bar.0, high: bar.1, low: bar.2,
                    close: bar.3, volume: 1)
            })
        var trade = MetricTests.trade(4, 0.04)
        trade.entryPrice = 100
        trade.exitPrice = 104
        trade.exitRow = 2
        let long = excursion(of: trade, bars)
        #expect(abs(long.adverse - 0.05) < 1e-15 && abs(long.favourable - 0.1) < 1e-15)
        trade.side = .sell
        let short = excursion(of: trade, bars)
        #expect(abs(short.adverse - 0.1) < 1e-15 && abs(short.favourable - 0.05) < 1e-15)
        // In and out within one bar: only the two prices are certain.
        trade.exitRow = 0
        #expect(excursion(of: trade, bars).favourable == 0)
        #expect(abs(excursion(of: trade, bars).adverse - 0.04) < 1e-15)
    }
}
