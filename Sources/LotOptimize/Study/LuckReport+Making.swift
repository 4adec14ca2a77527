public import LotCore
import LotEngine
public import LotMath

extension LuckReport {
    /// Resamples of each Monte Carlo.
    static let resamples = 1_000

    /// Gathers the statistics of a search that is done.
    ///
    /// - Parameters:
    ///   - best: Its best trial.
    ///   - run: What the metrics of the best trial's run are computed from.
    ///   - objective: What was looked for.
    ///   - space: What was searched.
    ///   - tally: Sums over its trials.
    ///   - earlier: Trials of earlier studies of the same script on the same data.
    ///   - log: Its trials. Of those of one point the first one counts.
    ///   - seed: Of the resampling.
    ///   - threads: That work; the result does not depend on them.
    ///   - halving: The rounds, where not every point ran over all of the data.
    /// - Throws: What the log throws.
    /// - Complexity: two passes over the trials; O(trials · 12,870) for cross-validation, of at
    ///   most 100,000 trials.
    public init(
        best: Trial, run: MetricInput, objective: Objective, space: SearchSpace,
        tally: TrialTally, earlier: Int, log: some TrialLog, seed: UInt64, threads: Int,
        halving: SuccessiveHalving? = nil
    ) throws(Diagnosis) {
        let pieces = ParallelRunner(threads: threads)
        var evaluator = MetricEvaluator()
        evaluator.evaluate(run)
        let returns = evaluator.dayReturns
        let lastRung = halving.map { $0.rungs.count - 1 } ?? 0
        let chances = TrialChances(log, isDistinct: tally.repeats == 0, space)
        let blocks = try LuckReport.blocks(
            chances, lengths: BlockSums.lengths(days: evaluator.dayCount), total: tally.runs,
            lastRung)
        evidence = SharpeEvidence(returns)
        periodsPerYear = run.periodsPerYear
        trials = tally.ran
        points = tally.points
        earlierTrials = earlier
        probabilistic = evidence.probability()
        var variance = sampleVariance(blocks.sharpes.filter(\.isFinite))
        if let share = halving?.rungs.first?.share, share < 1 {
            let first = try LuckReport.firstRungVariance(chances) / run.periodsPerYear * share
            // Those that went on are alike because they were chosen: the first round counts too.
            variance = variance.isNaN ? first : max(variance, first.isNaN ? 0 : first)
        }
        deflated = evidence.deflated(
            trials: Double(max(1, tally.points + earlier)), variance: variance)
        let isHalved = lastRung > 0
        effectiveTrials = isHalved ? .nan : LotMath.effectiveTrials(blocks)
        trackRecord = evidence.trackRecord()
        overfitting =
            isHalved ? nil : BacktestOverfitting(blocks, seed: seed, runner: pieces)
        obstacle =
            isHalved
            ? "only \(grouped(tally.whole)) of \(grouped(tally.ran)) points ran over all days"
            : BacktestOverfitting.obstacle(blocks)
        stability = try LuckReport.stability(best, objective, space, chances, lastRung)
        let fractions = TradeResampling.accountFractions(
            profits: run.trades.profits, startingCash: run.equity.base.equity)
        shuffled = fractions.flatMap {
            TradeResampling(
                $0, .shuffle, resamples: LuckReport.resamples, seed: seed, runner: pieces)
        }
        redrawn = fractions.flatMap {
            TradeResampling(
                $0, .bootstrap, resamples: LuckReport.resamples, seed: seed, runner: pieces)
        }
        bootstrap = StationaryBootstrap(
            returns,
            StationaryBootstrap.Settings(
                seed: seed, resamples: LuckReport.resamples, periodsPerYear: run.periodsPerYear),
            runner: pieces)
    }

    /// The block sums that the log has, of at most ``TrialSample/limit`` points.
    private static func blocks(
        _ chances: TrialChances<some TrialLog>, lengths: [Int], total: Int, _ lastRung: Int
    ) throws(Diagnosis) -> TrialBlocks {
        var blocks = TrialBlocks(lengths: lengths)
        blocks.reserve(min(total, TrialSample.limit))
        try chances.forEach(rung: lastRung) { trial in
            // A study that went on past its first number of trials has more than a sample.
            guard trial.counts,
                trial.blocks.count == 2 * lengths.count,
                TrialSample.keeps(trial.number, of: total, seed: 0),
                blocks.count < TrialSample.limit
            else { return }
            blocks.add(trial.blocks, number: trial.number)
        }
        return blocks
    }

    /// The variance of the annual Sharpe ratios of the first round; not a number below two.
    ///
    /// If all differences are luck, as the deflated Sharpe ratio supposes, the variance of a Sharpe
    /// ratio falls with the days that it is measured over: that of the first round, times its share
    /// of the data, is what all points would have over all of it.
    private static func firstRungVariance(
        _ chances: TrialChances<some TrialLog>
    ) throws(Diagnosis) -> Double {
        let place = KeptMetrics.always.firstIndex(of: "sharpe") ?? 0
        var sharpes: [Double] = []
        try chances.forEach(rung: 0) { trial in
            guard trial.counts, trial.metrics[place].isFinite else { return }
            sharpes.append(trial.metrics[place])
        }
        return sampleVariance(sharpes)
    }

    /// Looks at the trials near the best; the others need not be kept.
    private static func stability(
        _ best: Trial, _ objective: Objective, _ space: SearchSpace,
        _ chances: TrialChances<some TrialLog>, _ lastRung: Int
    ) throws(Diagnosis) -> ParameterStability {
        let radii = space.dimensions.map {
            ParameterStability.radius(steps: $0.count, isOrdered: !$0.isCategorical)
        }
        let center = LuckReport.place(best.point, space)
        var coordinates = center
        var losses = [objective.losses(best.values)[0]]
        try chances.forEach(rung: lastRung) { trial in
            guard trial.status != .refused, trial.point != best.point else { return }
            let place = LuckReport.place(trial.point, space)
            let isNear = zip(zip(place, center), radii).allSatisfy { pair, radius in
                abs(pair.0 - pair.1) <= radius + 1e-9
            }
            guard isNear else { return }
            coordinates += place
            losses.append(
                trial.status == .feasible ? objective.losses(trial.values)[0] : .nan)
        }
        return ParameterStability(
            coordinates: coordinates, losses: losses, best: 0, radii: radii)
    }

    /// The place of a point in the unit cube, the first value of a dimension at 0, the last at 1.
    private static func place(_ point: Point, _ space: SearchSpace) -> [Double] {
        zip(space.dimensions, point.coordinates).map { dimension, value in
            guard let count = dimension.count else { return dimension.unit(value) }
            return count > 1 ? Double(dimension.index(of: value)) / Double(count - 1) : 0
        }
    }
}

/// The trials of the main search that are chances to be lucky: of the trials of one point in one
/// round the first.
private struct TrialChances<Log: TrialLog> {
    private let log: Log
    private let isDistinct: Bool
    private let space: SearchSpace

    /// Trials of a log; nothing is remembered where no point was tried twice.
    init(_ log: Log, isDistinct: Bool, _ space: SearchSpace) {
        self.log = log
        self.isDistinct = isDistinct
        self.space = space
    }

    /// Hands over those of a round in order of their numbers.
    func forEach(rung: Int, _ body: (Trial) -> Void) throws(Diagnosis) {
        var tried = isDistinct ? nil : DistinctPoints(space)
        try log.trials(fold: 0, from: 0) { (trial: Trial) throws(Diagnosis) in
            guard trial.rung == rung, tried?.insert(trial.point) ?? true else { return }
            body(trial)
        }
    }
}
