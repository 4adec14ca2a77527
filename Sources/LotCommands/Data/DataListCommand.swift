import ArgumentParser
import LotCore
import LotData
import LotReport

/// `lot data list`: the stored series and their ranges.
struct DataListCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the stored series (bars, mark prices, funding rates), ranges and gaps.")

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let series = try global.workspace().store.list()
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
            field(&json, "problem", summary.problem?.message)
        }
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
        var text = "series,rows,first,last,missing_bars,synthetic\n"
        for summary in series {
            text += cells(summary).joined(separator: ",") + ",\(summary.isSynthetic)\n"
        }
        return text
    }

    private static func table(_ series: [SeriesSummary]) -> String {
        let header = ["series", "rows", "first", "last", "missing", ""]
        var rows = [header]
        for summary in series {
            var row = cells(summary)
            row[1] = grouped(summary.rows)
            row.append(
                summary.problem.map { "damaged: " + $0.reason }
                    ?? (summary.isSynthetic ? "synthetic" : ""))
            rows.append(row)
        }
        guard !series.isEmpty else { return "" }
        let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let line = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 1 || column == 4 ? padding + cell : cell + padding
            }.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }
}
