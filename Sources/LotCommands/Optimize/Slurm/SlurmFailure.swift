import LotCore

/// Why a job ended before every shard was whole, and what the user can do.
struct SlurmFailure {
    let job: Int
    /// Shards that are not whole.
    let missing: [Int]
    let tasks: SlurmTasks
    let folder: SlurmFolder

    /// The kinds of ends, the most telling first: where tasks ended in several ways, the first one
    /// found says what to do.
    private enum Cause: CaseIterable {
        case memory, noLog, stuck, time, stopped, node, cancelled, failed, killed, unseen, unknown
    }

    var diagnosis: Diagnosis {
        let causes = missing.map { ($0, cause($0)) }
        let first = Cause.allCases.first { cause in causes.contains { $0.1 == cause } } ?? .unknown
        var problem = Diagnosis(
            .tryLater, kind: "slurm.failed", subject: "job \(job)",
            reason: "\(counted(missing.count, "task")) ended without a whole shard: "
                + reason(first),
            hint: hint(first) + "; what is done is kept, and the same command submits only the rest"
        )
        problem.details = causes.prefix(10).map { task, _ in detail(task) }
        if missing.count > 10 { problem.details.append("and \(missing.count - 10) more") }
        return problem
    }

    private func cause(_ task: Int) -> Cause {
        guard let known = tasks.tasks[task] else { return .unknown }
        if known.isStuck { return .stuck }
        switch known.state {
        case "OUT_OF_MEMORY": return .memory
        case "TIMEOUT", "DEADLINE": return .time
        case "NODE_FAIL", "BOOT_FAIL", "PREEMPTED", "REVOKED": return .node
        case "CANCELLED": return .cancelled
        case "COMPLETED": return .unseen
        default:
            guard let words = folder.lastWords(task) else { return .noLog }
            if words.isEmpty { return .killed }
            // What lot says after SIGTERM, which Slurm sends before the time limit.
            return words.hasPrefix("interrupted:") ? .stopped : .failed
        }
    }

    private func reason(_ cause: Cause) -> String {
        switch cause {
        case .memory: "out of memory"
        case .noLog: "no log was written"
        case .stuck: "held, because the launch failed"
        case .time: "the time limit was reached"
        case .stopped: "told to stop, as before a time limit"
        case .node: "the node failed, or was taken away"
        case .cancelled: "cancelled"
        case .failed: "failed"
        case .killed: "killed without a word, perhaps for want of memory"
        case .unseen: "completed, says Slurm, but no file is seen here"
        case .unknown: "not known to Slurm any more"
        }
    }

    private func hint(_ cause: Cause) -> String {
        let place = escaped(folder.shards, limit: 512)
        return switch cause {
        case .memory, .killed: "ask for more with --sbatch-arg=--mem=8G"
        case .noLog, .unseen:
            "\(place) must be the same folder here and on every node: name one with --shard-folder"
        case .stuck: "see scontrol show job \(job), scancel \(job)"
        case .time, .stopped:
            "give more time with --sbatch-arg=--time=…, or let a further job go on"
        case .node, .cancelled, .unknown: "submit again"
        case .failed: "mend what the logs in \(place)/slurm say"
        }
    }

    /// `task 3: FAILED (NonZeroExitCode): the last line of its log`.
    private func detail(_ task: Int) -> String {
        var text = "task \(task): "
        if let known = tasks.tasks[task] {
            text += escaped(known.state)
            let tells = !["", "None"].contains(known.reason)
            if tells { text += " (\(escaped(known.reason)))" }
        } else {
            text += "not known"
        }
        if let words = folder.lastWords(task), !words.isEmpty { text += ": " + words }
        return text
    }
}
