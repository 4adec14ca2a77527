import LotMath

/// What a run of one point found: everything that a study may ask of it.
public struct TrialFinding: Sendable {
    /// Metrics numbered as ``MetricDefinition/search``; not a number where one is undefined.
    public var metrics: [Double]
    /// Σr and Σr² of the day returns in each of the study's blocks, for cross-validation; empty
    /// where none were asked for.
    public var blocks: [Double]

    /// Gathers a finding.
    public init(metrics: [Double], blocks: [Double] = []) {
        self.metrics = metrics
        self.blocks = blocks
    }
}

/// How a trial ended.
public enum TrialOutcome: Sendable {
    /// It ran.
    case ran(TrialFinding)
    /// The script refuses these parameters (`where`): no trial, and it counts as none.
    case refused(String)
    /// The script went wrong with them: recorded with its message, never the best.
    case failed(String)
}

/// What became of a trial, as it is stored.
public enum TrialStatus: Int, Sendable, Hashable {
    /// It ran and meets every constraint.
    case feasible = 0
    /// It ran; a constraint, the fewest trades, or an undefined target speak against it.
    case infeasible = 1
    /// The script refuses its parameters.
    case refused = 2
    /// The script went wrong.
    case failed = 3
}

/// One point that was tried.
public struct Trial: Sendable, Equatable {
    /// Its number in its search, from 0.
    public var number: Int
    /// Where in the space it is.
    public var point: Point
    /// What became of it.
    public var status: TrialStatus
    /// The value of each target; not a number where it is undefined.
    public var values: [Double]
    /// By how much constraints are missed, added up; 0 if all hold.
    public var violation: Double
    /// The metrics that the study keeps, in the order of ``KeptMetrics``.
    public var metrics: [Double]
    /// Block sums, or empty: ``TrialFinding/blocks``.
    public var blocks: [Double]
    /// Why it was refused or failed.
    public var message: String?
    /// Its round of successive halving, from 0: how much of the data it ran on.
    public var rung: Int

    /// Gathers a trial.
    public init(
        number: Int, point: Point, status: TrialStatus, values: [Double], violation: Double = 0,
        metrics: [Double] = [], blocks: [Double] = [], message: String? = nil,
        rung: Int = 0
    ) {
        self.number = number
        self.point = point
        self.status = status
        self.values = values
        self.violation = violation
        self.metrics = metrics
        self.blocks = blocks
        self.message = message
        self.rung = rung
    }

    /// Whether it says something about the strategy: it ran.
    public var counts: Bool { status == .feasible || status == .infeasible }
}

extension Trial {
    /// The trial without its block sums where a study of `budget` trials keeps a sample of them
    /// (``TrialSample``): what is kept depends on the trial's number alone.
    func sampled(of budget: Int) -> Trial {
        guard !blocks.isEmpty, !TrialSample.keeps(number, of: budget, seed: 0) else { return self }
        var trial = self
        trial.blocks = []
        return trial
    }
}
