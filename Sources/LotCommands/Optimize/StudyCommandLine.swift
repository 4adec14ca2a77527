/// The command that makes a study again, as a shell takes it.
///
/// Settings of the environment and of configuration files are written out; what belongs to one
/// task, one machine or one look at the study is left out: the same study has the same command,
/// whether it was interrupted, divided or merged.
enum StudyCommandLine {
    /// Options with a value that decide nothing about what is found.
    private static let valued: Set = [
        "--shard", "--shard-folder", "--expect-study", "--shards", "--engine", "--attach",
        "--sbatch-arg", "--jobs", "-j", "--max-memory", "--home", "--config", "--format",
    ]
    /// The same of flags.
    private static let flags: Set = [
        "--resume", "--estimate", "--no-report", "--quiet", "--verbose", "-q", "-v", "-qv", "-vq",
        "--no-color",
    ]

    /// The command line of words that follow `lot`.
    static func text(_ arguments: [String]) -> String {
        let words = CommandWords.without(
            arguments, valued: valued.union(GateOptions.words), flags: flags)
        return (["lot"] + words).map(quoted).joined(separator: " ")
    }

    /// A word as a POSIX shell reads it back: in single quotes unless it is plain.
    static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "_./:=,@%+-".utf8.contains(byte)
            }
        }
        guard !isPlain || word.isEmpty else { return word }
        return "'"
            + word.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
}
