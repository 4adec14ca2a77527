import ArgumentParser
import LotCore
import LotMath
import LotReport

/// `lot report list`: the runs of the workspace.
struct ReportListCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the runs in reports/, newest first.",
        discussion: """
            Examples:
              lot report list
              lot report list --sort sharpe --limit 10
              lot report list --sort max_drawdown --ascending --format csv
            """)

    @Option(
        help: ArgumentHelp(
            "Sort by a metric, the largest first; undefined ones last.", valueName: "metric"))
    var sort: String?

    @Flag(help: "The smallest first; without --sort the oldest.")
    var ascending = false

    @Option(help: ArgumentHelp("At most so many runs.", valueName: "n"))
    var limit: Int?

    @OptionGroup(title: "General") var global: GlobalOptions

    /// A run and what the list shows of it.
    private struct Entry {
        let run: StoredRun
        let inputs: ManifestInputs
        let metrics: [MetricValue]
        let modified: Int64

        func metric(_ key: String) -> Double? { metrics.first { $0.key == key }?.value }
    }

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        if let sort, !MetricDefinition.keys.contains(sort) {
            throw usage(
                "--sort", "unknown metric \"\(escaped(sort))\"",
                hint: nearest(to: sort, in: MetricDefinition.keys).map { "did you mean \"\($0)\"?" }
                    ?? "docs/metrics.md lists them")
        }
        if let limit, limit < 1 { throw usage("--limit", "\(limit) is not a number from 1 on") }
        let reports = try global.workspace().reports
        var entries: [Entry] = []
        for name in InputFile.names(in: reports) where !name.hasPrefix(".") {
            let path = reports + "/" + name
            guard InputFile.isFolder(path) else { continue }
            do throws(Diagnosis) {
                let run = try StoredRun(path)
                entries.append(
                    Entry(
                        run: run, inputs: try run.inputs(), metrics: try run.metrics(),
                        modified: InputFile.modified(path + "/manifest.json")))
            } catch {
                console.note("lot: warning: \(error.message)")
            }
        }
        entries.sort { isBefore($0, $1) }
        let shown = Array(entries.prefix(limit ?? entries.count))
        try render(shown, console)
        if entries.isEmpty {
            console.note("no runs in \(escaped(reports, limit: 512)); lot backtest makes them")
        }
        return 0
    }

    /// The order of the list; runs that are equal in it go by name.
    private func isBefore(_ one: Entry, _ other: Entry) -> Bool {
        guard let sort else {
            guard one.modified != other.modified else { return one.run.name < other.run.name }
            return (one.modified < other.modified) == ascending
        }
        switch (one.metric(sort), other.metric(sort)) {
        case (let left?, let right?) where left != right: return (left < right) == ascending
        case (.some, nil): return true
        case (nil, .some): return false
        default: return one.run.name < other.run.name
        }
    }

    private var columns: [String] {
        let usual = ["total_return", "sharpe", "max_drawdown", "trades"]
        guard let sort, !usual.contains(sort) else { return usual }
        return usual + [sort]
    }

    private func render(_ entries: [Entry], _ console: Console) throws(Diagnosis) {
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

    private func table(_ entries: [Entry]) -> String {
        guard !entries.isEmpty else { return "" }
        let header = ["run", "from", "to", "parameters"] + columns.map(MetricText.label)
        var table = TextTable(header, numbers: Set(4..<header.count))
        for entry in entries {
            let parameters =
                entry.inputs.stitch.map { stitch in
                    "\(stitch.stretches.count) stretches of study \(stitch.study.prefix(8))"
                }
                ?? entry.inputs.parameters.map { "\($0.0)=\($0.1)" }.joined(separator: " ")
            table.add(
                [
                    escaped(entry.run.name, limit: 128),
                    CivilTime.text(entry.inputs.range.start ?? 0),
                    CivilTime.text((entry.inputs.range.end ?? 1) - 1),
                    escaped(parameters, limit: 60),
                ]
                    + columns.map { key in
                        MetricText.text(
                            key, entry.metric(key),
                            currency: entry.inputs.address.quoteCurrency)
                    })
        }
        return table.text
    }

    private func csv(_ entries: [Entry]) -> String {
        let keys = MetricDefinition.keys
        var csv = CSVWriter(header: ["run", "id", "series", "first_ms", "last_ms"] + keys)
        for entry in entries {
            csv.text(entry.run.name)
            csv.text(entry.run.id)
            csv.text(entry.inputs.series)
            csv.number(entry.inputs.range.start ?? 0)
            csv.number((entry.inputs.range.end ?? 1) - 1)
            for key in keys { csv.number(entry.metric(key)) }
            csv.endRow()
        }
        return String(decoding: csv.bytes, as: UTF8.self)
    }

    private func write(_ entry: Entry, into json: inout JSONWriter) {
        field(&json, "run", entry.run.name)
        field(&json, "id", entry.run.id)
        field(&json, "series", entry.inputs.series)
        json.key("first_time")
        json.value(entry.inputs.range.start)
        json.key("last_time")
        json.value(entry.inputs.range.end.map { $0 - 1 })
        json.key("parameters")
        json.object { json in
            for (name, value) in entry.inputs.parameters { field(&json, name, value) }
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
