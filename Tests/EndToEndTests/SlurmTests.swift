import Foundation
import LotTestSupport
import Testing

/// `lot optimize --engine slurm` on a real Slurm, and on one that only answers.
@Suite(.serialized)
struct SlurmTests {
    private static let study = [
        "optimize", "cross.lua", "--data", SampleSeries.address, "--home", "home", "--study", "s",
        "--sampler", "random", "--trials", "400", "--split", "0.7", "--no-report",
    ]

    private static func box() throws -> Sandbox {
        let box = try SampleSeries.box()
        try box.write("cross.lua", SampleSeries.slowScript(rounds: 3_000))
        return box
    }

    @Test(
        .enabled(if: SlurmNode.isInstalled, "Slurm is not installed (apt: slurm-wlm, munge)"))
    func `killed, requeued and left, a study on Slurm is the undivided one`() throws {
        let node = try SlurmNode()
        let box = try Self.box()
        let steps = Package.tests.appending(path: "Fixtures/slurm-study.sh").path
        let divided = try LotBinary.shell(
            "export SLURM_CONF='\(node.configuration)' CANARY=secret; . '\(steps)'", Self.study,
            in: box, timeout: 400)
        #expect(divided.code == 0, divided.comment)
        let other = try Self.box()
        let whole = try LotBinary.run(Self.study, in: other)
        #expect(whole.code == 0, whole.comment)
        #expect(divided.out == whole.out, divided.comment)
        // Table, CSV and JSON are the same bytes; shards, script and logs have been cleared away.
        let files = try box.tree("home/studies/s")
        #expect(differences(files, try other.tree("home/studies/s")).isEmpty)
        #expect(files.keys.sorted() == ["study.json", "trials.csv"])
        #expect(try !box.tree().keys.contains { $0.hasSuffix("hacked") })
        let environment = try String(contentsOfFile: box.path("task.environ"), encoding: .utf8)
        #expect(environment.contains("PATH=") && !environment.contains("secret"))
        // The task that was requeued while it ran kept what it had when it was told to stop.
        let log = try String(contentsOfFile: box.path("task-0.log"), encoding: .utf8)
        #expect(log.contains("interrupted: what is done is kept"), Comment(rawValue: log))
        let left = try String(contentsOfFile: box.path("left.err"), encoding: .utf8)
        #expect(left.contains("goes on without this command"), Comment(rawValue: left))
        #expect(left.contains("lot optimize --attach 1 --home home"), Comment(rawValue: left))
        // Once more: it is done, and nothing is submitted, not even without Slurm.
        let again = try LotBinary.run(
            Self.study + ["--engine", "slurm", "--shards", "3"], in: box,
            environment: ["PATH": "/nowhere"])
        #expect(again.out == whole.out, again.comment)
        #expect(again.err.contains("done before"), again.comment)
    }

