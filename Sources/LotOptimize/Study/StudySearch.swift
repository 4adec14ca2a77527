public import LotCore
public import LotEngine

/// How far a search is, for people.
public struct SearchProgress: Sendable {
    /// Its fold; 0 is the main search.
    public var fold: Int
    /// Trials done, those of earlier sessions among them.
    public var done: Int
    /// Of these, trials of earlier sessions.
    public var earlier: Int
    /// Trials that will be done.
    public var total: Int
    /// Value of the first target of the best trial so far.
    public var best: Double?
}

/// What a search found.
public struct SearchOutcome: Sendable {
    /// The best trials, best first.
    public var leaders: Leaderboard
    /// With several targets, the trials that no other beats.
    public var front: TrialFront
    /// Sums over all trials.
    public var tally: TrialTally
    /// Whether every trial that was asked for is done.
    public var isComplete: Bool
}

/// Carries out one search of a study batch by batch, each kept before the next begins.
public struct StudySearch: Sendable {
    /// Its fold; 0 is the main search.
    public let fold: Int
    private var loop: SearchLoop
    private let objective: Objective
    /// Trials to do.
    private let budget: Int
    /// The round whose trials are ranked.
    private let lastRung: Int
    private var outcome: SearchOutcome
    private var batch = BatchSize()
    /// The points that were tried; `nil` where all are different.
    private var tried: DistinctPoints?
    /// How many points may be run at once, given how many just were: what keeps memory bounded.
    public var mostPoints: @Sendable (Int) -> Int = { _ in BatchSize.range.upperBound }

    /// A search that has tried nothing.
    ///
    /// - Parameters:
    ///   - fold: Its fold.
    ///   - loop: What proposes points.
    ///   - objective: What is looked for.
    ///   - space: What is searched.
    ///   - budget: Trials to do.
    ///   - leaders: How many of the best are remembered.
    ///   - lastRung: The round of successive halving that runs over all of the data.
    public init(
        fold: Int, _ loop: SearchLoop, _ objective: Objective, in space: SearchSpace,
        budget: Int, leaders: Int, lastRung: Int = 0
    ) {
        self.fold = fold
        self.loop = loop
        self.objective = objective
        self.budget = budget
        self.lastRung = lastRung
        tried = loop.mayRepeat ? DistinctPoints(space) : nil
        outcome = SearchOutcome(
            leaders: Leaderboard(objective, size: leaders), front: TrialFront(objective),
            tally: TrialTally(), isComplete: false)
    }

    /// Begins with batches of so many points at most.
    public mutating func begin(with points: Int) { batch.limit(points) }

    /// Takes what earlier sessions kept.
    public mutating func resume(from log: some TrialLog) throws(Diagnosis) {
        let kept = min(budget, try log.count(fold: fold))
        let isFree = loop.skip(to: kept)
        try log.trials(fold: fold, from: 0) { (trial: Trial) throws(Diagnosis) in
            guard trial.number < kept else { return }
            if !isFree { try loop.replay(trial) }
            note(trial)
        }
    }

    /// Goes on until all is done or someone asks to stop.
    ///
    /// - Parameters:
    ///   - runner: What runs the trials.
    ///   - log: Where each batch is kept.
    ///   - cancel: Once set, no further batch is begun.
    ///   - clock: Seconds on a clock that only rises. It decides how large batches are, which
    ///     decides no result.
    ///   - progress: Called after each batch, and now and then within one.
    /// - Returns: What was found.
    /// - Throws: What the runner and the log throw.
    public mutating func run(
        on runner: some TrialRunner, keeping log: inout some TrialLog, cancel: CancelFlag,
        clock: () -> Double, progress: @escaping @Sendable (SearchProgress) -> Void
    ) throws(Diagnosis) -> SearchOutcome {
        let earlier = loop.next
        while loop.next < budget, !cancel.isSet {
            let size = min(max(batch.size, runner.sharedPoints), budget - loop.next)
            let state = SearchProgress(
                fold: fold, done: loop.next, earlier: earlier, total: budget, best: best)
            let start = clock()
            let trials = try loop.run(size, on: runner, cancel: cancel) { done in
                var state = state
                state.done += done
                progress(state)
            }.map { $0.sampled(of: budget) }
            guard !trials.isEmpty else { break }
            try log.append(trials, fold: fold)
            for trial in trials { note(trial) }
            batch.took(clock() - start, for: trials.count, most: mostPoints(trials.count))
            progress(
                SearchProgress(
                    fold: fold, done: loop.next, earlier: earlier, total: budget, best: best))
        }
        outcome.isComplete = loop.next >= budget || loop.isExhausted
        return outcome
    }

    private var best: Double? { outcome.leaders.best?.values.first }

    private mutating func note(_ trial: Trial) {
        if trial.rung == lastRung {
            outcome.leaders.add(trial)
            outcome.front.add(trial)
        }
        let isNew = trial.rung == 0 && tried?.insert(trial.point) ?? true
        outcome.tally.add(trial, lastRung: lastRung, isNew: isNew)
    }
}

/// How many trials are done between two writes: as many as take about two seconds, so that little
/// is lost when the power goes and a sweep still shares much.
struct BatchSize: Sendable {
    /// Few at first: nobody knows yet how long one takes, and a batch under way is what is lost.
    private(set) var size = 16

    private static let seconds = 2.0
    static let range = 16...4_096

    mutating func took(_ seconds: Double, for count: Int, most: Int = range.upperBound) {
        guard seconds > 0, count > 0 else { return }
        let fitting = Double(count) * BatchSize.seconds / seconds
        let bounded = min(Double(size) * 4, max(Double(size) / 4, fitting))
        size = min(BatchSize.range.upperBound, max(BatchSize.range.lowerBound, Int(bounded)))
        limit(most)
    }

    mutating func limit(_ most: Int) { size = max(BatchSize.range.lowerBound, min(size, most)) }
}
