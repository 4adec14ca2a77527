import LotCore

/// The tasks of an array job, as `squeue` or `sacct` show them.
///
/// States: https://slurm.schedmd.com/squeue.html#SECTION_JOB-STATE-CODES; reasons: the section
/// after it.
struct SlurmTasks: Equatable {
    /// One task.
    struct Task: Equatable {
        /// How it is, as `RUNNING` or `OUT_OF_MEMORY`.
        var state: String
        /// Why it waits or why it ended: `Resources`, `NonZeroExitCode`; may be empty.
        var reason: String

        /// Whether it waits, and will be begun without anybody's doing.
        var isPending: Bool {
            switch state {
            case "PENDING", "REQUEUED", "REQUEUE_FED", "RESV_DEL_HOLD": !isStuck
            default: false
            }
        }

        /// Whether it is on a node, or on its way to or from it.
        var isRunning: Bool {
            switch state {
            case "RUNNING", "COMPLETING", "CONFIGURING", "RESIZING", "SIGNALING", "STAGE_OUT",
                "STOPPED", "SUSPENDED":
                true
            default: false
            }
        }

        /// Whether it waits for somebody to release it, because it could not be launched.
        ///
        /// What the user holds (`--hold`) is not: the user knows.
        var isStuck: Bool {
            state == "REQUEUE_HOLD" || state == "SPECIAL_EXIT"
                || (state == "PENDING" && reason.hasPrefix("launch failed"))
        }

        /// Whether it ended well; its shard may not be seen here yet.
        var isCompleted: Bool { state == "COMPLETED" }
    }

    /// By array index.
    var tasks: [Int: Task] = [:]

    /// How many run.
    var running: Int { tasks.values.count(where: \.isRunning) }
    /// How many wait.
    var pending: Int { tasks.values.count(where: \.isPending) }
    /// How many ended badly, or cannot begin.
    var failed: Int {
        tasks.values.count { !$0.isRunning && !$0.isPending && !$0.isCompleted }
    }
    /// Whether any of them may still do something.
    var isActive: Bool { tasks.values.contains { $0.isRunning || $0.isPending } }

    /// Why most of those that wait do so; `nil` if there is nothing to say.
    var waitingFor: String? {
        var counts: [String: Int] = [:]
        for task in tasks.values where task.isPending && task.reason != "None" {
            counts[task.reason, default: 0] += 1
        }
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    /// Takes what is said now.
    ///
    /// What ended some minutes ago is no longer in `squeue`: of tasks that are not spoken of, an
    /// end is remembered.
    mutating func update(_ now: SlurmTasks) {
        tasks = tasks.filter { !$1.isRunning && !$1.isPending }.merging(now.tasks) { $1 }
    }

    /// Reads `squeue --array --format=%K|%T|%r`: array index, state, reason.
    static func squeue(_ text: String) -> SlurmTasks {
        read(text) { words in
            guard words.count >= 2, let index = Int(words[0]) else { return nil }
            return (index, String(words[1]), words.count > 2 ? String(words[2]) : "")
        }
    }

    /// Reads `sacct --allocations --parsable2 --format=JobID,State`: `12_3|CANCELLED by 1000`.
    static func sacct(_ text: String) -> SlurmTasks {
        read(text) { words in
            guard words.count == 2, let line = words[0].firstIndex(of: "_"),
                let index = Int(words[0][words[0].index(after: line)...]),
                let state = words[1].split(separator: " ").first
            else { return nil }
            return (index, String(state), "")
        }
    }

    private static func read(
        _ text: String, _ task: ([Substring]) -> (Int, String, String)?
    ) -> SlurmTasks {
        var found = SlurmTasks()
        for line in text.split(separator: "\n") {
            let words = line.split(separator: "|", maxSplits: 2, omittingEmptySubsequences: false)
            guard let (index, state, reason) = task(words) else { continue }
            found.tasks[index] = Task(state: state, reason: reason)
        }
        return found
    }
}
