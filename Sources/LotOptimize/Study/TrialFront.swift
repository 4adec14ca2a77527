/// The Pareto front of a search of several targets: the trials that no other beats in one target
/// without losing in another; of equal ones the first.
///
/// - Complexity: O(front) for a trial; memory for the front.
public struct TrialFront: Sendable {
    private let objective: Objective
    private var kept: [(losses: [Double], trial: Trial)] = []

    /// Begins with no trial; with one target nothing is kept, the best is all there is to say.
    public init(_ objective: Objective) {
        self.objective = objective
    }

    /// The front, the best in the first target first.
    public var trials: [Trial] {
        kept.map(\.trial).sorted { objective.isBetter($0, $1) }
    }

    /// Takes another trial, if it meets every constraint.
    public mutating func add(_ trial: Trial) {
        guard objective.targets.count > 1, trial.status == .feasible else { return }
        let losses = objective.losses(trial.values)
        guard !kept.contains(where: { TrialFront.isNoWorse($0.losses, losses) }) else { return }
        kept.removeAll { TrialFront.isNoWorse(losses, $0.losses) }
        var trial = trial
        trial.blocks = []
        kept.append((losses, trial))
    }

    private static func isNoWorse(_ losses: [Double], _ other: [Double]) -> Bool {
        zip(losses, other).allSatisfy { $0 <= $1 }
    }
}
