import ArgumentParser
import LotCore
import LotData
import LotReport

/// `lot data resample`: coarser bars of a stored series.
struct DataResampleCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "resample",
        abstract: "Make coarser bars of a stored series and store them.",
        discussion: """
            First open, highest high, lowest low, last close, and exact sums of volumes, amounts
            and trades. A bar that has not ended yet, or that the series begins in the middle of,
            is not made. A bar with missing parts is left out unless --partial makes it of what
            there is. Run it again after an import: it adds what is new and changes nothing else.

            Examples:
              lot data resample binance:BTCUSDT:1m --to 1h --to 1d
              lot data resample binance:BTCUSDT:15m --to 1h --as lab:BTCUSDT:1h
            """)

    @Argument(
        help: ArgumentHelp("The series to read.", valueName: "series"),
        completion: Completion.series)
    var series: String

    @Option(
        help: ArgumentHelp("Length of the new bars; may be given again.", valueName: "interval"))
    var to: [String] = []

    @Option(
        help: ArgumentHelp(
            "The series to write (default: the same name with the new interval).",
            valueName: "series"), completion: Completion.series)
    var `as`: String?

    @Flag(help: "Make a bar with missing parts of the parts there are.")
    var partial = false

    @Flag(help: "Let bars take the place of stored ones that differ.")
    var replace = false

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let source = try parseAddress("series", series)
        let targets = try targets(of: source)
        let workspace = try global.workspace()
        var reports: [ResampleReport] = []
        defer {
            KlineCatalogue(workspace, console).update(reports.map { .bars($0.target) })
        }
        for target in targets {
            reports.append(
                try workspace.store.resample(
                    source, to: target, incomplete: partial ? .keep : .leaveOut, replace: replace))
        }
        try render(reports, console)
        return 0
    }

    /// The series to write, one for each `--to`.
    private func targets(of source: SeriesAddress) throws(Diagnosis) -> [SeriesAddress] {
        var targets: [SeriesAddress] = []
        for name in to {
            guard let interval = Interval(name) else {
                throw usage("--to", SeriesAddressError.badInterval(name).reason)
            }
            do throws(SeriesAddressError) {
                targets.append(
                    try SeriesAddress(
                        exchange: source.exchange, market: source.market, symbol: source.symbol,
                        interval: interval, price: source.price))
            } catch {
                throw usage("--to", error.reason)
            }
        }
        guard let named = self.as else {
            guard !targets.isEmpty else {
                throw usage("--to", "missing", hint: "for example --to 1h")
            }
            return targets
        }
        let target = try parseAddress("--as", named)
        guard targets.count <= 1, targets.first.map({ $0.interval == target.interval }) ?? true
        else { throw usage("--as", "its interval and --to differ", hint: "keep one of them") }
        return [target]
    }

    private func render(_ reports: [ResampleReport], _ console: Console) throws(Diagnosis) {
        switch console.format {
        case .json:
            try writeJSON(console) { json in
                json.object { json in
                    field(&json, "schema", "lot.resample/1")
                    field(&json, "series", series)
                    json.key("made")
                    json.array { json in
                        for report in reports { DataResampleCommand.write(report, &json) }
                    }
                }
            }
        case .csv:
            var text = "series,rows_added,rows_replaced,rows_unchanged,rows,incomplete,kept\n"
            for report in reports {
                let outcome = report.outcome
                text += "\(report.target),\(outcome.added),\(outcome.replaced),"
                text += "\(outcome.unchanged),\(outcome.rows),\(report.incomplete.count),"
                text += "\(report.mode == .keep)\n"
            }
            try console.write(text)
        case .table:
            for report in reports { try console.write(DataResampleCommand.text(report)) }
        }
    }

    private static func write(_ report: ResampleReport, _ json: inout JSONWriter) {
        json.object { json in
            field(&json, "series", report.target.description)
            field(&json, "rows_added", report.outcome.added)
            field(&json, "rows_replaced", report.outcome.replaced)
            field(&json, "rows_unchanged", report.outcome.unchanged)
            field(&json, "rows", report.outcome.rows)
            field(&json, "first", CivilTime.text(report.firstTime))
            field(&json, "last", CivilTime.text(report.lastTime))
            json.key("incomplete_kept")
            json.value(report.mode == .keep)
            json.key("incomplete")
            json.array { json in
                for bar in report.incomplete {
                    json.object(inline: true) { json in
                        field(&json, "time", CivilTime.text(bar.openTime))
                        field(&json, "parts", bar.parts)
                        field(&json, "of", bar.wholeParts)
                    }
                }
            }
        }
    }

    private static func text(_ report: ResampleReport) -> String {
        let outcome = report.outcome
        var lines = [
            "\(report.target): \(counted(outcome.added, "bar")) added"
                + (outcome.replaced > 0 ? ", \(grouped(outcome.replaced)) replaced" : "")
                + (outcome.unchanged > 0 ? ", \(grouped(outcome.unchanged)) there already" : "")
                + " from \(counted(report.rowsRead, "bar")) of \(report.source)",
            "\(counted(outcome.rows, "row")), \(CivilTime.text(report.firstTime)) to "
                + CivilTime.text(report.lastTime),
        ]
        let verb = report.mode == .keep ? "made of" : "left out: only"
        lines += report.incomplete.prefix(10).map { bar in
            "\(CivilTime.text(bar.openTime)) \(verb) \(grouped(bar.parts)) of "
                + "\(grouped(bar.wholeParts)) parts" + (report.mode == .keep ? "" : " are there")
        }
        if report.incomplete.count > 10 {
            lines.append("… and \(counted(report.incomplete.count - 10, "incomplete bar")) more")
        }
        if report.mode == .leaveOut, !report.incomplete.isEmpty {
            lines.append("--partial makes incomplete bars of what is there")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
