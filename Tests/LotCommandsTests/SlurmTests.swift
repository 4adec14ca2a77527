import Foundation
import LotCore
import LotOptimize
import Testing

@testable import LotCommands

/// What is said to Slurm, and what is understood of what it says.
@Suite struct SlurmTests {
    @Test func `the states of squeue are read`() {
        // What `squeue --array --states=all --format=%K|%T|%r` of 22.05 prints.
        var tasks = SlurmTasks.squeue(
            """
            4|PENDING|Resources
            5|PENDING|launch failed requeued held
            3|RUNNING|None
            0|COMPLETED|None
            1|FAILED|NonZeroExitCode
            2|CANCELLED|BeginTime
            6|PENDING|JobHeldUser
            N/A|RUNNING|None
            slurm_load_jobs error
            """)
        #expect(tasks.tasks.count == 7)
        #expect((tasks.running, tasks.pending, tasks.failed) == (1, 2, 3))
        #expect(tasks.isActive)
        #expect(tasks.tasks[5]?.isStuck == true)
        #expect(tasks.tasks[6]?.isStuck == false)
        #expect(tasks.waitingFor == "JobHeldUser")
        // Ends that are no longer spoken of are remembered, what ran and is gone is not.
        tasks.update(SlurmTasks.squeue("4|RUNNING|None\n1|PENDING|BeginTime\n"))
        #expect(tasks.tasks[2]?.state == "CANCELLED")
        #expect(tasks.tasks[3] == nil)
        #expect(tasks.tasks[1]?.isPending == true)
        #expect((tasks.running, tasks.pending) == (1, 1))
        #expect(!SlurmTasks.squeue("").isActive)
    }

