import ArgumentParser
import LotCore

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

    /// The slice asked for; `nil` for the whole study.
    func slice() throws(Diagnosis) -> (shard: Int, count: Int)? {
        guard let shard else { return nil }
        let parts = shard.split(separator: "/", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { parseWhole($0).flatMap { Int(exactly: $0) } }
        guard numbers.count == 2, parts.count == 2, (1...100_000).contains(numbers[1]),
            numbers[0] < numbers[1]
        else {
            throw usage(
                "--shard", "\"\(escaped(shard))\" is not I/N",
                hint: "the first of four is 0/4, the last 3/4")
        }
        return (numbers[0], numbers[1])
    }
}
