import LotCore
import LotData
import LotOptimize

/// What is remembered of a job that was submitted: enough to come back with its number alone.
struct SlurmJob: Equatable {
    /// Its number.
    var number: Int
    /// Number of shards of the study; the job may do only some of them.
    var count: Int
    /// Identity of the study.
    var study: String
    /// The folder in which relative paths of the command hold.
    var folder: String
    /// The workspace, by absolute path.
    var home: String
    /// The command: words after `lot`.
    var words: [String]

    /// Fields ended by zero bytes, which no word can hold; `tr '\0' '\n'` shows them.
    var text: String {
        (["lot.slurm_job/1", "\(number)", "\(count)", study, folder, home] + words)
            .map { $0 + "\0" }.joined()
    }

    /// Memberwise.
    init(
        number: Int, count: Int, study: String, folder: String, home: String, words: [String]
    ) {
        (self.number, self.count, self.study) = (number, count, study)
        (self.folder, self.home, self.words) = (folder, home, words)
    }

    /// Reads it back; `nil` if it is none.
    init?(_ bytes: [UInt8]) {
        let fields = bytes.split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard fields.count > 8, fields[0] == "lot.slurm_job/1", fields.last == "",
            let number = Int(fields[1]), let count = Int(fields[2]),
            (1...100_000).contains(count)
        else { return nil }
        self.init(
            number: number, count: count, study: fields[3], folder: fields[4], home: fields[5],
            words: Array(fields[6...].dropLast()))
    }
}

/// The files of a job, in `slurm/` of the folder of the shards.
struct SlurmFolder {
    /// The folder of the shards.
    let shards: String
    /// Where script and logs are.
    var folder: String { SlurmFolder.inside(shards) }
    private var script: String { folder + "/task.sh" }
    private var memory: String { folder + "/job" }

    private static func inside(_ shards: String) -> String { Workspace.path(shards, "slurm") }

    /// Names the folder; nothing is made.
    init(_ shards: String) { self.shards = shards }

    /// Makes it, and gives it by its absolute path.
    func made() throws(Diagnosis) -> SlurmFolder {
        try NewFile.makeFolders(folder + "/")
        return SlurmFolder(try SlurmFolder.absolute(shards))
    }

    /// The absolute path of something that is there.
    static func absolute(_ path: String) throws(Diagnosis) -> String {
        if let found = ChildProgram.absolute(path) { return found }
        throw Diagnosis(
            .noInput, kind: "slurm.path", subject: escaped(path, limit: 512), reason: "has gone")
    }

    /// The log of a task.
    func log(_ task: Int) -> String { folder + "/task-\(task).log" }

    /// The last line of a task's log; `nil` if it has written none that is seen here.
    func lastWords(_ task: Int) -> String? {
        guard let bytes = try? InputFile.read(log(task), limit: 1 << 24) else { return nil }
        let lines = bytes.suffix(4_096).split { $0 == 10 || $0 == 13 }
        return lines.last.map { escaped(bytes: $0, limit: 200) } ?? ""
    }

    /// Writes the script and returns its path.
    func write(_ text: SlurmScript) throws(Diagnosis) -> String {
        try NewFile.replace(script, text.text)
        return script
    }

    /// Keeps what is known of a job, for who attaches to it later.
    func remember(_ job: SlurmJob) throws(Diagnosis) {
        try NewFile.replace(memory, job.text)
    }

    /// The job that was submitted last.
    var last: SlurmJob? {
        guard InputFile.exists(memory), let bytes = try? InputFile.read(memory, limit: 1 << 22)
        else { return nil }
        return SlurmJob(bytes)
    }

    /// Removes the script and the logs, and the folders if nothing else is in them.
    func clear() {
        let names = InputFile.names(in: folder)
        let ours = names.filter {
            $0 == "task.sh" || $0 == "job" || ($0.hasPrefix("task-") && $0.hasSuffix(".log"))
        }
        ChildProgram.remove(ours.map { folder + "/" + $0 })
        ChildProgram.removeFolder(folder)
        ChildProgram.removeFolder(shards)
    }

    /// Takes back what ``made()`` has made: the folder of the study too, if it holds nothing.
    func unmake(_ study: String) {
        clear()
        ChildProgram.removeFolder(study)
    }

    /// The folder of a job that was submitted earlier.
    ///
    /// - Parameters:
    ///   - job: Its number.
    ///   - named: The folder of its shards, if the user says.
    ///   - workspace: Where studies are looked for.
    /// - Returns: What is remembered of it, and where by its absolute path.
    /// - Throws: 66 if no study was submitted as this job.
    static func find(
        _ job: Int, _ named: String?, _ workspace: Workspace
    ) throws(Diagnosis) -> (SlurmJob, SlurmFolder) {
        var places =
            named.map { [$0] }
            ?? InputFile.names(in: workspace.studies)
            .map { workspace.shards($0) }
        if named == nil, let folder = Slurm.folder(job), folder.hasSuffix("/slurm") {
            places.append(String(folder.dropLast(6)))
        }
        for place in places {
            guard let found = SlurmFolder(place).last, found.number == job else { continue }
            return (found, SlurmFolder(try absolute(place)))
        }
        throw Diagnosis(
            .noInput, kind: "slurm.job", subject: "--attach \(job)",
            reason: "no study in \(escaped(named ?? workspace.studies, limit: 512)) was submitted "
                + "as this job, or it is merged already",
            hint: "lot optimize list shows merged ones; --home or --shard-folder says where else "
                + "to look")
    }
}
