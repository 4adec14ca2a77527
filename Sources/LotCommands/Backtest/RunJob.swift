import LotCore
import LotData
import LotEngine
import LotReport
import LotScript
import LotStore

/// A run that has been done, or found done.
struct FinishedRun: Sendable {
    /// Its folder, as the user will read it.
    var path: String
    /// Its identity.
    var id: String
    /// The name the script gives itself.
    var strategy: String
    /// Metrics in the order of the report.
    var metrics: [MetricValue]
    /// Whether an earlier run with the same manifest was taken.
    var isCached: Bool
    /// What to know before trusting it that is not in the result, such as missing charts.
    var warning: String?
    /// What `lot.db` keeps of it.
    var record: RunRecord

    /// The value of a metric; `nil` if it is undefined or unknown.
    func metric(_ key: String) -> Double? { metrics.first { $0.key == key }?.value }
}

/// Does one run of `lot backtest`: load, look whether it was done before, run, write its folder.
struct RunJob: Sendable {
    let request: RunRequest
    /// The folder that the user named; `nil` is `reports/<run>`.
    var output: String?
    /// Whether a run with the same manifest is taken from its folder.
    var usesCache = false
    /// Whether a page with charts is drawn.
    var drawsReport = false

    /// What came of it.
    struct Product {
        var run: FinishedRun
        /// The result; `nil` if the run was taken from its folder.
        var result: RunResult?
        /// What was printed.
        var notes: RunNotesSnapshot?
    }

    /// Loads script and data, which tells the run's identity.
    ///
    /// - Throws: What is wrong with them.
    func load() throws(Diagnosis) -> LoadedRun {
        let started = WallClock.milliseconds()
        let plan = try request.plan()
        let manifest = Manifest(plan.inputs, hash: sha256Hex)
        return LoadedRun(
            job: self, plan: plan, manifest: manifest,
            path: output ?? request.workspace.reports + "/" + manifest.folderName,
            started: started)
    }
}

/// A run of ``RunJob`` that is loaded.
struct LoadedRun {
    private let job: RunJob
    private let plan: any RunPlan
    private let manifest: Manifest
    private let path: String
    private let started: Int64

    fileprivate init(
        job: RunJob, plan: any RunPlan, manifest: Manifest, path: String, started: Int64
    ) {
        self.job = job
        self.plan = plan
        self.manifest = manifest
        self.path = path
        self.started = started
    }

    /// Its identity.
    var id: String { manifest.id }

    /// Does it, once.
    ///
    /// - Parameters:
    ///   - begin: Called with the number of bars.
    ///   - progress: Called now and then with the number of bars done.
    ///   - write: Writes the folder at the place.
    /// - Returns: The run, with its result unless it was taken from its folder.
    /// - Throws: What the script or the data do wrong, and what `write` throws.
    func perform(
        begin: (Int) -> Void = { _ in }, progress: ((Int) -> Void)? = nil,
        write: (RunFolder, OutputFolder) throws(Diagnosis) -> Void
    ) throws(Diagnosis) -> RunJob.Product {
        if job.usesCache, let run = cached { return RunJob.Product(run: run) }
        begin(plan.barCount)
        let (result, notes) = try plan.run(progress: progress)
        guard result.equity.last?.equity.isFinite != false else {
            throw Diagnosis(
                .data, kind: "result.not_finite", subject: job.request.title,
                reason: "the account's value is not a number: a stored price is damaged",
                hint: "lot data verify names the row")
        }
        let folder = RunFolder.render(
            result, sources: plan.sources, report: job.drawsReport,
            gnuplot: job.drawsReport ? Gnuplot.find() : nil, hash: sha256Hex)
        try write(folder, OutputFolder(path, isOwn: job.output == nil))
        let run = FinishedRun(
            path: path, id: id, strategy: plan.inputs.strategy.name,
            metrics: result.metrics, isCached: false, warning: folder.warning,
            record: record(result.metrics, started: started))
        return RunJob.Product(run: run, result: result, notes: notes)
    }

    private func record(_ metrics: [MetricValue], started: Int64?) -> RunRecord {
        RunRecord(
            plan.inputs, id: id, metrics: metrics, folder: path,
            workspace: job.request.workspace, started: started)
    }

    /// The run in its folder, if it is this one, whole and undamaged.
    private var cached: FinishedRun? {
        guard let stored = try? StoredRun(path), stored.id == id,
            stored.damage().isEmpty, let metrics = try? stored.metrics(),
            let bytes = try? stored.file(RunFolder.manifestName),
            let files = try? stored.outputs.map({ RunFile($0.name, try stored.file($0.name)) }),
            manifest.render(files: files, page: stored.page) == bytes,
            !job.drawsReport || stored.page != nil
        else { return nil }
        return FinishedRun(
            path: path, id: stored.id, strategy: plan.inputs.strategy.name, metrics: metrics,
            isCached: true, record: record(metrics, started: nil))
    }
}
