extension DatabaseKind {
    /// `backtests` and `series`.
    ///
    /// A run is its folder: the same inputs land in the same folder with the same bytes. The four
    /// metrics that lists show have columns of their own, all of them are in `metrics` (JSON).
    static let runsSchema = Migration(
        name: "1 backtests and series",
        sql: """
            PRAGMA application_id = 1282372690;
            CREATE TABLE backtests (
                id INTEGER PRIMARY KEY,
                folder TEXT NOT NULL UNIQUE,
                workspace TEXT NOT NULL,
                run_id TEXT NOT NULL,
                strategy TEXT NOT NULL,
                script_path TEXT NOT NULL,
                script_hash TEXT NOT NULL,
                series TEXT NOT NULL,
                start_ms INTEGER,
                end_ms INTEGER,
                parameters TEXT NOT NULL,
                settings TEXT NOT NULL,
                total_return REAL,
                sharpe REAL,
                max_drawdown REAL,
                trades REAL,
                metrics TEXT NOT NULL,
                status TEXT NOT NULL,
                engine_version TEXT NOT NULL,
                created_ms INTEGER NOT NULL,
                manifest_stamp INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX backtests_by_workspace ON backtests (workspace, created_ms);
            CREATE INDEX backtests_by_time ON backtests (created_ms);
            CREATE INDEX backtests_by_run ON backtests (run_id);
            CREATE TABLE series (
                workspace TEXT NOT NULL,
                address TEXT NOT NULL,
                row_count INTEGER NOT NULL,
                first_ms INTEGER,
                last_ms INTEGER,
                digest TEXT NOT NULL,
                updated_ms INTEGER NOT NULL,
                PRIMARY KEY (workspace, address)
            ) STRICT, WITHOUT ROWID;
            PRAGMA user_version = 1;
            """)
}
