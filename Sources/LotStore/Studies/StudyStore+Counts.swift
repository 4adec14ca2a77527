internal import GRDB
public import LotCore

extension StudyStore {
    /// One more than the largest number of a fold's trials; 0 if it has none.
    ///
    /// - Complexity: O(log trials).
    public func count(of study: StudyRecord, fold: Int) throws(Diagnosis) -> Int {
        try read { db in
            try db.first(
                Int.self, "SELECT max(number) + 1 FROM trials WHERE study = ? AND fold = ?",
                [study.id, fold]) ?? 0
        }
    }
}
