import LotCore
import LotEngine
import LotMath
import LotOptimize
import LotScript

/// Carries out a study: its main search, the repetitions that hold data back, what comes of them.
struct StudyDriver {
    let setup: StudySetup
    /// Name of the study.
    let name: String
    let gate: StudyGate
    /// Where the parameters of the best go.
    let writeParams: String?
    /// Whether a study that is not done goes on.
    let resumes: Bool
    /// Whether there must be one to go on with.
    var mustExist = false
    /// Shards whose trials are taken in place of new ones.
    let shards: ShardFolder?
    let console: Console
    /// Whether the page is written.
    var drawsPage = true

    /// Best trials that are remembered.
    static let shown = 10

    func run() throws(Diagnosis) -> Int32 {
        if mustExist { try StudyBook.checkExists(name) }
        let places = try StudyFiles(setup, name: name).checkWritable(
            gate: gate, writeParams: writeParams)
        var book: StudyBook?
        do throws(Diagnosis) {
            let opened = try StudyBook(setup, name: name, resumes: resumes || shards != nil)
            book = opened
            return try run(opened)
        } catch {
            // Where nothing ran, nothing is left; that it cannot be removed is the lesser news.
            try? book?.discardEmpty()
            places.takeBack()
            throw error
        }
    }

    private func run(_ book: StudyBook) throws(Diagnosis) -> Int32 {
        var log = book.log(setup)
        if let shards {
            let folds = [0] + setup.plan.folds.map(\.number)
            _ = try shards.merge(setup.id, into: &log, folds: folds)
        }
        let interrupts = Interrupts(console)
        let line = StudyProgress(console)
        let findings: StudyFindings
        do throws(Diagnosis) {
            findings = try search(
                keeping: &log, earlier: book.earlierTrials, interrupts.cancel, line)
        } catch {
            line.finish()
            throw error
        }
        line.finish()
        if findings.isComplete, findings.tally.ran == 0, findings.tally.failed == 0 {
            throw nothingAllowed(findings.tally, try refusal(log))
        }
        if book.wasDone { console.note("study \(escaped(name)): done before; nothing was run") }
        let run = try StudyRun(setup, findings.outOfSample)
        let document = document(findings, run)
        try book.finish(findings, text: StudyTable(setup, findings).text, document)
        try render(findings, document)
        guard interrupts.signal == 0 else {
            console.note("interrupted: what is done is kept; --resume goes on")
            return 128 + interrupts.signal
        }
        return try conclude(
            findings, document, log, run, started: book.started)
    }

    private func render(_ findings: StudyFindings, _ document: [UInt8]) throws(Diagnosis) {
        switch console.format {
        case .table: try console.write(StudyTable(setup, findings).text)
        case .json: try console.write(String(decoding: document, as: UTF8.self))
        case .csv: try console.write(StudyTable(setup, findings).csv)
        }
    }

    private func document(_ findings: StudyFindings, _ run: StudyRun?) -> [UInt8] {
        StudyJSON(
            setup: setup, name: name, findings: findings, run: run,
            measures: StudyMeasure.all(setup, findings)
        ).bytes
    }

    /// Writes the files of a study that is done, and checks what CI asks.
    private func conclude(
        _ findings: StudyFindings, _ document: [UInt8], _ log: some TrialLog, _ run: StudyRun?,
        started: Int64
    ) throws(Diagnosis) -> Int32 {
        let files = StudyFiles(setup, name: name)
        try files.writeTrials(log)
        try NewFile.replace(
            files.path + "/study.json", String(decoding: document, as: UTF8.self))
        if drawsPage { try files.writePage(findings, log, link: run?.link) }
        console.note("files: \(escaped(files.path, limit: 512))")
        if let run {
            let warning = try run.write(started: started, drawsReport: drawsPage, console)
            if let warning { console.note("lot: warning: \(warning)") }
            console.note("out of sample: \(escaped(run.path, limit: 512))")
        }
        let holds = try gate.check(
            findings, StudyMeasure.all(setup, findings), name, console)
        guard let best = findings.best else { throw nothingFeasible(findings) }
        if let writeParams {
            try NewFile.replace(writeParams, ParameterFile.text(setup, best, study: name))
            console.note("parameters: \(escaped(writeParams, limit: 512))")
        }
        return holds ? 0 : ExitCode.failed.rawValue
    }

