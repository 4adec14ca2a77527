import LotCore

/// The batch script of a study's tasks: plain `sh` that becomes `lot`.
///
/// A requeued task begins its script anew, and `lot` goes on from the shard's journal. The number
/// of shards is written out, so that a submission of some of them divides the study the same way.
struct SlurmScript {
    /// The program, by absolute path.
    var program: String
    /// The folder in which relative paths of the command hold.
    var folder: String
    /// The command's words after `lot`, without those of one task.
    var words: [String]
    /// Workspace and shards, by absolute path.
    var home: String
    var shards: String
    /// Identity of the study: a task whose script or data have changed refuses to run.
    var study: String
    /// Number of shards.
    var count: Int

    var text: String {
        // Ours first: what follows a "--" of the user would not be read as options.
        let own = ["--home", home, "--shard-folder", shards, "--expect-study", study]
        let command = words.starts(with: ["optimize", "run"]) ? 2 : 1
        let rest = SlurmScript.ofTask(words.dropFirst(command)).map(SlurmScript.quoted)
        return """
            #!/bin/sh
            # One shard of a study of lot; written by lot optimize --engine slurm.
            cd \(SlurmScript.quoted(folder)) || exit 66
            # Nothing of the login environment reaches lot but what finds libraries.
            exec /usr/bin/env -i PATH="$PATH" LD_LIBRARY_PATH="${LD_LIBRARY_PATH:-}" \\
                \(SlurmScript.quoted(program)) optimize run \\
                \(own.map(SlurmScript.quoted).joined(separator: " ")) \\
                --shard "$SLURM_ARRAY_TASK_ID/\(count)" --jobs "${SLURM_CPUS_PER_TASK:-1}" \\
                \(rest.joined(separator: " "))

            """
    }

    /// The words without those that change what is said, as a log is there to be read, and without
    /// what is checked and written at the end of the study, by who follows the job.
    private static func ofTask(_ words: ArraySlice<String>) -> [String] {
        CommandWords.without(
            Array(words), valued: GateOptions.words.union(["--format"]), flags: ["-q", "--quiet"])
    }

    /// A word as `sh` takes it literally, whatever it holds.
    static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "="),
                UInt8(ascii: ","):
                true
            default: false
            }
        }
        if isPlain, !word.isEmpty { return word }
        var result = "'"
        for scalar in word.unicodeScalars {
            if scalar == "'" { result += #"'\''"# } else { result.unicodeScalars.append(scalar) }
        }
        return result + "'"
    }
}
