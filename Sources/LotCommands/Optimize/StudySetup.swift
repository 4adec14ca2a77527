import LotCore
import LotData
import LotEngine
import LotMath
import LotOptimize
import LotReport
import LotScript

/// A study that was asked for, checked and loaded: script, data, space, objective.
struct StudySetup: Sendable {
    /// What every run has in common.
    let request: RunRequest
    let inputs: RunInputs
    let source: ScriptFile
    /// The bytes of the script and of every file it requires, by path.
    let sources: [String: [UInt8]]
    let bars: Bars
    let window: Range<Int>
    let space: SearchSpace
    let conditions: [Condition]
    let objective: Objective
    let kept: KeptMetrics
    let sampler: SamplerKind
    let seed: UInt64
    /// Trials of each search.
    let budget: Int
    let scheme: ValidationScheme
    let plan: FoldPlan
    let runner: ScriptRunner
    let threads: Int
    let spec: StudySpec
    /// SHA-256 of the specification, 64 hexadecimal digits.
    let id: String

    /// Loads script and data and checks the flags.
    init(_ command: OptimizeRunCommand, _ request: RunRequest) throws(Diagnosis) {
        let objective = try command.target.objective()
        let file = try ScriptFile.load(path: request.script)
        let declared = try ScriptStrategy.parameters(file, limits: request.limits)
        let (space, fixed) = try command.search.searched(
            declared, request.parameters, file.name)
        var request = request
        request.parameters = fixed
        let base = try StudySetup.base(request, space)
        self.request = request
        source = base.source
        sources = base.script.bytesByPath
        inputs = base.inputs
        bars = base.bars
        window = base.window
        self.space = space
        conditions = try command.search.filter(space)
        self.objective = objective
        kept = KeptMetrics(objective)
        let kind = try command.search.kind(space, targets: objective.targets.count)
        guard objective.targets.count == 1 || kind.takesSeveralTargets else {
            throw usage(
                "--target", "\(kind.rawValue) optimises one target",
                hint: "use nsga2, or one expression such as \"sharpe - 2 * max_drawdown\"")
        }
        sampler = kind
        seed = command.search.seed
        budget = try StudySetup.budget(kind, space, command.search.trials)
        let span =
            bars.openTime[window.lowerBound]..<bars.closeTime(window.upperBound - 1)
        scheme = try command.validation.scheme(span)
        plan = try FoldPlan(scheme, bars: bars, window: window)
        threads = command.jobs ?? ParallelRunner.coreCount
        runner = ScriptRunner(base, space, threads: threads)
        spec = StudySpec(
            inputs: base.inputs,
            space: space.dimensions.map { .init($0.name, $0.text) },
            conditions: command.search.conditions,
            targets: objective.targets.map {
                .init($0.expression.text, $0.isMaximised ? "max" : "min")
            }, constraints: command.target.constraint, minTrades: command.target.minTrades,
            sampler: kind.rawValue, seed: seed, validation: scheme.text)
        id = sha256Hex(spec.json)
    }

    /// One run of the study, for everything that all have in common.
    private static func base(
        _ request: RunRequest, _ space: SearchSpace
    ) throws(Diagnosis) -> BacktestPlan {
        guard request.parts.isEmpty else {
            throw usage("--symbols", "a study of several symbols at once is not built yet")
        }
        return try BacktestPlan(request)
    }

    private static func budget(
        _ kind: SamplerKind, _ space: SearchSpace, _ trials: Int?
    ) throws(Diagnosis) -> Int {
        guard kind == .grid else { return trials ?? 1_000 }
        let points = try space.requireGrid()
        return min(points, trials ?? points)
    }

    /// A fresh sampler of a search.
    func makeSampler(fold: Int) throws(Diagnosis) -> any Sampler {
        let conditions = conditions
        return try sampler.make(
            space, seed: seed &+ UInt64(fold) &* 0x9e37_79b9_7f4a_7c15,
            targets: objective.targets.count
        ) { point in conditions.allSatisfy { $0.holds(point) } }
    }

    /// The name of the study unless the user gives one: script, symbol, interval, identity.
    var name: String {
        var spec = Manifest(inputs, hash: sha256Hex).folderName
        spec.removeLast(8)
        return spec + id.prefix(8)
    }
}

extension ValidationScheme {
    /// The scheme in words, as part of a study's identity.
    var text: String {
        switch self {
        case .none: "none"
        case .split(let time): "split at \(CivilTime.text(time))"
        case .walkForward(let train, let test, let step, let isAnchored):
            "walk-forward \(train)/\(test)/\(step) ms" + (isAnchored ? " anchored" : "")
        case .crossValidation(let groups, let tested, let purge, let embargo):
            "\(groups) groups, \(tested) held back, purge \(purge) ms, embargo \(embargo) ms"
        }
    }
}
