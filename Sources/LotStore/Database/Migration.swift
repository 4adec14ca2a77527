/// A step of a schema: SQL that is never edited once a version of `lot` has shipped with it.
///
/// A test pins the hash of each text. What a step must change later, a later step changes.
public struct Migration: Sendable {
    /// Its name in `grdb_migrations`.
    public let name: String
    /// Statements, the last of which sets `user_version` to the step's number.
    public let sql: String
}

/// One of the databases in the state folder.
public struct DatabaseKind: Sendable {
    /// Its file: `lot.db`.
    public let file: String
    /// SQLite's `application_id`: four letters that say whose file it is.
    public let application: Int32
    /// The steps that make its schema, oldest first; their count is the schema's version.
    public let migrations: [Migration]
}

extension DatabaseKind {
    /// Studies of `lot optimize` and their trials: a file of their own, which may be large and
    /// may be deleted.
    public static let studies = DatabaseKind(
        file: "studies.db", application: 0x4c6f_7453,
        migrations: [studiesSchema, rungsSchema])

    /// Every database of the state folder, for backups and checks.
    public static let all = [studies]
}
