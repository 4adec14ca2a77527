internal import GRDB
public import LotCore

/// The one process that adds trials to a study; the kernel ends it with the process.
///
/// Use it from one thread at a time.
public final class StudySession {
    /// The study as it is stored now.
    public private(set) var study: StudyRecord

    private let store: StudyStore
    private let lock: StateLock
    private var leaders: [Int: Leaders] = [:]

    /// What `leaders` holds of a fold.
    private struct Leaders {
        var count: Int
        var worstLoss: Double
        var worstNumber: Int

        func admits(_ loss: Double, _ number: Int) -> Bool {
            count < StudyStore.leaderCount || (loss, number) < (worstLoss, worstNumber)
        }
    }

    init(_ store: StudyStore, _ study: StudyRecord, _ lock: StateLock) throws(Diagnosis) {
        self.store = store
        self.study = study
        self.lock = lock
    }

    /// Adds trials, and with them the study's counters and summary, in one durable transaction:
    /// all of it is stored when this returns, none of it if it throws.
    ///
    /// - Parameters:
    ///   - trials: Numbers that are not stored yet, for their fold.
    ///   - summary: What to say of the study from now on, as JSON; `nil` keeps what it says.
    ///   - status: How far it is from now on; `nil` leaves that.
    ///   - repeats: How many trials of all ran a set of parameters again; `nil` adds those of
    ///     `trials` that are of a later round.
    ///   - now: The time, in milliseconds since 1970.
    /// - Throws: 65 if a trial is stored already, 74 if the disk is full, 75 if another process
    ///   keeps the file locked. The batch can be given again.
    /// - Complexity: O(trials); and about 4 syncs of the disk, so batches of 1,000 are quick.
    public func append(
        _ trials: [Trial], summary: String? = nil, status: StudyStatus? = nil,
        repeats: Int? = nil, at now: Int64
    ) throws(Diagnosis) {
        var next = study
        next.updatedMs = now
        next.summary = summary ?? study.summary
        next.status = status ?? study.status
        for trial in trials {
            next.counts.trials += 1
            next.counts.repeats += trial.rung > 0 ? 1 : 0
            next.counts.failed += trial.status == .failed ? 1 : 0
            next.counts.pruned += trial.status == .pruned ? 1 : 0
            next.counts.infeasible += trial.status == .done && trial.violation != 0 ? 1 : 0
            next.counts.nextNumber = max(next.counts.nextNumber, trial.number + 1)
        }
        next.counts.repeats = repeats ?? next.counts.repeats
        let result = next
        let leaders = try store.write { db in
            try StudySession.insert(trials, db, study)
            let leaders = try self.lead(trials, db)
            try StudySession.update(db, result)
            return leaders
        }
        study = result
        self.leaders = leaders
    }

    /// Says how many trials are asked for from now on.
    ///
    /// - Parameters:
    ///   - planned: The number; `nil` where the sampler decides.
    ///   - now: The time, in milliseconds since 1970.
    /// - Throws: 66 if the study has been deleted.
    public func replan(_ planned: Int?, at now: Int64) throws(Diagnosis) {
        guard planned != study.spec.planned else { return }
        try store.write { db in
            try db.run(
                "UPDATE studies SET planned = ?, updated_ms = ? WHERE id = ?",
                [planned, now, study.id])
            guard db.changesCount == 1 else { throw StudyStore.deleted(study) }
        }
        study.spec.planned = planned
        study.updatedMs = now
    }

    /// Says how the study ended; see ``append(_:summary:status:repeats:at:)``.
    public func finish(
        _ status: StudyStatus, summary: String? = nil, repeats: Int? = nil, at now: Int64
    ) throws(Diagnosis) {
        try append([], summary: summary, status: status, repeats: repeats, at: now)
    }

    /// Deletes the study and its trials, as ``StudyStore/delete(_:)`` does; nothing can be added
    /// from now on.
    public func discard() throws(Diagnosis) { try store.remove(study) }

