/// How far a study is.
public enum StudyStatus: String, Sendable {
    /// A process works on it, or was killed while it did.
    case running
    /// It ended early on request and can go on.
    case interrupted
    /// Every trial is done.
    case done
}

/// What a study is made from; nothing of it ever changes.
public struct StudySpec: Sendable, Equatable {
    /// Its name, unique among studies.
    public var name: String
    /// SHA-256 over everything that decides its result, in hexadecimal.
    public var identity: String
    /// SHA-256 of the script and of what it loads.
    public var scriptHash: String
    /// What says that two studies used the same data.
    public var dataIdentity: String
    /// The version of `lot` that made it.
    public var engineVersion: String
    /// All of it as a JSON object, for showing and for saying what differs.
    public var json: String
    /// How many trials were asked for, of all searches together; `nil` where the sampler decides.
    public var planned: Int?

    /// Makes a specification.
    public init(
        name: String, identity: String, scriptHash: String, dataIdentity: String,
        engineVersion: String, json: String, planned: Int?
    ) {
        self.name = name
        self.identity = identity
        self.scriptHash = scriptHash
        self.dataIdentity = dataIdentity
        self.engineVersion = engineVersion
        self.json = json
        self.planned = planned
    }
}

/// How many trials a study has stored; a trial of each fold counts by itself.
public struct StudyCounts: Sendable, Equatable {
    /// All of them.
    public var trials = 0
    /// Those that ended with an error.
    public var failed = 0
    /// Those that are done and miss a constraint.
    public var infeasible = 0
    /// Those that were stopped early.
    public var pruned = 0
    /// Those that ran a set of parameters again: over more of the data, or, once the study has
    /// ended, because the sampler came back to it.
    public var repeats = 0
    /// One more than the largest number, of any fold.
    public var nextNumber = 0

    /// No trials.
    public init() {}
}

/// A stored study, without its trials.
public struct StudyRecord: Sendable, Equatable {
    /// Its number, which no other study ever gets.
    public var id: Int64
    /// What it is made from.
    public var spec: StudySpec
    /// How far it is.
    public var status: StudyStatus
    /// How many trials are stored.
    public var counts: StudyCounts
    /// When it was made, in milliseconds since 1970.
    public var createdMs: Int64
    /// When its last batch came.
    public var updatedMs: Int64
    /// What the last batch said of it, as JSON.
    public var summary: String?
}

/// What became of a trial.
public enum TrialStatus: Int, Sendable {
    /// It ran to its end.
    case done = 0
    /// It ended with an error.
    case failed = 1
    /// It was stopped early.
    case pruned = 2
}

/// A set of parameters and what came of it, on one fold.
public struct Trial: Sendable {
    /// Its number in the study, from 0; below 2⁵³.
    public var number: Int
    /// The part of the data that it ran on: 0 is the whole, or the first part.
    public var fold: Int
    /// What became of it.
    public var status: TrialStatus
    /// Its coordinates, one a dimension.
    public var point: [Double]
    /// The value of each target, NaN where undefined.
    public var values: [Double]
    /// What ranks it, smaller is better; `nil` or NaN where undefined.
    public var loss: Double?
    /// How far it misses the constraints; 0 is feasible, NaN counts as ∞.
    public var violation: Double
    /// Its metrics, in the order of the study.
    public var metrics: [Double]
    /// Sums of returns by block, for CSCV; empty where it keeps none.
    public var blocks: [Double]
    /// Why it failed; at most 500 bytes are kept.
    public var error: String?
    /// Its round of successive halving, from 0: how much of the data it ran on.
    public var rung: Int

    /// Makes a trial.
    public init(
        number: Int, fold: Int = 0, status: TrialStatus = .done, point: [Double],
        values: [Double] = [], loss: Double? = nil, violation: Double = 0,
        metrics: [Double] = [], blocks: [Double] = [], error: String? = nil, rung: Int = 0
    ) {
        self.number = number
        self.fold = fold
        self.status = status
        self.point = point
        self.values = values
        self.loss = loss
        self.violation = violation
        self.metrics = metrics
        self.blocks = blocks
        self.error = error
        self.rung = rung
    }

    /// Whether it may be the best one: done, within the constraints, with a loss.
    public var isRanked: Bool {
        status == .done && violation == 0 && (loss ?? .nan).isFinite
    }
}
