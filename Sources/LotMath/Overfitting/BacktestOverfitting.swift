import LotCore

/// The probability of backtest overfitting, by combinatorially symmetric cross-validation (CSCV).
///
/// The window's days are cut into 16 blocks. Each of the 12,870 choices of 8 blocks is once the
/// past: the trial with the best Sharpe ratio in it is the one that a trader would have chosen.
/// The other 8 blocks are the future: ω = rank / (N + 1) says where the chosen one stands among
/// all N trials there (1 worst, N best), and λ = ln(ω / (1 − ω)) is above 0 if it beats the
/// median. The probability of overfitting is the share of choices with λ ≤ 0: near 0.5 if choosing
/// is of no use, near 0 if what was best stays good.
///
/// Rules: of equally good trials the first is chosen; equal trials share the middle of their
/// ranks; a trial whose returns do not vary in a half counts as a Sharpe ratio of 0 there. All
/// Sharpe ratios here are of one day, not annualised.
///
/// - Complexity: O(trials · splits), about 8·10⁻¹⁰ s each on one thread: 0.03 s for 2,000 trials,
///   0.12 s for 10,000, 1.1 s for 100,000 (`lot-bench overfitting`); memory 256 B a trial.
/// - SeeAlso: Bailey, Borwein, López de Prado and Zhu, "The Probability of Backtest Overfitting",
///   Journal of Computational Finance 20(4), 2017, section 3.
public struct BacktestOverfitting: Sendable, Equatable {
    /// One choice of the past.
    public struct Split: Sendable, Equatable {
        /// The trial that was best in the past, by the caller's number.
        public let trial: Int
        /// Its Sharpe ratio a day in the past.
        public let inSample: Double
        /// Its Sharpe ratio a day in the future.
        public let outOfSample: Double
        /// Its place in the future, 1 the worst, N the best, halves where it shares one.
        public let rank: Double
        /// λ.
        public let logit: Double
    }

    /// Trials compared.
    public let trials: Int
    /// Trials left out because they failed or lost everything.
    public let excluded: Int
    /// All choices, in a fixed order: 12,870 for 16 blocks.
    public let splits: [Split]
    /// The share of choices with λ ≤ 0: the probability of overfitting.
    public let probability: Double
    /// How the Sharpe ratio in the future follows from that in the past, over all choices.
    ///
    /// Both halves share the same days, so what is good in one is missing in the other: the slope
    /// is below 0 by itself, and −1 where always the same trial is chosen, overfitted or not.
    public let degradation: LinearFit
    /// The share of choices in which the chosen trial loses in the future (Sharpe ratio below 0).
    public let lossProbability: Double
    /// How the future of the chosen trials compares with that of trials drawn by lot.
    public let dominance: StochasticDominance

    /// Why trials can not be cross-validated, for a message to the user; `nil` if they can.
    public static func obstacle(_ blocks: TrialBlocks) -> String? {
        if blocks.count < 2 { return "it takes two trials that did not lose everything" }
        if let shortest = blocks.lengths.min(), shortest < 2 {
            return "it takes \(2 * blocks.lengths.count) days: two in each block"
        }
        return nil
    }

    /// Cross-validates trials; `nil` where ``obstacle(_:)`` has a reason.
    ///
    /// - Parameters:
    ///   - blocks: The trials' sums.
    ///   - seed: Of the trials drawn by lot, for ``dominance`` alone.
    ///   - runner: Who does the pieces; the result does not depend on it.
    public init?(
        _ blocks: TrialBlocks, seed: UInt64 = 0, runner: some PieceRunner = SerialRunner()
    ) {
        guard Self.obstacle(blocks) == nil else { return nil }
        let splits = BlockSplits(lengths: blocks.lengths)
        let best = Self.best(blocks, splits, runner)
        let counts = Self.counts(blocks, splits, best, runner)
        self.splits = (0..<splits.count).map { past in
            let (winner, future) = (Int(best.trials[past]), splits.others[past])
            let row = blocks.row(winner)
            let rank = Double(counts.below[past]) + (Double(counts.equal[past]) + 1) / 2
            let share = rank / Double(blocks.count + 1)
            return Split(
                trial: blocks.numbers[winner], inSample: splits.sharpe(row, past),
                outOfSample: splits.sharpe(row, future), rank: rank,
                logit: logarithmicOdds(share))
        }
        trials = blocks.count
        excluded = blocks.excluded
        let total = Double(splits.count)
        probability = Double(self.splits.count { $0.logit <= 0 }) / total
        lossProbability = Double(self.splits.count { $0.outOfSample < 0 }) / total
        degradation = LinearFit(self.splits.lazy.map { ($0.inSample, $0.outOfSample) })
        var random = Xoshiro256(seed: seed)
        let drawn = (0..<splits.count).map { past in
            splits.sharpe(blocks.row(random.below(blocks.count)), splits.others[past])
        }
        dominance = StochasticDominance(of: self.splits.map(\.outOfSample), over: drawn)
    }

    /// Trials of one piece of work.
    private static let pieceSize = 2_048

    private static func ranges(_ count: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: pieceSize).map { $0..<min(count, $0 + pieceSize) }
    }

    private static func best(
        _ blocks: TrialBlocks, _ splits: BlockSplits, _ runner: some PieceRunner
    ) -> BlockSplits.Best {
        let (sums, ranges) = (blocks.sums, ranges(blocks.count))
        let found = runner.pieces(ranges.count) { splits.best(sums, ranges[$0]) }
        return found.dropFirst().reduce(into: found[0]) { $0.merge($1) }
    }

    /// For each past, how the future of its best trial compares with all trials' future.
    private static func counts(
        _ blocks: TrialBlocks, _ splits: BlockSplits, _ best: BlockSplits.Best,
        _ runner: some PieceRunner
    ) -> BlockSplits.Counts {
        let (sums, ranges) = (blocks.sums, ranges(blocks.count))
        // The pass goes over futures: each is the other side of one past.
        let targets = (0..<splits.count).map { future in
            splits.score(blocks.row(Int(best.trials[splits.others[future]])), future)
        }
        let found = runner.pieces(ranges.count) { splits.rank(sums, ranges[$0], targets) }
        let all = found.dropFirst().reduce(into: found[0]) { $0.add($1) }
        return BlockSplits.Counts(
            below: splits.others.map { all.below[$0] }, equal: splits.others.map { all.equal[$0] })
    }
}
