import LotCore
import Testing

@testable import LotMath

/// Monte Carlo: what cannot change, what must, and the same bytes for the same seed.
struct ResamplingTests {
    private let trades = [0.5, -0.2, -0.2, 0.5]

    @Test func `a shuffle changes the way, not the end`() throws {
        let found = try #require(TradeResampling(trades, .shuffle, resamples: 2_000, seed: 1))
        // 1 → 1.5 → 1.2 → 0.96 → 1.44.
        #expect(abs(found.actualReturn - 0.44) < 1e-12)
        #expect(abs(found.actualDrawdown - 0.36) < 1e-12)
        #expect(found.totalReturn.low == found.actualReturn)
        #expect(found.totalReturn.high == found.actualReturn)
        #expect(found.lossProbability == 0)
        // Of the six orders of two wins and two losses, three have the losses together (36 %),
        // three apart (20 %): none is deeper than the run's.
        #expect(abs(found.maxDrawdown.low - 0.2) < 1e-12)
        #expect(abs(found.maxDrawdown.high - 0.36) < 1e-12)
        #expect(found.deeperShare == 0)
        let lucky = try #require(
            TradeResampling([0.5, -0.2, 0.5, -0.2], .shuffle, resamples: 2_000, seed: 1))
        #expect(abs(lucky.deeperShare - 0.5) < 0.06)
    }

    @Test func `drawn trades vary in their end`() throws {
        let found = try #require(TradeResampling(trades, .bootstrap, resamples: 4_000, seed: 1))
        // Four draws of a win or a loss alike: 1.5^k 0.8^(4-k) with 1 4 6 4 1 of 16.
        // Ends below 1: k = 0 and 1 (0.4096, 0.768): 5 of 16.
        #expect(abs(found.lossProbability - 5.0 / 16) < 0.03)
        #expect(abs(found.totalReturn.median - 0.44) < 1e-12)
        #expect(abs(found.totalReturn.low - (0.4096 - 1)) < 1e-12)
        #expect(abs(found.totalReturn.high - (1.5 * 1.5 * 1.5 * 1.5 - 1)) < 1e-12)
    }

    @Test func `trades of the account add up to the account`() throws {
        let fractions = try #require(
            TradeResampling.accountFractions(profits: [50, -30, 12], startingCash: 100))
        #expect(fractions == [0.5, -0.2, 0.1])
        #expect(
            TradeResampling.accountFractions(profits: [-60, -50, 90], startingCash: 100) == nil)
        #expect(TradeResampling([0.1], .shuffle, seed: 1) == nil)
        #expect(TradeResampling([0.1, -1], .shuffle, seed: 1) == nil)
    }

    @Test func `seeds decide, runners do not`() throws {
        let returns = MadeUp.trials(1)[0]
        for method in TradeResampling.Method.allCases {
            let a = try #require(TradeResampling(returns, method, seed: 3))
            let b = try #require(
                TradeResampling(returns, method, seed: 3, runner: BackwardsRunner()))
            let c = try #require(TradeResampling(returns, method, seed: 4))
            #expect(a == b && a.maxDrawdown != c.maxDrawdown)
        }
        let settings = StationaryBootstrap.Settings(seed: 3)
        let a = try #require(StationaryBootstrap(returns, settings))
        let b = try #require(StationaryBootstrap(returns, settings, runner: BackwardsRunner()))
        var others = settings
        others.seed = 4
        let c = try #require(StationaryBootstrap(returns, others))
        #expect(a == b && a.totalReturn != c.totalReturn)
    }

    @Test func `blocks of a whole run only turn it`() throws {
        // With blocks that nearly never end a resample is the run from another day on, around:
        // the same days, so the same end, mean and deviation.
        let returns = MadeUp.trials(1)[0]
        let found = try #require(
            StationaryBootstrap(
                returns, StationaryBootstrap.Settings(seed: 1, resamples: 200, blockLength: 1e12)))
        let growth = returns.reduce(1) { $0 * (1 + $1) }
        let sharpe = SeriesMoments(returns).sharpe * 365.0.squareRoot()
        for band in [found.totalReturn.low, found.totalReturn.median, found.totalReturn.high] {
            #expect(abs(band - (growth - 1)) < 1e-12)
        }
        for band in [found.sharpe.low, found.sharpe.median, found.sharpe.high] {
            #expect(abs(band - sharpe) < 1e-12)
        }
        #expect(found.maxDrawdown.low < found.maxDrawdown.high)
    }

    @Test func `a fan begins at 1 and ends where the returns end`() throws {
        let returns = MadeUp.trials(1, days: 1_000)[0]
        let found = try #require(
            StationaryBootstrap(returns, StationaryBootstrap.Settings(seed: 1, fanPoints: 11)))
        #expect(found.fan.map(\.step) == (0...10).map { $0 * 100 })
        #expect(found.fan[0].growth == Band(low: 1, median: 1, high: 1))
        #expect(abs(found.fan[10].growth.median - 1 - found.totalReturn.median) < 1e-12)
        for (a, b) in zip(found.fan, found.fan.dropFirst()) {
            #expect(b.growth.high - b.growth.low > (a.growth.high - a.growth.low) * 0.9)
        }
        // The run's own line is its compounded returns.
        let middle = returns.prefix(500).reduce(1) { $0 * (1 + $1) }
        #expect(abs(found.fan[5].actual - middle) < 1e-12)
        let few = try #require(
            StationaryBootstrap([0.1, -0.1], StationaryBootstrap.Settings(seed: 1)))
        #expect(few.fan.map(\.step) == [0, 1, 2])
    }

    @Test func `the fan of shuffled trades begins at 1 and closes where the run ends`() throws {
        let fractions = (0..<500).map { $0 % 3 == 0 ? 0.03 : -0.01 }
        let found = try #require(TradeResampling(fractions, .shuffle, seed: 1))
        let end = fractions.reduce(1) { $0 * (1 + $1) }
        let (first, last) = (found.fan[0], try #require(found.fan.last))
        #expect(first.growth == Band(low: 1, median: 1, high: 1) && first.step == 0)
        #expect(last.step == 500 && abs(last.actual - end) < 1e-12)
        #expect(abs(last.growth.high - end) < 1e-9 && abs(last.growth.low - end) < 1e-9)
        let middle = found.fan[found.fan.count / 2]
        #expect(middle.growth.low < middle.growth.median)
        #expect(middle.growth.median < middle.growth.high)
        let drawn = try #require(TradeResampling(fractions, .bootstrap, seed: 1))
        #expect(drawn.fan.last?.growth.low != drawn.fan.last?.growth.high)
    }

    @Test func `annual figures follow from the total ones`() throws {
        // Two years of days: cagr is the root of the growth.
        let returns = MadeUp.trials(1, days: 730)[0]
        let found = try #require(
            StationaryBootstrap(returns, StationaryBootstrap.Settings(seed: 1, resamples: 401)))
        // 401 resamples: the quantiles are resamples, and a root keeps their order.
        for (annual, total) in [
            (found.cagr.low, found.totalReturn.low), (found.cagr.median, found.totalReturn.median),
            (found.cagr.high, found.totalReturn.high),
        ] {
            #expect(abs(annual - ((1 + total).squareRoot() - 1)) < 1e-12)
        }
    }

    @Test func `runs that cannot be resampled are said so`() throws {
        let settings = StationaryBootstrap.Settings(seed: 1)
        #expect(StationaryBootstrap([0.1], settings) == nil)
        #expect(StationaryBootstrap([0.1, -1], settings) == nil)
        #expect(StationaryBootstrap([0.1, .nan], settings) == nil)
        // A run that never traded: everything is 0, a Sharpe ratio there is not.
        let idle = try #require(StationaryBootstrap([0, 0, 0, 0], settings))
        #expect(idle.totalReturn == Band(low: 0, median: 0, high: 0))
        #expect(idle.sharpe.median.isNaN && idle.blockLength == 1)
    }

    @Test func `bands are numpy's quantiles`() {
        // numpy.percentile(range(11), [5, 50, 95]) is 0.5, 5, 9.5.
        #expect(
            Band(of: (0...10).map(Double.init).reversed())
                == Band(low: 0.5, median: 5, high: 9.5))
        #expect(Band(of: [.nan, 3]) == Band(low: 3, median: 3, high: 3))
        #expect(Band(of: [.nan]).median.isNaN)
    }
}
