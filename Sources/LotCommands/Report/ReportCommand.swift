import ArgumentParser
import LotCore
import LotData
import LotReport

/// `lot report`: what earlier runs found.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "List, show, compare and verify earlier runs.",
        subcommands: [
            ReportListCommand.self, ReportShowCommand.self, ReportDiffCommand.self,
            ReportVerifyCommand.self,
        ])
}

/// The run that a command is about.
struct RunArgument: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "A run: its folder, its name in reports/, or the start of its name or identity.",
            valueName: "run"), completion: Completion.runs)
    var run: String
}

/// `lot report show`: the table of a run again.
struct ReportShowCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print the result of an earlier run again.",
        discussion: """
            Nothing is run: what is printed is read from the run's folder.

            Examples:
              lot report show sma_cross-BTCUSDT-1h-3fd41c20
              lot report show 3fd4 --format json
            """)

    @OptionGroup var argument: RunArgument
    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let run = try StoredRun.find(argument.run, in: global.workspace())
        try run.print(console)
        for (name, reason) in run.damage() {
            console.note("lot: warning: \(escaped(run.path, limit: 512))/\(name): \(reason)")
        }
        return 0
    }
}

extension StoredRun {
    /// Prints the result as it was printed when it ran.
    func print(_ console: Console) throws(Diagnosis) {
        switch console.format {
        case .table:
            try console.write(String(decoding: file("summary.txt"), as: UTF8.self))
        case .json:
            try console.write(String(decoding: file("result.json"), as: UTF8.self))
        case .csv:
            var csv = CSVWriter(header: ["key", "value"])
            for metric in try metrics() {
                csv.text(metric.key)
                csv.number(metric.value)
                csv.endRow()
            }
            try console.write(String(decoding: csv.bytes, as: UTF8.self))
        }
    }
}
