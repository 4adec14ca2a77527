import ArgumentParser
import LotCore
import LotData
import LotMath
import LotReport

/// `lot backtest`: a strategy over stored bars.
struct BacktestCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "Run a strategy over stored bars and report what came of it.",
        discussion: """
            Orders decided at a bar's close act from the next open, with fees, slippage and a
            volume limit that are pessimistic by default (docs/execution.md). Files of the run go
            to reports/<run>/: result.json, trades.csv, orders.csv, equity.csv, breakdown.csv,
            manifest.json, and with --report also report.html.

            Examples:
              lot backtest strategies/sma_cross.lua --data binance:BTCUSDT:1h --report
              lot backtest s.lua -p BTC/USDT -i 1h --timerange 20240101-20240601
              lot backtest s.lua --data binance:BTCUSDT:1h --param fast=10 --format json
              lot backtest s.lua --data binance:BTCUSDT:1h --breakdown month year
              lot backtest s.lua --data binance:BTCUSDT:1h --assert "sharpe>=1" --quiet
            """)

    @Argument(help: ArgumentHelp("The strategy, a .lua file.", valueName: "strategy"))
    var strategy: String

    @OptionGroup(title: "Data") var series: SeriesOptions

    @Option(
        help: ArgumentHelp(
            "A parameter of the strategy; give it again for another.", valueName: "name=value"))
    var param: [String] = []

    @OptionGroup(title: "Execution") var settings: SettingOptions

    @OptionGroup(title: "Script limits") var limits: LimitOptions

    @Option(
        help: ArgumentHelp(
            "Folder for the run's files (default: reports/<run> in the workspace).",
            valueName: "dir"))
    var output: String?

    @Flag(help: "Draw report.html: every table and chart of the run on one page (gnuplot).")
    var report = false

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Show a table by day, week, month, year or weekday; several may be given.",
            valueName: "period"))
    var breakdown: [String] = []

    @Option(
        name: .customLong("assert"),
        help: ArgumentHelp(
            "Exit with 1 unless it holds, as \"sharpe>=1\"; may be given again.",
            valueName: "condition"))
    var assertions: [String] = []

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        var conditions: [Assertion] = []
        for text in assertions {
            conditions.append(try Assertion(text, metrics: MetricDefinition.keys))
        }
        let periods = try self.periods()
        let plan = try BacktestPlan(self)
        let result = try plan.run(console)
        let folder = RunFolder.render(
            result, report: report, gnuplot: report ? Gnuplot.find() : nil, hash: sha256Hex)
        let path = output ?? plan.workspace.reports + "/" + folder.name
        try OutputFolder(path, isOwn: output == nil).write(folder.files)
        if let warning = folder.warning { console.note("lot: warning: " + warning) }
        try render(result, periods, folder, console)
        let shown = escaped(path, limit: 512)
        console.note(
            report
                ? "report: \(shown)/report.html"
                : "files: \(shown) (--report adds a page with charts)")
        return check(conditions, result, console)
    }

    /// What `--breakdown` names, in its order.
    private func periods() throws(Diagnosis) -> [PeriodKind] {
        var kinds: [PeriodKind] = []
        for name in breakdown {
            guard let kind = PeriodKind(rawValue: name) else {
                let known = PeriodKind.allCases.map(\.rawValue)
                throw usage(
                    "--breakdown", "\"\(escaped(name))\" is no period",
                    hint: nearest(to: name, in: known).map { "did you mean \"\($0)\"?" }
                        ?? "known: " + known.joined(separator: ", "))
            }
            kinds.append(kind)
        }
        return kinds
    }

    /// Prints the result in the form asked for.
    private func render(
        _ result: RunResult, _ periods: [PeriodKind], _ folder: RunFolder, _ console: Console
    ) throws(Diagnosis) {
        switch console.format {
        case .table:
            var text = BacktestTable.render(
                result, width: Console.width, color: console.usesColor)
            for kind in periods {
                text += BacktestTable.breakdown(result, kind, color: console.usesColor)
            }
            try console.write(text)
        case .json:
            let bytes = folder.bytes(of: "result.json") ?? []
            try console.write(String(decoding: bytes, as: UTF8.self))
        case .csv: try console.write(String(decoding: RunCSV.metrics(result), as: UTF8.self))
        }
    }

    /// Says which conditions do not hold; 1 if there is one.
    private func check(
        _ conditions: [Assertion], _ result: RunResult, _ console: Console
    ) -> Int32 {
        var status: Int32 = 0
        for condition in conditions {
            let value = result.metric(condition.metric)
            let shown = value.map { "\($0)" } ?? "undefined"
            if condition.holds(for: value) {
                console.detail("assert: \(condition.text): holds (\(shown))")
            } else {
                console.fail(
                    Diagnosis(
                        .failed, kind: "assert", subject: "--assert",
                        place: escaped(condition.text),
                        reason: "does not hold: \(condition.metric) is \(shown)"))
                status = ExitCode.failed.rawValue
            }
        }
        return status
    }
}

/// The flags that bound a script.
struct LimitOptions: ParsableArguments {
    @Option(
        name: .customLong("script-time"),
        help: ArgumentHelp("Longest call of the script, in milliseconds.", valueName: "ms"))
    var milliseconds: Int = 200

    @Option(
        name: .customLong("script-memory"),
        help: ArgumentHelp("Largest memory of the script, in MiB.", valueName: "MiB"))
    var mebibytes: Int = 64

    func validate() throws {
        guard (1...3_600_000).contains(milliseconds) else {
            throw ValidationError("--script-time takes 1 to 3600000 milliseconds")
        }
        guard (1...65_536).contains(mebibytes) else {
            throw ValidationError("--script-memory takes 1 to 65536 MiB")
        }
    }
}
