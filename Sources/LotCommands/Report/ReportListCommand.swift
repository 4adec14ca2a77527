import ArgumentParser
import LotCore
import LotMath
import LotReport
import LotStore

/// `lot report list`: the runs of the workspace.
struct ReportListCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the runs of the workspace, newest first.",
        discussion: """
            Every run that lot backtest made in this workspace, wherever its files went, and every
            run that lies in reports/, whoever made it. A run whose folder was deleted or moved
            elsewhere is still listed, marked as missing; --forget-missing drops those.

            Examples:
              lot report list --limit 10
              lot report list --sort sharpe --strategy sma_cross --data 'binance:BTC*:1h'
              lot report list --all --format csv
            """)

    @Option(
        help: ArgumentHelp(
            "Sort by a metric, the largest first; undefined ones last.", valueName: "metric"))
    var sort: String?

    @Flag(help: "The smallest first; without --sort the oldest.")
    var ascending = false

    @Option(help: ArgumentHelp("At most so many runs.", valueName: "n"))
    var limit: Int?

    @Option(
        help: ArgumentHelp(
            "Only runs of this strategy, by its name or its file's; * is any text.",
            valueName: "name"))
    var strategy: String?

    @Option(
        help: ArgumentHelp(
            "Only runs over this series; * is any text; may be given again.",
            valueName: "series"), completion: Completion.series)
    var data: [String] = []

    @Flag(help: "The runs of every workspace.")
    var all = false

    @Flag(help: "Forget the runs whose folders are gone.")
    var forgetMissing = false

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        if let sort, !MetricDefinition.keys.contains(sort) {
            throw usage(
                "--sort", "unknown metric \"\(escaped(sort))\"",
                hint: nearest(to: sort, in: MetricDefinition.keys).map { "did you mean \"\($0)\"?" }
                    ?? "docs/metrics.md lists them")
        }
        if let limit, limit < 1 { throw usage("--limit", "\(limit) is not a number from 1 on") }
        let workspace = try global.workspace()
        var list = RunList(workspace, all: all, console)
        do throws(Diagnosis) {
            try list.store()
        } catch  where !forgetMissing {
            console.note("lot: warning: \(error.message)")
            if list.problem != nil { console.note("  listed is what lies in reports/") }
        }
        if forgetMissing {
            console.note("forgotten: \(counted(try list.forgetMissing(), "run"))")
        }
        let isEmpty = list.entries.isEmpty
        let shown = sorted(list.entries.filter(isWanted))
        try render(Array(shown.prefix(limit ?? shown.count)), console)
        if isEmpty {
            console.note(
                "no runs in \(escaped(workspace.reports, limit: 512)); lot backtest makes them")
        } else if shown.isEmpty {
            console.note("none of the runs is of that strategy over that series")
        }
        return 0
    }

    // MARK: Which, and in which order

    private func isWanted(_ entry: RunList.Entry) -> Bool {
        let record = entry.record
        if let strategy {
            let file = record.script.hasSuffix(".lua") ? String(record.script.dropLast(4)) : ""
            guard [record.strategy, record.script, file].contains(where: { isLike($0, strategy) })
            else { return false }
        }
        guard !data.isEmpty else { return true }
        let names = [record.series] + entry.addresses
        return data.contains { pattern in names.contains { isLike($0, pattern) } }
    }

    private func isLike(_ name: String, _ pattern: String) -> Bool {
        matches(Array(name.utf8)[...], Array(pattern.utf8)[...])
    }

    /// The order of the list; runs that are equal in it go by name.
    private func sorted(_ entries: [RunList.Entry]) -> [RunList.Entry] {
        guard let sort else {
            return entries.sorted { one, other in
                let (left, right) = (one.record.manifestStamp, other.record.manifestStamp)
                return left == right ? one.name < other.name : (left < right) == ascending
            }
        }
        let keyed = entries.map { ($0, $0.metric(sort)) }
        return keyed.sorted { one, other in
            switch (one.1, other.1) {
            case (let left?, let right?) where left != right: (left < right) == ascending
            case (.some, nil): true
            case (nil, .some): false
            default: one.0.name < other.0.name
            }
        }.map(\.0)
    }

    private var columns: [String] {
        let usual = ["total_return", "sharpe", "max_drawdown", "trades"]
        guard let sort, !usual.contains(sort) else { return usual }
        return usual + [sort]
    }

    // MARK: Output

    private func render(
        _ entries: [RunList.Entry], _ console: Console
    ) throws(Diagnosis) {
        switch console.format {
        case .table: try console.write(table(entries))
        case .csv: try console.write(csv(entries))
        case .json:
            try writeJSON(console) { json in
                json.array { json in
                    for entry in entries { json.object { write(entry, into: &$0) } }
                }
            }
        }
    }

    private func table(_ entries: [RunList.Entry]) -> String {
        guard !entries.isEmpty else { return "" }
        let header =
            ["run", "finished", "from", "to", "parameters"] + columns.map(MetricText.label) + [""]
        var table = TextTable(header, numbers: Set(5..<header.count - 1))
        for entry in entries {
            let record = entry.record
            let parameters = entry.parameters.map { "\($0.0)=\($0.1)" }.joined(separator: " ")
            let first = entry.addresses.first.flatMap { try? SeriesAddress(parsing: $0) }
            let currency = first?.quoteCurrency ?? ""
            table.add(
                [
                    escaped(entry.name, limit: 512),
                    CivilTime.text(record.finishedMs / 60_000 * 60_000),
                    CivilTime.text(record.firstTime), CivilTime.text(record.lastTime),
                    escaped(parameters, limit: 60),
                ]
                    + columns.map { key in
                        MetricText.text(key, entry.metric(key), currency: currency)
                    } + [entry.isMissing ? "missing" : ""])
        }
        return table.text
    }

    private func csv(_ entries: [RunList.Entry]) -> String {
        let keys = MetricDefinition.keys
        var csv = CSVWriter(
            header: ["run", "id", "series", "first_ms", "last_ms"] + keys
                + ["strategy", "folder", "status", "finished_ms"])
        for entry in entries {
            let record = entry.record
            let metrics = Dictionary(entry.metrics.map { ($0.key, $0.value) }) { one, _ in one }
            csv.text(entry.name)
            csv.text(record.runID)
            csv.text(record.series)
            csv.number(record.firstTime)
            csv.number(record.lastTime)
            for key in keys { csv.number(metrics[key] ?? nil) }
            csv.text(record.strategy)
            csv.text(record.folder)
            csv.text(entry.status)
            csv.number(record.finishedMs)
            csv.endRow()
        }
        return String(decoding: csv.bytes, as: UTF8.self)
    }

    private func write(_ entry: RunList.Entry, into json: inout JSONWriter) {
        let record = entry.record
        field(&json, "run", entry.name)
        field(&json, "id", record.runID)
        field(&json, "status", entry.status)
        field(&json, "folder", record.folder)
        field(&json, "workspace", record.workspace)
        field(&json, "strategy", record.strategy)
        field(&json, "script", record.script)
        field(&json, "series", record.series)
        for (name, time) in [
            ("first_time", record.firstTime), ("last_time", record.lastTime),
            ("started_ms", record.startedMs), ("finished_ms", record.finishedMs),
        ] {
            json.key(name)
            json.value(time)
        }
        field(&json, "engine_version", record.engineVersion)
        json.key("parameters")
        json.object { json in
            for (name, value) in entry.parameters { field(&json, name, value) }
        }
        json.key("metrics")
        json.object { json in
            for metric in entry.metrics {
                json.key(metric.key)
                json.value(metric.value)
            }
        }
    }
}

extension RunList.Entry {
    /// The series of each of its symbols.
    fileprivate var addresses: [String] {
        let parts = record.series.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return [] }
        return parts[1].split(separator: ",").map { "\(parts[0]):\($0):\(parts[2])" }
    }

    /// `present`, or `missing` for a run whose folder is gone.
    fileprivate var status: String { isMissing ? "missing" : "present" }
}
