internal import CSQLite
internal import GRDB
import LotCore

/// A database of the state folder, open: one connection, used by one caller at a time.
///
/// No WAL: SQLite 3.7.0 to 3.51.2 can corrupt one when two connections write and checkpoint at
/// once. So `journal_mode=DELETE` and `synchronous=FULL`: what a write has returned from survives
/// a power cut. Every switch is read back at opening, since SQLite passes over those it does not
/// know.
/// - SeeAlso: https://www.sqlite.org/wal.html, https://www.sqlite.org/security.html
final class StoreDatabase: Sendable {
    /// Whether a connection may change the file.
    enum Access: Sendable {
        case read, write
    }

    /// Seconds to wait for other processes; each holds the file for milliseconds.
    static let busySeconds = 30.0

    let kind: DatabaseKind
    /// The file.
    let path: String
    private let queue: DatabaseQueue

    private init(_ kind: DatabaseKind, _ path: String, _ queue: DatabaseQueue) {
        self.kind = kind
        self.path = path
        self.queue = queue
    }

    /// Opens a database for reading; `nil` if there is none yet.
    ///
    /// One of an older schema is brought up to date first, and one whose writer was killed is
    /// rolled back first: either needs a folder that can be written.
    /// - Throws: 65 for a file that is no database, damaged, or of a newer schema.
    static func reading(
        _ kind: DatabaseKind, in folder: StateFolder
    ) throws(Diagnosis) -> StoreDatabase? {
        guard try folder.exists() else { return nil }
        let path = folder.file(kind.file)
        guard try isThere(path) else { return nil }
        do {
            let database = try open(kind, path, .read)
            if try database.version() == kind.migrations.count { return database }
        } catch let error as DatabaseError where error.isUnfinished {
            // Opened for writing below, which rolls back.
        } catch {
            throw diagnosis(error, path)
        }
        _ = try writing(kind, in: folder)
        do {
            return try open(kind, path, .read)
        } catch {
            throw diagnosis(error, path)
        }
    }

    /// Opens a database for writing; the folder and the file are made where they are missing.
    ///
    /// - Throws: As ``reading(_:in:)``; 73, 74 or 77 where it cannot be written.
    static func writing(
        _ kind: DatabaseKind, in folder: StateFolder
    ) throws(Diagnosis) -> StoreDatabase {
        try folder.create()
        let path = folder.file(kind.file)
        do {
            if try !isThere(path) { _ = try StateFiles.makeFile(path) }
            let database = try open(kind, path, .write)
            if try database.version() < kind.migrations.count {
                try database.migrate(folder)
            }
            return database
        } catch {
            throw diagnosis(error, path)
        }
    }

    /// Reads; nothing that another process commits meanwhile is seen.
    func read<T>(_ body: (Database) throws -> T) throws(Diagnosis) -> T {
        do { return try queue.read(body) } catch { throw StoreDatabase.diagnosis(error, path) }
    }

    /// Changes the file in one transaction, durable when this returns.
    func write<T>(_ body: (Database) throws -> T) throws(Diagnosis) -> T {
        do { return try queue.write(body) } catch { throw StoreDatabase.diagnosis(error, path) }
    }

    /// Runs statements that cannot be in a transaction.
    func withoutTransaction<T>(_ body: (Database) throws -> T) throws(Diagnosis) -> T {
        do {
            return try queue.writeWithoutTransaction(body)
        } catch {
            throw StoreDatabase.diagnosis(error, path)
        }
    }

    /// What SQLite finds wrong with the file; empty if nothing.
    ///
    /// - Complexity: O(size of the file).
    func damage() throws(Diagnosis) -> [String] {
        let lines = try read { db in
            var lines: [String] = []
            let rows = try db.rows("PRAGMA quick_check(10)")
            while let row = try rows.next() { lines.append(try row.text(0)) }
            return lines
        }
        return lines == ["ok"] ? [] : lines.map { escaped($0, limit: 200) }
    }

    // MARK: Opening

    static func isThere(_ path: String) throws(Diagnosis) -> Bool {
        let status: PlaceStatus
        do throws(StateError) {
            status = try StateFiles.status(path)
            if status.isRegular, status.isOwn, status.mode & 0o077 != 0 {
                try StateFiles.makePrivate(path)
            }
        } catch {
            guard error.isMissing else { throw error.diagnosis(subject(path), doing: "opening") }
            return false
        }
        guard status.isRegular else {
            throw Diagnosis(
                .data, kind: "database.file", subject: subject(path), reason: "is not a file",
                hint: "move it away; lot makes a new one")
        }
        return true
    }

