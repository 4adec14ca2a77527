import Glibc
import LotCore
import LotEngine
import LotMath
import LotReport
import Synchronization

/// Several runs at once: each is done whole, or not at all, and one that fails loses no other.
///
/// What turns out to be the same run twice, as two windows that begin before the data do, is done
/// once and stands in each of its rows.
struct RunMatrix: Sendable {
    let requests: [RunRequest]
    let conditions: [Assertion]
    let threads: Int
    let usesCache: Bool
    let drawsReport: Bool

    /// Metrics of the table.
    private static let columns = ["total_return", "sharpe", "max_drawdown", "trades"]

    /// Runs all, prints the table in the order of the requests, and says how it went.
    ///
    /// - Returns: 0; 130 or 143 after a signal; the code of the first run that failed; 1 if an
    ///   assertion does not hold.
    func run(_ console: Console) throws(Diagnosis) -> Int32 {
        let interrupts = Interrupts(console)
        let progress = MatrixProgress(total: requests.count, console)
        let jobs = requests.map {
            RunJob(request: $0, usesCache: usesCache, drawsReport: drawsReport)
        }
        let twins = Twins()
        let results = ParallelRunner(threads: threads).run(
            count: requests.count, cancel: interrupts.cancel, finished: { progress.update($0) }
        ) { index in
            Result { () throws(Diagnosis) -> Step in
                let loaded = try jobs[index].load()
                if let twin = twins.first(loaded.id, index) { return .twin(twin) }
                return .run(try RunMatrix.perform(loaded, interrupts))
            }
        }
        progress.finish()
        let rows = results.indices.map { index -> Row in
            let result = RunMatrix.result(index, results)
            return Row(
                request: requests[index], result: result.flatMap { $0.isLate ? nil : $0 })
        }
        let problem = sync(rows)
        defer { RunLanding.land(rows.compactMap(\.run), console) }
        try render(rows, console)
        let code = conclude(rows, interrupts, console)
        if let problem { console.fail(problem) }
        return code == 0 ? problem?.code.rawValue ?? 0 : code
    }

    private static func perform(
        _ loaded: LoadedRun, _ interrupts: Interrupts
    ) throws(Diagnosis) -> FinishedRun {
        try loaded.perform(
            write: { folder, place throws(Diagnosis) in
                // Ctrl-C in a terminal reaches gnuplot too: a run whose charts it took is not done.
                if interrupts.cancel.isSet, folder.warning != nil { throw .interrupted }
                try interrupts.writing { () throws(Diagnosis) in
                    try place.write(folder, syncs: false)
                }
            }
        ).run
    }

    /// What came of a request's part of the work.
    private enum Step {
        case run(FinishedRun)
        /// It is the run of another request, by its number.
        case twin(Int)
    }

    /// What came of a request: of a twin, what came of the other one.
    private static func result(
        _ index: Int, _ results: [Result<Step, Diagnosis>?]
    ) -> Result<FinishedRun, Diagnosis>? {
        switch results[index] {
        case nil: nil
        case .failure(let diagnosis): .failure(diagnosis)
        case .success(.run(let run)): .success(run)
        case .success(.twin(let other)): result(other, results)
        }
    }

    /// Puts all runs that were written on the disk.
    ///
    /// - Returns: Why it could not take them; `nil` if it has them.
    private func sync(_ rows: [Row]) -> Diagnosis? {
        guard let written = rows.first(where: { $0.run?.isCached == false })?.run else {
            return nil
        }
        do throws(Diagnosis) {
            try OutputFolder.sync(written.path)
            return nil
        } catch {
            return error
        }
    }

    /// A request and what came of it; `nil` if it was not begun.
    private struct Row {
        let request: RunRequest
        let result: Result<FinishedRun, Diagnosis>?

        var run: FinishedRun? { try? result?.get() }

        var failure: Diagnosis? {
            if case .failure(let diagnosis) = result { diagnosis } else { nil }
        }

        /// `done`, `cached`, `failed` or `not run`.
        var status: String {
            guard result != nil else { return "not run" }
            guard let run else { return "failed" }
            return run.isCached ? "cached" : "done"
        }
    }

    private func conclude(_ rows: [Row], _ interrupts: Interrupts, _ console: Console) -> Int32 {
        var code: Int32 = 0
        for row in rows {
            if let warning = row.run?.warning {
                console.note("lot: warning: \(row.request.label): \(warning)")
            }
            if let failure = row.failure {
                console.fail(failure.prefixed(with: row.request.label))
                if code == 0 { code = failure.code.rawValue }
            }
        }
        for row in rows {
            guard let run = row.run else { continue }
            let failed = conditions.failed(run, label: row.request.label, console)
            if failed, code == 0 { code = ExitCode.failed.rawValue }
        }
        let missing = rows.count { $0.result == nil }
        if interrupts.signal != 0 {
            let done = rows.count - missing
            console.note(
                "interrupted: \(grouped(done)) of \(grouped(rows.count)) runs are done and kept")
            return 128 + interrupts.signal
        }
        return code
    }

