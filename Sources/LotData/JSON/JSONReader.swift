import LotCore

/// A strict reader of JSON (RFC 8259) for files that may come from anywhere.
///
/// Refused beyond the grammar: duplicate names in an object, nesting deeper than 32, invalid
/// UTF-8, lone surrogates, text after the value. NaN and Infinity are no JSON to begin with.
public struct JSONReader {
    static let maxDepth = 32

    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Parses a whole document.
    ///
    /// - Complexity: O(`bytes.count`), save for objects: quadratic in the members of one object.
    public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes)
        let value = try reader.value(depth: 0)
        try reader.end()
        return value
    }

    /// The byte after any white space; `nil` at the end.
    mutating func peek() -> UInt8? {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0a, 0x0d: offset += 1
            default: return bytes[offset]
            }
        }
        return nil
    }

    /// Takes `byte` if it comes next.
    mutating func take(_ byte: Character) -> Bool {
        guard let code = byte.asciiValue, peek() == code else { return false }
        offset += 1
        return true
    }

    mutating func expect(_ byte: Character, _ what: String) throws(JSONError) {
        guard take(byte) else { throw error("expected \(what)") }
    }

    /// Checks that nothing follows.
    mutating func end() throws(JSONError) {
        guard peek() == nil else { throw error("text after the end of the document") }
    }

    func error(_ reason: String) -> JSONError {
        guard offset < bytes.count else {
            return JSONError(offset: offset, reason: reason + ", found the end of the file")
        }
        let found = escaped(bytes: bytes[offset..<min(offset + 12, bytes.count)])
        return JSONError(offset: offset, reason: reason + ", found \"\(found)\"")
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= JSONReader.maxDepth else {
            throw JSONError(
                offset: offset, reason: "nested deeper than \(JSONReader.maxDepth)")
        }
        switch peek() {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(String(decoding: bytes[try number()], as: UTF8.self))
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[offset...].starts(with: word.utf8) else { throw error("expected a value") }
        offset += word.utf8.count
        return value
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        try expect("[", "\"[\"")
        var elements: [JSONValue] = []
        if take("]") { return .array(elements) }
        while true {
            elements.append(try value(depth: depth + 1))
            if take("]") { return .array(elements) }
            try expect(",", "\",\" or \"]\"")
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        try expect("{", "\"{\"")
        var members: [JSONMember] = []
        if take("}") { return .object(members) }
        while true {
            guard peek() == UInt8(ascii: "\"") else { throw error("expected a name in quotes") }
            let start = offset
            let name = try string()
            guard !members.contains(where: { $0.name == name }) else {
                throw JSONError(offset: start, reason: "\"\(escaped(name))\" set twice")
            }
            try expect(":", "\":\"")
            members.append(JSONMember(name: name, value: try value(depth: depth + 1)))
            if take("}") { return .object(members) }
            try expect(",", "\",\" or \"}\"")
        }
    }

    /// Takes a number and returns where it stands.
    mutating func number() throws(JSONError) -> Range<Int> {
        _ = peek()
        let start = offset
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "-") { offset += 1 }
        let whole = digits()
        guard whole > 0, whole == 1 || bytes[offset - whole] != UInt8(ascii: "0") else {
            offset = start
            throw error("expected a value")
        }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
            offset += 1
            guard digits() > 0 else { throw error("expected digits after the point") }
        }
        if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if offset < bytes.count, bytes[offset] == 0x2b || bytes[offset] == 0x2d { offset += 1 }
            guard digits() > 0 else { throw error("expected digits of the exponent") }
        }
        return start..<offset
    }

    private mutating func digits() -> Int {
        let start = offset
        while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) { offset += 1 }
        return offset - start
    }

    /// Takes a string and returns its text.
    mutating func string() throws(JSONError) -> String {
        try expect("\"", "a string")
        var result: [UInt8] = []
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: result, as: UTF8.self) else {
                    throw JSONError(offset: offset, reason: "invalid UTF-8 in a string")
                }
                return text
            case UInt8(ascii: "\\"): result += try escape()
            case 0..<0x20:
                throw JSONError(offset: offset - 1, reason: "control character in a string")
            default: result.append(byte)
            }
        }
        throw error("expected the end of a string")
    }

    private mutating func escape() throws(JSONError) -> [UInt8] {
        guard offset < bytes.count else { throw error("expected an escape") }
        let byte = bytes[offset]
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return try unicode()
        default:
            throw JSONError(offset: offset - 1, reason: "unknown escape in a string")
        }
    }

    private mutating func unicode() throws(JSONError) -> [UInt8] {
        let start = offset
        var code = try codeUnit()
        if (0xd800...0xdbff).contains(code), offset + 1 < bytes.count,
            bytes[offset] == UInt8(ascii: "\\"), bytes[offset + 1] == UInt8(ascii: "u")
        {
            offset += 2
            let low = try codeUnit()
            guard (0xdc00...0xdfff).contains(low) else {
                throw JSONError(offset: start, reason: "lone surrogate in a string")
            }
            code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw JSONError(offset: start, reason: "lone surrogate in a string")
        }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func codeUnit() throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard offset < bytes.count,
                let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue
            else { throw error("expected four hexadecimal digits") }
            code = code << 4 | UInt32(digit)
            offset += 1
        }
        return code
    }
}
