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
    /// The tests of all folds as accounts that go on: one path, or several where stretches are
    /// tested by several folds.
    ///
    /// Empty where a fold chose nothing.
    public var paths: [TestPath]
    /// The place in ``paths`` of the one that is reported as a run: the median by the first
    /// target, of an even number the worse of the two in the middle.
    public var median: Int?
    /// Mean return a day out of sample over that in sample, of the folds: walk-forward efficiency;
    /// not a number where a fold has none.
    ///
    /// R. Pardo, "The Evaluation and Optimization of Trading Strategies", 2nd ed., Wiley, 2008,
    /// chapter 11.
    public var efficiency: Double

    /// A metric out of sample: that of the only path, or the median over paths.
    public func metric(_ key: String) -> Double? {
        MetricDefinition.searchIndex(of: key).flatMap { index in
            PathSpread(paths.map { $0.metrics[index] })?.median
        }
    }

    /// Tests the best trials of folds; `nil` without folds.
    ///
    /// - Parameters:
    ///   - chosen: Each fold and its best trial.
    ///   - objective: What orders paths.
    ///   - runner: What runs them.
    /// - Throws: What the runner throws.
    /// - Complexity: two runs for each stretch that is tested, one for each that is trained on.
    public init?(
        _ chosen: [(fold: Fold, best: Trial?)], _ objective: Objective,
        on runner: some TrialRunner
    ) throws(Diagnosis) {
        guard !chosen.isEmpty else { return nil }
        var evaluator = MetricEvaluator()
        let undefined = [Double](repeating: .nan, count: MetricDefinition.search.count)
        var tests: [TestPath.Part] = []
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
                tests += fold.test.map {
                    TestPath.Part(
                        fold: fold.number, trial: best.number, point: best.point, segment: $0)
                }
            } else {
                isWhole = false
            }
            folds.append(result)
        }
        efficiency = OutOfSample.efficiency(folds)
        paths = []
        guard isWhole else { return }
        for parts in TestPath.parts(tests) {
            paths.append(try TestPath(parts, on: runner, &evaluator))
        }
        let losses = paths.map { objective.losses(objective.values($0.metrics))[0] }
        median = TestPath.median(losses)
    }

    private static func runs(
        _ point: Point, _ segments: [Segment], _ runner: some TrialRunner
    ) throws(Diagnosis) -> [MetricInput] {
        var runs: [MetricInput] = []
        for segment in segments { runs.append(try runner.measure(point, over: segment)) }
        return runs
    }

    /// Returns a day, not compounded: a good month would otherwise count as a year of such months.
    static func efficiency(_ folds: [FoldResult]) -> Double {
        guard let total = MetricDefinition.searchIndex(of: "total_return"),
            let duration = MetricDefinition.searchIndex(of: "duration")
        else { return .nan }
        let seen = folds.reduce(0) { $0 + $1.inSample[total] / $1.inSample[duration] }
        let unseen = folds.reduce(0) { $0 + $1.outOfSample[total] / $1.outOfSample[duration] }
        return seen > 0 ? unseen / seen : .nan
    }
}
