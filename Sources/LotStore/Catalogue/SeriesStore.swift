internal import GRDB
public import LotCore

/// The table `series` of `lot.db`: the catalogue of the klines of every workspace.
///
/// It is a copy of what the series' own files say, which can be made again from them.
public struct SeriesStore: Sendable {
    private let folder: StateFolder

    /// Names the state folder; nothing is opened or created.
    public init(_ folder: StateFolder) {
        self.folder = folder
    }

    /// Enters series, each in the place of what was known of it; nothing is written for those
    /// whose stamp is known.
    ///
    /// - Throws: As ``RunStore/land(_:keepsKnown:)``.
    public func enter(_ series: [SeriesRecord]) throws(Diagnosis) {
        try StoreDatabase.write(
            .runs, in: folder,
            """
            INSERT INTO series (workspace, folder, address, venue, market, symbol,
                interval, kind, row_count, first_ms, last_ms, gaps, missing, is_synthetic,
                columns, bytes, changed_ms, stamp)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (workspace, folder) DO UPDATE SET address = excluded.address,
                venue = excluded.venue, market = excluded.market, symbol = excluded.symbol,
                interval = excluded.interval, kind = excluded.kind,
                row_count = excluded.row_count, first_ms = excluded.first_ms,
                last_ms = excluded.last_ms, gaps = excluded.gaps, missing = excluded.missing,
                is_synthetic = excluded.is_synthetic, columns = excluded.columns,
                bytes = excluded.bytes, changed_ms = excluded.changed_ms, stamp = excluded.stamp
            WHERE series.stamp IS NOT excluded.stamp
            """,
            series.map { one in
                [
                    .text(one.workspace), .text(one.folder), .text(one.address),
                    .text(one.venue), .text(one.market), .text(one.symbol),
                    DirectValue(one.interval), .text(one.kind), .integer(Int64(one.rows)),
                    DirectValue(one.firstTime), DirectValue(one.lastTime),
                    .integer(Int64(one.gaps)), .integer(Int64(one.missing)),
                    .integer(one.isSynthetic ? 1 : 0), .text(one.columns.joined(separator: ",")),
                    .integer(one.bytes), .integer(one.changedMs), .text(one.stamp),
                ]
            })
    }

    /// Removes series; their files are left alone.
    ///
    /// - Parameters:
    ///   - folders: Their folders below `datasets`.
    ///   - workspace: Its absolute path.
    /// - Throws: As ``RunStore/land(_:keepsKnown:)``.
    public func remove(_ folders: [String], of workspace: String) throws(Diagnosis) {
        try StoreDatabase.write(
            .runs, in: folder, "DELETE FROM series WHERE workspace = ? AND folder = ?",
            folders.map { [.text(workspace), .text($0)] })
    }

    /// The series of a workspace, by the names of their folders.
    ///
    /// - Returns: None if there is no file yet.
    /// - Throws: As ``RunStore/runs(of:)``.
    public func series(of workspace: String) throws(Diagnosis) -> [SeriesRecord] {
        guard let database = try StoreDatabase.reading(.runs, in: folder) else { return [] }
        return try database.read { db in
            do { return try SeriesStore.fetch(db, workspace) } catch is ForeignValue {
                throw database.foreignValue
            }
        }
    }

    private static func fetch(_ db: Database, _ workspace: String) throws -> [SeriesRecord] {
        let rows = try db.rows(
            """
            SELECT workspace, folder, address, venue, market, symbol, interval, kind, row_count,
                first_ms, last_ms, gaps, missing, is_synthetic, columns, bytes, changed_ms, stamp
            FROM series WHERE workspace = ? ORDER BY folder
            """, [workspace])
        var result: [SeriesRecord] = []
        while let row = try rows.next() {
            result.append(
                SeriesRecord(
                    workspace: try row.text(0), folder: try row.text(1),
                    address: try row.text(2), venue: try row.text(3), market: try row.text(4),
                    symbol: try row.text(5), interval: try row.optionalText(6),
                    kind: try row.text(7), rows: try row.count(8),
                    firstTime: try row.optionalInteger(9), lastTime: try row.optionalInteger(10),
                    gaps: try row.count(11), missing: try row.count(12),
                    isSynthetic: try row.count(13) != 0,
                    columns: try row.text(14).split(separator: ",").map(String.init),
                    bytes: try row.integer(15), changedMs: try row.integer(16),
                    stamp: try row.text(17)))
        }
        return result
    }
}
