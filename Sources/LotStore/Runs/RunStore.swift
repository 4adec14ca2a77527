internal import GRDB
public import LotCore

/// The table `backtests` of `lot.db`: every run of `lot backtest`.
///
/// A value without state: each call opens the file, does its work and closes it. Any number of
/// processes may do so at once.
public struct RunStore: Sendable {
    private let folder: StateFolder
    /// How long a write waits for other processes.
    var seconds = StoreDatabase.directSeconds

    /// Names the state folder; nothing is opened or created.
    public init(_ folder: StateFolder) {
        self.folder = folder
    }

    /// The path of the file.
    public var path: String { folder.file(DatabaseKind.runs.file) }

    /// Enters runs, each in the row of its folder, durably; folder and file are made where they
    /// are missing.
    ///
    /// - Parameters:
    ///   - runs: The runs.
    ///   - keepsKnown: Whether a row that a folder has already stays as it is.
    /// - Throws: 65 for a damaged file, 73, 74 or 77 where it cannot be written, 75 if another
    ///   process keeps it locked for 5 seconds, 78 on a network file system. Nothing was entered.
    /// - Complexity: About a millisecond of processor time and 4 syncs of the disk, whatever the
    ///   number of runs.
    public func land(_ runs: [RunRecord], keepsKnown: Bool = false) throws(Diagnosis) {
        try StoreDatabase.write(
            .runs, in: folder, keepsKnown ? RunStore.insertNew : RunStore.insert,
            runs.map { run in
                [
                    .text(run.folder), .text(run.workspace), .text(run.runID),
                    .text(run.strategy), .text(run.script), .text(run.scriptHash),
                    .text(run.series), .integer(run.firstTime), .integer(run.lastTime),
                    .text(run.parameters), DirectValue(run.main.totalReturn),
                    DirectValue(run.main.sharpe), DirectValue(run.main.maxDrawdown),
                    DirectValue(run.main.trades), .text(run.metrics), .text(run.engineVersion),
                    DirectValue(run.startedMs), .integer(run.finishedMs),
                    .integer(run.manifestStamp),
                ]
            }, seconds: seconds)
    }

    /// Removes rows; the folders of the runs are left alone.
    public func forget(_ runs: [RunRecord]) throws(Diagnosis) {
        try StoreDatabase.write(
            .runs, in: folder, "DELETE FROM backtests WHERE id = ?",
            runs.map { [.integer($0.id)] })
    }

    /// The runs of a workspace, or of all, the last finished first.
    ///
    /// - Parameter workspace: Its absolute path; `nil` is all.
    /// - Returns: None if there is no file yet.
    /// - Throws: 65 for a damaged file or one of a newer version; 77 or 78 for a folder that is
    ///   not private or not local.
    public func runs(of workspace: String?) throws(Diagnosis) -> [RunRecord] {
        guard let database = try StoreDatabase.reading(.runs, in: folder) else { return [] }
        return try database.read { db in
            do {
                return try RunStore.fetch(
                    db,
                    RunStore.columns + """
                         FROM backtests WHERE :workspace IS NULL OR workspace = :workspace
                        ORDER BY finished_ms DESC, folder
                        """, ["workspace": workspace])
            } catch is ForeignValue { throw database.foreignValue }
        }
    }

    private static let insert: StaticString = """
        INSERT INTO backtests (folder, workspace, run_id, strategy, script, script_hash, series,
            first_ms, last_ms, parameters, total_return, sharpe, max_drawdown, trades, metrics,
            engine_version, started_ms, finished_ms, manifest_stamp)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (folder) DO UPDATE SET workspace = excluded.workspace,
            run_id = excluded.run_id, strategy = excluded.strategy, script = excluded.script,
            script_hash = excluded.script_hash, series = excluded.series,
            first_ms = excluded.first_ms, last_ms = excluded.last_ms,
            parameters = excluded.parameters, total_return = excluded.total_return,
            sharpe = excluded.sharpe, max_drawdown = excluded.max_drawdown,
            trades = excluded.trades, metrics = excluded.metrics,
            engine_version = excluded.engine_version, started_ms = excluded.started_ms,
            finished_ms = excluded.finished_ms, manifest_stamp = excluded.manifest_stamp
        """

    private static let insertNew: StaticString = """
        INSERT INTO backtests (folder, workspace, run_id, strategy, script, script_hash, series,
            first_ms, last_ms, parameters, total_return, sharpe, max_drawdown, trades, metrics,
            engine_version, started_ms, finished_ms, manifest_stamp)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (folder) DO NOTHING
        """

    private static let columns: FixedSQL = """
        SELECT id, folder, workspace, run_id, strategy, script, script_hash, series, first_ms,
            last_ms, parameters, total_return, sharpe, max_drawdown, trades, metrics,
            engine_version, started_ms, finished_ms, manifest_stamp
        """

    private static func fetch(
        _ db: Database, _ sql: FixedSQL, _ arguments: StatementArguments
    ) throws -> [RunRecord] {
        let rows = try db.rows(sql, arguments)
        var result: [RunRecord] = []
        while let row = try rows.next() {
            var run = RunRecord(
                folder: try row.text(1), workspace: try row.text(2), runID: try row.text(3),
                strategy: try row.text(4), script: try row.text(5), scriptHash: try row.text(6),
                series: try row.text(7), firstTime: try row.integer(8),
                lastTime: try row.integer(9), parameters: try row.text(10),
                metrics: try row.text(15), engineVersion: try row.text(16),
                startedMs: try row.optionalInteger(17), finishedMs: try row.integer(18),
                manifestStamp: try row.integer(19))
            run.id = try row.integer(0)
            run.main.totalReturn = try row.optionalReal(11)
            run.main.sharpe = try row.optionalReal(12)
            run.main.maxDrawdown = try row.optionalReal(13)
            run.main.trades = try row.optionalReal(14)
            result.append(run)
        }
        return result
    }
}
