import LotCore
import LotEngine
import LotMath
import LotOptimize

/// Carries out a study: its main search, the repetitions that hold data back, what comes of them.
struct StudyDriver {
    let setup: StudySetup
    /// Name of the study.
    let name: String
    let gate: StudyGate
    /// Where the parameters of the best go.
    let writeParams: String?
    /// Shards whose trials are taken in place of new ones.
    let shards: ShardFolder?
    let console: Console
    /// Whether the page is written.
    var drawsPage = true

    /// Best trials that are remembered.
    static let shown = 10

    func run() throws(Diagnosis) -> Int32 {
        let interrupts = Interrupts(console)
        let line = StudyProgress(console)
        var log = MemoryLog()
        if let shards {
            let folds = [0] + setup.plan.folds.map(\.number)
            _ = try shards.merge(setup.id, into: &log, folds: folds)
        }
        let findings = try search(keeping: &log, interrupts.cancel, line)
        line.finish()
        try render(findings)
        guard interrupts.signal == 0 else { return 128 + interrupts.signal }
        return try conclude(findings, log)
    }

    private func render(_ findings: StudyFindings) throws(Diagnosis) {
        switch console.format {
        case .table: try console.write(StudyTable(setup, findings).text)
        case .json: try console.write(String(decoding: document(findings), as: UTF8.self))
        case .csv: try console.write(StudyTable(setup, findings).csv)
        }
    }

    private func document(_ findings: StudyFindings) -> [UInt8] {
        StudyJSON(
            setup: setup, name: name, findings: findings,
            measures: StudyMeasure.all(setup, findings)
        ).bytes
    }

    /// Writes the files of a study that is done, and checks what CI asks.
    private func conclude(
        _ findings: StudyFindings, _ log: some TrialLog
    ) throws(Diagnosis) -> Int32 {
        let files = StudyFiles(setup, name: name)
        try files.writeTrials(log)
        try NewFile.replace(
            files.path + "/study.json", String(decoding: document(findings), as: UTF8.self))
        if drawsPage { try files.writePage(findings, log) }
        console.note("files: \(escaped(files.path, limit: 512))")
        if let writeParams {
            guard let best = findings.best else { throw nothingFeasible }
            try NewFile.replace(
                writeParams, ParameterFile.text(setup, best, study: name))
            console.note("parameters: \(escaped(writeParams, limit: 512))")
        }
        let holds = try gate.check(
            findings, StudyMeasure.all(setup, findings), name, console)
        if findings.best == nil { throw nothingFeasible }
        return holds ? 0 : ExitCode.failed.rawValue
    }

    /// No trial meets every constraint: there is no best.
    private var nothingFeasible: Diagnosis {
        Diagnosis(
            .failed, kind: "study.infeasible", subject: escaped(name),
            reason: "no trial meets every constraint",
            hint: "loosen --constraint or --min-trades, or search elsewhere")
    }

    /// Every search of the study, and what follows from them.
    private func search(
        keeping log: inout some TrialLog, _ cancel: CancelFlag, _ line: StudyProgress
    ) throws(Diagnosis) -> StudyFindings {
        let main = try outcome(
            Fold(number: 0, train: setup.plan.main, test: setup.plan.held), &log, cancel, line)
        var findings = StudyFindings(
            leaders: main.leaders.trials, tally: main.tally, trials: main.tally.ran,
            isComplete: main.isComplete)
        var chosen: [(fold: Fold, best: Trial?)] = []
        if !setup.plan.held.isEmpty {
            let fold = Fold(number: 0, train: setup.plan.main, test: setup.plan.held)
            chosen.append((fold, findings.best))
        }
        for fold in setup.plan.folds {
            let found = try outcome(fold, &log, cancel, line)
            findings.trials += found.tally.ran
            findings.isComplete = findings.isComplete && found.isComplete
            chosen.append((fold, found.leaders.best))
        }
        guard findings.isComplete, !cancel.isSet, let best = findings.best else { return findings }
        try judge(best, &findings, chosen, log)
        return findings
    }

    private func judge(
        _ best: Trial, _ findings: inout StudyFindings, _ chosen: [(fold: Fold, best: Trial?)],
        _ log: some TrialLog
    ) throws(Diagnosis) {
        var runs: [MetricInput] = []
        for segment in setup.plan.main {
            runs.append(try setup.runner.measure(best.point, over: segment))
        }
        let run = MetricInput(joining: runs)
        var evaluator = MetricEvaluator()
        evaluator.evaluate(run)
        findings.bestMetrics = evaluator.values
        findings.luck = try LuckReport(
            best: best, run: run, objective: setup.objective, space: setup.space,
            tally: findings.tally, earlier: 0, log: log, seed: setup.seed, threads: setup.threads)
        findings.outOfSample = try OutOfSample(chosen, on: setup.runner)
    }

    private func outcome(
        _ fold: Fold, _ log: inout some TrialLog, _ cancel: CancelFlag, _ line: StudyProgress
    ) throws(Diagnosis) -> SearchOutcome {
        let loop = SearchLoop(
            try setup.makeSampler(fold: fold.number), setup.objective, setup.kept,
            over: fold.train, keepsBlocks: fold.number == 0)
        var search = StudySearch(
            fold: fold.number, loop, setup.objective, budget: setup.budget,
            leaders: StudyDriver.shown)
        try search.resume(from: log)
        return try search.run(
            on: setup.runner, keeping: &log, cancel: cancel, clock: ProgressBar.seconds
        ) { line.update($0) }
    }
}
