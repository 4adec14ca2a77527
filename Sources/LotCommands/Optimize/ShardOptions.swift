import ArgumentParser
import LotCore
import LotOptimize

/// The flags that divide a study among machines.
struct ShardOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Do one slice only, I of N with I from 0, and write one file: 3/32.", valueName: "i/n"))
    var shard: String?

    @Option(
        name: .customLong("shard-folder"),
        help: ArgumentHelp(
            "Folder of the shards, shared by all tasks (default: studies/<name>/shards).",
            valueName: "dir"), completion: .directory)
    var folder: String?

    @Option(
        name: .customLong("expect-study"),
        help: ArgumentHelp(
            "With --shard: refuse unless the study has this identity (--engine slurm writes it).",
            valueName: "id"))
    var expected: String?

    @Option(
        help: ArgumentHelp(
            "slurm submits the study as an array job, follows it and merges; local: this process.",
            valueName: "engine"), completion: .list(["slurm", "local"]))
    var engine: String?

    @Option(help: ArgumentHelp("Tasks of --engine slurm.", valueName: "n"))
    var shards: Int?

    @Option(
        name: .customLong("sbatch-arg"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "An option for sbatch, as --sbatch-arg=--partition=main; may be given again.",
            valueName: "option"))
    var sbatchWords: [String] = []

    @Option(
        help: ArgumentHelp(
            "Come back to a job of --engine slurm; the strategy may be left out.", valueName: "job")
    )
    var attach: Int?

    /// Most shards of a study.
    private static let most = 100_000

    /// Whether Slurm runs the study.
    ///
    /// - Throws: 64 for flags that do not go together.
    func usesSlurm() throws(Diagnosis) -> Bool {
        if let engine, !["slurm", "local"].contains(engine) {
            throw usage(
                "--engine", "\"\(escaped(engine))\" is not an engine",
                hint: "slurm or local; others use --shard (docs/optimize-distributed.md)")
        }
        // What lot.toml says of Slurm is of no matter then.
        if engine == "local", attach == nil { return false }
        let isSlurm = engine != nil || attach != nil
        if isSlurm, shard != nil {
            throw usage(
                "--shard", "does one slice, --engine slurm all of them", hint: "keep one")
        }
        if !isSlurm, shards != nil || !sbatchWords.isEmpty {
            throw usage(
                shards == nil ? "--sbatch-arg" : "--shards", "is for Slurm's tasks",
                hint: "add --engine slurm")
        }
        if expected != nil, shard == nil {
            throw usage("--expect-study", "is for one slice", hint: "add --shard I/N")
        }
        if let shards, !(1...ShardOptions.most).contains(shards) {
            throw usage("--shards", "\(shards) is not a number of tasks from 1 to 100,000")
        }
        if let attach, attach < 1 {
            throw usage("--attach", "\(attach) is not the number of a job")
        }
        try SbatchWords.check(sbatchWords)
        return isSlurm
    }

    /// The slice asked for; `nil` for the whole study.
    func slice() throws(Diagnosis) -> (shard: Int, count: Int)? {
        guard let shard else { return nil }
        let parts = shard.split(separator: "/", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { parseWhole($0).flatMap { Int(exactly: $0) } }
        guard numbers.count == 2, parts.count == 2,
            (1...ShardOptions.most).contains(numbers[1]), numbers[0] < numbers[1]
        else {
            throw usage(
                "--shard", "\"\(escaped(shard))\" is not I/N",
                hint: "the first of four is 0/4, the last 3/4")
        }
        return (numbers[0], numbers[1])
    }
}

extension ShardHeader {
    /// The words of a command without those that belong to one task, or to who runs the tasks.
    static func common(_ arguments: [String]) -> [String] {
        CommandWords.without(
            arguments,
            valued: [
                "--shard", "--shard-folder", "--expect-study", "--engine", "--shards",
                "--sbatch-arg", "--attach", "--jobs", "-j", "--max-memory", "--home",
            ])
    }
}
