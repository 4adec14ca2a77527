import LotCore

/// Writes JSON as bytes, members in the order they are written: the same calls, the same bytes.
///
/// Numbers are the shortest that read back to the same double; what JSON cannot say (infinite,
/// not a number) and `nil` become `null`. Text is escaped as RFC 8259 asks, and `<`, `>`, `&`,
/// U+2028 and U+2029 too, so that the output may stand inside a web page or a log.
///
/// The caller nests objects and arrays through closures, so brackets always match. A member name
/// is given by ``key(_:)`` right before its value.
///
/// - Complexity: O(bytes written).
/// - SeeAlso: RFC 8259, section 7 (strings) and section 6 (numbers).
public struct JSONWriter {
    /// What has been written so far, UTF-8.
    public private(set) var bytes: [UInt8] = []
    /// Whether the next member or element needs a comma before it.
    private var needsComma = false
    private var afterKey = false
    /// Depth of the containers that put each member on its own line.
    private var depth = 0
    private var isInline = false

    /// Makes a writer with room for `capacity` bytes.
    public init(capacity: Int = 4_096) {
        bytes.reserveCapacity(capacity)
    }

    /// Writes an object; `body` writes its members.
    ///
    /// - Parameters:
    ///   - inline: Whether the members, and everything in them, stay on one line.
    ///   - body: Writes the members.
    public mutating func object(inline: Bool = false, _ body: (inout JSONWriter) -> Void) {
        container("{", "}", inline, body)
    }

    /// Writes an array; `body` writes its elements.
    ///
    /// - Parameters:
    ///   - inline: Whether the elements, and everything in them, stay on one line.
    ///   - body: Writes the elements.
    public mutating func array(inline: Bool = false, _ body: (inout JSONWriter) -> Void) {
        container("[", "]", inline, body)
    }

    /// Writes the name of the member that follows.
    public mutating func key(_ name: String) {
        separate()
        string(name)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(UInt8(ascii: " "))
        afterKey = true
    }

    /// Writes the name of the member that follows, as ``encoded(key:)`` gave it.
    mutating func key(encoded name: [UInt8]) {
        separate()
        bytes.append(contentsOf: name)
        afterKey = true
    }

    /// Returns a member's name with its quotes, colon and space, to be written many times.
    static func encoded(key name: String) -> [UInt8] {
        var writer = JSONWriter(capacity: name.utf8.count + 8)
        writer.key(name)
        return writer.bytes
    }

    /// Writes a text; `nil` is `null`.
    public mutating func value(_ text: String?) {
        separate()
        if let text { string(text) } else { null() }
    }

    /// Writes a number; `nil`, infinite and not-a-number are `null`.
    public mutating func value(_ number: Double?) {
        separate()
        guard let number, number.isFinite else { return null() }
        bytes.append(shortest: number)
    }

    /// Writes a whole number; `nil` is `null`.
    public mutating func value(_ number: Int64?) {
        separate()
        guard let number else { return null() }
        bytes.append(digits: number)
    }

    /// Writes a whole number; `nil` is `null`.
    public mutating func value(_ number: Int?) {
        value(number.map(Int64.init))
    }

    /// Writes `true` or `false`.
    public mutating func value(_ flag: Bool) {
        separate()
        bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    }

    /// Ends the document with a line break.
    public mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func container(
        _ open: Character, _ close: Character, _ inline: Bool, _ body: (inout JSONWriter) -> Void
    ) {
        separate()
        let outerInline = isInline
        isInline = isInline || inline
        bytes.append(contentsOf: open.utf8)
        depth += 1
        needsComma = false
        body(&self)
        depth -= 1
        if needsComma, !isInline { breakLine() }
        isInline = outerInline
        bytes.append(contentsOf: close.utf8)
        needsComma = true
    }

    /// Writes what stands between two members or elements.
    private mutating func separate() {
        if afterKey {
            afterKey = false
            return needsComma = true
        }
        if needsComma {
            bytes.append(UInt8(ascii: ","))
            if isInline { bytes.append(UInt8(ascii: " ")) }
        }
        if depth > 0, !isInline { breakLine() }
        needsComma = true
    }

    private mutating func breakLine() {
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<depth {
            bytes.append(UInt8(ascii: " "))
            bytes.append(UInt8(ascii: " "))
        }
    }

    private mutating func null() {
        bytes.append(contentsOf: "null".utf8)
    }

    private mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        defer { bytes.append(UInt8(ascii: "\"")) }
        if appendPlain(text) { return }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": bytes.append(contentsOf: "\\\"".utf8)
            case "\\": bytes.append(contentsOf: "\\\\".utf8)
            case "\n": bytes.append(contentsOf: "\\n".utf8)
            case "\t": bytes.append(contentsOf: "\\t".utf8)
            case "\r": bytes.append(contentsOf: "\\r".utf8)
            case "<", ">", "&", "\u{7F}", "\u{2028}", "\u{2029}": escape(scalar)
            case _ where scalar.value < 0x20 || (0x80...0x9F).contains(scalar.value):
                escape(scalar)
            default:
                bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
    }

    /// Writes a text of characters that stand for themselves; nothing of another.
    private mutating func appendPlain(_ text: String) -> Bool {
        let (start, utf8) = (bytes.count, text.utf8)
        var isWhole = true
        // Byte by byte: most texts are a word, and the general way costs more than the bytes.
        bytes.append(addingCapacity: utf8.count) { out in
            for byte in utf8 {
                guard isPlain(byte) else { return isWhole = false }
                out.append(byte)
            }
        }
        if !isWhole { bytes.removeSubrange(start...) }
        return isWhole
    }

    private mutating func escape(_ scalar: Unicode.Scalar) {
        let digits = String(scalar.value, radix: 16)
        bytes.append(contentsOf: "\\u".utf8)
        for _ in digits.utf8.count..<4 { bytes.append(UInt8(ascii: "0")) }
        bytes.append(contentsOf: digits.utf8)
    }
}

/// Whether a byte is an ASCII character that stands for itself.
private func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"),
        UInt8(ascii: "&"):
        false
    default: byte >= 0x20 && byte < 0x7F
    }
}
