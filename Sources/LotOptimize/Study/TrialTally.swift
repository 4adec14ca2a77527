/// Sums over all trials of a search: what the statistics of overfitting need of them.
public struct TrialTally: Sendable, Equatable {
    /// Trials that ran.
    public private(set) var ran = 0
    /// Of these, trials that meet every constraint.
    public private(set) var feasible = 0
    /// Points that the script refuses.
    public private(set) var refused = 0
    /// Points at which the script went wrong.
    public private(set) var failed = 0
    /// What the script said first when it went wrong.
    public private(set) var firstFailure: String?

    /// Sums of nothing.
    public init() {}

    /// Adds a trial.
    public mutating func add(_ trial: Trial) {
        switch trial.status {
        case .refused: refused += 1
        case .failed:
            failed += 1
            if firstFailure == nil { firstFailure = trial.message }
        case .feasible, .infeasible:
            ran += 1
            if trial.status == .feasible { feasible += 1 }
        }
    }
}
