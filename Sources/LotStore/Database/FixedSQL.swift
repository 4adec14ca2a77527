internal import GRDB

/// SQL whose text was fixed when `lot` was compiled.
///
/// It can be written as a literal and put together from others, and nothing else: an interpolated
/// string is not one. What varies is an argument, which never becomes part of the text. TidyTests
/// hold that GRDB gets SQL in this file alone.
struct FixedSQL: ExpressibleByStringLiteral, Sendable {
    fileprivate let text: String

    init(stringLiteral text: StaticString) {
        self.text = text.description
    }

    private init(_ text: String) {
        self.text = text
    }

    /// One text after another.
    static func + (one: FixedSQL, other: FixedSQL) -> FixedSQL { FixedSQL(one.text + other.text) }
}

extension Database {
    /// Runs statements.
    func run(_ sql: FixedSQL, _ arguments: StatementArguments = []) throws {
        try execute(sql: sql.text, arguments: arguments)
    }

    /// A statement that is kept for the next time.
    func prepared(_ sql: FixedSQL) throws -> Statement { try cachedStatement(sql: sql.text) }

    /// The rows of a query, one at a time.
    func rows(_ sql: FixedSQL, _ arguments: StatementArguments = []) throws -> RowCursor {
        try Row.fetchCursor(self, sql: sql.text, arguments: arguments)
    }

    /// The first row of a query.
    func row(_ sql: FixedSQL, _ arguments: StatementArguments = []) throws -> Row? {
        try Row.fetchOne(self, sql: sql.text, arguments: arguments)
    }

    /// The first value of a query's first row; `nil` for NULL or no row.
    func first<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        _ type: Value.Type, _ sql: FixedSQL, _ arguments: StatementArguments = []
    ) throws -> Value? {
        try Value.fetchOne(self, sql: sql.text, arguments: arguments)
    }
}
