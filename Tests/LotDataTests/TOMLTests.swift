@testable import LotData
import Testing

/// The reader of TOML 1.0: what it reads, what it refuses, and where it says so.
@Suite struct TOMLTests {
    private func parse(_ text: String) throws -> TOMLTable {
        try TOMLReader.parse(Array(text.utf8))
    }

    /// The value of `x` in a document.
    private func value(_ text: String) throws -> TOMLValue? { try parse("x = " + text)["x"] }

    @Test(arguments: [
        ("1", TOMLValue.integer("1")), ("+99", .integer("99")), ("-17", .integer("-17")),
        ("1_000", .integer("1000")), ("0xDEAD_beef", .integer("3735928559")),
        ("0o755", .integer("493")), ("0b101", .integer("5")), ("-0", .integer("0")),
        ("9223372036854775807", .integer("9223372036854775807")),
        ("0.0004", .float("0.0004")), ("-1.5", .float("-1.5")), ("5e+22", .float("5e22")),
        ("1e-4", .float("1e-4")), ("6.626E-34", .float("6.626e-34")), ("inf", .float("inf")),
        ("-nan", .float("-nan")), ("1_0.0_1", .float("10.01")), ("true", .boolean(true)),
        ("false", .boolean(false)), ("2024-01-01", .time("2024-01-01")),
        ("2024-02-29T23:59:60.5+01:00", .time("2024-02-29T23:59:60.5+01:00")),
        ("1979-05-27 07:32:00Z", .time("1979-05-27 07:32:00Z")), ("07:32:00", .time("07:32:00")),
    ]) func `a word is its value`(_ text: String, _ expected: TOMLValue) throws {
        #expect(try value(text) == expected)
    }

    @Test(arguments: [
        (#""a\tb\"c\\ é \u00E9 \U0001F600""#, "a\tb\"c\\ é é 😀"), (#"'C:\raw'"#, #"C:\raw"#),
        ("\"\"\"\nfirst\nsecond\"\"\"", "first\nsecond"), ("'''\n''x'''", "''x"),
        ("\"\"\"a \\\n\n   b\"\"\"", "a b"), ("\"\"\"\"\"two\"\"\"\"\"", "\"\"two\"\""),
        ("''", ""), ("\"\"\"a\r\nb\"\"\"", "a\nb"),
    ]) func `a text is read as the standard says`(_ text: String, _ expected: String) throws {
        #expect(try value(text) == .string(expected))
    }

    @Test func `tables, dotted keys and arrays make one tree with the lines of its keys`() throws {
        let table = try parse(
            """
            # comment
            title = "t"  # more
            [a.b]
            c.d = 1
            c."e f" = [1, [2], { g = 3 },]

            [a]
            h = [
              1, # one
              2,
            ]
            [[list]]
            i = 1
            [[list]]
            i = 2
            [list.inner]
            j = 3
            """)
        #expect(table.members.map(\.name) == ["title", "a", "list"])
        #expect(table.members.map(\.line) == [2, 3, 12])
        guard case .table(let a) = table["a"], case .table(let b) = a["b"],
            case .table(let c) = b["c"], case .array(let list) = table["list"],
            case .table(let second) = list.last
        else {
            Issue.record("\(table)")
            return
        }
        #expect(c["d"] == .integer("1"))
        #expect(c.members.map(\.line) == [4, 5])
        let inline = TOMLTable(
            members: try parse("x = 0\n\n\n\ng = 3").members.filter { $0.name == "g" })
        #expect(
            c["e f"] == .array([.integer("1"), .array([.integer("2")]), .table(inline)]))
        #expect(a["h"] == .array([.integer("1"), .integer("2")]))
        #expect(second["i"] == .integer("2"))
        #expect(list.count == 2)
        #expect(second.members.map(\.line) == [15, 16])
    }

