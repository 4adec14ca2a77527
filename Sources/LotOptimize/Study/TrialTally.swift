/// Sums over all trials of a search: what the statistics of overfitting need of them.
public struct TrialTally: Sendable, Equatable {
    /// Trials that ran: with successive halving those of the first round.
    public private(set) var ran = 0
    /// Different points among them: what a sampler comes back to is no further chance.
    public private(set) var points = 0
    /// Trials that ran over all of the data.
    public private(set) var whole = 0
    /// Of these, trials that meet every constraint.
    public private(set) var feasible = 0
    /// Runs, of short ranges and long ones.
    public private(set) var runs = 0
    /// Trials of a point that was tried before, of those that were not refused: proposed again, or
    /// run over more of the data.
    public private(set) var repeats = 0
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
    ///   - isNew: Whether its point was not tried before; never in a later round.
    public mutating func add(_ trial: Trial, lastRung: Int = 0, isNew: Bool = true) {
        if trial.status != .refused, !isNew { repeats += 1 }
        switch trial.status {
        case .refused: refused += 1
        case .failed:
            failed += 1
            if firstFailure == nil { firstFailure = trial.message }
        case .feasible, .infeasible:
            runs += 1
            if trial.rung == 0 { ran += 1 }
            if isNew { points += 1 }
            guard trial.rung == lastRung else { return }
            whole += 1
            if trial.status == .feasible { feasible += 1 }
        }
    }
}
