import CFastFloat
import Glibc
import LotCore

/// Parses CSV text (RFC 4180, with BOM and CRLF) into rows, piece by piece from raw bytes.
///
/// A line whose fields are plain numbers takes the fast path: no copy, no string. Any other line
/// (quotes, written dates, faults) takes the slow path, which says exactly what is wrong where.
struct CSVParser {
    /// Longest line.
    static let maxLine = 1 << 20

    private(set) var builder: RowBuilder
    private let layout: CSVLayout
    private let place: ImportPlace
    private var words = [UInt64](repeating: 0, count: SeriesLayout.maxColumns)
    private var line: Int
    private var blankLine: Int?

    /// Makes a parser whose next line has the number `firstLine`: 1, or 2 after a header.
    init(_ layout: CSVLayout, builder: RowBuilder, place: ImportPlace, firstLine: Int) {
        self.layout = layout
        self.builder = builder
        self.place = place
        line = firstLine - 1
        if layout.time == .time { words[SeriesColumn.markPrice.index] = SeriesTable.unknown }
    }

    /// Number of the line that comes next.
    var nextLine: Int { line + 1 }

    /// Parses every complete line in `bytes`.
    ///
    /// - Parameters:
    ///   - bytes: Text that starts at the start of a line.
    ///   - isEnd: Whether the text ends here, so that the last line needs no newline.
    /// - Returns: How many bytes were used.
    /// - Throws: Exit code 65 naming the first bad line.
    mutating func parse(_ bytes: UnsafeRawBufferPointer, isEnd: Bool) throws(Diagnosis) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        let start = unsafe base.assumingMemoryBound(to: UInt8.self)
        let end = unsafe start + bytes.count
        var at = unsafe start
        while unsafe at < end {
            let left = unsafe end - at
            let found = unsafe memchr(at, 0x0a, left)
            if unsafe found == nil, !isEnd { break }
            let stop = unsafe found.map {
                unsafe UnsafePointer($0.assumingMemoryBound(to: UInt8.self))
            }
            let lineEnd = unsafe stop ?? end
            unsafe try parseLine(at, lineEnd)
            if let stop = unsafe stop { unsafe at = stop + 1 } else { unsafe at = end }
        }
        return unsafe at - start
    }

    private mutating func parseLine(
        _ start: UnsafePointer<UInt8>, _ newline: UnsafePointer<UInt8>
    ) throws(Diagnosis) {
        line += 1
        guard unsafe newline - start <= CSVParser.maxLine else {
            throw place.bad("line", line: line, "longer than 1 MiB")
        }
        var end = unsafe newline
        if unsafe end > start, unsafe end[-1] == 0x0d { unsafe end -= 1 }
        if unsafe end == start {
            blankLine = blankLine ?? line
            return
        }
        if let blankLine { throw place.bad("blank", line: blankLine, "empty line") }
        let time: Int64
        if let epoch = unsafe fastFields(start, end) {
            do throws(RowError) {
                time = try builder.milliseconds(epoch)
            } catch {
                throw refused(error)
            }
        } else {
            time = unsafe try slowFields(UnsafeRawBufferPointer(start: start, count: end - start))
        }
        do throws(RowError) {
            try builder.add(time: time, words: words)
        } catch {
            throw refused(error)
        }
    }

    private func refused(_ error: RowError) -> Diagnosis {
        place.bad(error.kind, line: line, error.reason, hint: error.hint)
    }

    /// Reads a line of plain numbers into `words`; the time is returned, `nil` if it has any
    /// other form.
    private mutating func fastFields(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
    ) -> Int64? {
        var at = unsafe start
        var time: Int64 = 0
        let last = layout.fields.count - 1
        for index in 0...last {
            var next: UnsafePointer<UInt8>?
            switch layout.fields[index] {
            case .skip: unsafe next = lot_skip_field(at, end)
            case .time: unsafe next = lot_scan_integer(at, end, &time)
            case .decimal(let column):
                var value = 0.0
                unsafe next = lot_scan_decimal(at, end, &value)
                words[column.index] = value.bitPattern
            case .integer(let column):
                var value: Int64 = 0
                unsafe next = lot_scan_integer(at, end, &value)
                words[column.index] = UInt64(bitPattern: value)
            case .signed, .optional: return nil
            }
            guard let reached = unsafe next else { return nil }
            if index == last { return unsafe reached == end && time > 99_999_999 ? time : nil }
            guard unsafe reached < end, unsafe reached.pointee == 0x2c else { return nil }
            unsafe at = reached + 1
        }
        return nil
    }

    /// Reads a line field by field, with quotes and written times.
    private mutating func slowFields(_ text: UnsafeRawBufferPointer) throws(Diagnosis) -> Int64 {
        let fields = try CSVLine.fields(unsafe Array(text), line: line, place: place)
        guard fields.count == layout.fields.count else {
            throw place.bad(
                "fields", line: line,
                "\(fields.count) fields, expected \(layout.fields.count)"
                    + (fields.last?.isEmpty == true ? " (a comma at the end?)" : ""))
        }
        var time: Int64 = 0
        for (index, bytes) in fields.enumerated() {
            switch layout.fields[index] {
            case .skip: break
            case .time: time = try self.time(bytes, name: layout.names[index])
            case .decimal(let column):
                guard let value = CSVLine.decimal(bytes) else {
                    throw notANumber(bytes, index, "a decimal number (digits and one point)")
                }
                words[column.index] = value.bitPattern
            case .integer(let column):
                guard let value = CSVLine.integer(bytes) else {
                    throw notANumber(bytes, index, "a whole number")
                }
                words[column.index] = UInt64(bitPattern: value)
            case .signed(let column):
                guard let value = CSVLine.number(bytes) else {
                    throw notANumber(bytes, index, "a number")
                }
                words[column.index] = value.bitPattern
            case .optional(let column):
                guard let value = bytes.isEmpty ? .nan : CSVLine.decimal(bytes) else {
                    throw notANumber(bytes, index, "a decimal number (digits and one point)")
                }
                words[column.index] = value.bitPattern
            }
        }
        return time
    }

    private func notANumber(_ bytes: [UInt8], _ index: Int, _ what: String) -> Diagnosis {
        place.bad(
            "number", line: line, column: layout.names[index],
            bytes.isEmpty ? "empty" : "\"\(escaped(bytes: bytes))\" is not \(what)")
    }

    private mutating func time(_ bytes: [UInt8], name: String) throws(Diagnosis) -> Int64 {
        if bytes.count > 8, let epoch = CSVLine.integer(bytes) {
            do throws(RowError) {
                return try builder.milliseconds(epoch)
            } catch {
                throw refused(error)
            }
        }
        var text = String(decoding: bytes, as: UTF8.self)
        for suffix in ["+00:00", "+0000", " UTC"] where text.hasSuffix(suffix) {
            text = String(text.dropLast(suffix.count))
        }
        do throws(CivilTimeError) {
            return try CivilTime.parse(text)
        } catch {
            throw place.bad(
                "time", line: line, column: name,
                "\"\(escaped(bytes: bytes))\" is not a time (epoch in s, ms or µs, or UTC such as "
                    + "2024-01-31T09:05:00Z)")
        }
    }
}
