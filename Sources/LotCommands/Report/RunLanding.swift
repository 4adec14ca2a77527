import LotCore
import LotData
import LotReport
import LotStore

/// Enters runs into `lot.db`.
///
/// What a run found lies in its folder and is complete before this begins. So nothing that goes
/// wrong here ends a command otherwise than it would have ended: it is a warning, and the list
/// takes runs of `reports/` in from their folders later.
enum RunLanding {
    /// Enters runs, all at once; those that were taken from their folders only where they are new.
    static func land(_ runs: [FinishedRun], _ console: Console) {
        guard !runs.isEmpty else { return }
        do throws(Diagnosis) {
            let store = RunStore(try StudyBook.folder())
            try store.land(runs.filter { !$0.isCached }.map(\.record))
            try store.land(runs.filter(\.isCached).map(\.record), keepsKnown: true)
        } catch {
            let what = runs.count == 1 ? "the run is" : "the runs are"
            console.note("lot: warning: \(what) not in lot.db yet: \(error.message)")
            console.note(
                "  every file is complete; lot report list takes in what lies in reports/")
        }
    }
}

extension RunRecord {
    /// The record of a run whose folder is complete.
    ///
    /// - Parameters:
    ///   - inputs: What went into it.
    ///   - id: Its identity.
    ///   - metrics: What it found.
    ///   - folder: Its folder, relative or absolute.
    ///   - workspace: Where it ran.
    ///   - started: When it began; `nil` if it is not known.
    init(
        _ inputs: RunInputs, id: String, metrics: [MetricValue], folder: String,
        workspace: Workspace, started: Int64?
    ) {
        let strategy = inputs.strategy
        var json = JSONWriter()
        json.object(inline: true) { json in
            if let stitch = inputs.stitching {
                RunRecord.write(study: stitch.study, stretches: stitch.stretches.count, &json)
                return
            }
            for parameter in strategy.parameters {
                json.key(parameter.name)
                switch parameter.value {
                case .int(let value): json.value(value)
                case .float(let value): json.value(value)
                case .choice(let value): json.value(value)
                case .bool(let value): json.value(value)
                }
            }
        }
        let stamp = InputFile.modified(folder + "/manifest.json")
        let script = strategy.file.split(separator: "/").last.map(String.init) ?? strategy.file
        self.init(
            folder: InputFile.absolute(folder),
            workspace: InputFile.absolute(workspace.root), runID: id, strategy: strategy.name,
            script: script,
            scriptHash: strategy.hashes[strategy.file] ?? strategy.hashes[script] ?? "",
            series: inputs.data.seriesText,
            firstTime: inputs.data.firstTime, lastTime: inputs.data.lastTime,
            parameters: String(decoding: json.bytes, as: UTF8.self),
            metrics: RunRecord.text(metrics), engineVersion: inputs.engineVersion,
            startedMs: started, finishedMs: stamp / 1_000_000, manifestStamp: stamp)
        main = MainMetrics(metrics)
    }

    /// The record of a run that is read from its folder.
    ///
    /// - Throws: 65 if a file of it cannot be understood, 66 if it holds no run.
    init(_ run: StoredRun, workspace: String) throws(Diagnosis) {
        let inputs = try run.inputs()
        let metrics = try run.metrics()
        let strategy = run.manifest["inputs"]?["strategy"]
        var json = JSONWriter()
        json.object(inline: true) { json in
            if let stitch = inputs.stitch {
                RunRecord.write(study: stitch.study, stretches: stitch.stretches.count, &json)
                return
            }
            for member in strategy?["parameters"]?.members ?? [] {
                json.key(member.name)
                switch member.value {
                case .string(let text): json.value(text)
                case .bool(let flag): json.value(flag)
                default: json.value(member.value.double)
                }
            }
        }
        let stamp = InputFile.modified(run.path + "/manifest.json")
        self.init(
            folder: InputFile.absolute(run.path), workspace: workspace, runID: run.id,
            strategy: strategy?["name"]?.text ?? "", script: inputs.file,
            scriptHash: inputs.hashes.first { $0.name == inputs.file }?.sha256 ?? "",
            series: inputs.series, firstTime: inputs.range.start ?? 0,
            lastTime: (inputs.range.end ?? 1) - 1,
            parameters: String(decoding: json.bytes, as: UTF8.self),
            metrics: RunRecord.text(metrics), engineVersion: inputs.engineVersion,
            startedMs: nil, finishedMs: stamp / 1_000_000, manifestStamp: stamp)
        main = MainMetrics(metrics)
    }

    /// A run out of sample has parameters of its own in each stretch: it is told by its study.
    private static func write(study: String, stretches: Int, _ json: inout JSONWriter) {
        json.key("study")
        json.value(String(study.prefix(8)))
        json.key("stretches")
        json.value(Int64(stretches))
    }

    private static func text(_ metrics: [MetricValue]) -> String {
        var json = JSONWriter()
        json.object(inline: true) { json in
            for metric in metrics {
                json.key(metric.key)
                json.value(metric.value)
            }
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }
}

extension RunRecord.MainMetrics {
    /// Those of a run's metrics that have columns of their own.
    init(_ metrics: [MetricValue]) {
        self.init()
        for metric in metrics {
            switch metric.key {
            case "total_return": totalReturn = metric.value
            case "sharpe": sharpe = metric.value
            case "max_drawdown": maxDrawdown = metric.value
            case "trades": trades = metric.value
            default: break
            }
        }
    }
}
