import ArgumentParser
import CSystem
import LotCore
import LotData
import LotEngine
import LotMath
import LotReport

/// `lot backtest`: strategies over stored bars.
struct BacktestCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "Run strategies over stored bars and report what came of it.",
        discussion: """
            Orders decided at a bar's close act from the next open, with fees, slippage and a
            volume limit that are pessimistic by default (docs/execution.md). Files of the run go
            to reports/<run>/: result.json, trades.csv, orders.csv, equity.csv, breakdown.csv,
            summary.txt, manifest.json, the script itself, and with --report also report.html.

            Several strategies, --data, -p or --window make a run of each with each, in parallel
            (-j), and print one table. --symbols, or --portfolio with several --data or -p, makes
            one run of several symbols that share one account (docs/portfolio.md).

            Examples:
              lot backtest strategies/sma_cross.lua --data binance:BTCUSDT:1h --report
              lot backtest s.lua -p BTC/USDT -i 1h --timerange 20240101-20240601
              lot backtest s.lua --data binance:BTCUSDT:1h --param fast=10 --format json
              lot backtest s.lua --data binance:BTCUSDT:1h --breakdown month year
              lot backtest s.lua --data binance:BTCUSDT:1h --assert "sharpe>=1" --quiet
              lot backtest s.lua --data binance:BTCUSDT:1h --check
              lot backtest s.lua --data binance.perp:BTCUSDT:1h --leverage 3 --margin cross
              lot backtest s.lua --symbols BTCUSDT,ETHUSDT,SOLUSDT -i 1h --max-open-positions 2
              lot backtest a.lua b.lua -p BTCUSDT,ETHUSDT -i 1h --window 2023-01-01..2024-01-01
            """)

    @Argument(
        help: ArgumentHelp("Strategies, .lua files.", valueName: "strategy"),
        completion: .file(extensions: ["lua"]))
    var strategies: [String]

    @OptionGroup(title: "Data") var series: SeriesOptions

    @Option(
        help: ArgumentHelp(
            "A parameter of the strategy; give it again for another.", valueName: "name=value"))
    var param: [String] = []

    @Option(
        help: ArgumentHelp(
            "Parameters from a file of lot optimize --write-params; --param goes before it.",
            valueName: "file"), completion: .file(extensions: ["json"]))
    var params: String?

    @OptionGroup(title: "Execution") var settings: SettingOptions

    @OptionGroup(title: "Perpetuals") var perpetual: PerpetualOptions

    @OptionGroup(title: "Script limits") var limits: LimitOptions

    @Option(
        help: ArgumentHelp(
            "Folder for the run's files (default: reports/<run> in the workspace).",
            valueName: "dir"))
    var output: String?

    @Flag(help: "Draw report.html: every table and chart of the run on one page (gnuplot).")
    var report = false

    @Flag(help: "Take an identical run from its folder instead of running it again.")
    var cache = false

    @Flag(help: "Prove by re-runs on truncated data that no decision knew what came later.")
    var check = false

    @Option(
        name: [.customShort("j"), .long],
        help: ArgumentHelp("Runs at a time (default: the processors).", valueName: "n"))
    var jobs: Int?

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

    func execute(_ console: Console, _ configuration: Configuration) throws(Diagnosis) -> Int32 {
        // Faults on fresh pages were a third of a short run's time.
        lot_prepare_heap(48 << 20)
        var conditions: [Assertion] = []
        for text in assertions {
            conditions.append(try Assertion(text, metrics: MetricDefinition.keys))
        }
        if let jobs, !(1...1_024).contains(jobs) {
            throw usage("--jobs", "\(jobs) is not a number of runs from 1 to 1,024")
        }
        let periods = try periods()
        if !periods.isEmpty, cache || check || strategies.count > 1 {
            throw usage(
                "--breakdown", "goes with one run that is run now",
                hint: "every run's folder has breakdown.csv")
        }
        let threads = jobs ?? ParallelRunner.coreCount
        let requests = try requests(configuration)
        if check { return try checkRuns(requests, threads, console) }
        guard requests.count == 1, let request = requests.first else {
            if output != nil {
                throw usage(
                    "--output", "names the folder of one run, here are \(requests.count)",
                    hint: "leave it out: each run gets its folder in reports/")
            }
            return try RunMatrix(
                requests: requests, conditions: conditions, threads: threads, usesCache: cache,
                drawsReport: report
            ).run(console)
        }
        return try single(request, conditions, periods, console)
    }

    /// One run, with progress and its whole result.
    private func single(
        _ request: RunRequest, _ conditions: [Assertion], _ periods: [PeriodKind],
        _ console: Console
    ) throws(Diagnosis) -> Int32 {
        let job = RunJob(
            request: request, output: output, usesCache: cache, drawsReport: report)
        let shows = Console.showsProgress && !console.isQuiet
        var bar = ProgressBar(total: 1)
        var started = 0.0
        var bars = 0
        let product = try job.load().perform(
            begin: { count in
                bars = count
                bar = ProgressBar(total: count)
                started = ProgressBar.seconds()
            },
            progress: { done in
                if shows { bar.update(done) }
                guard done == bars else { return }
                bar.finish()
                let elapsed = max(1e-9, ProgressBar.seconds() - started)
                console.detail(
                    "\(grouped(bars)) bars in \(Int(elapsed * 1e6)) µs, "
                        + "\(grouped(Int(Double(bars) / elapsed))) bars/s")
            },
            write: { folder, place throws(Diagnosis) in try place.write(folder) })
        if let notes = product.notes { showLog(notes, console) }
        if let warning = product.run.warning { console.note("lot: warning: " + warning) }
        // After the result is shown: the disk is asked to keep the record, which takes longer.
        defer { RunLanding.land([product.run], console) }
        try render(product, periods, console)
        let path = escaped(product.run.path, limit: 512)
        if product.run.isCached {
            console.note("cached: \(path) holds an identical run; nothing was run")
        }
        console.note(
            report
                ? "report: \(path)/report.html"
                : "files: \(path) (--report adds a page with charts)")
        return conditions.failed(product.run, label: nil, console)
            ? ExitCode.failed.rawValue : 0
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
        _ product: RunJob.Product, _ periods: [PeriodKind], _ console: Console
    ) throws(Diagnosis) {
        guard let result = product.result else {
            return try StoredRun(product.run.path).print(console)
        }
        switch console.format {
        case .table:
            var text = BacktestTable.render(
                result, width: Console.width, color: console.usesColor)
            for kind in periods {
                text += BacktestTable.breakdown(result, kind, color: console.usesColor)
            }
            try console.write(text)
        case .json: try console.write(String(decoding: ResultJSON.render(result), as: UTF8.self))
        case .csv: try console.write(String(decoding: RunCSV.metrics(result), as: UTF8.self))
        }
    }

    /// Shows what the script printed: all with -v, else the first lines.
    private func showLog(_ notes: RunNotesSnapshot, _ console: Console) {
        let shown = console.isVerbose ? notes.log.count : min(20, notes.log.count)
        for line in notes.log.prefix(shown) {
            console.note((line.time.map { CivilTime.text($0) + "  " } ?? "") + line.text)
        }
        let hidden = notes.log.count - shown + notes.droppedLines
        if hidden > 0 { console.note("… \(grouped(hidden)) more lines (-v shows those kept)") }
    }
}

extension [Assertion] {
    /// Says which conditions do not hold for a run, and whether one does not.
    func failed(_ run: FinishedRun, label: String?, _ console: Console) -> Bool {
        var failed = false
        for condition in self {
            let value = run.metric(condition.metric)
            let shown = value.map { "\($0)" } ?? "undefined"
            let place = escaped(condition.text) + (label.map { " for \($0)" } ?? "")
            if condition.holds(for: value) {
                console.detail("assert: \(place): holds (\(shown))")
            } else {
                console.fail(
                    Diagnosis(
                        .failed, kind: "assert", subject: "--assert", place: place,
                        reason: "does not hold: \(condition.metric) is \(shown)"))
                failed = true
            }
        }
        return failed
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
