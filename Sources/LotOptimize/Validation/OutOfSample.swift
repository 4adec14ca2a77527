public import LotCore
import LotMath

/// What the choice of a search was worth on data that the search did not see.
public struct FoldResult: Sendable {
    /// The fold.
    public var fold: Fold
    /// The best trial of its search; `nil` if none met every constraint.
    public var best: Trial?
    /// The search set of the best over what the search saw.
    public var inSample: [Double]
    /// The search set of the best over what the search did not see.
    public var outOfSample: [Double]
}

/// What a study is worth out of sample.
public struct OutOfSample: Sendable {
    /// Each search and its test, by fold.
    public var folds: [FoldResult]
    /// The search set of each path: the tests of all folds, joined in order of time.
    ///
    /// One path, or several where groups are tested by several folds.
    public var paths: [[Double]]
    /// Mean annual return out of sample over that in sample, of the folds: walk-forward efficiency;
    /// not a number where a fold has none.
    ///
    /// R. Pardo, "The Evaluation and Optimization of Trading Strategies", 2nd ed., Wiley, 2008,
    /// chapter 11.
    public var efficiency: Double

    /// A metric out of sample: that of the only path, or the median over paths.
    public func metric(_ key: String) -> Double? {
        guard let index = MetricDefinition.searchIndex(of: key) else { return nil }
        return median(of: paths.map { $0[index] })
    }

    /// Tests the best trials of folds; `nil` without folds.
    ///
    /// - Parameters:
    ///   - chosen: Each fold and its best trial.
    ///   - runner: What runs them.
    /// - Throws: What the runner throws.
    /// - Complexity: a run for each stretch.
    public init?(
        _ chosen: [(fold: Fold, best: Trial?)], on runner: some TrialRunner
    ) throws(Diagnosis) {
        guard !chosen.isEmpty else { return nil }
        var evaluator = MetricEvaluator()
        let undefined = [Double](repeating: .nan, count: MetricDefinition.search.count)
        var tests: [(segment: Segment, run: MetricInput)] = []
        var isWhole = true
        folds = []
        for (fold, best) in chosen {
            var result = FoldResult(
                fold: fold, best: best, inSample: undefined, outOfSample: undefined)
            if let best {
                let seen = try OutOfSample.runs(best.point, fold.train, runner)
                evaluator.evaluate(MetricInput(joining: seen))
                result.inSample = evaluator.values
                let unseen = try OutOfSample.runs(best.point, fold.test, runner)
                evaluator.evaluate(MetricInput(joining: unseen))
                result.outOfSample = evaluator.values
                for (segment, run) in zip(fold.test, unseen) { tests.append((segment, run)) }
            } else {
                isWhole = false
            }
            folds.append(result)
        }
        efficiency = OutOfSample.efficiency(folds)
        paths =
            isWhole
            ? OutOfSample.paths(tests).map { runs in
                evaluator.evaluate(MetricInput(joining: runs))
                return evaluator.values
            } : []
    }

    private static func runs(
        _ point: Point, _ segments: [Segment], _ runner: some TrialRunner
    ) throws(Diagnosis) -> [MetricInput] {
        var runs: [MetricInput] = []
        for segment in segments { runs.append(try runner.measure(point, over: segment)) }
        return runs
    }

    /// Puts tests into paths: path p has the p-th test of every stretch, in order of time.
    static func paths(_ tests: [(segment: Segment, run: MetricInput)]) -> [[MetricInput]] {
        var stretches: [Segment] = []
        var runs: [Segment: [MetricInput]] = [:]
        for (segment, run) in tests {
            if runs[segment] == nil { stretches.append(segment) }
            runs[segment, default: []].append(run)
        }
        stretches.sort { ($0.start, $0.end) < ($1.start, $1.end) }
        let count = runs.values.map(\.count).min() ?? 0
        return (0..<count).map { path in stretches.compactMap { runs[$0]?[path] } }
    }

    private static func efficiency(_ folds: [FoldResult]) -> Double {
        guard let index = MetricDefinition.searchIndex(of: "annual_return") else { return .nan }
        let seen = folds.reduce(0) { $0 + $1.inSample[index] }
        let unseen = folds.reduce(0) { $0 + $1.outOfSample[index] }
        return seen > 0 ? unseen / seen : .nan
    }
}
