import LotMath

/// Everything that a study found: what its table, files and page show, and what is asserted of it.
public struct StudyFindings: Sendable {
    /// The best trials of the main search, best first.
    public var leaders: [Trial]
    /// The trials of the main search that no other beats in every target; empty with one target.
    public var front: [Trial] = []
    /// Sums over the trials of the main search.
    public var tally: TrialTally
    /// Trials of all searches that ran.
    public var trials: Int
    /// Trials of all searches whose point was tried before in the same search.
    public var repeats = 0
    /// Whether everything that was asked for is done.
    public var isComplete: Bool
    /// The search set of the best trial; empty without one.
    public var bestMetrics: [Double]
    /// How much of the best may be luck; `nil` where no trial meets every constraint.
    public var luck: LuckReport?
    /// What it is worth on data that were held back; `nil` where none were.
    public var outOfSample: OutOfSample?
    /// The best trials on data that were held back from the main search; empty where none were.
    public var held: [HeldTrial] = []

    /// Gathers findings.
    public init(
        leaders: [Trial], tally: TrialTally, trials: Int, isComplete: Bool,
        bestMetrics: [Double] = [], luck: LuckReport? = nil, outOfSample: OutOfSample? = nil
    ) {
        self.leaders = leaders
        self.tally = tally
        self.trials = trials
        self.isComplete = isComplete
        self.bestMetrics = bestMetrics
        self.luck = luck
        self.outOfSample = outOfSample
    }

    /// The best trial that meets every constraint.
    public var best: Trial? { leaders.first.flatMap { $0.status == .feasible ? $0 : nil } }

    /// How far the order of the best trials in sample is their order out of sample; not a number
    /// where nothing was held back from the main search.
    public var heldCorrelation: Double {
        rankCorrelation(held.map { ($0.inSample, $0.outOfSample) })
    }

    /// Names of what ``measure(_:)`` knows, besides metrics and metrics with `oos_` before them.
    public static let measures = [
        "pbo", "dsr", "psr", "min_track_record", "stability", "walk_forward_efficiency", "trials",
        "effective_trials", "loss_probability",
    ]

    /// Every name that ``measure(_:)`` knows.
    public static var names: [String] {
        let keys = MetricDefinition.search.map(\.key)
        return measures + keys.filter { !measures.contains($0) } + keys.map { "oos_" + $0 }
    }

    /// A figure by its name: a metric of the best trial, `oos_` and a metric, or one of
    /// ``measures``; `nil` where it is undefined.
    public func measure(_ name: String) -> Double? {
        let value: Double?
        switch name {
        case "pbo": value = luck?.overfitting?.probability
        case "dsr": value = luck?.deflated.probability
        case "psr": value = luck?.probabilistic
        case "min_track_record": value = luck?.trackRecord
        case "stability": value = luck?.stability.plateau
        case "walk_forward_efficiency": value = outOfSample?.efficiency
        case "trials": value = Double(trials)
        case "effective_trials": value = luck?.effectiveTrials
        case "loss_probability": value = luck?.bootstrap?.lossProbability
        case _ where name.hasPrefix("oos_"): value = outOfSample?.metric(String(name.dropFirst(4)))
        default:
            value = MetricDefinition.searchIndex(of: name).flatMap { index in
                bestMetrics.isEmpty ? nil : bestMetrics[index]
            }
        }
        return value.flatMap { $0.isFinite ? $0 : nil }
    }
}