    private static func insert(_ trials: [Trial], _ db: Database, _ study: StudyRecord) throws {
        let statement = try db.prepared(
            """
            INSERT INTO trials (study, fold, number, status, loss, violation, point,
                target_values, metrics, blocks, error, rung)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        for trial in trials {
            precondition(trial.number >= 0 && trial.fold >= 0, "numbers and folds count from 0")
            let loss = trial.loss.flatMap { $0.isNaN ? nil : $0 }
            let values: [DatabaseValue] = [
                study.id.databaseValue, trial.fold.databaseValue, trial.number.databaseValue,
                trial.status.rawValue.databaseValue, loss?.databaseValue ?? .null,
                (trial.violation.isNaN ? .infinity : trial.violation).databaseValue,
                trial.point.stored, trial.values.stored, trial.metrics.stored,
                trial.blocks.isEmpty ? .null : trial.blocks.stored,
                trial.error.map { limited($0, 500).databaseValue } ?? .null,
                trial.rung.databaseValue,
            ]
            do {
                try statement.execute(arguments: StatementArguments(values))
            } catch let error as DatabaseError
                where error.extendedResultCode == .SQLITE_CONSTRAINT_PRIMARYKEY
            {
                throw Diagnosis(
                    .data, kind: "study.trial",
                    subject: "study \(escaped(study.spec.name, limit: 128))",
                    place: "trial \(grouped(trial.number))"
                        + (trial.fold == 0 ? "" : " of fold \(trial.fold)"),
                    reason: "is stored already")
            }
        }
    }

    private static func update(_ db: Database, _ study: StudyRecord) throws {
        let statement = try db.prepared(
            """
            UPDATE studies SET trials = ?, failed = ?, infeasible = ?, pruned = ?,
                repeats = ?, next_number = ?, updated_ms = ?, summary = ?, status = ? WHERE id = ?
            """)
        let counts = study.counts
        try statement.execute(arguments: [
            counts.trials, counts.failed, counts.infeasible, counts.pruned, counts.repeats,
            counts.nextNumber, study.updatedMs, study.summary, study.status.rawValue, study.id,
        ])
        guard db.changesCount == 1 else { throw StudyStore.deleted(study) }
    }

    // MARK: Leaders

    /// Enters the trials that are among the best of their fold, and drops those that no longer
    /// are.
    private func lead(_ trials: [Trial], _ db: Database) throws -> [Int: Leaders] {
        var result = leaders
        var isChanged: Set<Int> = []
        let insert = try db.prepared(
            "INSERT INTO leaders (study, fold, loss, number) VALUES (?, ?, ?, ?)")
        for trial in trials where trial.isRanked {
            guard let loss = trial.loss else { continue }
            var fold = try result[trial.fold] ?? stored(trial.fold, db)
            if fold.admits(loss, trial.number) {
                try insert.execute(arguments: [study.id, trial.fold, loss, trial.number])
                fold.count += 1
                isChanged.insert(trial.fold)
            }
            result[trial.fold] = fold
        }
        for fold in isChanged.sorted() {
            let surplus = (result[fold]?.count ?? 0) - StudyStore.leaderCount
            if surplus > 0 {
                try db.run(
                    """
                    DELETE FROM leaders WHERE (study, fold, loss, number) IN (
                        SELECT study, fold, loss, number FROM leaders
                        WHERE study = ? AND fold = ?
                        ORDER BY loss DESC, number DESC LIMIT ?)
                    """, [study.id, fold, surplus])
            }
            result[fold] = try stored(fold, db)
        }
        return result
    }

    private func stored(_ fold: Int, _ db: Database) throws -> Leaders {
        let count = try db.first(
            Int.self, "SELECT count(*) FROM leaders WHERE study = ? AND fold = ?",
            [study.id, fold])
        let worst = try db.row(
            """
            SELECT loss, number FROM leaders WHERE study = ? AND fold = ?
            ORDER BY loss DESC, number DESC LIMIT 1
            """, [study.id, fold])
        return Leaders(
            count: count ?? 0, worstLoss: try worst?.real(0) ?? .infinity,
            worstNumber: try worst?.count(1) ?? 0)
    }
}
