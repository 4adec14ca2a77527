/// The best few of any number of trials, in order.
///
/// - Complexity: O(log size) for a trial that is among them, O(1) else; memory for `size` trials.
public struct Leaderboard: Sendable {
    /// The best, best first.
    public private(set) var trials: [Trial] = []
    private let objective: Objective
    private let size: Int

    /// Room for so many.
    public init(_ objective: Objective, size: Int) {
        self.objective = objective
        self.size = size
    }

    /// Takes another trial; those that say nothing are left out, and a point that a sampler
    /// proposed again stands once, with the trial that found it first.
    public mutating func add(_ trial: Trial) {
        guard trial.counts else { return }
        if trials.count == size, let last = trials.last, !objective.isBetter(trial, last) { return }
        guard !trials.contains(where: { $0.point == trial.point }) else { return }
        var low = 0
        var high = trials.count
        while low < high {
            let middle = (low + high) / 2
            if objective.isBetter(trials[middle], trial) { low = middle + 1 } else { high = middle }
        }
        trials.insert(trial, at: low)
        if trials.count > size { trials.removeLast() }
    }

    /// The best trial that meets every constraint; `nil` if none does.
    public var best: Trial? { trials.first.flatMap { $0.status == .feasible ? $0 : nil } }
}
