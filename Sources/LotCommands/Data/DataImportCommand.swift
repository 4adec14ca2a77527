import ArgumentParser
import Glibc
import LotCore
import LotData
import LotReport

/// `lot data import`: files into a series.
struct DataImportCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import market data files into a series.",
        discussion: """
            Takes Binance's public archives (zip or csv, milliseconds or microseconds), CSV with
            named columns, and freqtrade's or Binance's JSON rows, in any order; funding rates
            from the archives, CSV, or the REST answers of Binance, OKX and Bybit. All files are
            checked before anything is stored; importing a file again changes nothing.

            Examples:
              lot data import BTCUSDT-1h-2024-*.zip --as binance:BTCUSDT:1h
              lot data import BTCUSDT-fundingRate-*.zip --as binance.perp:BTCUSDT:funding
              lot data import markPriceKlines/*.zip --as binance.perp:BTCUSDT:mark_1h
              lot data import prices.csv --as test:ABC:1d --columns time=ts,volume=vol
            """)

    @Argument(help: ArgumentHelp("Files to import.", valueName: "files"))
    var files: [String]

    @Option(
        help: ArgumentHelp("The series, for example binance:BTCUSDT:1h.", valueName: "series"),
        completion: Completion.series)
    var `as`: String

    @Option(
        help: ArgumentHelp(
            "Which CSV column is which: time=ts,volume=vol.", valueName: "mapping"))
    var columns: String?

    @Flag(help: "Let rows take the place of stored ones that differ.")
    var replace = false

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let address = try parseDataset("--as", self.as)
        let workspace = try global.workspace()
        let importer = Importer(
            store: workspace.store,
            options: ImportOptions(
                replace: replace, columns: columns, now: Int64(time(nil)) * 1_000))
        let report = try importer.run(files, as: address) { index, path in
            console.detail("\(index + 1)/\(files.count) \(escaped(path, limit: 256))")
        }
        KlineCatalogue(workspace, console).update([address])
        try render(report, console)
        return 0
    }

    private func render(_ report: ImportReport, _ console: Console) throws(Diagnosis) {
        let outcome = report.outcome
        switch console.format {
        case .json:
            try writeJSON(console) { json in
                json.object { json in
                    field(&json, "schema", "lot.import/1")
                    field(&json, "series", report.address.description)
                    field(&json, "files", report.files.count)
                    field(&json, "checksums_verified", report.checksumsVerified)
                    field(&json, "rows_read", report.rowsRead)
                    field(&json, "rows_added", outcome.added)
                    field(&json, "rows_replaced", outcome.replaced)
                    field(&json, "rows_completed", outcome.completed)
                    field(&json, "rows_unchanged", outcome.unchanged)
                    field(&json, "rows", outcome.rows)
                    field(&json, "first", CivilTime.text(report.firstTime))
                    field(&json, "last", CivilTime.text(report.lastTime))
                    gapsField(&json, report.gaps)
                }
            }
        case .csv:
            try console.write(
                "series,files,rows_read,rows_added,rows_replaced,rows_unchanged,rows\n"
                    + "\(report.address),\(report.files.count),\(report.rowsRead),"
                    + "\(outcome.added),\(outcome.replaced),\(outcome.unchanged),\(outcome.rows)\n")
        case .table:
            var lines = [
                "\(report.address): \(counted(outcome.added, "row")) added"
                    + (outcome.replaced > 0 ? ", \(grouped(outcome.replaced)) replaced" : "")
                    + (outcome.completed > 0
                        ? ", \(grouped(outcome.completed)) given their mark price" : "")
                    + (outcome.unchanged > 0 ? ", \(grouped(outcome.unchanged)) there already" : "")
                    + " from \(counted(report.files.count, "file"))"
                    + " (\(counted(report.checksumsVerified, "checksum")) verified)",
                "\(counted(outcome.rows, "row")), \(CivilTime.text(report.firstTime)) to "
                    + CivilTime.text(report.lastTime),
            ]
            lines += gapLines(report.gaps, of: report.address)
            try console.write(lines.joined(separator: "\n") + "\n")
        }
    }
}
