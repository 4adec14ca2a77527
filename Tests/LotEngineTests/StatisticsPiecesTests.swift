import LotCore
import LotMath
import Testing

@testable import LotEngine

/// Statistics that are done in pieces, on threads.
struct StatisticsPiecesTests {
    @Test(arguments: [1, 2, 3, 8])
    func `any number of threads gives the same bytes`(threads: Int) throws {
        var random = Xoshiro256(seed: 21)
        var blocks = TrialBlocks(lengths: BlockSums.lengths(days: 96))
        var first: [Double] = []
        for trial in 0..<4_500 {
            let returns = (0..<96).map { _ in (random.unit() - 0.49) * 0.05 }
            if first.isEmpty { first = returns }
            var sums: [Double] = []
            BlockSums.append(of: returns, to: &sums)
            blocks.add(sums, number: trial)
        }
        let runner = ParallelRunner(threads: threads)
        #expect(BacktestOverfitting(blocks) == BacktestOverfitting(blocks, runner: runner))
        let settings = StationaryBootstrap.Settings(seed: 5, resamples: 300)
        #expect(
            StationaryBootstrap(first, settings)
                == StationaryBootstrap(first, settings, runner: runner))
        #expect(
            TradeResampling(first, .shuffle, seed: 5)
                == TradeResampling(first, .shuffle, seed: 5, runner: runner))
    }
}