    /// No trial meets every constraint: there is no best.
    private func nothingFeasible(_ findings: StudyFindings) -> Diagnosis {
        let tally = findings.tally
        if tally.ran == 0, let failure = tally.firstFailure {
            return Diagnosis(
                .data, kind: "study.failed", subject: escaped(name),
                reason: "every trial went wrong: \(failure)")
        }
        guard setup.objective.isConstrained else {
            return Diagnosis(
                .failed, kind: "study.undefined", subject: escaped(name),
                reason: "the target is undefined in every trial",
                hint: "it may need trades, or days that vary: look at studies/…/trials.csv, "
                    + "take another --target or more data")
        }
        return Diagnosis(
            .failed, kind: "study.infeasible", subject: escaped(name),
            reason: "no trial meets every constraint",
            hint: "loosen --constraint or --min-trades, or search elsewhere")
    }

    /// What the script said to the first point, which it refused; `nil` without a point.
    private func refusal(_ log: some TrialLog) throws(Diagnosis) -> String? {
        var first: String?
        try log.trials(fold: 0, from: 0) { (trial: Trial) throws(Diagnosis) in
            first = first ?? trial.message
        }
        return first
    }

    /// No point could be run.
    private func nothingAllowed(_ tally: TrialTally, _ refusal: String?) -> Diagnosis {
        Diagnosis(
            .usage, kind: "study.empty", subject: escaped(setup.source.name, limit: 128),
            reason: refusal.map {
                "refuses every one of \(counted(tally.refused, "point")): \($0)"
            } ?? "no point meets every --where",
            hint: "loosen the conditions, or widen the ranges with --parameter")
    }

    /// Every search of the study, and what follows from them.
    private func search(
        keeping log: inout some TrialLog, earlier: Int, _ cancel: CancelFlag,
        _ line: StudyProgress
    ) throws(Diagnosis) -> StudyFindings {
        let main = try outcome(
            Fold(number: 0, train: setup.plan.main, test: setup.plan.held), &log, cancel, line)
        var findings = StudyFindings(
            leaders: Array(main.leaders.trials.prefix(StudyDriver.shown)), tally: main.tally,
            trials: main.tally.ran,
            isComplete: main.isComplete)
        findings.front = main.front.trials
        findings.repeats = main.tally.repeats
        var chosen: [(fold: Fold, best: Trial?)] = []
        if !setup.plan.held.isEmpty {
            let fold = Fold(number: 0, train: setup.plan.main, test: setup.plan.held)
            chosen.append((fold, findings.best))
        }
        for fold in setup.plan.folds where !cancel.isSet {
            let found = try outcome(fold, &log, cancel, line)
            findings.trials += found.tally.ran
            findings.repeats += found.tally.repeats
            findings.isComplete = findings.isComplete && found.isComplete
            chosen.append((fold, found.leaders.best))
        }
        findings.isComplete = findings.isComplete && !cancel.isSet
        guard findings.isComplete, let best = findings.best else { return findings }
        try judge(best, &findings, chosen, log, earlier)
        findings.held = try HeldTrial.test(
            main.leaders.trials, over: setup.plan.held, setup.objective, on: setup.runner)
        return findings
    }

    private func judge(
        _ best: Trial, _ findings: inout StudyFindings, _ chosen: [(fold: Fold, best: Trial?)],
        _ log: some TrialLog, _ earlier: Int
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
            tally: findings.tally, earlier: earlier, log: log, seed: setup.seed,
            threads: setup.threads, halving: setup.halving)
        findings.outOfSample = try OutOfSample(chosen, setup.objective, on: setup.runner)
    }

    private func outcome(
        _ fold: Fold, _ log: inout some TrialLog, _ cancel: CancelFlag, _ line: StudyProgress
    ) throws(Diagnosis) -> SearchOutcome {
        let loop = SearchLoop(
            try setup.makeSampler(fold: fold.number), setup.objective, setup.kept,
            over: fold.train, keepsBlocks: fold.number == 0)
        var search = StudySearch(
            fold: fold.number, loop, setup.objective, in: setup.space, budget: setup.budget,
            leaders: max(StudyDriver.shown, fold.number == 0 ? HeldTrial.limit : 0),
            lastRung: setup.lastRung)
        try search.resume(from: log)
        if let gauge = setup.memory.gauge {
            search.mostPoints = { gauge.mostPoints(after: $0) }
            search.begin(with: MemoryGauge.first)
        }
        return try search.run(
            on: setup.runner, keeping: &log, cancel: cancel, clock: ProgressBar.seconds
        ) { line.update($0) }
    }
}
