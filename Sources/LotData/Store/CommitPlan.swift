import LotCore

/// What a commit did.
public struct CommitOutcome: Sendable, Equatable {
    /// Rows stored that were not there before.
    public var added: Int
    /// Rows whose values were replaced.
    public var replaced: Int
    /// Rows that were there already, bit by bit.
    public var unchanged: Int
    /// Rows that were there and got a mark price that was not known before.
    public var completed: Int
    /// Rows stored now.
    public var rows: Int

    /// Counts of a commit.
    public init(added: Int, replaced: Int, unchanged: Int, completed: Int = 0, rows: Int) {
        self.added = added
        self.replaced = replaced
        self.unchanged = unchanged
        self.completed = completed
        self.rows = rows
    }
}

/// How incoming rows relate to the stored ones, found before anything is written.
struct CommitPlan {
    /// Rows equal to stored ones.
    var unchanged = 0
    /// Rows at a stored time with other values.
    var differing = 0
    /// The first of them: incoming row and stored row.
    var firstConflict: (incoming: Int, stored: Int)?
    /// Rows that only add a mark price which was not known.
    var completed = 0
    /// Rows before the first stored one or inside a hole.
    var inserted = 0
    /// Rows after the last stored one start here.
    var appendFrom = 0

    /// Compares incoming rows with the mapped columns of a series.
    ///
    /// - Complexity: O(incoming + stored rows from the first incoming time on).
    init(_ incoming: SeriesTable, into stored: ColumnFiles) throws(Diagnosis) {
        var columns: [Column<UInt64>] = []
        for column in stored.columns {
            columns.append(try stored.words(column))
        }
        let words = stored.columns.map { incoming.words[$0.index] }
        let mark = stored.columns.firstIndex(of: .markPrice)
        let times = stored.times
        var row = 0
        var place = times.firstIndex(atOrAfter: incoming.time(0))
        while row < incoming.count, place < stored.rows {
            let time = incoming.time(row)
            if times[place] < time {
                place += 1
                continue
            }
            if times[place] > time {
                inserted += 1
            } else {
                let unequal = columns.indices.filter { columns[$0][place] != words[$0][row] }
                if unequal.isEmpty {
                    unchanged += 1
                } else if unequal == [mark], columns[unequal[0]][place] == SeriesTable.unknown {
                    completed += 1
                } else {
                    differing += 1
                    if firstConflict == nil { firstConflict = (row, place) }
                }
            }
            row += 1
        }
        appendFrom = row
    }
}

extension SeriesTable {
    /// Returns the rows of two tables with the same columns in the order of time; where both have
    /// a time, the row of `newer` counts.
    func merged(with newer: SeriesTable) -> SeriesTable {
        var result = SeriesTable(ordered: columns)
        result.reserve(count + newer.count)
        var old = 0
        var new = 0
        while new < newer.count {
            let run = old
            let time = newer.time(new)
            while old < count, self.time(old) < time { old += 1 }
            result.append(self, rows: run..<old)
            if old < count, self.time(old) == time { old += 1 }
            let start = new
            let limit = old < count ? self.time(old) : Int64.max
            repeat { new += 1 } while new < newer.count && newer.time(new) < limit
            result.append(newer, rows: start..<new)
        }
        result.append(self, rows: old..<count)
        return result
    }
}
