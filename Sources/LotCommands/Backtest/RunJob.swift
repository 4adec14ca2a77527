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

    /// Does it.
    ///
    /// - Parameters:
    ///   - begin: Called with the number of bars once everything is loaded.
    ///   - progress: Called now and then with the number of bars done.
    ///   - write: Writes the folder at the place.
    /// - Returns: The run, with its result unless it was taken from its folder.
    /// - Throws: What the script or the data do wrong, and what `write` throws.
    func perform(
        begin: (Int) -> Void = { _ in }, progress: ((Int) -> Void)? = nil,
        write: (RunFolder, OutputFolder) throws(Diagnosis) -> Void
    ) throws(Diagnosis) -> Product {
        let started = WallClock.milliseconds()
        let plan = try request.plan()
        let manifest = Manifest(plan.inputs, hash: sha256Hex)
        let path = output ?? request.workspace.reports + "/" + manifest.folderName
        if usesCache, let run = cached(path, manifest, plan) {
            return Product(run: run)
        }
        begin(plan.barCount)
        let (result, notes) = try plan.run(progress: progress)
        guard result.equity.last?.equity.isFinite != false else {
            throw Diagnosis(
                .data, kind: "result.not_finite", subject: request.title,
                reason: "the account's value is not a number: a stored price is damaged",
                hint: "lot data verify names the row")
        }
        let folder = RunFolder.render(
            result, sources: plan.sources, report: drawsReport,
            gnuplot: drawsReport ? Gnuplot.find() : nil, hash: sha256Hex)
        try write(folder, OutputFolder(path, isOwn: output == nil))
        let run = FinishedRun(
            path: path, id: manifest.id, strategy: plan.inputs.strategy.name,
            metrics: result.metrics, isCached: false, warning: folder.warning,
            record: record(path, manifest, plan, result.metrics, started: started))
        return Product(run: run, result: result, notes: notes)
    }

    private func record(
        _ path: String, _ manifest: Manifest, _ plan: any RunPlan, _ metrics: [MetricValue],
        started: Int64?
    ) -> RunRecord {
        RunRecord(
            plan.inputs, id: manifest.id, metrics: metrics, folder: path,
            workspace: request.workspace, started: started)
    }

    /// The run in a folder, if it is this one, whole and undamaged.
    private func cached(
        _ path: String, _ manifest: Manifest, _ plan: any RunPlan
    ) -> FinishedRun? {
        guard let stored = try? StoredRun(path), stored.id == manifest.id,
            stored.damage().isEmpty, let metrics = try? stored.metrics(),
            let bytes = try? stored.file("manifest.json"),
            let files = try? stored.outputs.map({ RunFile($0.name, try stored.file($0.name)) }),
            manifest.render(files: files) == bytes,
            !drawsReport || (try? stored.file("report.html")) != nil
        else { return nil }
        return FinishedRun(
            path: path, id: stored.id, strategy: plan.inputs.strategy.name, metrics: metrics,
            isCached: true, record: record(path, manifest, plan, metrics, started: nil))
    }
}
