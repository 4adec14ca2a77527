internal import GRDB
public import LotCore

/// `studies.db`: the studies of `lot optimize` and their trials.
///
/// Many processes may read and write at once; one at a time works on a study
/// (``begin(_:)``). Everything a call has returned from survives `kill -9` and a power cut.
public final class StudyStore: Sendable {
    let database: StoreDatabase
    let folder: StateFolder

    private init(_ database: StoreDatabase, _ folder: StateFolder) {
        self.database = database
        self.folder = folder
    }

    /// Opens it for reading; `nil` if there is none yet.
    ///
    /// - Throws: 65 for a file that is no database, damaged, or of a newer schema; 77 or 78 for a
    ///   folder that is not private or not local.
    public static func reading(_ folder: StateFolder) throws(Diagnosis) -> StudyStore? {
        guard let database = try StoreDatabase.reading(.studies, in: folder) else { return nil }
        return StudyStore(database, folder)
    }

    /// Opens it for writing; folder and file are made where they are missing.
    ///
    /// - Throws: As ``reading(_:)``; 73, 74 or 77 where it cannot be written.
    public static func writing(_ folder: StateFolder) throws(Diagnosis) -> StudyStore {
        StudyStore(try StoreDatabase.writing(.studies, in: folder), folder)
    }

    /// The file.
    public var path: String { database.path }

    /// What SQLite finds wrong with the file; empty if nothing.
    ///
    /// - Complexity: O(size of the file).
    public func damage() throws(Diagnosis) -> [String] { try database.damage() }

    // MARK: Studies

    /// All studies, the last changed first.
    public func list() throws(Diagnosis) -> [StudyRecord] {
        try read { db in
            try StudyStore.records(
                db, StudyStore.select + " ORDER BY updated_ms DESC, id DESC", [])
        }
    }

    /// The study with a name.
    public func study(named name: String) throws(Diagnosis) -> StudyRecord? {
        try read { db in
            try StudyStore.records(db, StudyStore.select + " WHERE name = ?", [name]).first
        }
    }

    /// The study with a number.
    public func study(id: Int64) throws(Diagnosis) -> StudyRecord? {
        try read { db in
            try StudyStore.records(db, StudyStore.select + " WHERE id = ?", [id]).first
        }
    }

    /// The study that a user names: by its name, by its number, or by the start of a name.
    ///
    /// - Throws: 66 if there is none, 64 if several begin like that.
    public func find(_ text: String) throws(Diagnosis) -> StudyRecord {
        if let study = try study(named: text) { return study }
        if let id = Int64(text), let study = try study(id: id) { return study }
        let subject = "study \(escaped(text, limit: 128))"
        let all = try list()
        let found = text.isEmpty ? [] : all.filter { $0.spec.name.hasPrefix(text) }
        guard let study = found.first else {
            let near = nearest(to: text, in: all.map(\.spec.name))
            throw Diagnosis(
                .noInput, kind: "study.missing", subject: subject, reason: "there is none",
                hint: near.map { "did you mean \"\(escaped($0, limit: 128))\"?" }
                    ?? "lot optimize list shows those there are")
        }
        guard found.count == 1 else {
            let names = found.prefix(4).map { escaped($0.spec.name, limit: 64) }
            throw Diagnosis(
                .usage, kind: "study.several", subject: subject,
                reason: "several begin like that",
                hint: "give more of the name: " + names.joined(separator: ", "))
        }
        return study
    }

    /// Makes a study without trials.
    ///
    /// - Parameters:
    ///   - spec: What it is made from.
    ///   - now: The time, in milliseconds since 1970.
    /// - Returns: The study, with its number.
    /// - Throws: 73 if the name is taken.
    public func create(_ spec: StudySpec, at now: Int64) throws(Diagnosis) -> StudyRecord {
        let id: Int64? = try write { db in
            try db.run(
                """
                INSERT INTO studies (name, identity, script_hash, data_identity,
                    engine_version, spec, status, planned, created_ms, updated_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (name) DO NOTHING
                """,
                [
                    spec.name, spec.identity, spec.scriptHash, spec.dataIdentity,
                    spec.engineVersion, spec.json, StudyStatus.running.rawValue, spec.planned,
                    now, now,
                ])
            return db.changesCount == 0 ? nil : db.lastInsertedRowID
        }
        guard let id else {
            throw Diagnosis(
                .cannotCreate, kind: "study.exists",
                subject: "study \(escaped(spec.name, limit: 128))", reason: "it exists already",
                hint: "resume it with --resume, or name another with --study")
        }
        return StudyRecord(
            id: id, spec: spec, status: .running, counts: StudyCounts(), createdMs: now,
            updatedMs: now, summary: nil)
    }

    /// Takes a study to work on it, until the session ends or the process does.
    ///
    /// - Throws: 75 if another process works on it, naming that; 66 if it has been deleted.
    public func begin(_ study: StudyRecord) throws(Diagnosis) -> StudySession {
        let lock = try lock(study)
        guard let now = try self.study(id: study.id) else { throw StudyStore.deleted(study) }
        return try StudySession(self, now, lock)
    }

    /// Deletes a study and its trials.
    ///
    /// That they were run is not forgotten: ``earlier(script:data:before:)`` counts them still.
    ///
    /// - Throws: 75 if a process works on it.
    public func delete(_ study: StudyRecord) throws(Diagnosis) {
        let lock = try lock(study)
        defer { withExtendedLifetime(lock) {} }
        try remove(study)
    }

