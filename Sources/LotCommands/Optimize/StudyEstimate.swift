import LotCore
import LotEngine
import LotMath
import LotOptimize
import LotReport

/// How long a study would take and how much memory, from a small part of it that is run and
/// thrown away.
struct StudyEstimate {
    private let setup: StudySetup
    /// Runs of the sample.
    private let sampled: Int
    /// Seconds that they took.
    private let seconds: Double
    /// Bars of all runs of the study, and of those of the sample.
    private let bars: Double
    private let sampledBars: Double
    /// The most memory that was taken, in bytes.
    private let peak: Int

    /// Runs that warm caches and are not counted.
    private static let warmUp = 8
    /// Runs that are timed.
    private static let size = 64

    /// Runs the sample: the first points that the search would try, over what it would see.
    ///
    /// - Throws: What is wrong with the data, or with the script at every point.
    init(_ setup: StudySetup, cancel: CancelFlag) throws(Diagnosis) {
        self.setup = setup
        var loop = SearchLoop(
            try setup.makeSampler(fold: 0, halves: false), setup.objective, setup.kept,
            over: setup.plan.main, keepsBlocks: true)
        _ = try StudyEstimate.run(StudyEstimate.warmUp, &loop, setup, cancel)
        let start = ProgressBar.seconds()
        let trials = try StudyEstimate.run(StudyEstimate.size, &loop, setup, cancel)
        seconds = max(1e-6, ProgressBar.seconds() - start)
        guard !trials.isEmpty else {
            throw Diagnosis(
                .usage, kind: "study.empty", subject: "--estimate",
                reason: "no point is left to run after the first \(StudyEstimate.warmUp)",
                hint: "a study of so few points is done in a moment")
        }
        if trials.allSatisfy({ !$0.counts }),
            let failed = trials.first(where: { $0.message != nil })
        {
            let reason = failed.message ?? ""
            guard !trials.allSatisfy({ $0.status == .refused }) else {
                throw Diagnosis(
                    .usage, kind: "study.empty", subject: "--estimate",
                    reason: "the script refuses every point of the sample: \(reason)",
                    hint: "loosen the conditions, or widen the ranges with --parameter")
            }
            throw Diagnosis(
                .data, kind: "study.failed", subject: "--estimate",
                reason: "every point of the sample went wrong: \(reason)")
        }
        sampled = trials.count
        let main = Double(setup.runner.barCount(setup.plan.main))
        sampledBars = main * Double(sampled)
        bars = StudyEstimate.bars(setup)
        peak = ProcessMemory.peak
    }

    private static func run(
        _ count: Int, _ loop: inout SearchLoop, _ setup: StudySetup, _ cancel: CancelFlag
    ) throws(Diagnosis) -> [Trial] {
        var trials: [Trial] = []
        while trials.count < count, !loop.isExhausted, !cancel.isSet {
            trials += try loop.run(count - trials.count, on: setup.runner, cancel: cancel)
        }
        return trials
    }

    /// Bars of every run: of each search, of its choice in and out of sample, and of the run that
    /// reports what was held back.
    private static func bars(_ setup: StudySetup) -> Double {
        func count(_ segments: [Segment]) -> Double { Double(setup.runner.barCount(segments)) }
        let runs = setup.halving?.cost ?? Double(planned(setup))
        var sum = count(setup.plan.main) * (runs + 1) + 3 * count(setup.plan.held)
        for fold in setup.plan.folds {
            sum += count(fold.train) * (runs + 1) + 3 * count(fold.test)
        }
        return sum
    }

    /// Trials of each search: `random` tries no point of a countable space twice.
    private static func planned(_ setup: StudySetup) -> Int {
        guard setup.sampler == .random, let points = setup.space.gridCount else {
            return setup.budget
        }
        return min(setup.budget, points)
    }

    /// Searches of the study.
    private var searches: Int { 1 + setup.plan.folds.count }
    /// Runs of all searches.
    private var runs: Int { searches * StudyEstimate.planned(setup) }
    /// Seconds of a run over everything that the main search sees.
    private var perRun: Double { seconds / Double(sampled) }
    /// Seconds of the study.
    private var time: Double { seconds * bars / sampledBars }
    /// Bytes that the trials take in the database.
    private var database: Int {
        let numbers = setup.space.dimensions.count + setup.objective.targets.count
        let row = 8 * (numbers + setup.kept.indices.count) + 40
        let blocks = min(StudyEstimate.planned(setup), TrialSample.limit) * 8 * 2 * BlockSums.count
        return runs * row + blocks
    }
    /// Bytes of the study: what was taken, or what is computed if that is more.
    private var memory: Int { max(setup.memory.total, peak) }

    /// The estimate in words.
    var text: String {
        let plan = setup.memory
        var table = TextTable(["Estimate", "", ""], numbers: [1])
        table.add([
            "  Runs", grouped(runs),
            searches > 1
                ? "\(grouped(searches)) searches of \(grouped(StudyEstimate.planned(setup))) each"
                : "by \(setup.sampler.rawValue)",
        ])
        table.add([
            "  Time", durationText(time),
            "on \(counted(setup.threads, "thread")): \(shortText(perRun * 1_000)) ms a run, "
                + "measured over \(grouped(sampled))",
        ])
        table.add([
            "  Memory", sizeText(memory),
            "bars \(sizeText(plan.data)), threads \(sizeText(plan.working)), trials "
                + "\(sizeText(plan.kept)), program \(sizeText(plan.program)); the sample took "
                + sizeText(peak),
        ])
        table.add(["  Database", sizeText(database), "of studies.db, for all trials"])
        return table.text + "\nNothing was written.\n"
    }

    /// The same as comma-separated values.
    var csv: String {
        var csv = CSVWriter(header: ["figure", "value"])
        for (name, value) in figures {
            csv.text(name)
            csv.number(value)
            csv.endRow()
        }
        return String(decoding: csv.bytes, as: UTF8.self)
    }

    /// The same as JSON.
    func write(into json: inout JSONWriter) {
        json.object { json in
            field(&json, "schema", "lot.estimate/1")
            field(&json, "sampler", setup.sampler.rawValue)
            for (name, value) in figures {
                json.key(name)
                json.value(value)
            }
        }
    }

    private var figures: [(String, Double)] {
        let plan = setup.memory
        return [
            ("searches", Double(searches)), ("runs", Double(runs)),
            ("threads", Double(setup.threads)), ("seconds", time),
            ("sample_runs", Double(sampled)), ("sample_seconds", seconds),
            ("seconds_a_run", perRun), ("memory_bytes", Double(memory)),
            ("memory_of_bars_bytes", Double(plan.data)),
            ("memory_of_threads_bytes", Double(plan.working)),
            ("memory_of_trials_bytes", Double(plan.kept)),
            ("memory_of_program_bytes", Double(plan.program)),
            ("sample_peak_memory_bytes", Double(peak)), ("database_bytes", Double(database)),
        ]
    }
}
