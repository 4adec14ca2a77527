import LotCore

/// A strict reader of TOML 1.0 that keeps the line of every key, so that a message about a
/// setting can name the line it stands on.
///
/// Refused beyond the grammar: more than 1 MiB, nesting deeper than 32.
///
/// - SeeAlso: https://toml.io/en/v1.0.0
public struct TOMLReader {
    /// Largest document that is read.
    public static let maximumBytes = 1 << 20
    static let maximumDepth = 32

    let bytes: [UInt8]
    var offset = 0
    private var line = 1
    private var lineStart = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Parses a whole document.
    ///
    /// - Complexity: O(`bytes.count`).
    public static func parse(_ bytes: [UInt8]) throws(TOMLError) -> TOMLTable {
        var reader = TOMLReader(bytes)
        guard bytes.count <= maximumBytes else { throw reader.error("longer than 1 MiB") }
        if let place = reader.firstInvalid() {
            reader.skip(to: place)
            throw reader.error("not UTF-8")
        }
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { reader.offset = 3 }
        let root = TOMLBuilder(.header)
        var current = root
        while try reader.skipBlankLines() {
            if reader.peek == UInt8(ascii: "[") {
                current = try reader.header(in: root)
            } else {
                try reader.keyValue(into: current, depth: 0)
            }
            try reader.endOfLine()
        }
        return root.table
    }

    // MARK: Bytes

    var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    func peek(_ distance: Int) -> UInt8? {
        offset + distance < bytes.count ? bytes[offset + distance] : nil
    }

    /// Takes `text` if it comes next.
    mutating func take(_ text: StaticString) -> Bool {
        let wanted = Array("\(text)".utf8)
        guard bytes[offset...].starts(with: wanted) else { return false }
        offset += wanted.count
        return true
    }

    /// Takes the end of a line if it comes next.
    mutating func takeNewline() -> Bool {
        guard take("\n") || take("\r\n") else { return false }
        line += 1
        lineStart = offset
        return true
    }

    /// Error at the next byte.
    func error(_ reason: String) -> TOMLError {
        TOMLError(line: line, column: offset - lineStart + 1, reason: reason)
    }

    /// Error that shows the next bytes.
    func expected(_ what: String) -> TOMLError {
        guard let byte = peek, byte != 0x0a, byte != 0x0d else {
            return error("expected \(what), found the end of the \(peek == nil ? "file" : "line")")
        }
        let rest = bytes[offset..<min(offset + 16, bytes.count)].prefix { $0 != 0x0a && $0 != 0x0d }
        return error("expected \(what), found \"\(escaped(bytes: rest))\"")
    }

    private func firstInvalid() -> Int? {
        var decoder = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var place = 0
        while true {
            switch decoder.parseScalar(from: &iterator) {
            case .valid(let encoded): place += encoded.count
            case .error: return place
            case .emptyInput: return nil
            }
        }
    }

    private mutating func skip(to place: Int) {
        while offset < place { if !takeNewline() { offset += 1 } }
    }

    // MARK: White space

    mutating func skipSpaces() {
        while peek == 0x20 || peek == 0x09 { offset += 1 }
    }

    /// Takes a comment if one comes next.
    private mutating func skipComment() throws(TOMLError) {
        guard peek == UInt8(ascii: "#") else { return }
        while let byte = peek, byte != 0x0a {
            if byte == 0x0d, peek(1) == 0x0a { return }
            if byte < 0x20 && byte != 0x09 || byte == 0x7f {
                throw error("a control character in a comment")
            }
            offset += 1
        }
    }

    /// Goes to the next thing that is no space, comment or end of line.
    ///
    /// - Returns: Whether there is one.
    mutating func skipBlankLines() throws(TOMLError) -> Bool {
        repeat {
            skipSpaces()
            try skipComment()
        } while takeNewline()
        return peek != nil
    }

    private mutating func endOfLine() throws(TOMLError) {
        skipSpaces()
        try skipComment()
        guard peek == nil || takeNewline() else { throw expected("the end of the line") }
    }

    // MARK: Keys

    private mutating func key() throws(TOMLError) -> [String] {
        var parts: [String] = []
        repeat {
            skipSpaces()
            parts.append(try keyPart())
            skipSpaces()
            guard parts.count <= TOMLReader.maximumDepth else {
                throw error("nested deeper than \(TOMLReader.maximumDepth)")
            }
        } while take(".")
        return parts
    }

    private mutating func keyPart() throws(TOMLError) -> String {
        if peek == UInt8(ascii: "\"") || peek == UInt8(ascii: "'") {
            return try singleLineString()
        }
        let start = offset
        while let byte = peek, TOMLReader.isBare(byte) { offset += 1 }
        guard offset > start else { throw expected("a key") }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
            || (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "-")
    }

    // MARK: Tables

    /// Reads `[a.b]` or `[[a.b]]` and returns the table that the next keys go to.
    private mutating func header(in root: TOMLBuilder) throws(TOMLError) -> TOMLBuilder {
        let place = error("")
        offset += 1
        let isArray = take("[")
        let path = try key()
        guard take("]"), !isArray || take("]") else {
            throw expected(isArray ? "\"]]\"" : "\"]\"")
        }
        let shown = "[" + path.map { escaped($0) }.joined(separator: ".") + "]"
        func refused(_ line: Int) -> TOMLError {
            TOMLError(
                line: place.line, column: place.column, reason: "\(shown) set twice (line \(line))")
        }
        var table = root
        for name in path.dropLast() {
            switch table.find(name)?.content {
            case .table(let inner): table = inner
            case .tables(let list):
                guard let last = list.last else { throw refused(line) }
                table = last
            case .value: throw refused(table.find(name)?.line ?? line)
            case nil:
                let inner = TOMLBuilder(.implicit)
                table.set(name, .table(inner), line: place.line)
                table = inner
            }
        }
        let name = path[path.count - 1]
        let new = TOMLBuilder(.header)
        switch table.find(name)?.content {
        case nil: table.set(name, isArray ? .tables([new]) : .table(new), line: place.line)
        case .tables(let list) where isArray:
            table.set(name, .tables(list + [new]), line: place.line)
        case .table(let inner) where !isArray && inner.kind == .implicit:
            inner.kind = .header
            return inner
        default: throw refused(table.find(name)?.line ?? line)
        }
        return new
    }

    /// Reads `a.b = value` into a table.
    mutating func keyValue(into table: TOMLBuilder, depth: Int) throws(TOMLError) {
        let place = error("")
        let path = try key()
        guard take("=") else { throw expected("\"=\" after the key") }
        skipSpaces()
        func refused(_ line: Int) -> TOMLError {
            let shown = path.map { escaped($0) }.joined(separator: ".")
            return TOMLError(
                line: place.line, column: place.column,
                reason: "\"\(shown)\" set twice (line \(line))")
        }
        var target = table
        for name in path.dropLast() {
            guard let (content, first) = target.find(name) else {
                let inner = TOMLBuilder(.dotted)
                target.set(name, .table(inner), line: place.line)
                target = inner
                continue
            }
            guard case .table(let inner) = content, inner.kind == .dotted else {
                throw refused(first)
            }
            target = inner
        }
        let name = path[path.count - 1]
        if let (_, first) = target.find(name) { throw refused(first) }
        target.set(name, .value(try value(depth: depth)), line: place.line)
    }
}
