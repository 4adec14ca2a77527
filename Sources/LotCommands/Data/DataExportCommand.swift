import ArgumentParser
import LotCore
import LotData
import LotReport

/// `lot data export`: a series as CSV.
struct DataExportCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a stored series as CSV.",
        discussion: """
            A header line with the columns' names, then a line a row. Numbers have as few digits
            as read back to the same value: importing the file gives the same series.

            Examples:
              lot data export binance:BTCUSDT:1h --start 2024-01-01 -o btc.csv
              lot data export binance.perp:BTCUSDT:funding --times ms | head
            """)

    @Argument(
        help: ArgumentHelp("The series to write.", valueName: "series"),
        completion: Completion.series)
    var series: String

    @Option(help: ArgumentHelp("First time, included: 2024-01-01[T09:00].", valueName: "time"))
    var start: String?

    @Option(help: ArgumentHelp("End time, excluded.", valueName: "time"))
    var end: String?

    @Option(
        help: ArgumentHelp(
            "Form of the times: iso (2024-01-31T09:05Z) or ms (since 1970).", valueName: "form"),
        completion: .list(TimeStyle.allCases.map(\.rawValue)))
    var times: String = "iso"

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp(
            "The file, written whole or not at all (default: standard output).",
            valueName: "file"), completion: .file(extensions: ["csv"]))
    var output: String?

    @Flag(help: "Let the export take the place of a file that is there.")
    var replace = false

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let address = try parseDataset("series", series)
        guard let style = TimeStyle(rawValue: times) else {
            throw usage("--times", "\"\(escaped(times))\" is not a form", hint: "use iso or ms")
        }
        guard console.format != .json else {
            throw usage("--format", "an export is CSV", hint: "leave it out")
        }
        let first = try start.map { text throws(Diagnosis) in try time("--start", text) }
        let last = try end.map { text throws(Diagnosis) in try time("--end", text) }
        if let first, let last, first >= last {
            throw usage(
                "--start", "\(CivilTime.text(first)) is not before the end, \(CivilTime.text(last))"
            )
        }
        let store = try global.workspace().store
        let export = try CSVExport(address, in: store, start: first, end: last, times: style)
        guard let output else {
            try export.write { bytes throws(Diagnosis) in
                try console.write(String(decoding: bytes, as: UTF8.self))
            }
            return 0
        }
        try NewFile.prepare(output, replaces: replace)
        try export.write(toFile: output, store)
        let report = export.report
        console.note(
            "\(escaped(output, limit: 512)): \(counted(report.rows, "row")) of \(address), "
                + "\(CivilTime.text(report.firstTime)) to \(CivilTime.text(report.lastTime))")
        return 0
    }

    private func time(_ flag: String, _ text: String) throws(Diagnosis) -> Int64 {
        do throws(CivilTimeError) {
            return try CivilTime.parse(text)
        } catch {
            throw usage(flag, error.reason)
        }
    }
}
