extension DatabaseKind {
    /// `backtests` and `series`: what lies in run folders and in kline folders, for lists.
    ///
    /// A run is its folder: the same inputs land in the same folder with the same bytes, and in
    /// the same row. The four metrics that lists show have columns of their own for whoever reads
    /// the table with SQL; all of them are in `metrics`, a JSON object. `manifest_stamp` is when
    /// the folder's `manifest.json` was written: where it says the same, the row is of this folder.
    ///
    /// `series` has a row for each series of a workspace that could be opened; `stamp` says for
    /// which state of its files.
    static let runsSchema = Migration(
        name: "1 backtests and series",
        """
        PRAGMA application_id = 1282372690;
        CREATE TABLE backtests (
            id INTEGER PRIMARY KEY,
            folder TEXT NOT NULL UNIQUE,
            workspace TEXT NOT NULL,
            run_id TEXT NOT NULL,
            strategy TEXT NOT NULL,
            script TEXT NOT NULL,
            script_hash TEXT NOT NULL,
            series TEXT NOT NULL,
            first_ms INTEGER NOT NULL,
            last_ms INTEGER NOT NULL,
            parameters TEXT NOT NULL,
            total_return REAL,
            sharpe REAL,
            max_drawdown REAL,
            trades REAL,
            metrics TEXT NOT NULL,
            engine_version TEXT NOT NULL,
            started_ms INTEGER,
            finished_ms INTEGER NOT NULL,
            manifest_stamp INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX backtests_by_workspace ON backtests (workspace, finished_ms);
        CREATE INDEX backtests_by_run ON backtests (run_id);
        CREATE TABLE series (
            workspace TEXT NOT NULL,
            folder TEXT NOT NULL,
            address TEXT NOT NULL,
            venue TEXT NOT NULL,
            market TEXT NOT NULL,
            symbol TEXT NOT NULL,
            interval TEXT,
            kind TEXT NOT NULL,
            row_count INTEGER NOT NULL,
            first_ms INTEGER,
            last_ms INTEGER,
            gaps INTEGER NOT NULL,
            missing INTEGER NOT NULL,
            is_synthetic INTEGER NOT NULL,
            columns TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            changed_ms INTEGER NOT NULL,
            stamp TEXT NOT NULL,
            PRIMARY KEY (workspace, folder)
        ) STRICT, WITHOUT ROWID;
        PRAGMA user_version = 1;
        """)
}