    /// The same for who holds the study's lock.
    func remove(_ study: StudyRecord) throws(Diagnosis) {
        try write { db in
            try db.run(
                """
                INSERT OR IGNORE INTO deleted_studies (id, script_hash, data_identity, trials)
                SELECT id, script_hash, data_identity, trials - pruned - repeats FROM studies
                    WHERE id = ?
                """, [study.id])
            try db.run("DELETE FROM leaders WHERE study = ?", [study.id])
            try db.run("DELETE FROM studies WHERE id = ?", [study.id])
        }
        try purge()
    }

    /// How many trials other studies have run of a script on the same data.
    ///
    /// - Parameters:
    ///   - script: The hash of the script.
    ///   - data: What says that the data are the same.
    ///   - id: Only studies made before this one count; `nil` for all of them.
    /// - Returns: Studies and their trials, deleted ones included.
    /// - Throws: 65 for a damaged file.
    public func earlier(
        script: String, data: String, before id: Int64? = nil
    ) throws(Diagnosis) -> EarlierTrials {
        try read { db in
            let row = try db.row(
                """
                SELECT count(*), coalesce(sum(trials), 0) FROM (
                    SELECT id, trials - pruned - repeats AS trials FROM studies
                        WHERE script_hash = :script AND data_identity = :data
                    UNION ALL
                    SELECT id, trials FROM deleted_studies
                        WHERE script_hash = :script AND data_identity = :data)
                WHERE id < :before AND trials > 0
                """,
                ["script": script, "data": data, "before": id ?? Int64.max])
            guard let row else { return EarlierTrials(studies: 0, trials: 0) }
            return EarlierTrials(studies: try row.count(0), trials: try row.count(1))
        }
    }

    // MARK: Helpers

    private func lock(_ study: StudyRecord) throws(Diagnosis) -> StateLock {
        let path = folder.file("study-\(study.id).lock")
        let subject = "study \(escaped(study.spec.name, limit: 128))"
        let taken: Result<StateLock, StateLock.Holder>
        do throws(StateError) {
            taken = try StateLock.take(path)
        } catch {
            throw error.diagnosis(escaped(path, limit: 512), doing: "locking")
        }
        switch taken {
        case .success(let lock): return lock
        case .failure(let holder):
            let who = holder.text.isEmpty ? "it has just started" : holder.text
            throw Diagnosis(
                .tryLater, kind: "study.locked", subject: subject,
                reason: "another process works on it (\(who))",
                hint: "wait until it is done, or stop it and run again with --resume")
        }
    }

    static func deleted(_ study: StudyRecord) -> Diagnosis {
        Diagnosis(
            .noInput, kind: "study.missing",
            subject: "study \(escaped(study.spec.name, limit: 128))",
            reason: "it has been deleted meanwhile")
    }

    func read<T>(_ body: (Database) throws -> T) throws(Diagnosis) -> T {
        try database.read { db in try checked { try body(db) } }
    }

    func write<T>(_ body: (Database) throws -> T) throws(Diagnosis) -> T {
        try database.write { db in try checked { try body(db) } }
    }

    private func checked<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch is ForeignValue { throw database.foreignValue }
    }

    private static let select: FixedSQL = """
        SELECT id, name, identity, script_hash, data_identity, engine_version, spec, status,
            planned, trials, failed, infeasible, pruned, next_number, created_ms, updated_ms,
            summary, repeats FROM studies
        """

    private static func records(
        _ db: Database, _ sql: FixedSQL, _ arguments: StatementArguments
    ) throws -> [StudyRecord] {
        var result: [StudyRecord] = []
        let rows = try db.rows(sql, arguments)
        while let row = try rows.next() {
            guard let status = StudyStatus(rawValue: try row.text(7)) else {
                throw ForeignValue(column: 7)
            }
            let spec = StudySpec(
                name: try row.text(1), identity: try row.text(2), scriptHash: try row.text(3),
                dataIdentity: try row.text(4), engineVersion: try row.text(5),
                json: try row.text(6), planned: try row.optionalInteger(8).map { Int($0) })
            var counts = StudyCounts()
            counts.trials = try row.count(9)
            counts.failed = try row.count(10)
            counts.infeasible = try row.count(11)
            counts.pruned = try row.count(12)
            counts.nextNumber = try row.count(13)
            counts.repeats = try row.count(17)
            result.append(
                StudyRecord(
                    id: try row.integer(0), spec: spec, status: status, counts: counts,
                    createdMs: try row.integer(14), updatedMs: try row.integer(15),
                    summary: try row.optionalText(16)))
        }
        return result
    }
}

/// How much was tried before.
public struct EarlierTrials: Sendable, Equatable {
    /// Studies with at least one trial.
    public var studies: Int
    /// Their trials.
    public var trials: Int

    /// Gathers them.
    public init(studies: Int, trials: Int) {
        self.studies = studies
        self.trials = trials
    }
}

extension StoreDatabase {
    /// A value of another type than its column's.
    var foreignValue: Diagnosis {
        Diagnosis(
            .data, kind: "database.damaged", subject: StoreDatabase.subject(path),
            reason: "holds values that lot does not write",
            hint: "restore a backup, or move it away")
    }
}