    /// Programs in the place of Slurm's: `sbatch` takes the job, `squeue` says what became of it.
    private static func standIns(_ box: Sandbox, squeue: String) throws -> [String: String] {
        let programs = [
            "sbatch": "printf '%s\\0' \"$@\" > '\(box.path("words"))'\necho '41;cluster'",
            "squeue": "printf '\(squeue)'",
        ]
        for (name, text) in programs {
            try box.write("bin/\(name)", "#!/bin/sh\n" + text + "\n")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: box.path("bin/\(name)"))
        }
        return ["PATH": box.path("bin") + ":/usr/bin:/bin"]
    }

    @Test func `sbatch is given its words as they are, and a failed job says why`() throws {
        let box = try Self.box()
        let environment = try Self.standIns(box, squeue: #"0|OUT_OF_MEMORY|x\n1|FAILED|y\n"#)
        let command =
            Self.study + [
                "--engine", "slurm", "--shards", "2", "-j", "4",
                "--sbatch-arg=--comment=a $(b) 'c'",
                "--sbatch-arg", "--mem=1G", "--assert", "trials >= 1", "--junit=j.xml",
            ]
        let failed = try LotBinary.run(command, in: box, environment: environment)
        #expect(failed.code == 75, failed.comment)
        #expect(failed.err.contains("job 41: 2 tasks submitted"), failed.comment)
        #expect(failed.err.contains("out of memory; ask for more"), failed.comment)
        #expect(failed.err.contains("task 1: FAILED"), failed.comment)
        let words = try Data(contentsOf: URL(filePath: box.path("words")))
            .split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        let folder = box.path("home/studies/s/shards/slurm")
        #expect(
            words == [
                "--parsable", "--job-name=lot-s", "--array=0-1", "--requeue", "--open-mode=append",
                "--signal=B:TERM@30", "--export=NONE", "--chdir=" + folder,
                "--output=task-%a.log", "--error=task-%a.log", "--cpus-per-task=4",
                "--comment=a $(b) 'c'", "--mem=1G", folder + "/task.sh",
            ])
        // What is checked and written at the end is not for the tasks; whoever comes back has it.
        let script = try String(contentsOfFile: folder + "/task.sh", encoding: .utf8)
        #expect(!script.contains("--assert") && !script.contains("--junit"))
        let job = try String(contentsOfFile: folder + "/job", encoding: .utf8)
        #expect(job.contains("--assert\0trials >= 1\0--junit=j.xml"), Comment(rawValue: job))
        // Nothing finished is lost: the task that is done elsewhere is not submitted again.
        let shard = try LotBinary.run(Self.study + ["--shard", "0/2"], in: box)
        #expect(shard.code == 0, shard.comment)
        #expect(try LotBinary.run(command, in: box, environment: environment).code == 75)
        let rest = try String(contentsOfFile: box.path("words"), encoding: .utf8)
        #expect(rest.contains("--array=1\0"))
        // Other numbers of shards or trials do not go with what is there.
        let other = try LotBinary.run(
            Self.study + ["--engine", "slurm", "--shards", "3"], in: box, environment: environment)
        #expect(other.code == 64 && other.err.contains("--shards 2"), other.comment)
        // A script that has changed is not followed as if it were the same.
        try box.write("cross.lua", SampleSeries.slowScript(rounds: 3_001))
        let changed = try LotBinary.run(
            ["optimize", "--attach", "41", "--home", "home"], in: box, environment: environment)
        #expect(changed.code == 65 && changed.err.contains("submitted with"), changed.comment)
    }

    @Test(arguments: [
        (["--engine", "sge", "--shards", "2"], 64, "slurm or local"),
        (["--engine", "slurm"], 64, "--shards 32"),
        (["--engine", "slurm", "--shards", "0"], 64, "--shards"),
        (["--shards", "2"], 64, "--engine slurm"),
        (["--sbatch-arg=--mem=1G"], 64, "--engine slurm"),
        (["--engine", "slurm", "--shards", "2", "--shard", "0/2"], 64, "keep one"),
        (["--engine", "slurm", "--shards", "2", "--sbatch-arg=--array=1"], 64, "lot sets itself"),
        (["--engine", "slurm", "--shards", "2", "--sbatch-arg=main"], 64, "no option of sbatch"),
        (["--attach", "7"], 66, "no such job"),
        (["--attach", "0"], 64, "--attach"),
        (["--expect-study", "ab"], 64, "--shard I/N"),
        (["--shard", "0/2", "--expect-study", "ab"], 65, "are not those of the study"),
        (["--engine", "slurm", "--shards", "2"], 69, "sbatch: no such program"),
        (["--engine", "slurm", "--shards", "2", "--baseline", "no.json"], 66, "no.json"),
    ])
    func `what cannot be is refused and leaves nothing`(
        _ more: [String], _ code: Int, _ words: String
    ) throws {
        let box = try Self.box()
        let outcome = try LotBinary.run(
            Self.study + more, in: box, environment: ["PATH": "/nowhere"])
        #expect(outcome.code == Int32(code), outcome.comment)
        #expect(outcome.err.contains(words), outcome.comment)
        #expect(!FileManager.default.fileExists(atPath: box.path("home/studies")))
    }

    @Test func `a job by its number alone is found or named`() throws {
        let box = try Self.box()
        let environment = ["PATH": "/nowhere"]
        let none = try LotBinary.run(["optimize"], in: box, environment: environment)
        #expect(none.code == 64 && none.err.contains("<strategy>: missing"), none.comment)
        let slurm = try Self.standIns(box, squeue: "")
        let unknown = try LotBinary.run(
            ["optimize", "--attach", "7"], in: box, environment: slurm)
        #expect(unknown.code == 66, unknown.comment)
        #expect(unknown.err.contains("lot optimize list"), unknown.comment)
    }
}
