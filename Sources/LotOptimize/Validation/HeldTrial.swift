public import LotCore
import LotEngine
import LotMath

/// A good trial of a search, tested on data that the search did not see.
public struct HeldTrial: Sendable, Equatable {
    /// Most trials that are tested.
    public static let limit = 50

    /// The number of the trial.
    public let number: Int
    /// The first target over what the search saw.
    public let inSample: Double
    /// The same over what it did not see; not a number where it is undefined.
    public let outOfSample: Double

    /// Tests trials.
    ///
    /// - Parameters:
    ///   - trials: Of the main search, best first; those that miss a constraint are left out.
    ///   - segments: What was held back; nothing is tested where there is none.
    ///   - objective: What was looked for.
    ///   - runner: What runs them.
    /// - Returns: Each, in the order of `trials`.
    /// - Throws: What the runner throws.
    /// - Complexity: a run for each trial and stretch.
    public static func test(
        _ trials: [Trial], over segments: [Segment], _ objective: Objective,
        on runner: some TrialRunner
    ) throws(Diagnosis) -> [HeldTrial] {
        guard !segments.isEmpty else { return [] }
        var evaluator = MetricEvaluator()
        var tested: [HeldTrial] = []
        for trial in trials.prefix(limit) where trial.status == .feasible {
            var runs: [MetricInput] = []
            for segment in segments {
                runs.append(try runner.measure(trial.point, over: segment))
            }
            evaluator.evaluate(MetricInput(joining: runs))
            tested.append(
                HeldTrial(
                    number: trial.number, inSample: trial.values[0],
                    outOfSample: objective.values(evaluator.values)[0]))
        }
        return tested
    }
}
