import ArgumentParser
import LotCore
import LotOptimize

/// `lot optimize merge`: makes the study of its shards.
struct OptimizeMergeCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Put the shards of a study together.",
        discussion: """
            The shards know which command made them: merging runs it with their trials in place of
            new ones, and prints what an undivided study prints, byte for byte. Merging again
            changes nothing. A slice that is missing is named.

            Examples:
              lot optimize merge studies/sma_cross-BTCUSDT-1h-551c578a/shards
              lot optimize merge shards --assert "oos_sharpe >= 0.8" --junit out.xml
            """)

    @Argument(
        help: ArgumentHelp("The folder of the shards.", valueName: "dir"),
        completion: .directory)
    var folder: String

    @OptionGroup(title: "Checks") var gate: GateOptions

    @Option(
        name: .customLong("write-params"),
        help: ArgumentHelp(
            "Write the parameters of the best, for lot backtest --params.", valueName: "file"))
    var writeParams: String?

    @Flag(name: .customLong("no-report"), help: "Write no page: no study.html.")
    var leavesPageOut = false

    @Flag(help: "Remove the shards once they are merged.")
    var clean = false

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let shards = try ShardFolder(folder).shards()
        guard let first = shards.first else {
            throw Diagnosis(
                .noInput, kind: "shard.none", subject: escaped(folder, limit: 512),
                reason: "holds no shard", hint: "run lot optimize … --shard 0/4 first")
        }
        var arguments = first.header.arguments
        if let home = global.home { arguments += ["--home", home] }
        guard let command = try Configuration(verbatim: arguments).parsed() as? OptimizeRunCommand
        else {
            throw Diagnosis(
                .data, kind: "shard.command", subject: escaped(folder, limit: 512),
                reason: "the shards were made by another command",
                hint: "they are of another version of lot; run them again")
        }
        let setup = try command.setup(Configuration(verbatim: arguments))
        let driver = StudyDriver(
            setup: setup, name: try command.studyName(setup), gate: try gate.gate(setup),
            writeParams: writeParams, resumes: true, shards: ShardFolder(folder), console: console,
            drawsPage: !leavesPageOut && !command.leavesPageOut)
        let code = try driver.run()
        if clean, code == 0 || code == ExitCode.failed.rawValue { ShardFolder(folder).clear() }
        return code
    }
}
