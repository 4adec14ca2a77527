import LotCore

/// Writes comma-separated values that a spreadsheet opens without running anything.
///
/// RFC 4180: CRLF line ends, cells with commas, quotes or line breaks quoted, quotes doubled.
/// Text cells that start with `=`, `+`, `-`, `@`, tab or carriage return get a leading `'`, so no
/// spreadsheet takes them for a formula. Numbers are written by ``number(_:)`` and never from text.
///
/// - Complexity: O(bytes written).
/// - SeeAlso: RFC 4180; OWASP ASVS 4.0, requirement 5.3.10, on formula injection.
public struct CSVWriter {
    /// What has been written so far, UTF-8.
    public private(set) var bytes: [UInt8] = []
    private var isFirst = true

    /// Starts with a header line, and with room for `rows` rows of `width` bytes.
    public init(header: [String], rows: Int = 0, width: Int = 128) {
        bytes.reserveCapacity(1_024 + rows * width)
        for name in header { text(name) }
        endRow()
    }

    /// Starts with nothing, for rows that follow others.
    public init() {}

    /// Writes a cell that holds text.
    public mutating func text(_ cell: String) {
        separate()
        if appendPlain(cell) { return }
        let guarded = cell.utf8.first.map(startsFormula) ?? false
        let needsQuotes = cell.utf8.contains {
            $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 0x0A || $0 == 0x0D
        }
        if needsQuotes { bytes.append(UInt8(ascii: "\"")) }
        if guarded { bytes.append(UInt8(ascii: "'")) }
        for byte in cell.utf8 where byte != 0 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        if needsQuotes { bytes.append(UInt8(ascii: "\"")) }
    }

    /// Writes a cell that is its text, byte for byte; nothing of another.
    private mutating func appendPlain(_ cell: String) -> Bool {
        let (start, utf8) = (bytes.count, cell.utf8)
        if let first = utf8.first, startsFormula(first) { return false }
        var isWhole = true
        // Byte by byte: most cells are a word, and the general way costs more than the bytes.
        bytes.append(addingCapacity: utf8.count) { out in
            for byte in utf8 {
                switch byte {
                case UInt8(ascii: ","), UInt8(ascii: "\""), 0x0A, 0x0D, 0: return isWhole = false
                default: out.append(byte)
                }
            }
        }
        if !isWhole { bytes.removeSubrange(start...) }
        return isWhole
    }

    /// Writes a number in as few digits as read back to the same value; empty if it is `nil` or
    /// not finite.
    public mutating func number(_ value: Double?) {
        separate()
        guard let value, value.isFinite else { return }
        bytes.append(shortest: value)
    }

    /// Writes a whole number.
    public mutating func number(_ value: Int64) {
        separate()
        bytes.append(digits: value)
    }

    /// Writes two cells: the time in ISO 8601 (UTC) and in milliseconds since the epoch.
    public mutating func time(_ time: Int64) {
        separate()
        bytes.append(time: time)
        number(time)
    }

    /// Ends the row.
    public mutating func endRow() {
        bytes.append(0x0D)
        bytes.append(0x0A)
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

    private mutating func separate() {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
    }
}
