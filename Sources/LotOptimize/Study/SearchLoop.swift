public import LotCore
public import LotEngine

/// One search: a sampler proposes, a runner runs, the sampler is told.
///
/// What is proposed depends on the space, the seed and what was told, batch by batch, never on
/// time, threads or interruptions: a search that stops after any batch and goes on later, even on
/// another machine, tries the same points.
public struct SearchLoop: Sendable {
    private var sampler: any Sampler
    private let objective: Objective
    private let kept: KeptMetrics
    private let segments: [Segment]
    private let keepsBlocks: Bool
    /// Number of the next trial.
    public private(set) var next = 0
    /// Whether the sampler has nothing left to propose.
    public private(set) var isExhausted = false
    /// Points of a batch of a model that were proposed and not run yet.
    private var pending: ArraySlice<Point> = []
    /// What has been run of the batch under way.
    private var finished: [Observation] = []

    /// A search that has tried nothing.
    public init(
        _ sampler: any Sampler, _ objective: Objective, _ kept: KeptMetrics,
        over segments: [Segment], keepsBlocks: Bool
    ) {
        self.sampler = sampler
        self.objective = objective
        self.kept = kept
        self.segments = segments
        self.keepsBlocks = keepsBlocks
    }

    /// Takes trials of an earlier session in order, as if they had just been run.
    ///
    /// - Throws: 65 where the sampler would have proposed another point: the record is not of this
    ///   search.
    public mutating func replay(_ trial: Trial) throws(Diagnosis) {
        guard trial.number == next, propose(1).first == trial.point else {
            throw Diagnosis(
                .data, kind: "study.replay", subject: "trial \(trial.number)",
                reason: "is not what the sampler proposes at this place",
                hint: "the study was made by another version; begin a new one with --study")
        }
        accept([trial])
    }

    /// Jumps to a trial without the ones before it, where the sampler needs none of them.
    public mutating func skip(to number: Int) -> Bool {
        guard sampler.skip(to: number) else { return false }
        next = number
        return true
    }

    /// Runs the next trials.
    ///
    /// - Parameters:
    ///   - limit: At most so many.
    ///   - runner: What runs them.
    ///   - cancel: Once set, nothing further is begun; what was not run is proposed again.
    ///   - progress: Called with the number of trials done of these.
    /// - Returns: The trials in order of their numbers, without gaps.
    /// - Throws: What `runner` throws.
    public mutating func run(
        _ limit: Int, on runner: some TrialRunner, cancel: CancelFlag,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws(Diagnosis) -> [Trial] {
        let points = propose(limit)
        let trials = try trials(
            points, first: next, on: runner, cancel: cancel, progress: progress)
        accept(trials)
        return trials
    }

    /// The next points, without running them: the rest of a batch under way, or a new one.
    ///
    /// They are proposed again until ``accept(_:)`` has taken them.
    ///
    /// - Returns: The points of the trials from ``next`` on, at most `limit`.
    public mutating func propose(_ limit: Int) -> [Point] {
        if pending.isEmpty {
            pending = sampler.ask(sampler.batch ?? limit)[...]
            if pending.isEmpty { isExhausted = true }
        }
        return Array(pending.prefix(limit))
    }

    /// Runs points that were proposed.
    ///
    /// - Parameters:
    ///   - points: The points.
    ///   - first: Number of the first one's trial.
    ///   - runner: What runs them.
    ///   - cancel: Once set, nothing further is begun.
    ///   - progress: Called with the number of trials done of these.
    /// - Returns: The trials that were run, in order of their numbers, without gaps.
    /// - Throws: What `runner` throws.
    public func trials(
        _ points: [Point], first: Int, on runner: some TrialRunner, cancel: CancelFlag,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws(Diagnosis) -> [Trial] {
        guard !points.isEmpty else { return [] }
        let (rung, share) = (sampler.rung, sampler.share)
        let outcomes = try runner.run(
            points, over: Segment.beginning(of: segments, share: share),
            keepsBlocks: keepsBlocks && share == 1, cancel: cancel, progress: progress)
        let objective = objective.scaled(to: share)
        var trials: [Trial] = []
        for (point, outcome) in zip(points, outcomes) {
            guard let outcome else { break }
            var trial = objective.trial(first + trials.count, point, outcome, kept)
            trial.rung = rung
            trials.append(trial)
        }
        return trials
    }

    /// Takes the next trials, whoever ran them.
    public mutating func accept(_ trials: [Trial]) {
        guard !trials.isEmpty else { return }
        pending = pending.dropFirst(trials.count)
        finished += trials.map(objective.observation)
        next += trials.count
        guard pending.isEmpty else { return }
        sampler.tell(finished)
        finished = []
    }

    /// Whether trials can be begun anywhere: ``skip(to:)``.
    public var isFree: Bool { sampler.batch == nil }

    /// Whether a point may be tried again in the same round.
    public var mayRepeat: Bool { sampler.mayRepeat }

    /// Trials that are proposed together; `nil` where that is of no matter.
    public var batch: Int? { sampler.batch }
}