    @Test(arguments: [
        ("x =", 1, 4, "expected a value after \"=\", found the end of the file"),
        ("a = 1\nb\n", 2, 2, "expected \"=\" after the key, found the end of the line"),
        ("a = 1\n\na = 2", 3, 1, "\"a\" set twice (line 1)"),
        ("[a]\n[b]\n[a]", 3, 1, "[a] set twice (line 1)"),
        ("a.b = 1\n[a]", 2, 1, "[a] set twice (line 1)"),
        ("[a.b.c]\n[a]\nb.d = 1", 3, 1, "\"b.d\" set twice (line 1)"),
        ("a = 1\na.b = 2", 2, 1, "\"a.b\" set twice (line 1)"),
        ("a = {}\n[a.b]", 2, 1, "[a.b] set twice (line 1)"),
        ("a = [1]\n[[a]]", 2, 1, "[a] set twice (line 1)"),
        ("[[a]]\n[a]", 2, 1, "[a] set twice (line 1)"),
        ("fee = bps", 1, 7, "expected a value (a text stands in quotes), found \"bps\""),
        ("x = 1 y = 2", 1, 7, "expected the end of the line, found \"y = 2\""),
        ("x = \"open", 1, 10, "expected the closing quote, found the end of the file"),
        ("x = \"a\\q\"", 1, 7, "unknown escape; a backslash is written \\\\"),
        ("x = [1, 2", 1, 10, "expected \"]\", found the end of the file"),
        ("x = [1 2]", 1, 8, "expected \",\" or \"]\", found \"2]\""),
        ("x = {a = 1,}", 1, 12, "expected a key, found \"}\""),
        ("[a", 1, 3, "expected \"]\", found the end of the file"),
        ("= 1", 1, 1, "expected a key, found \"= 1\""),
        ("x = \"\\uD800\"", 1, 6, "unknown escape; a backslash is written \\\\"),
    ]) func `what is no TOML is refused where it is wrong`(
        _ text: String, _ line: Int, _ column: Int, _ reason: String
    ) throws {
        let error = try #require(throws: TOMLError.self) { try parse(text) }
        #expect(error.reason == reason)
        #expect([error.line, error.column] == [line, column])
    }

    @Test(arguments: [
        "01", "1_", "_1", "1__0", "+0x1", "0xg", "1.", ".5", "1.e1", "1e", "00.5", "--1", "True",
        "9223372036854775808", "2024-02-30", "2023-02-29", "2024-13-01", "24:00:00", "12:60:00",
        "2024-01-01T", "2024-01-01T1:00:00", "inf2", "١", "nil",
    ]) func `a word that is nothing is refused`(_ text: String) {
        #expect(throws: TOMLError.self) { try value(text) }
    }

    @Test func `depth, length and bytes have their bounds`() throws {
        let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        #expect(
            try #require(throws: TOMLError.self) { try value(deep) }.reason
                == "nested deeper than 32")
        let keys = (0..<40).map { "k\($0)" }.joined(separator: ".")
        #expect(throws: TOMLError.self) { try parse(keys + " = 1") }
        let long = [UInt8](repeating: UInt8(ascii: "\n"), count: TOMLReader.maximumBytes + 1)
        #expect(throws: TOMLError.self) { try TOMLReader.parse(long) }
        let bad = try #require(throws: TOMLError.self) {
            try TOMLReader.parse(Array("a = 1\nb = \"".utf8) + [0xff] + Array("\"".utf8))
        }
        #expect(bad == TOMLError(line: 2, column: 6, reason: "not UTF-8"))
        let control = Array("# a".utf8) + [0x01]
        #expect(throws: TOMLError.self) { try TOMLReader.parse(control) }
        #expect(try TOMLReader.parse([0xef, 0xbb, 0xbf] + Array("a = 1".utf8))["a"] != nil)
    }

    @Test func `any bytes are read or refused, and end`() {
        let alphabet = Array("ab=.\"'\\[]{},#\n\r \t01_-+e:TZx".utf8)
        var state: UInt64 = 1
        for _ in 0..<20_000 {
            var text: [UInt8] = []
            for _ in 0..<24 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text.append(alphabet[Int(state >> 33) % alphabet.count])
            }
            _ = try? TOMLReader.parse(text)
        }
    }
}
