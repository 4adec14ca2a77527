import LotCore

/// Writes comma-separated values that a spreadsheet opens without running anything.
///
/// RFC 4180: CRLF line ends, cells with commas, quotes or line breaks quoted, quotes doubled.
/// Text cells that start with `=`, `+`, `-`, `@`, tab or carriage return get a leading `'`, so no
/// spreadsheet takes them for a formula. Numbers are written by ``number(_:)`` and never from text.
///
/// - Complexity: O(bytes written).
/// - SeeAlso: RFC 4180; OWASP ASVS 4.0, requirement 5.3.10, on formula injection.
public struct CSVWriter: ~Copyable {
    private var buffer: ByteBuffer
    private var isFirst = true

    /// Starts with a header line.
    public init(header: [String]) {
        self.init(into: ByteBuffer(), header: header)
    }

    /// Starts with a header line in a buffer that may hand its bytes on.
    init(into buffer: consuming ByteBuffer, header: [String]) {
        self.buffer = buffer
        for name in header { text(name) }
        endRow()
    }

    /// What has been written so far and is still here, UTF-8.
    public var bytes: [UInt8] { buffer.array }

    /// Ends the writing and gives the buffer back.
    consuming func finish() -> ByteBuffer { buffer }

    /// Writes a cell that holds text.
    public mutating func text(_ cell: String) {
        separate()
        guard let first = cell.utf8.first else { return }
        let guarded = startsFormula(first)
        // Most cells are a word.
        if !guarded, buffer.put(cell, ifEach: isPlain) { return }
        let needsQuotes = cell.utf8.contains {
            $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 0x0A || $0 == 0x0D
        }
        if needsQuotes { buffer.put(UInt8(ascii: "\"")) }
        if guarded { buffer.put(UInt8(ascii: "'")) }
        for byte in cell.utf8 where byte != 0 {
            if byte == UInt8(ascii: "\"") { buffer.put(byte) }
            buffer.put(byte)
        }
        if needsQuotes { buffer.put(UInt8(ascii: "\"")) }
    }

    /// Writes a cell that holds a word of the program's own: letters, digits, `_`.
    @inline(__always)
    mutating func word(_ cell: String) {
        separate()
        buffer.put(cell)
    }

    /// Writes a number in as few digits as read back to the same value; empty if it is `nil` or
    /// not finite.
    public mutating func number(_ value: Double?) {
        separate()
        guard let value, value.isFinite else { return }
        buffer.put(shortest: value)
    }

    /// Writes a whole number.
    public mutating func number(_ value: Int64) {
        separate()
        buffer.put(digits: value)
    }

    /// Writes two cells: the time in ISO 8601 (UTC) and in milliseconds since the epoch.
    public mutating func time(_ time: Int64) {
        separate()
        buffer.put(time: time)
        number(time)
    }

    /// Writes the first characters of a time's date, `2024-01-31`.
    mutating func date(_ time: Int64, _ length: Int) {
        separate()
        buffer.put(date: time, length)
    }

    /// Ends the row.
    public mutating func endRow() {
        buffer.put(word: 0x0A0D, 2)
        isFirst = true
    }

    /// Whether a spreadsheet takes a cell that starts with this byte for a formula.
    private func startsFormula(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), 0x09, 0x0D:
            true
        default: false
        }
    }

    @inline(__always)
    private mutating func separate() {
        if !isFirst { buffer.put(UInt8(ascii: ",")) }
        isFirst = false
    }
}

/// Whether a byte needs no quotes.
@inline(__always)
private func isPlain(_ byte: UInt8) -> Bool {
    byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"") && byte != 0x0A && byte != 0x0D
        && byte != 0
}
