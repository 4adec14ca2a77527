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
    /// From the first open to the last close of the data, milliseconds since the epoch.
    let window: Range<Int64>
    let space: SearchSpace
    let conditions: [Condition]
    let objective: Objective
    let kept: KeptMetrics
    let sampler: SamplerKind
    let seed: UInt64
    /// The rounds of successive halving; `nil` runs every point over all of the data.
    let halving: SuccessiveHalving?
    /// Trials of each search, those of all rounds.
    let budget: Int
    let scheme: ValidationScheme
    let plan: FoldPlan
    let runner: ScriptRunner
    let memory: MemoryPlan
    let spec: StudySpec
    /// SHA-256 of the specification, 64 hexadecimal digits.
    let id: String
    /// The command that makes the study again, as a shell takes it.
    var command = ""

    /// Loads script and data and checks the flags.
    init(_ command: OptimizeRunCommand, _ request: RunRequest) throws(Diagnosis) {
        let objective = try command.target.objective()
        let file = try ScriptFile.load(path: request.script)
        let declared = try ScriptStrategy.parameters(file, limits: request.limits)
        let (space, fixed) = try command.search.searched(
            declared, request.parameters, file.name)
        var request = request
        request.parameters = fixed
        for index in request.parts.indices { request.parts[index].parameters = fixed }
        self.request = request
        let base = try StudySetup.base(request)
        let plans = base.plans
        source = plans[0].source
        sources = base.plan.sources
        inputs = base.plan.inputs
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
        let points = try StudySetup.budget(kind, space, command.search.trials)
        halving = try command.search.rounds(kind, candidates: points)
        budget = halving?.runs ?? points
        let interval = inputs.data.address.interval
        window = inputs.data.firstTime..<inputs.data.lastTime + interval.milliseconds
        scheme = try command.validation.scheme(window)
        plan = try FoldPlan(scheme, window: window, interval: interval)
        memory = try MemoryPlan(
            limit: command.resources.limit(), jobs: command.jobs ?? ParallelRunner.coreCount,
            bars: plans.reduce(0) { $0 + $1.bars.count + ($1.detail?.count ?? 0) },
            trials: budget, remembers: !SamplerKind.modelFree.contains(kind) || halving != nil,
            distinct: kind.distinctBytes(space, trials: budget), holdsBack: scheme != .none)
        runner = ScriptRunner(plans, space, request.settings, threads: memory.threads)
        try StudySetup.checkBars(plan, runner, halving)
        spec = StudySpec(
            inputs: inputs,
            space: space.dimensions.map { .init($0.name, $0.text) },
            conditions: command.search.conditions,
            targets: objective.targets.map {
                .init($0.expression.text, $0.isMaximised ? "max" : "min")
            }, constraints: command.target.constraint, minTrades: command.target.minTrades,
            sampler: kind.rawValue + (halving?.text ?? ""), seed: seed, validation: scheme.text,
            metrics: kept.keys)
        id = sha256Hex(spec.json)
        try checkSpace(command.search.conditions)
    }

    /// Refuses a space that the sampler cannot take, and conditions that no point meets, before
    /// there is a study: the sampler is asked as the search will ask it, so a grid is looked
    /// through, and a continuum drawn from as often as the sampler does before it gives up.
    private func checkSpace(_ texts: [String]) throws(Diagnosis) {
        var sampler = try makeSampler(fold: 0, halves: false)
        guard !conditions.isEmpty, sampler.ask(1).isEmpty else { return }
        let ranges = space.dimensions.map { "\(escaped($0.name)) \($0.text)" }
        let all = texts.count > 1 ? "every --where" : "\"\(escaped(texts[0], limit: 200))\""
        // Sobol's points need not come to every one of a countable space.
        let isWhole =
            self.sampler == .grid
            || self.sampler != .sobol && space.gridCount ?? .max <= 1_000_000
        let what = isWhole ? "no point" : "none of many points drawn"
        throw Diagnosis(
            .usage, kind: "study.empty", subject: "--where",
            reason: "\(what) meets \(all); searched are " + ranges.joined(separator: ", "),
            hint: "loosen the conditions, or widen the ranges with --parameter")
    }

    /// One run of the study, for everything that all have in common; its symbols in name order.
    private static func base(
        _ request: RunRequest
    ) throws(Diagnosis) -> (plan: any RunPlan, plans: [BacktestPlan]) {
        let plan = try request.plan()
        if let portfolio = plan as? PortfolioPlan { return (plan, portfolio.plans) }
        guard let single = plan as? BacktestPlan else {
            throw Diagnosis(
                .internalError, kind: "study.plan", subject: request.title, reason: "is no run")
        }
        return (plan, [single])
    }

    /// Refuses stretches in which nothing is stored.
    private static func checkBars(
        _ plan: FoldPlan, _ runner: ScriptRunner, _ halving: SuccessiveHalving?
    ) throws(Diagnosis) {
        let all = [plan.main, plan.held] + plan.folds.flatMap { [$0.train, $0.test] }
        for segment in all.joined() where runner.barCount([segment]) == 0 {
            throw Diagnosis(
                .data, kind: "study.empty", subject: "--data",
                place: "\(CivilTime.text(segment.start)) to \(CivilTime.text(segment.end))",
                reason: "no bars are stored in this stretch of the study",
                hint: "import them, or hold other data back")
        }
        guard let share = halving?.rungs.first?.share else { return }
        for train in [plan.main] + plan.folds.map(\.train) {
            for segment in Segment.beginning(of: train, share: share)
            where runner.barCount([segment]) == 0 {
                throw Diagnosis(
                    .usage, kind: "usage", subject: "--halving",
                    reason: "no bars are stored in the first round, "
                        + "\(CivilTime.text(segment.start)) to \(CivilTime.text(segment.end))",
                    hint: "use fewer --rungs")
            }
        }
    }

    private static func budget(
        _ kind: SamplerKind, _ space: SearchSpace, _ trials: Int?
    ) throws(Diagnosis) -> Int {
        guard kind == .grid else { return trials ?? 1_000 }
        let points = try space.requireGrid()
        return min(points, trials ?? points)
    }

    /// Threads that work.
    var threads: Int { memory.threads }

    /// Trials of all searches.
    var planned: Int { budget * (1 + plan.folds.count) }

    /// A fresh sampler of a search; one that is not halved where `halves` is false.
    func makeSampler(fold: Int, halves: Bool = true) throws(Diagnosis) -> any Sampler {
        let conditions = conditions
        let made = try sampler.make(
            space, seed: seed &+ UInt64(fold) &* 0x9e37_79b9_7f4a_7c15,
            targets: objective.targets.count
        ) { point in conditions.allSatisfy { $0.holds(point) } }
        guard halves, let halving else { return made }
        return HalvingSampler(halving, around: made)
    }

    /// The round whose trials are ranked: the one over all of the data.
    var lastRung: Int { halving.map { $0.rungs.count - 1 } ?? 0 }

    /// The name of the study unless the user gives one: script, symbol, interval, identity.
    var name: String {
        var spec = Manifest(inputs, hash: sha256Hex).folderName
        spec.removeLast(8)
        return spec + id.prefix(8)
    }
}

extension SuccessiveHalving {
    /// The rounds in words, as part of a study's identity: how many points begin decides who goes
    /// on.
    var text: String {
        ", \(rungs[0].candidates) halved by \(reduction) in \(rungs.count) rungs"
    }
}
