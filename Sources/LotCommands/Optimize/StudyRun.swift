import LotCore
import LotData
import LotEngine
import LotOptimize
import LotReport
import LotStore

/// The run that reports what a study is worth out of sample: a folder in `reports/` as every
/// backtest writes one, put together from the tests of one path.
struct StudyRun {
    /// The folder's name.
    let name: String
    /// The folder, as the user will read it.
    let path: String
    /// Which path it is, from 1.
    let number: Int
    private let plan: StitchedPlan
    private let workspace: Workspace

    /// Plans the run of the median path; `nil` where nothing was held back, or a fold chose
    /// nothing.
    ///
    /// - Throws: What is wrong with the data of a stretch.
    init?(_ setup: StudySetup, _ found: OutOfSample?) throws(Diagnosis) {
        guard let found, let median = found.median, let first = found.paths[median].parts.first,
            let last = found.paths[median].parts.last
        else { return nil }
        number = median + 1
        workspace = setup.request.workspace
        let scripts = setup.runner.scripts
        var request = setup.request
        request.range = TimeRange(start: first.segment.start, end: last.segment.end)
        for index in request.parts.indices { request.parts[index].range = request.range }
        let stitch = StitchRequest(
            study: setup.id, scheme: setup.scheme.text, path: number, paths: found.paths.count,
            stretches: found.paths[median].parts.map { part in
                StitchRequest.Stretch(
                    fold: part.fold, trial: part.trial, segment: part.segment,
                    parameters: scripts.allParameters(part.point))
            })
        request.stitch = stitch
        plan = try StitchedPlan(request, stitch)
        name = Manifest(plan.inputs, hash: sha256Hex).folderName
        path = setup.request.workspace.reports + "/" + name
    }

    /// The page of the run as the page of a study links to it: both lie in one workspace, and the
    /// folder's name has letters, digits, `.`, `_` and `-` only.
    var link: String { "../../reports/" + name + "/report.html" }

    /// Runs it, writes its folder and enters it into `lot.db`.
    ///
    /// - Parameters:
    ///   - started: When the study was begun, in milliseconds since 1970: its searches are a part
    ///     of what it took.
    ///   - drawsReport: Whether a page with charts is drawn.
    ///   - console: Where it is said that the database could not take it.
    /// - Returns: What to know of the page, such as missing charts.
    /// - Throws: 73 or 74 if the folder cannot be written.
    func write(
        started: Int64, drawsReport: Bool, _ console: Console
    ) throws(Diagnosis) -> String? {
        let (result, _) = try plan.run(progress: nil)
        let folder = RunFolder.render(
            result, sources: plan.sources, report: drawsReport,
            gnuplot: drawsReport ? Gnuplot.find() : nil, hash: sha256Hex)
        try OutputFolder(path, isOwn: true).write(folder)
        let manifest = Manifest(plan.inputs, hash: sha256Hex)
        RunLanding.land(
            [
                FinishedRun(
                    path: path, id: manifest.id, strategy: plan.inputs.strategy.name,
                    metrics: result.metrics, isCached: false, warning: folder.warning,
                    record: RunRecord(
                        plan.inputs, id: manifest.id, metrics: result.metrics, folder: path,
                        workspace: workspace, started: started))
            ], console)
        return folder.warning
    }
}
