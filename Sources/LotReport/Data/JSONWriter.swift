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
public struct JSONWriter: ~Copyable {
    private var buffer: ByteBuffer
    /// Whether the next member or element needs a comma before it.
    private var needsComma = false
    private var afterKey = false
    /// Depth of the containers that put each member on its own line.
    private var depth = 0
    private var isInline = false

    /// Makes a writer with room for `capacity` bytes at first.
    public init(capacity: Int = 4_096) {
        buffer = ByteBuffer(capacity: capacity)
    }

    /// Makes a writer into a buffer that may hand its bytes on.
    init(into buffer: consuming ByteBuffer) {
        self.buffer = buffer
    }

    /// What has been written so far and is still here, UTF-8.
    public var bytes: [UInt8] { buffer.array }

    /// Ends the writing and gives the buffer back.
    consuming func finish() -> ByteBuffer { buffer }

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
        buffer.put(word: 0x203A, 2)
        afterKey = true
    }

    /// Writes the name of the member that follows, as ``encoded(key:)`` gave it.
    mutating func key(encoded name: [UInt8]) {
        separate()
        buffer.put(name)
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
        buffer.put(shortest: number)
    }

    /// Writes a whole number; `nil` is `null`.
    public mutating func value(_ number: Int64?) {
        separate()
        guard let number else { return null() }
        buffer.put(digits: number)
    }

    /// Writes a whole number; `nil` is `null`.
    public mutating func value(_ number: Int?) {
        value(number.map(Int64.init))
    }

    /// Writes `true` or `false`.
    public mutating func value(_ flag: Bool) {
        separate()
        buffer.put(flag ? "true" : "false")
    }

    /// Ends the document with a line break.
    public mutating func endLine() {
        buffer.put(UInt8(ascii: "\n"))
    }

    private mutating func container(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ inline: Bool,
        _ body: (inout JSONWriter) -> Void
    ) {
        separate()
        let outerInline = isInline
        isInline = isInline || inline
        buffer.put(UInt8(ascii: open))
        depth += 1
        needsComma = false
        body(&self)
        depth -= 1
        if needsComma, !isInline { breakLine() }
        isInline = outerInline
        buffer.put(UInt8(ascii: close))
        needsComma = true
    }

    /// Writes what stands between two members or elements.
    private mutating func separate() {
        if afterKey {
            afterKey = false
            return needsComma = true
        }
        if needsComma {
            // A comma, and a space behind it.
            buffer.put(word: 0x202C, isInline ? 2 : 1)
        }
        if depth > 0, !isInline { breakLine() }
        needsComma = true
    }

    private mutating func breakLine() {
        buffer.put(UInt8(ascii: "\n"))
        for _ in 0..<depth { buffer.put(word: 0x2020, 2) }
    }

    private mutating func null() {
        buffer.put("null")
    }

    private mutating func string(_ text: String) {
        buffer.put(UInt8(ascii: "\""))
        defer { buffer.put(UInt8(ascii: "\"")) }
        if buffer.put(text, ifEach: isPlain) { return }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": buffer.put("\\\"")
            case "\\": buffer.put("\\\\")
            case "\n": buffer.put("\\n")
            case "\t": buffer.put("\\t")
            case "\r": buffer.put("\\r")
            case "<", ">", "&", "\u{7F}", "\u{2028}", "\u{2029}": escape(scalar)
            case _ where scalar.value < 0x20 || (0x80...0x9F).contains(scalar.value):
                escape(scalar)
            default:
                buffer.put(String(scalar))
            }
        }
    }

    private mutating func escape(_ scalar: Unicode.Scalar) {
        let digits = String(scalar.value, radix: 16)
        buffer.put("\\u")
        for _ in digits.utf8.count..<4 { buffer.put(UInt8(ascii: "0")) }
        buffer.put(digits)
    }
}

/// Whether a byte is an ASCII character that stands for itself.
@inline(__always)
private func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        && byte != UInt8(ascii: "<") && byte != UInt8(ascii: ">") && byte != UInt8(ascii: "&")
}
