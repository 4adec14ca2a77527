import Testing

/// SQL is fixed when `lot` is compiled: what varies is an argument, never part of the text.
///
/// `FixedSQL` takes literals alone, which the compiler holds; what is left to hold here is that
/// no other way leads to GRDB or SQLite.
enum SQLRule {
    /// The one file that may hand text to GRDB.
    static let file = "Sources/LotStore/Database/FixedSQL.swift"

    /// Whether a line of blanked code hands text to GRDB by itself: an argument `sql:` or
    /// `literal:`, or one of its types that hold SQL.
    static func isOffence(_ line: String) -> Bool {
        for label in ["sql:", "literal:"] {
            var rest = line[...]
            while let place = rest.firstRange(of: label) {
                // A parameter is declared as `_ sql:`, an argument stands after a bracket.
                let before = rest[..<place.lowerBound].last { $0 != " " }
                if before == nil || before == "(" || before == "," { return true }
                rest = rest[place.upperBound...]
            }
        }
        return words(line).contains { ["SQL", "SQLRequest", "SQLLiteral"].contains($0) }
            || ["sqlite3_exec", "sqlite3_prepare", "sqlite3_mprintf"].contains {
                line.contains($0)
            }
    }

    /// Whether a line of C makes a text that may be SQL out of parts.
    static func isOffence(c line: String) -> Bool {
        ["sqlite3_mprintf", "sqlite3_snprintf", "sqlite3_str_", "strcat(", "sprintf(sql"].contains {
            line.contains($0)
        }
    }

    private static func words(_ line: String) -> Set<String> {
        Set(line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
    }
}

@Suite struct SQLRuleTests {
    @Test func `no SQL is put together at run time`() {
        let swift = SourceTree.sources.filter { $0.path != SQLRule.file }.flatMap { file in
            file.code.enumerated().filter { SQLRule.isOffence($0.element) }.map {
                "\(file.path):\($0.offset + 1)"
            }
        }
        let c = SourceTree.c.filter { $0.path.hasPrefix("Sources/CSQLite/") }.flatMap { file in
            file.code.enumerated().filter { SQLRule.isOffence(c: $0.element) }.map {
                "\(file.path):\($0.offset + 1)"
            }
        }
        #expect(swift + c == [])
        #expect(SourceTree.sources.contains { $0.path == SQLRule.file })
    }

    @Test func `the rule finds each way around it, and only those`() {
        let offences = CodeBlanker.blank(
            #"""
            try db.execute(sql: "DELETE FROM studies WHERE name = '\(name)'")
            let id = try Int.fetchOne(db, sql: text, arguments: [])
                sql: "PRAGMA " + name)
            let statement = try db.makeStatement(literal: "SELECT \(id)")
            let request = SQLRequest<Int>("SELECT 1")
            let query: SQL = "SELECT \(column)"
            sqlite3_exec(connection, text, nil, nil, nil)
            """#)
        #expect(offences.count == 7)
        for line in offences { #expect(SQLRule.isOffence(line), "\(line)") }
        let fine = CodeBlanker.blank(
            #"""
            try db.run("DELETE FROM studies WHERE name = ?", [name])
            func run(_ sql: FixedSQL, _ arguments: StatementArguments = []) throws {
            init(stringLiteral text: StaticString) {
            let text = "sql: SELECT"
            """#)
        for line in fine { #expect(!SQLRule.isOffence(line), "\(line)") }
        #expect(SQLRule.isOffence(c: "sqlite3_mprintf(\"\", name);"))
        #expect(!SQLRule.isOffence(c: "snprintf(message, size, \"\", now);"))
    }
}