    @Test func `the states of sacct are read`() {
        let tasks = SlurmTasks.sacct(
            """
            12_0|COMPLETED
            12_1|CANCELLED by 1000
            12_2|OUT_OF_MEMORY
            12_[3-7]|PENDING
            """)
        #expect(
            tasks.tasks.mapValues(\.state) == [
                0: "COMPLETED", 1: "CANCELLED", 2: "OUT_OF_MEMORY",
            ])
    }

    @Test func `indices are written as sbatch reads them`() {
        #expect(Slurm.ranges([0, 1, 2, 3]) == "0-3")
        #expect(Slurm.ranges([0, 2, 3, 7]) == "0,2-3,7")
        #expect(Slurm.ranges([5]) == "5")
    }

    /// Words that a shell would do something with.
    private static let hostile = [
        "a b", "$(touch x)", "`id`", "it's", "\"q\"", "", "*", "~", "a\nb", "é", "--x=;&|<>", "\\",
    ]

    @Test func `a shell hands every word of the script on as it was`() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/lot it's \(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // In the place of lot: a program that writes its words down.
        let program = folder + "/lot $x"
        try Data("#!/bin/sh\nprintf '%s\\0' \"$@\" > words\nenv > env\n".utf8)
            .write(to: URL(filePath: program))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: program)
        let script = SlurmScript(
            program: program, folder: folder,
            words: ["optimize", "s.lua", "-q", "--format", "json"] + Self.hostile,
            home: "/h o", shards: "/s", study: "id", count: 7)
        let path = folder + "/task.sh"
        try Data(script.text.utf8).write(to: URL(filePath: path))
        let outcome = try #require(
            try ChildProgram.run(
                ["env", "SLURM_ARRAY_TASK_ID=3", "SECRET=1", "LOT__FEE=1", "sh", path], seconds: 60)
        )
        #expect(outcome.code == 0, Comment(rawValue: outcome.err))
        let words = try Data(contentsOf: URL(filePath: folder + "/words")).split(
            separator: 0, omittingEmptySubsequences: false
        )
        .dropLast().map { String(decoding: $0, as: UTF8.self) }
        let own = [
            "optimize", "run", "--home", "/h o", "--shard-folder", "/s", "--expect-study", "id",
            "--shard", "3/7", "--jobs", "1", "s.lua",
        ]
        #expect(words == own + Self.hostile)
        // The program sees nothing of the environment but how to find things.
        let names = try String(contentsOfFile: folder + "/env", encoding: .utf8)
            .split(separator: "\n").compactMap { $0.split(separator: "=").first }
        #expect(Set(names).subtracting(["PWD", "_", "SHLVL"]) == ["PATH", "LD_LIBRARY_PATH"])
    }

    @Test func `what sbatch is given is checked`() throws {
        try SbatchWords.check([
            "--partition=main", "--mem=4G", "--time=1:00:00", "-pmain", "-c4", "-H", "--exclusive",
            "--hold", "--export-file=x", "--wait-all-nodes=1", "--comment=it's $(x)", "-t10",
        ])
        for word in [
            "main", "", "-", "--", "--array=0-3", "--arr=1", "-a0", "-Ha0", "--output=x", "-ox",
            "--wrap=x", "--chdir=/", "-W", "--wait", "--parsable", "-M", "--clusters=x",
            "--comment=a\u{1B}", "script.sh",
        ] {
            #expect(throws: Diagnosis.self, "\(word)") { try SbatchWords.check([word]) }
        }
    }

    @Test func `words of one task or of who runs the tasks are not of the study`() {
        let words = [
            "optimize", "s.lua", "--engine", "slurm", "--shards=4", "--sbatch-arg", "--mem=1G",
            "--sbatch-arg=--array", "--trials", "9", "--attach", "5", "--home", "x", "-j", "2",
            "--shard-folder=y", "--expect-study", "id", "--shard", "1/4", "--", "--home",
        ]
        #expect(
            ShardHeader.common(words) == ["optimize", "s.lua", "--trials", "9", "--", "--home"])
    }

    @Test func `a job is remembered word by word`() throws {
        let job = SlurmJob(
            number: 12, count: 4, study: "ab", folder: "/f o", home: "/h",
            words: ["optimize", "s.lua"] + Self.hostile)
        #expect(SlurmJob(Array(job.text.utf8)) == job)
        for length in stride(from: 0, to: job.text.utf8.count - 1, by: 3) {
            // Cut inside a word: nothing is made up.
            let cut = SlurmJob(Array(job.text.utf8.prefix(length)))
            #expect(cut == nil || cut?.words.count ?? 0 < job.words.count)
        }
    }

    @Test func `the line says what a job does`() {
        var tasks = SlurmTasks.squeue("0|RUNNING|None\n1|PENDING|Resources\n2|FAILED|x\n")
        #expect(
            SlurmLine.text("job 7", 1_500, of: 3_000, tasks, rate: 100)
                == "job 7  1,500 of 3,000  1 running, 1 pending (Resources), 1 failed  15 s left")
        tasks = SlurmTasks()
        #expect(
            SlurmLine.text("job 7", 9, of: 3, tasks, rate: 0) == "job 7  3 of 3  0 running")
    }

    @Test(arguments: [
        ("OUT_OF_MEMORY|x", "lot: …", "out of memory", "--mem=8G"),
        ("TIMEOUT|TimeLimit", "x", "the time limit was reached", "--time="),
        ("FAILED|NonZeroExitCode", "interrupted: what is done is kept", "told to stop", "--time="),
        ("FAILED|NonZeroExitCode", "lot: s.lua: line 3: bad", "failed: mend", "line 3: bad"),
        ("FAILED|RaisedSignal:9(Killed)", "", "killed without a word", "--mem=8G"),
        ("FAILED|RaisedSignal:53", nil, "no log was written", "the same folder"),
        ("CANCELLED|None", "x", "cancelled", "submit again"),
        ("NODE_FAIL|NodeDown", "x", "the node failed", "submit again"),
        ("COMPLETED|None", "x", "no file is seen here", "the same folder"),
        ("PENDING|launch failed requeued held", nil, "the launch failed", "scontrol show job 7"),
        (nil, nil, "not known to Slurm", "submit again"),
    ])
    func `a job that fails says why and what to do`(
        _ state: String?, _ log: String?, _ reason: String, _ hint: String
    ) throws {
        let path = FileManager.default.temporaryDirectory.path + "/lot-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try SlurmFolder(path).made()
        if let log {
            try Data("first\n\(log)\n".utf8.drop { log.isEmpty && $0 > 0 }).write(
                to: URL(filePath: folder.log(1)))
        }
        let problem = SlurmFailure(
            job: 7, missing: [1], tasks: SlurmTasks.squeue(state.map { "1|\($0)" } ?? ""),
            folder: folder
        ).diagnosis
        #expect(problem.code == .tryLater)
        let text = problem.message + "\n" + problem.details.joined(separator: "\n")
        #expect(text.contains(reason.split(separator: ":")[0]), Comment(rawValue: text))
        #expect(text.contains(hint), Comment(rawValue: text))
        #expect(problem.message.contains("what is done is kept"))
        folder.clear()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `another program's words, end and errors come back`() throws {
        let script = "echo \"$0\"; echo no >&2; exit 3"
        let outcome = try #require(
            try ChildProgram.run(["sh", "-c", script, "a  b"], seconds: 60))
        #expect(outcome.code == 3)
        #expect(outcome.out == "a  b\n")
        #expect(outcome.err == "no\n")
        #expect(try ChildProgram.run(["lot-no-such-program"], seconds: 60) == nil)
        let killed = try ChildProgram.run(["sh", "-c", "kill -9 $$"], seconds: 60)
        #expect(killed?.code == 137)
        let late = #expect(throws: Diagnosis.self) {
            _ = try ChildProgram.run(["sleep", "60"], seconds: 0)
        }
        #expect(late?.code == .unavailable)
    }
}
