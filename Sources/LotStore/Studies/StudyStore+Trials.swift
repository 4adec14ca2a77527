internal import GRDB
public import LotCore

/// Which of a trial's numbers to read; the others come empty.
public struct TrialParts: OptionSet, Sendable {
    /// The bits.
    public let rawValue: Int

    /// Makes a set of its bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// The coordinates.
    public static let point = TrialParts(rawValue: 1)
    /// The values of targets.
    public static let values = TrialParts(rawValue: 2)
    /// The metrics.
    public static let metrics = TrialParts(rawValue: 4)
    /// The block sums.
    public static let blocks = TrialParts(rawValue: 8)
    /// All but the block sums.
    public static let usual: TrialParts = [.point, .values, .metrics]
    /// Everything.
    public static let all: TrialParts = [.point, .values, .metrics, .blocks]
}

extension StudyStore {
    /// How many trials of each fold `leaders` keeps: ``top(_:of:fold:parts:)`` is quick up to it.
    static let leaderCount = 1_000
    /// Trials read in one transaction: a reader that held the file for longer would stop writers.
    static let pageSize = 2_048

    /// Calls `body` with the trials of a fold, by number, in constant memory.
    ///
    /// A study that is being worked on may be read: trials never change once they are stored.
    /// - Parameters:
    ///   - study: The study.
    ///   - fold: Which fold.
    ///   - from: The first number.
    ///   - parts: What to read.
    ///   - body: Gets each trial; returns false to stop.
    /// - Throws: 65 for a damaged file; what `body` throws.
    public func forEachTrial(
        of study: StudyRecord, fold: Int = 0, from: Int = 0, parts: TrialParts = .usual,
        _ body: (Trial) throws(Diagnosis) -> Bool
    ) throws(Diagnosis) {
        var first = from
        while true {
            let page = try trials(
                of: study, fold: fold, from: first, limit: StudyStore.pageSize, parts: parts)
            for trial in page {
                guard try body(trial) else { return }
            }
            guard page.count == StudyStore.pageSize, let last = page.last else { return }
            first = last.number + 1
        }
    }

    /// At most `limit` trials of a fold from a number on, by number.
    public func trials(
        of study: StudyRecord, fold: Int = 0, from: Int = 0, limit: Int,
        parts: TrialParts = .usual
    ) throws(Diagnosis) -> [Trial] {
        try read { db in
            try StudyStore.fetch(
                db,
                StudyStore.columns
                    + " FROM trials WHERE study = ? AND fold = ? AND number >= ?"
                    + " ORDER BY number LIMIT ?", [study.id, fold, from, limit], parts)
        }
    }

    /// One trial; `nil` if it is not stored.
    public func trial(
        _ number: Int, of study: StudyRecord, fold: Int = 0, parts: TrialParts = .all
    ) throws(Diagnosis) -> Trial? {
        let found = try trials(of: study, fold: fold, from: number, limit: 1, parts: parts)
        return found.first?.number == number ? found.first : nil
    }

    /// The best feasible trials of a fold, the smallest loss first, then the smallest number.
    ///
    /// - Complexity: O(`count`) up to 1,000; beyond, O(trials of the fold).
    public func top(
        _ count: Int, of study: StudyRecord, fold: Int = 0, parts: TrialParts = .usual
    ) throws(Diagnosis) -> [Trial] {
        let quick =
            StudyStore.columns + """
                 FROM leaders JOIN trials USING (study, fold, number)
                WHERE leaders.study = ? AND leaders.fold = ?
                ORDER BY leaders.loss, leaders.number LIMIT ?
                """
        let whole =
            StudyStore.columns + """
                 FROM trials WHERE study = ? AND fold = ? AND status = 0 AND violation = 0
                AND loss BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308
                ORDER BY loss, number LIMIT ?
                """
        return try read { db in
            try StudyStore.fetch(
                db, count <= StudyStore.leaderCount ? quick : whole, [study.id, fold, count],
                parts)
        }
    }

    /// The folds that have trials, in order.
    ///
    /// - Complexity: O(folds · log trials).
    public func folds(of study: StudyRecord) throws(Diagnosis) -> [Int] {
        try read { db in
            var folds: [Int] = []
            while let next = try db.first(
                Int.self, "SELECT min(fold) FROM trials WHERE study = ? AND fold > ?",
                [study.id, folds.last ?? -1])
            {
                folds.append(next)
            }
            return folds
        }
    }

    /// Removes trials whose study is gone, a few at a time, and gives the space back where a
    /// quarter of the file would be empty.
    func purge() throws(Diagnosis) {
        var after: Int64 = 0
        while true {
            let orphan: Int64? = try write { db in
                let next = try db.first(
                    Int64.self, "SELECT min(study) FROM trials WHERE study > ?", [after])
                guard let next else { return nil }
                let isKept = try db.first(
                    Bool.self, "SELECT EXISTS (SELECT 1 FROM studies WHERE id = ?)",
                    [next])
                guard isKept != true else { return next }
                try db.run(
                    """
                    DELETE FROM trials WHERE (study, fold, number) IN (
                        SELECT study, fold, number FROM trials WHERE study = ?
                        ORDER BY fold, number LIMIT 20000)
                    """, [next])
                // Again from here, until none is left.
                return next - 1
            }
            guard let orphan else { break }
            after = orphan
        }
        try compact()
    }

    private func compact() throws(Diagnosis) {
        let (pages, free) = try read { db in
            (
                try db.first(Int.self, "PRAGMA page_count") ?? 0,
                try db.first(Int.self, "PRAGMA freelist_count") ?? 0
            )
        }
        guard free > 1_000, free > pages / 4 else { return }
        do throws(Diagnosis) {
            try database.withoutTransaction { db in try db.run("VACUUM") }
        } catch {
            // It needs room for a copy, and nobody else at work. The free pages are used again.
            guard [.io, .tryLater].contains(error.code) else { throw error }
        }
    }

    private static let columns: FixedSQL = """
        SELECT trials.number, trials.fold, status, trials.loss, violation, point, target_values,
            metrics, blocks, error, rung
        """

    private static func fetch(
        _ db: Database, _ sql: FixedSQL, _ arguments: StatementArguments, _ parts: TrialParts
    ) throws -> [Trial] {
        let statement = try db.prepared(sql)
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        var result: [Trial] = []
        while let row = try rows.next() {
            guard let status = TrialStatus(rawValue: try row.count(2)) else {
                throw ForeignValue(column: 2)
            }
            result.append(
                Trial(
                    number: try row.count(0), fold: try row.count(1), status: status,
                    point: parts.contains(.point) ? try row.doubles(5) : [],
                    values: parts.contains(.values) ? try row.doubles(6) : [],
                    loss: try row.optionalReal(3), violation: try row.real(4),
                    metrics: parts.contains(.metrics) ? try row.doubles(7) : [],
                    blocks: parts.contains(.blocks) ? try row.doubles(8) : [],
                    error: try row.optionalText(9), rung: try row.count(10)))
        }
        return result
    }
}
