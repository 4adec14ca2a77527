/// Sums over all trials of a search: what the statistics of overfitting need of them.
public struct TrialTally: Sendable, Equatable {
    /// Points that ran: with successive halving in the first round, each counted once.
    public private(set) var ran = 0
    /// Of these, points that ran over all of the data.
    public private(set) var whole = 0
    /// Of these, points that meet every constraint.
    public private(set) var feasible = 0
    /// Runs, of short ranges and long ones.
    public private(set) var runs = 0
    /// Points that the script refuses.
    public private(set) var refused = 0
    /// Points at which the script went wrong.
    public private(set) var failed = 0
    /// What the script said first when it went wrong.
    public private(set) var firstFailure: String?

    /// Sums of nothing.
    public init() {}

    /// Adds a trial.
    ///
    /// - Parameters:
    ///   - trial: The trial.
    ///   - lastRung: The round that runs over all of the data.
    public mutating func add(_ trial: Trial, lastRung: Int = 0) {
        switch trial.status {
        case .refused: refused += 1
        case .failed:
            failed += 1
            if firstFailure == nil { firstFailure = trial.message }
        case .feasible, .infeasible:
            runs += 1
            if trial.rung == 0 { ran += 1 }
            guard trial.rung == lastRung else { return }
            whole += 1
            if trial.status == .feasible { feasible += 1 }
        }
    }
}
