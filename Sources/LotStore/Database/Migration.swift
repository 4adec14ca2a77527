/// A step of a schema: SQL that is never edited once a version of `lot` has shipped with it.
///
/// A test pins the hash of each text. What a step must change later, a later step changes.
public struct Migration: Sendable {
    /// Its name in `grdb_migrations`.
    public let name: String
    /// Statements, the last of which sets `user_version` to the step's number.
    public let text: String

    let statements: FixedSQL

    init(name: String, _ text: StaticString) {
        self.name = name
        self.text = text.description
        statements = FixedSQL(stringLiteral: text)
    }
}

/// One of the databases in the state folder.
public struct DatabaseKind: Sendable {
    /// Its file: `lot.db`.
    public let file: String
    /// SQLite's `application_id`: four letters that say whose file it is.
    public let application: Int32
    /// What marks a file with it.
    let mark: FixedSQL
    /// The steps that make its schema, oldest first; their count is the schema's version.
    public let migrations: [Migration]
}

extension DatabaseKind {
    /// Runs of `lot backtest`, and the catalogue of the klines: records of what lies in folders,
    /// which are the truth.
    public static let runs = DatabaseKind(
        file: "lot.db", application: 0x4c6f_7452, mark: "PRAGMA application_id = 1282372690",
        migrations: [runsSchema])

    /// Studies of `lot optimize` and their trials: a file of their own, which may be large and
    /// may be deleted.
    public static let studies = DatabaseKind(
        file: "studies.db", application: 0x4c6f_7453, mark: "PRAGMA application_id = 1282372691",
        migrations: [studiesSchema, rungsSchema])

    /// Every database of the state folder, for backups and checks.
    public static let all = [runs, studies]
}