    private static func open(
        _ kind: DatabaseKind, _ path: String, _ access: Access
    ) throws -> StoreDatabase {
        var configuration = Configuration()
        configuration.readonly = access == .read
        configuration.busyMode = .timeout(busySeconds)
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { db in try prepare(db, kind, path, access) }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        return StoreDatabase(kind, path, queue)
    }

    /// A switch of a connection; `CSQLite/write.c` has the same, and a test compares them.
    struct Switch {
        let name: String
        let value: String
        let set: FixedSQL
        let read: FixedSQL

        init(_ name: StaticString, _ value: StaticString) {
            self.name = name.description
            self.value = value.description
            let pragma: FixedSQL = "PRAGMA "
            read = pragma + FixedSQL(stringLiteral: name)
            set = read + " = " + FixedSQL(stringLiteral: value)
        }
    }

    static let switches = [
        Switch("trusted_schema", "0"), Switch("cell_size_check", "1"), Switch("mmap_size", "0"),
        Switch("synchronous", "2"), Switch("foreign_keys", "1"), Switch("temp_store", "2"),
        Switch("journal_mode", "delete"),
    ]

    /// Sets every switch of a new connection and reads it back.
    private static func prepare(
        _ db: Database, _ kind: DatabaseKind, _ path: String, _ access: Access
    ) throws {
        if let connection = unsafe db.sqliteConnection {
            let address = unsafe UnsafeMutableRawPointer(connection)
            guard unsafe lot_sqlite_defend(address) == 0,
                unsafe lot_sqlite_is_defended(address) == 0
            else { throw refused(path, "SQLite's defences cannot be switched on") }
        }
        try checkFile(db, kind, path)
        for item in switches {
            // Reading leaves the mode as it is: setting it could need to write.
            if access == .write || item.name != "journal_mode" { try db.run(item.set) }
            let now = try db.first(String.self, item.read)
            guard now ?? "0" == item.value else {
                throw refused(
                    path, "\(item.name) is \(escaped(now ?? "unset")), not \(item.value)")
            }
        }
        let wait = try db.first(Int.self, "PRAGMA busy_timeout")
        guard wait == Int(busySeconds * 1_000) else { throw refused(path, "it would not wait") }
    }

    /// Refuses a file that is another program's, or of a newer `lot`.
    private static func checkFile(_ db: Database, _ kind: DatabaseKind, _ path: String) throws {
        var version = 0
        var application: Int32 = 0
        var isEmpty = false
        // Under one lock: of two processes that start at once, one would otherwise read the marks
        // before the other's first step and the size after it, and call the file foreign.
        try db.inTransaction(.deferred) {
            version = try db.first(Int.self, "PRAGMA user_version") ?? 0
            application = try db.first(Int32.self, "PRAGMA application_id") ?? 0
            isEmpty = try db.first(Int.self, "PRAGMA page_count") ?? 0 == 0
            return .commit
        }
        guard application == kind.application || application == 0 && version == 0 && isEmpty else {
            throw Diagnosis(
                .data, kind: "database.foreign", subject: subject(path),
                reason: "is a database of another program",
                hint: "move it away; lot makes a new one")
        }
        let known = kind.migrations.count
        guard version <= known else {
            throw Diagnosis(
                .data, kind: "database.newer", subject: subject(path),
                reason: "schema \(version), this lot knows "
                    + (known == 1 ? "1" : "1 to \(known)"), hint: "upgrade lot")
        }
    }

    /// The schema's version.
    private func version() throws -> Int {
        try queue.read { db in try db.first(Int.self, "PRAGMA user_version") ?? 0 }
    }

    /// Runs the steps that are missing; several processes may try at once.
    private func migrate(_ folder: StateFolder) throws {
        var migrator = DatabaseMigrator()
        for migration in kind.migrations {
            migrator.registerMigration(migration.name) { db in try db.run(migration.statements) }
        }
        // The migrator reads what is missing before its transaction begins: of two processes that
        // start at once, the second would run a step again. So one waits, and finds nothing to do.
        let lock = try StateLock.wait(folder.file(kind.file + ".migrate"))
        try withExtendedLifetime(lock) {
            // Before anything else is in the file: the migrator commits a table of its own before
            // the first step, and who opens the file then, or after a kill, must know it as ours.
            try queue.write { db in try db.run(kind.mark) }
            try migrator.migrate(queue)
        }
        let version = try version()
        guard version == kind.migrations.count else {
            throw StoreDatabase.refused(path, "its schema is \(version) after migration")
        }
    }

    static func refused(_ path: String, _ reason: String) -> Diagnosis {
        Diagnosis(
            .config, kind: "database.switch", subject: subject(path), reason: reason,
            hint: "another SQLite library, or a file changed by hand; see docs/operations.md")
    }

    static func subject(_ path: String) -> String { escaped(path, limit: 512) }
}
