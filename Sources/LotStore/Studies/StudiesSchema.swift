extension DatabaseKind {
    /// `studies` and `trials`.
    ///
    /// `trials` is clustered by (study, fold, number): trials are appended and read in that order,
    /// and one by its number. It has no index by score. Scores come in no order, so each batch
    /// would touch as many pages of such an index as it has trials, which cost two thirds of the
    /// insert rate; `leaders` keeps the best of each fold instead, and changes only where a trial
    /// is better than the last of them.
    ///
    /// Numbers are Float64, little-endian, one after another. There is no foreign key from
    /// `trials`: a deleted study leaves them to be removed in short transactions. `AUTOINCREMENT`
    /// never gives its number to another study.
    static let studiesSchema = Migration(
        name: "1 studies",
        """
        PRAGMA application_id = 1282372691;
        CREATE TABLE studies (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            identity TEXT NOT NULL,
            script_hash TEXT NOT NULL,
            data_identity TEXT NOT NULL,
            engine_version TEXT NOT NULL,
            spec TEXT NOT NULL,
            status TEXT NOT NULL,
            planned INTEGER,
            trials INTEGER NOT NULL DEFAULT 0,
            failed INTEGER NOT NULL DEFAULT 0,
            infeasible INTEGER NOT NULL DEFAULT 0,
            pruned INTEGER NOT NULL DEFAULT 0,
            next_number INTEGER NOT NULL DEFAULT 0,
            created_ms INTEGER NOT NULL,
            updated_ms INTEGER NOT NULL,
            summary TEXT
        ) STRICT;
        CREATE INDEX studies_by_subject ON studies (script_hash, data_identity);
        CREATE TABLE deleted_studies (
            id INTEGER PRIMARY KEY,
            script_hash TEXT NOT NULL,
            data_identity TEXT NOT NULL,
            trials INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX deleted_by_subject ON deleted_studies (script_hash, data_identity);
        CREATE TABLE trials (
            study INTEGER NOT NULL,
            fold INTEGER NOT NULL,
            number INTEGER NOT NULL,
            status INTEGER NOT NULL,
            loss REAL,
            violation REAL NOT NULL,
            point BLOB NOT NULL,
            target_values BLOB NOT NULL,
            metrics BLOB NOT NULL,
            blocks BLOB,
            error TEXT,
            PRIMARY KEY (study, fold, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE leaders (
            study INTEGER NOT NULL,
            fold INTEGER NOT NULL,
            loss REAL NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (study, fold, loss, number)
        ) STRICT, WITHOUT ROWID;
        PRAGMA user_version = 1;
        """)

    /// Rounds of successive halving: `trials.rung`, and in `studies.repeats` how many trials ran a
    /// set of parameters again (in a later round, or because a sampler came back to it), which is
    /// no further set that was looked at.
    static let rungsSchema = Migration(
        name: "2 rungs",
        """
        ALTER TABLE trials ADD COLUMN rung INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE studies ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
        PRAGMA user_version = 2;
        """)
}
