import ArgumentParser
import CSystem
import LotCore
import LotOptimize

/// `lot optimize`: thousands of parameter sets, and how much of the best one is luck.
struct OptimizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "optimize",
        abstract: "Search the parameters of a strategy, and say how much of the best is luck.",
        discussion: """
            lot optimize SCRIPT … is short for lot optimize run SCRIPT …; lot optimize run --help
            lists every flag.

            Examples:
              lot optimize strategies/sma_cross.lua --data binance:BTCUSDT:1h --target sharpe
              lot optimize s.lua --data binance:BTCUSDT:1h --parameter fast 5 50 5 --trials 2000
              lot optimize s.lua --data binance:BTCUSDT:1h --constraint "max_drawdown < 0.25"
              lot optimize s.lua --data binance:BTCUSDT:1h --walk-forward 180d/60d
            """,
        subcommands: [
            OptimizeRunCommand.self, OptimizeListCommand.self, OptimizeShowCommand.self,
            OptimizeExportCommand.self, OptimizeMergeCommand.self,
        ],
        defaultSubcommand: OptimizeRunCommand.self)
}

/// `lot optimize run`: makes a study, or goes on with one.
struct OptimizeRunCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Search the parameters of a strategy.",
        discussion: """
            Tries points of the space that the script's parameters span, keeps every trial, and
            prints the best ten with the statistics of overfitting (docs/optimize.md). The same
            study gives the same table on any number of threads, interrupted or not.

            Examples:
              lot optimize s.lua --data binance:BTCUSDT:1h --target "sharpe - 2 * max_drawdown"
              lot optimize s.lua --data binance:BTCUSDT:1h --where "fast < slow" --min-trades 30
              lot optimize s.lua --data binance:BTCUSDT:1h --sampler tpe --trials 500 -j 2
              lot optimize s.lua --data binance:BTCUSDT:1h --split 0.7
              lot optimize s.lua --data binance:BTCUSDT:1h --engine slurm --shards 32
            """)

    @Argument(
        help: ArgumentHelp("The strategy, a .lua file.", valueName: "strategy"),
        completion: .file(extensions: ["lua"]))
    var strategy: String?

    @OptionGroup(title: "Goal") var target: TargetOptions

    @OptionGroup(title: "Search") var search: SearchOptions

    @OptionGroup(title: "Data held back") var validation: ValidationOptions

    @OptionGroup(title: "Checks") var gate: GateOptions

    @OptionGroup(title: "Many machines") var shards: ShardOptions

    @Option(
        help: ArgumentHelp(
            "Name of the study (default: script, symbol, interval and identity).",
            valueName: "name"))
    var study: String?

    @Flag(help: "Go on with a study that was interrupted; the one of --study must be there.")
    var resume = false

    @Option(
        name: .customLong("write-params"),
        help: ArgumentHelp(
            "Write the parameters of the best, for lot backtest --params.", valueName: "file"))
    var writeParams: String?

    @Flag(name: .customLong("no-report"), help: "Write no page: no study.html.")
    var leavesPageOut = false

    @OptionGroup(title: "Resources") var resources: ResourceOptions

    @OptionGroup(title: "Data") var series: SeriesOptions

    @Option(
        help: ArgumentHelp(
            "A parameter that is not searched; give it again for another.",
            valueName: "name=value"))
    var param: [String] = []

    @Option(
        help: ArgumentHelp(
            "The same from a file; --param goes before it.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var params: String?

    @OptionGroup(title: "Execution") var settings: SettingOptions

    @OptionGroup(title: "Perpetuals") var perpetual: PerpetualOptions

    @OptionGroup(title: "Script limits") var limits: LimitOptions

    @Option(
        name: [.customShort("j"), .long],
        help: ArgumentHelp("Threads (default: the processors).", valueName: "n"))
    var jobs: Int?

    @OptionGroup(title: "General") var global: GlobalOptions

    var strategies: [String] { strategy.map { [$0] } ?? [] }

    func execute(_ console: Console, _ configuration: Configuration) throws(Diagnosis) -> Int32 {
        if let jobs, !(1...1_024).contains(jobs) {
            throw usage("--jobs", "\(jobs) is not a number of threads from 1 to 1,024")
        }
        // Groups of a sweep come and go: what is freed is used again.
        lot_prepare_heap(48 << 20)
        let slice = try shards.slice()
        let usesSlurm = try shards.usesSlurm()
        guard strategy != nil else {
            guard let job = shards.attach else {
                throw usage("<strategy>", "missing", hint: "see lot optimize run --help")
            }
            return try comeBack(to: job, console, configuration)
        }
        if resources.estimate, slice != nil {
            throw usage(
                "--estimate", "is of the whole study", hint: "leave --shard out")
        }
        let setup = try setup(configuration)
        if resources.estimate { return try estimate(setup, console) }
        let name = try studyName(setup)
        if usesSlurm { return try runOnSlurm(setup, name, console, configuration) }
        if let slice {
            notePassedOver(console, configuration)
            if let expected = shards.expected, expected != setup.id {
                throw Diagnosis(
                    .data, kind: "shard.changed", subject: "study \(escaped(name))",
                    reason: "script, data or settings are not those of the study that was divided",
                    hint: "put them back, or divide it anew")
            }
            let header = ShardHeader(
                study: setup.id, shard: slice.shard, count: slice.count, budget: setup.budget,
                arguments: ShardHeader.common(configuration.arguments))
            return try ShardDriver(
                setup: setup, folder: shards.folder ?? setup.request.workspace.shards(name),
                header: header, console: console
            ).run()
        }
        return try StudyDriver(
            setup: setup, name: name, gate: try gate.gate(setup), writeParams: writeParams,
            resumes: resume,
            // What is set once and for all means: go on where there is something.
            mustExist: resume && study != nil && configuration.isOfCommandLine("resume"),
            shards: nil, console: console, drawsPage: !leavesPageOut
        ).run()
    }

    /// Says which flags about the end of a study a slice does nothing with.
    private func notePassedOver(_ console: Console, _ configuration: Configuration) {
        let given = [
            ("assert", !gate.assertions.isEmpty), ("baseline", gate.baseline != nil),
            ("junit", gate.junit != nil), ("write-params", writeParams != nil),
        ].compactMap { $1 ? $0 : nil }
        // Who divided a study with --expect-study knows what the configuration says of its end:
        // a task of Slurm reads the same one.
        let unknown = given.filter { shards.expected == nil || configuration.isOfCommandLine($0) }
        guard !unknown.isEmpty else { return }
        console.note(
            "a slice passes over " + unknown.map { "--" + $0 }.joined(separator: ", ")
                + ": give them to lot optimize merge")
    }

    /// Prints what the study would take.
    private func estimate(_ setup: StudySetup, _ console: Console) throws(Diagnosis) -> Int32 {
        let interrupts = Interrupts(console)
        let found = try StudyEstimate(setup, cancel: interrupts.cancel)
        guard interrupts.signal == 0 else { return 128 + interrupts.signal }
        switch console.format {
        case .table: try console.write(found.text)
        case .csv: try console.write(found.csv)
        case .json: try writeJSON(console) { found.write(into: &$0) }
        }
        return 0
    }

    /// The study that the flags ask for, checked and loaded.
    func setup(_ configuration: Configuration) throws(Diagnosis) -> StudySetup {
        let requests = try requests(configuration)
        guard requests.count == 1, let request = requests.first else {
            throw usage(
                "--data", "a study runs over one series and one window, here are \(requests.count)",
                hint: "name one; several studies are several commands")
        }
        var setup = try StudySetup(self, request)
        setup.command = StudyCommandLine.text(configuration.arguments)
        return setup
    }

    /// The name the user gives, or the study's own.
    func studyName(_ setup: StudySetup) throws(Diagnosis) -> String {
        guard let study else { return setup.name }
        let isPlain = study.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isPlain, (1...64).contains(study.utf8.count), !study.hasPrefix("."),
            !study.hasPrefix("-")
        else {
            throw usage(
                "--study", "\"\(escaped(study))\" is no name",
                hint: "1 to 64 letters, digits, '.', '_' and '-'")
        }
        return study
    }
}
