import LotCore

/// The commands of Slurm that a study needs: `sbatch`, `squeue`, and `sacct` where it is kept.
///
/// Options and exit codes as in their manual pages (https://slurm.schedmd.com/sbatch.html and its
/// neighbours, 20.11 and later). No shell is between: words go to the program as they are.
enum Slurm {
    /// Refuses where jobs cannot be submitted, before anything is written.
    ///
    /// - Throws: 69 if there is no `sbatch` or it does not work; 64 where it would not return.
    static func check() throws(Diagnosis) {
        if Environment.value("SBATCH_WAIT") != nil {
            throw usage(
                "SBATCH_WAIT", "keeps sbatch from returning before the job ends",
                hint: "unset SBATCH_WAIT")
        }
        guard let outcome = try ChildProgram.run(["sbatch", "--version"], seconds: 60) else {
            throw missing("sbatch")
        }
        guard outcome.code == 0 else {
            throw refused("does not work here", outcome, hint: "ask who runs the cluster")
        }
    }

    /// Submits an array of tasks.
    ///
    /// - Parameters:
    ///   - script: Path of the script.
    ///   - folder: Where the tasks' logs go.
    ///   - tasks: Numbers of the tasks.
    ///   - name: The job's name.
    ///   - processors: Processors of each task, if the user says.
    ///   - words: The user's words for `sbatch`; they win over ours.
    /// - Returns: The job's number.
    /// - Throws: 69 if there is no `sbatch`, or if it refuses, with its words.
    static func submit(
        _ script: String, in folder: String, tasks: [Int], name: String, processors: Int?,
        words: [String]
    ) throws(Diagnosis) -> Int {
        // On the command line, where SBATCH_… variables do not reach.
        var line = [
            "sbatch", "--parsable", "--job-name=lot-" + name, "--array=" + ranges(tasks),
            // A task begins anew elsewhere when its node dies, and adds to its log.
            "--requeue", "--open-mode=append",
            // Half a minute before the time limit: to lot itself, which the script becomes.
            "--signal=B:TERM@30",
            // Nothing of this process's environment, which may hold secrets.
            "--export=NONE",
            // Relative to the folder: in a path, sbatch would replace what follows a "%".
            "--chdir=" + folder, "--output=task-%a.log", "--error=task-%a.log",
        ]
        if let processors { line.append("--cpus-per-task=\(processors)") }
        guard let outcome = try ChildProgram.run(line + words + [script], seconds: 300) else {
            throw missing("sbatch")
        }
        // "12" or "12;cluster".
        let number = outcome.out.prefix { $0.isASCII && $0.isNumber }
        guard outcome.code == 0, let job = Int(number) else {
            throw refused(
                "refused the job", outcome,
                hint: "mend what it says with --sbatch-arg; nothing was submitted")
        }
        return job
    }

    /// What Slurm says of a job's tasks, none if it knows none; `nil` if it does not answer now.
    ///
    /// A job is in `squeue` until some minutes after its end (MinJobAge), then in `sacct` if the
    /// cluster keeps accounts.
    ///
    /// - Throws: 69 if there is no `squeue`.
    static func tasks(_ job: Int) throws(Diagnosis) -> SlurmTasks? {
        let line = [
            "squeue", "--noheader", "--array", "--states=all", "--format=%K|%T|%r", "--jobs=\(job)",
        ]
        guard let found = try answer(line) else { return nil }
        guard found.code == 0 || found.err.contains("Invalid job id") else { return nil }
        let tasks = SlurmTasks.squeue(found.out)
        return tasks.tasks.isEmpty ? try accounted(job) : tasks
    }

    private static func accounted(_ job: Int) throws(Diagnosis) -> SlurmTasks {
        let line = [
            "sacct", "--noheader", "--allocations", "--parsable2", "--format=JobID,State",
            "--jobs=\(job)",
        ]
        do throws(Diagnosis) {
            guard let found = try answer(line), found.code == 0 else { return SlurmTasks() }
            return SlurmTasks.sacct(found.out)
        } catch {
            return SlurmTasks()
        }
    }

    /// The folder that a job works in; `nil` if Slurm does not know it, or does not answer.
    static func folder(_ job: Int) -> String? {
        let line = ["squeue", "--noheader", "--states=all", "--format=%Z", "--jobs=\(job)"]
        guard let found = try? answer(line), found.code == 0 else { return nil }
        return found.out.split(separator: "\n").first.map(String.init)
    }

    /// Numbers as sbatch reads them: `0-3,7`.
    static func ranges(_ numbers: [Int]) -> String {
        var parts: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = parts.last, last.upperBound + 1 == number {
                parts[parts.count - 1] = last.lowerBound...number
            } else {
                parts.append(number...number)
            }
        }
        return parts.map {
            $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }
        .joined(separator: ",")
    }

    /// What a program that only looks says; `nil` if it does not end or cannot be started now.
    private static func answer(_ line: [String]) throws(Diagnosis) -> ChildProgram.Outcome? {
        let found: ChildProgram.Outcome?
        do throws(Diagnosis) { found = try ChildProgram.run(line, seconds: 60) } catch {
            return nil
        }
        guard let found else { throw missing(line[0]) }
        return found
    }

    private static func missing(_ name: String) -> Diagnosis {
        Diagnosis(
            .unavailable, kind: "slurm.missing", subject: name, reason: "no such program in PATH",
            hint: "--engine slurm needs a machine from which jobs are submitted; elsewhere use "
                + "--shard (docs/optimize-distributed.md)")
    }

    private static func refused(
        _ what: String, _ outcome: ChildProgram.Outcome, hint: String
    ) -> Diagnosis {
        Diagnosis(
            .unavailable, kind: "slurm.refused", subject: "sbatch",
            reason: "\(what) (exit code \(outcome.code))", hint: hint,
            details: (outcome.err + outcome.out).split(separator: "\n").prefix(20)
                .map { escaped($0, limit: 500) })
    }
}
