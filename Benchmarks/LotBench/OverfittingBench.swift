import LotCore
import LotMath

extension Bench {
    /// What is computed once for a study: cross-validation of its trials, resamples of its best.
    static func overfitting() {
        for trials in [2_000, 10_000, 100_000] {
            let blocks = madeUpTrials(trials)
            var probability = 0.0
            let seconds = median(runs: 3) {
                probability = BacktestOverfitting(blocks)?.probability ?? .nan
            }
            report(
                "overfitting: \(trials) trials x 12,870 splits, 1 thread",
                short(seconds * 1e3) + " ms  [\(probability)]")
        }
        var random = Xoshiro256(seed: 2)
        let returns = (0..<731).map { _ in random.normal() * 0.02 + 0.001 }
        var checksum = 0.0
        let seconds = median {
            let found = StationaryBootstrap(returns, StationaryBootstrap.Settings(seed: 1))
            checksum = found?.totalReturn.median ?? .nan
        }
        report(
            "overfitting: stationary bootstrap, 1,000 x 731 days",
            short(seconds * 1e3) + " ms  [\(checksum)]")
        let shuffles = median {
            checksum = TradeResampling(returns, .shuffle, seed: 1)?.maxDrawdown.high ?? .nan
        }
        report(
            "overfitting: trade shuffle, 1,000 x 731 trades",
            short(shuffles * 1e3) + " ms  [\(checksum)]")
    }

    /// Trials of 731 days each, sums of 16 blocks.
    private static func madeUpTrials(_ count: Int) -> TrialBlocks {
        let lengths = BlockSums.lengths(days: 731)
        var blocks = TrialBlocks(lengths: lengths)
        blocks.reserve(count)
        var random = Xoshiro256(seed: 1)
        var sums = [Double](repeating: 0, count: 32)
        for trial in 0..<count {
            for (block, length) in lengths.enumerated() {
                let days = Double(length)
                sums[block] = random.normal() * 0.02 * days.squareRoot()
                sums[16 + block] = 0.0004 * days * (0.8 + 0.4 * random.unit())
            }
            blocks.add(sums, number: trial)
        }
        return blocks
    }
}