    // MARK: Output

    private func render(_ rows: [Row], _ console: Console) throws(Diagnosis) {
        switch console.format {
        case .table: try console.write(table(rows))
        case .json: try writeJSON(console) { json in self.json(rows, &json) }
        case .csv: try console.write(csv(rows))
        }
    }

    private func table(_ rows: [Row]) -> String {
        let header =
            ["strategy", "series", "window"] + RunMatrix.columns.map(MetricText.label) + ["run"]
        let numbers = Set(3..<3 + RunMatrix.columns.count)
        var table = TextTable(header, numbers: numbers)
        for row in rows {
            let values = RunMatrix.columns.map { key in
                row.run.map {
                    MetricText.text(
                        key, $0.metric(key), currency: row.request.address.quoteCurrency)
                } ?? ""
            }
            let place = row.run.map { escaped($0.path, limit: 512) } ?? row.status
            table.add(
                [
                    escaped(row.run?.strategy ?? row.request.script, limit: 48),
                    row.request.title,
                    row.request.range == TimeRange() ? "all" : row.request.range.text,
                ] + values + [row.status == "cached" ? place + " (cached)" : place])
        }
        return table.text
    }

    private func json(_ rows: [Row], _ json: inout JSONWriter) {
        json.object { json in
            field(&json, "schema", "lot.runs/1")
            json.key("runs")
            json.array { json in
                for row in rows {
                    json.object { json in RunMatrix.write(row, into: &json) }
                }
            }
        }
    }

    private static func write(_ row: Row, into json: inout JSONWriter) {
        field(&json, "strategy", row.run?.strategy)
        field(&json, "file", row.request.script.split(separator: "/").last.map(String.init))
        field(&json, "series", row.request.title)
        json.key("start")
        json.value(row.request.range.start)
        json.key("end")
        json.value(row.request.range.end)
        field(&json, "status", row.status == "not run" ? "not_run" : row.status)
        if let run = row.run {
            field(&json, "id", run.id)
            field(&json, "folder", run.path)
            json.key("metrics")
            json.object { json in
                for metric in run.metrics {
                    json.key(metric.key)
                    json.value(metric.value)
                }
            }
        }
        if let failure = row.failure {
            field(&json, "code", Int(failure.code.rawValue))
            field(&json, "error", failure.message)
        }
    }

    private func csv(_ rows: [Row]) -> String {
        let keys = MetricDefinition.keys
        var csv = CSVWriter(
            header: ["strategy", "series", "start_ms", "end_ms", "status", "id"] + keys)
        for row in rows {
            csv.text(row.run?.strategy ?? row.request.script)
            csv.text(row.request.title)
            for time in [row.request.range.start, row.request.range.end] {
                if let time { csv.number(time) } else { csv.number(nil as Double?) }
            }
            csv.text(row.status == "not run" ? "not_run" : row.status)
            csv.text(row.run?.id ?? "")
            for key in keys { csv.number(row.run?.metric(key)) }
            csv.endRow()
        }
        return String(decoding: csv.bytes, as: UTF8.self)
    }
}

/// Which request came first with an identity.
private final class Twins: Sendable {
    private let seen = Mutex<[String: Int]>([:])

    /// The request that had the identity before; `nil` if none had.
    func first(_ id: String, _ index: Int) -> Int? {
        seen.withLock { seen in
            if let first = seen[id] { return first }
            seen[id] = index
            return nil
        }
    }
}

/// Says on a terminal how many runs are done.
private final class MatrixProgress: Sendable {
    private let total: Int
    private let shows: Bool

    init(total: Int, _ console: Console) {
        self.total = total
        shows = Console.showsProgress && !console.isQuiet
    }

    func update(_ done: Int) {
        if shows {
            Console.put("\r\(grouped(done)) of \(grouped(total)) runs \u{1B}[K", STDERR_FILENO)
        }
    }

    func finish() {
        if shows { Console.put("\r\u{1B}[K", STDERR_FILENO) }
    }
}

extension Result<FinishedRun, Diagnosis> {
    /// Whether a signal came while the run was under way, so that it was not kept.
    fileprivate var isLate: Bool {
        if case .failure(let diagnosis) = self { diagnosis.kind == "interrupted" } else { false }
    }
}

extension Diagnosis {
    /// A signal ended a run.
    fileprivate static var interrupted: Diagnosis {
        Diagnosis(
            .tryLater, kind: "interrupted", subject: "run", reason: "a signal came", hint: nil)
    }

    /// The diagnosis with the run it belongs to in front of its subject.
    fileprivate func prefixed(with label: String) -> Diagnosis {
        Diagnosis(
            code, kind: kind, subject: label + ": " + subject, place: place, reason: reason,
            hint: hint, details: details)
    }
}
