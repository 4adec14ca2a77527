import ArgumentParser
import LotCore
import LotData
import LotReport

/// `lot data verify`: every digest, row and header of a series.
struct DataVerifyCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check every block, row and header of stored series; exit 65 if any is wrong.",
        discussion: """
            Examples:
              lot data verify binance:BTCUSDT:1h
              lot data verify            (every series)
            """)

    @Argument(
        help: ArgumentHelp("The series to check (default: all).", valueName: "series"),
        completion: Completion.series)
    var series: [String] = []

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let store = try global.workspace().store
        var addresses: [DatasetAddress] = []
        for text in series { addresses.append(try parseDataset("series", text)) }
        var status: Int32 = 0
        if addresses.isEmpty {
            for summary in try store.list() {
                if let address = summary.address {
                    addresses.append(address)
                } else if let problem = summary.problem {
                    console.fail(problem)
                    status = ExitCode.data.rawValue
                }
            }
        }
        var reports: [VerifyReport] = []
        for address in addresses {
            let report = try store.verify(address)
            for problem in report.problems { console.fail(problem) }
            if !report.isClean { status = report.exitCode }
            reports.append(report)
        }
        try render(reports, console)
        return status
    }

    private func render(_ reports: [VerifyReport], _ console: Console) throws(Diagnosis) {
        switch console.format {
        case .json:
            try writeJSON(console) { json in
                json.object { json in
                    field(&json, "schema", "lot.verify/1")
                    json.key("series")
                    json.array { json in
                        for report in reports { DataVerifyCommand.write(report, &json) }
                    }
                }
            }
        case .csv:
            try console.write("series,rows,gaps,problems\n")
            for report in reports {
                try console.write(
                    "\(report.address),\(report.rows),\(report.gaps.count),"
                        + "\(report.problemCount)\n")
            }
        case .table:
            for report in reports { try console.write(DataVerifyCommand.text(report)) }
        }
    }

    private static func write(_ report: VerifyReport, _ json: inout JSONWriter) {
        json.object { json in
            field(&json, "series", report.address.description)
            field(&json, "rows", report.rows)
            field(&json, "first", report.firstTime.map(CivilTime.text))
            field(&json, "last", report.lastTime.map(CivilTime.text))
            field(&json, "problems", report.problemCount)
            gapsField(&json, report.gaps)
            json.key("notes")
            json.array { json in
                for note in report.notes { json.value(note) }
            }
        }
    }

    private static func missingText(_ report: VerifyReport, _ missing: Int) -> String {
        report.address.bars == nil ? "fundings missing" : counted(missing, "bar") + " missing"
    }

    private static func text(_ report: VerifyReport) -> String {
        let missing = report.gaps.reduce(0) { $0 + $1.bars }
        var lines = [
            "\(report.address): \(counted(report.rows, "row")), "
                + (report.isClean ? "ok" : counted(report.problemCount, "problem"))
                + (missing > 0
                    ? ", \(missingText(report, missing)) in \(counted(report.gaps.count, "gap"))"
                    : "")
        ]
        lines += gapLines(report.gaps, of: report.address) + report.notes
        return lines.joined(separator: "\n") + "\n"
    }
}
