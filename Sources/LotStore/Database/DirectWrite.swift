internal import CSQLite
internal import GRDB
import LotCore

/// A value of a row that is written directly.
enum DirectValue {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)

    init(_ value: Int64?) { self = value.map { .integer($0) } ?? .null }

    /// NaN is NULL.
    init(_ value: Double?) {
        self = value.flatMap { $0.isNaN ? nil : .real($0) } ?? .null
    }

    init(_ value: String?) { self = value.map { .text($0) } ?? .null }
}

extension StoreDatabase {
    /// Seconds that a direct write waits for other processes: it comes at the end of a command
    /// whose work is done, and what it writes can be found again.
    static let directSeconds = 5.0

    /// Runs one statement for each row in one transaction, durable when this returns, without
    /// GRDB.
    ///
    /// Landing a run is a promise of about a millisecond of processor time. Opening a file through
    /// GRDB costs two to three: it is used here only where the file must be made or brought up to
    /// date. The connection has the same switches, read back as there.
    /// - Parameters:
    ///   - kind: Which database.
    ///   - folder: Where it is; folder and file are made where they are missing.
    ///   - sql: A statement with a `?` for each column.
    ///   - rows: Its values, row by row.
    ///   - seconds: How long it waits for other processes.
    /// - Throws: As ``writing(_:in:)``.
    static func write(
        _ kind: DatabaseKind, in folder: StateFolder, _ sql: StaticString, _ rows: [[DirectValue]],
        seconds: Double = directSeconds
    ) throws(Diagnosis) {
        guard !rows.isEmpty else { return }
        let path = folder.file(kind.file)
        var isNew = true
        if try folder.exists() { isNew = try !isThere(path) }
        if isNew { _ = try writing(kind, in: folder) }
        let job = DirectJob(kind, path, rows, seconds)
        var outcome = job.run(sql)
        if outcome.code == LOT_SQLITE_OTHER_SCHEMA {
            // Of an older version, or not ours: the long way brings it up to date or says so.
            _ = try writing(kind, in: folder)
            outcome = job.run(sql)
        }
        switch outcome.code {
        case 0: return
        case Int32(LOT_SQLITE_SWITCH): throw refused(path, escaped(outcome.message))
        case Int32(LOT_SQLITE_OTHER_SCHEMA): throw refused(path, "its schema changes meanwhile")
        default:
            throw diagnosis(
                DatabaseError(
                    resultCode: ResultCode(rawValue: outcome.code), message: outcome.message),
                path, waited: seconds)
        }
    }
}

/// Rows laid out for C.
private struct DirectJob {
    private let kind: DatabaseKind
    private let path: String
    private let seconds: Double
    private let columns: Int
    private let count: Int
    private var values: [lot_sqlite_value] = []
    private var texts: [UInt8] = []

    init(
        _ kind: DatabaseKind, _ path: String, _ rows: [[DirectValue]], _ seconds: Double
    ) {
        self.seconds = seconds
        self.kind = kind
        self.path = path
        count = rows.count
        columns = rows.first?.count ?? 0
        precondition(rows.allSatisfy { $0.count == rows[0].count }, "rows of one length")
        for value in rows.joined() { add(value) }
    }

    private mutating func add(_ value: DirectValue) {
        var raw = lot_sqlite_value(
            kind: Int32(LOT_SQLITE_NULL), length: 0, integer: 0, real: 0)
        switch value {
        case .null: break
        case .integer(let integer):
            raw.kind = Int32(LOT_SQLITE_INTEGER)
            raw.integer = integer
        case .real(let real):
            raw.kind = Int32(LOT_SQLITE_REAL)
            raw.real = real
        case .text(let text):
            raw.kind = Int32(LOT_SQLITE_TEXT)
            raw.integer = Int64(texts.count)
            texts.append(contentsOf: text.utf8)
            raw.length = Int32(texts.count) - Int32(raw.integer)
        }
        values.append(raw)
    }

    func run(_ sql: StaticString) -> (code: Int32, message: String) {
        var message = [UInt8](repeating: 0, count: 256)
        let code = unsafe path.withCString { path in
            unsafe values.withUnsafeBufferPointer { values in
                unsafe texts.withUnsafeBytes { texts in
                    unsafe message.withUnsafeMutableBytes { message in
                        var job = unsafe lot_sqlite_job()
                        unsafe job.path = path
                        unsafe job.application = kind.application
                        unsafe job.version = Int32(kind.migrations.count)
                        unsafe job.wait_ms = Int32(seconds * 1_000)
                        unsafe job.sql = UnsafeRawPointer(sql.utf8Start)
                            .assumingMemoryBound(to: CChar.self)
                        unsafe job.values = values.baseAddress
                        unsafe job.columns = Int32(columns)
                        unsafe job.rows = Int32(count)
                        unsafe job.texts = texts.baseAddress?.assumingMemoryBound(to: CChar.self)
                        return unsafe lot_sqlite_write(
                            &job, message.baseAddress?.assumingMemoryBound(to: CChar.self),
                            Int32(message.count))
                    }
                }
            }
        }
        return (code, String(decoding: message.prefix { $0 != 0 }, as: UTF8.self))
    }
}
