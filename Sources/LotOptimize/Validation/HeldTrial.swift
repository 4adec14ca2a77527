public import LotCore
import LotEngine

/// A good trial of a search, tested on data that the search did not see.
public struct HeldTrial: Sendable, Equatable {
    /// Most trials that are tested.
    public static let limit = 50

    /// The number of the trial.
    public let number: Int
    /// The first target over what the search saw.
    public let inSample: Double
    /// The same over what it did not see; not a number where it is undefined, or where the script
    /// goes wrong.
    public let outOfSample: Double

    /// Tests trials.
    ///
    /// - Parameters:
    ///   - trials: Of the main search, best first; those that miss a constraint are left out.
    ///   - segments: What was held back; nothing is tested where there is none.
    ///   - objective: What was looked for.
    ///   - runner: What runs them.
    /// - Returns: Each, in the order of `trials`.
    /// - Throws: What the runner throws: what is wrong with the data, not with a trial.
    /// - Complexity: a run for each trial and stretch, on the runner's threads.
    public static func test(
        _ trials: [Trial], over segments: [Segment], _ objective: Objective,
        on runner: some TrialRunner
    ) throws(Diagnosis) -> [HeldTrial] {
        guard !segments.isEmpty else { return [] }
        let chosen = trials.prefix(limit).filter { $0.status == .feasible }
        let outcomes = try runner.run(
            chosen.map(\.point), over: segments, keepsBlocks: false, cancel: CancelFlag()
        ) { _ in }
        return zip(chosen, outcomes).map { trial, outcome in
            var value = Double.nan
            if case .ran(let finding) = outcome { value = objective.values(finding.metrics)[0] }
            return HeldTrial(number: trial.number, inSample: trial.values[0], outOfSample: value)
        }
    }
}
