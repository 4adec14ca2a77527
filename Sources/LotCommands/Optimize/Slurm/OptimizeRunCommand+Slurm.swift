import LotCore
import LotOptimize

extension OptimizeRunCommand {
    /// Submits the study's shards to Slurm, or comes back to them; follows, merges, cleans up.
    ///
    /// - Returns: What the undivided study returns; 130 or 143 if the user leaves while the job
    ///   goes on.
    func runOnSlurm(
        _ setup: StudySetup, _ name: String, _ console: Console, _ configuration: Configuration
    ) throws(Diagnosis) -> Int32 {
        // What is wrong with it is said now, not after hours.
        let gate = try gate.gate(setup)
        try StudyFiles(setup, name: name).checkWritable(gate: gate, writeParams: writeParams)
            .takeBack()
        let driver = SlurmDriver(
            setup: setup, name: name, options: shards, arguments: configuration.arguments,
            jobs: jobs, console: console)
        switch try driver.run() {
        case .left(let code): return code
        case .done(let place):
            let study = StudyDriver(
                setup: setup, name: name, gate: gate, writeParams: writeParams, resumes: true,
                shards: place.map { ShardFolder($0.shards) }, console: console,
                drawsPage: !leavesPageOut)
            let code: Int32
            do throws(Diagnosis) {
                code = try study.run()
            } catch {
                // No trial is good enough: that is the result.
                if error.code == .failed { clear(place) }
                throw error
            }
            if code == 0 || code == ExitCode.failed.rawValue { clear(place) }
            return code
        }
    }

    private func clear(_ place: SlurmFolder?) {
        guard let place else { return }
        ShardFolder(place.shards).clear()
        place.clear()
    }

    /// Comes back to a job by its number alone: with the command and in the folder that it was
    /// submitted with, and the flags given now after those.
    func comeBack(
        to number: Int, _ console: Console, _ configuration: Configuration
    ) throws(Diagnosis) -> Int32 {
        let workspace = try global.workspace()
        let (job, place) = try SlurmFolder.find(number, shards.folder, workspace)
        let end = job.words.firstIndex(of: "--") ?? job.words.count
        let own = ["--home", job.home, "--shard-folder", place.shards, "--attach", "\(number)"]
        let words =
            job.words[..<end] + ShardHeader.common(configuration.given) + own + job.words[end...]
        guard ChildProgram.enter(job.folder) else {
            throw Diagnosis(
                .noInput, kind: "slurm.path", subject: escaped(job.folder, limit: 512),
                reason: "job \(number) was submitted there, and it has gone",
                hint: "the shards are in \(escaped(place.shards, limit: 512))")
        }
        let stored = Configuration(verbatim: Array(words))
        guard let command = try stored.parsed() as? OptimizeRunCommand, command.strategy != nil
        else {
            throw Diagnosis(
                .data, kind: "slurm.command", subject: "job \(number)",
                reason: "was submitted with another command",
                hint: "it is of another version of lot; submit again")
        }
        return try command.execute(console, stored)
    }
}
