import ArgumentParser
import LotCore
import LotData
import LotReport

/// `lot data list`: the stored series and their ranges.
struct DataListCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the stored series (bars, mark prices, funding rates), ranges and gaps.",
        discussion: """
            What lies in datasets/, whoever put it there. "changed" is when rows were written last.

            Examples:
              lot data list
              lot data list --format csv
            """)

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let series = try KlineCatalogue(try global.workspace(), console).list()
        switch console.format {
        case .table: try console.write(DataListCommand.table(series))
        case .csv: try console.write(DataListCommand.csv(series))
        case .json:
            try writeJSON(console) { json in
                json.object { json in
                    field(&json, "schema", "lot.series/1")
                    json.key("series")
                    json.array { json in
                        for summary in series { DataListCommand.write(summary, &json) }
                    }
                }
            }
        }
        if series.isEmpty {
            console.note("nothing is stored; lot data import FILES… --as binance:BTCUSDT:1h")
        }
        return 0
    }

    private static func write(_ summary: SeriesSummary, _ json: inout JSONWriter) {
        json.object(inline: true) { json in
            field(&json, "series", summary.address?.description)
            field(&json, "folder", summary.folder)
            field(&json, "rows", summary.rows)
            field(&json, "first", summary.firstTime.map(CivilTime.text))
            field(&json, "last", summary.lastTime.map(CivilTime.text))
            field(&json, "missing_bars", summary.missingBars)
            field(&json, "gaps", summary.gaps)
            json.key("synthetic")
            json.value(summary.isSynthetic)
            field(&json, "bytes", Int(summary.bytes))
            field(&json, "changed", changed(summary))
            json.key("columns")
            json.array(inline: true) { json in
                for column in summary.columns { json.value(column.rawValue) }
            }
            field(&json, "problem", summary.problem?.message)
        }
    }

    private static func changed(_ summary: SeriesSummary) -> String? {
        summary.changedMs == 0 ? nil : CivilTime.text(summary.changedMs / 60_000 * 60_000)
    }

    private static func cells(_ summary: SeriesSummary) -> [String] {
        [
            summary.address?.description ?? escaped(summary.folder, limit: 200),
            String(summary.rows),
            summary.firstTime.map(CivilTime.text) ?? "–",
            summary.lastTime.map(CivilTime.text) ?? "–",
            String(summary.missingBars),
        ]
    }

    private static func csv(_ series: [SeriesSummary]) -> String {
        var text = "series,rows,first,last,missing_bars,synthetic,bytes,changed\n"
        for summary in series {
            text += cells(summary).joined(separator: ",") + ",\(summary.isSynthetic)"
            text += ",\(summary.bytes),\(changed(summary) ?? "")\n"
        }
        return text
    }

    private static func table(_ series: [SeriesSummary]) -> String {
        guard !series.isEmpty else { return "" }
        let header = ["series", "rows", "first", "last", "missing", "size", "changed", ""]
        var table = TextTable(header, numbers: [1, 4, 5])
        for summary in series {
            var row = cells(summary)
            row[1] = grouped(summary.rows)
            table.add(
                row + [
                    size(summary.bytes), changed(summary) ?? "–",
                    summary.problem.map { "damaged: " + $0.reason }
                        ?? (summary.isSynthetic ? "synthetic" : ""),
                ])
        }
        return table.text
    }

    /// A number of bytes in few characters: `48.1 MB`.
    private static func size(_ bytes: Int64) -> String {
        var (value, unit) = (Double(bytes), 0)
        let units = ["B", "kB", "MB", "GB", "TB"]
        while value >= 999.95, unit < units.count - 1 {
            value /= 1_000
            unit += 1
        }
        guard unit > 0 else { return "\(bytes) B" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}
