import LotCore
import LotData
import LotOptimize

/// Has a study's shards done by Slurm: submits, follows, and hands them over to be merged.
struct SlurmDriver {
    let setup: StudySetup
    /// Name of the study.
    let name: String
    let options: ShardOptions
    /// Words after `lot`, with what is set elsewhere.
    let arguments: [String]
    /// Threads of each task, if the user says.
    let jobs: Int?
    let console: Console

    /// What comes of following.
    enum End {
        /// Every shard is whole, or the study is done and there are none.
        case done(SlurmFolder?)
        /// The user left; the code to exit with.
        case left(Int32)
    }

    /// Seconds that the file of a task that has ended may take to be seen here: caches of network
    /// file systems keep what was not there for up to a minute (`acdirmax` of nfs(5)).
    private static let patience = 90.0

    /// Submits what is not done yet and follows it, or follows an earlier job.
    ///
    /// - Throws: 69 without Slurm, 75 if tasks failed, 66 for a job nobody knows.
    func run() throws(Diagnosis) -> End {
        // From here on Ctrl-C means: leave. A submission under way is seen to its end.
        ChildProgram.holdSignals()
        if try StudyBook.isDone(setup, name: name) { return .done(nil) }
        let place = SlurmFolder(options.folder ?? setup.request.workspace.shards(name))
        if let attach = options.attach {
            let job = try attached(attach, place)
            var progress = ShardProgress(folder: place.shards, count: job.count)
            progress.update()
            return try follow(job.number, &progress, place)
        }
        guard let count = options.shards else {
            throw usage("--engine", "slurm needs a number of tasks", hint: "add --shards 32")
        }
        try checkDivision(count, place)
        var progress = ShardProgress(folder: place.shards, count: count)
        progress.update()
        if progress.missing.isEmpty { return .done(place) }
        let number = try submit(progress.missing, of: count, place)
        return try follow(number, &progress, place)
    }

    /// The job that was submitted from a folder, if it is the one that is asked for.
    private func attached(_ number: Int, _ place: SlurmFolder) throws(Diagnosis) -> SlurmJob {
        guard let job = place.last, job.number == number else {
            throw Diagnosis(
                .noInput, kind: "slurm.job", subject: "--attach \(number)",
                reason: "\(escaped(place.shards, limit: 512)) holds no such job",
                hint: "give --attach alone, or the flags that the job was submitted with")
        }
        guard job.study == setup.id else {
            throw Diagnosis(
                .data, kind: "slurm.changed", subject: "--attach \(number)",
                reason: "script, data or flags are not those that the job was submitted with",
                hint: "put them back, or scancel \(number) and begin another study")
        }
        return job
    }

    /// Refuses another division than that of what is there.
    private func checkDivision(_ asked: Int, _ place: SlurmFolder) throws(Diagnosis) {
        let there = try ShardFolder(place.shards).shards(of: setup.id)
        let subject = escaped(place.shards, limit: 512)
        if let other = there.first(where: { $0.header.count != asked })?.header.count {
            throw usage(
                "--shards", "\(subject) holds shards of \(other)",
                hint: "go on with --shards \(other), or remove them")
        }
        if let other = there.first(where: { $0.header.budget != setup.budget })?.header.budget {
            throw usage(
                "--trials", "\(subject) holds shards of \(counted(other, "trial"))",
                hint: "go on with --trials \(other), or remove them")
        }
    }

    private func submit(
        _ missing: [Int], of count: Int, _ place: SlurmFolder
    ) throws(Diagnosis) -> Int {
        try Slurm.check()
        if let last = place.last, let tasks = try Slurm.tasks(last.number), tasks.isActive {
            throw Diagnosis(
                .tryLater, kind: "slurm.busy", subject: escaped(place.shards, limit: 512),
                reason: "job \(last.number) works on this study",
                hint: "--attach \(last.number) follows it, scancel \(last.number) ends it")
        }
        let place = try place.made()
        let words = ShardHeader.common(arguments)
        let home = try SlurmFolder.absolute(setup.request.workspace.root)
        let folder = try SlurmFolder.absolute(".")
        let number: Int
        do throws(Diagnosis) {
            let path = try place.write(
                SlurmScript(
                    program: try SlurmFolder.absolute("/proc/self/exe"), folder: folder,
                    words: words, home: home, shards: place.shards, study: setup.id, count: count))
            number = try Slurm.submit(
                path, in: place.folder, tasks: missing, name: name, processors: jobs,
                words: options.sbatchWords)
        } catch {
            if place.last == nil {
                place.unmake(Workspace.path(setup.request.workspace.studies, name))
            }
            throw error
        }
        console.note(
            "job \(number): \(counted(missing.count, "task")) submitted; logs: "
                + escaped(place.folder, limit: 512))
        try place.remember(
            SlurmJob(
                number: number, count: count, study: setup.id, folder: folder, home: home,
                words: words))
        return number
    }

    /// Waits until every shard is whole, the tasks have ended, or the user leaves.
    private func follow(
        _ number: Int, _ progress: inout ShardProgress, _ place: SlurmFolder
    ) throws(Diagnosis) -> End {
        var line = SlurmLine(
            number, total: setup.budget * (1 + setup.plan.folds.count), done: progress.trials,
            console)
        defer { line.finish() }
        var tasks = SlurmTasks()
        var next = 0.0
        // When the last task was seen to have ended.
        var ended: Double?
        while true {
            progress.update()
            if progress.missing.isEmpty { return .done(place) }
            // Merged by somebody else who follows it.
            if place.last?.number != number { return try merged(number) }
            let now = ProgressBar.seconds()
            if now >= next {
                // A busy controller is asked no more often than people would.
                next = now + (ended != nil || line.age < 20 ? 1 : 10)
                if let answer = try Slurm.tasks(number) {
                    tasks.update(answer)
                    ended = answer.isActive ? nil : ended ?? now
                }
            }
            let failed = progress.missing.allSatisfy {
                tasks.tasks[$0].map { !$0.isCompleted } ?? false
            }
            if let ended, now - ended > (failed ? 3 : SlurmDriver.patience) {
                throw SlurmFailure(
                    job: number, missing: progress.missing, tasks: tasks, folder: place
                ).diagnosis
            }
            line.show(progress.trials, tasks)
            let signal = ChildProgram.signal(within: 250)
            guard signal == 0 else {
                line.finish()
                console.note("job \(number) goes on without this command; come back with")
                console.note("  " + attachCommand(number))
                return .left(128 + signal)
            }
        }
    }

    /// The files have gone: the study is done, or they were removed by hand.
    private func merged(_ number: Int) throws(Diagnosis) -> End {
        if try StudyBook.isDone(setup, name: name) { return .done(nil) }
        throw Diagnosis(
            .noInput, kind: "slurm.job", subject: "job \(number)",
            reason: "its files are no longer there, or another job was submitted",
            hint: "scancel \(number) ends what may still run")
    }

    /// The command that comes back, as one types it.
    private func attachCommand(_ number: Int) -> String {
        var words = ["lot", "optimize", "--attach", "\(number)"]
        if setup.request.workspace.root != "." {
            words += ["--home", setup.request.workspace.root]
        }
        if let folder = options.folder { words += ["--shard-folder", folder] }
        return words.map(SlurmScript.quoted).joined(separator: " ")
    }
}
