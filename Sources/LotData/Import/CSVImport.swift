import Glibc
import LotCore

/// Reads a whole CSV text: finds out what its lines hold, then streams them.
struct CSVImport {
    /// What the rows are.
    let series: SeriesLayout
    let now: Int64?
    let mapping: [(column: SeriesColumn, name: String)]
    let place: ImportPlace

    /// Bytes read at once; a line that did not end moves to the front.
    private static let piece = 1 << 20

    /// What was read.
    struct Result {
        var table: SeriesTable
        var rowsRead: Int
        var isArchive: Bool
    }

    /// Parses everything `source` has.
    func read(_ source: inout some ByteSource) throws(Diagnosis) -> Result {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: CSVParser.maxLine + CSVImport.piece, alignment: 16)
        defer { unsafe buffer.deallocate() }
        var held = 0
        var isEnd = false
        var parser: CSVParser?
        var isArchive = false
        var line = 1
        while !isEnd {
            let room = unsafe UnsafeMutableRawBufferPointer(
                rebasing: buffer[held..<min(held + CSVImport.piece, buffer.count)])
            let count = unsafe try source.read(into: room)
            isEnd = count == 0
            held += count
            try unsafe refuseNul(UnsafeRawBufferPointer(rebasing: buffer[..<held]), line: line)
            var text = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<held])
            var used = 0
            if parser == nil {
                guard let start = unsafe try begin(text, isEnd: isEnd) else { continue }
                parser = start.parser
                isArchive = start.isArchive
                used = start.used
                unsafe text = UnsafeRawBufferPointer(rebasing: text[used...])
            }
            used += unsafe try parser?.parse(text, isEnd: isEnd) ?? 0
            line = parser?.nextLine ?? line
            held -= used
            guard held <= CSVParser.maxLine else { throw tooLong(line) }
            if used > 0, held > 0, let base = buffer.baseAddress {
                _ = unsafe memmove(base, base + used, held)
            }
        }
        guard let parser else { throw place.bad("empty", "no rows") }
        do throws(RowError) {
            let table = try parser.builder.finish()
            return Result(table: table, rowsRead: parser.builder.rowsRead, isArchive: isArchive)
        } catch {
            throw place.bad(error.kind, error.reason, hint: error.hint)
        }
    }

    /// Refuses a NUL byte anywhere, also in fields that are not used.
    private func refuseNul(_ text: UnsafeRawBufferPointer, line: Int) throws(Diagnosis) {
        guard let base = text.baseAddress, let found = unsafe memchr(base, 0, text.count) else {
            return
        }
        let before = unsafe text[..<(UnsafeRawPointer(found) - base)]
        let lines = unsafe before.count(where: { $0 == 0x0a })
        throw place.bad("nul", line: line + lines, "holds a NUL byte; refused")
    }

    private func tooLong(_ line: Int) -> Diagnosis {
        place.bad("line", line: line, "longer than 1 MiB")
    }

    /// Looks at the first line; `nil` if it has not ended yet.
    private func begin(
        _ text: UnsafeRawBufferPointer, isEnd: Bool
    ) throws(Diagnosis) -> (parser: CSVParser, isArchive: Bool, used: Int)? {
        let mark = unsafe text.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        if unsafe text.starts(with: [0xff, 0xfe]) || text.starts(with: [0xfe, 0xff]) {
            throw place.bad("encoding", "UTF-16 text", hint: "save it as UTF-8")
        }
        let newline = unsafe text[mark...].firstIndex(of: 0x0a)
        guard let end = newline ?? (isEnd ? text.count : nil) else {
            if text.count > CSVParser.maxLine { throw tooLong(1) }
            return nil
        }
        guard end - mark <= CSVParser.maxLine else { throw tooLong(1) }
        var first = unsafe Array(text[mark..<end])
        if first.last == 0x0d { first.removeLast() }
        guard !first.isEmpty else { throw place.bad("blank", line: 1, "empty line") }
        try refuseForeignDelimiter(first)
        let fields = try CSVLine.fields(first, line: 1, place: place)
        let hasNoHeader = (0x30...0x39).contains(first[0]) && mapping.isEmpty
        let layout: CSVLayout
        if hasNoHeader {
            layout = .archive
            guard series != .funding else {
                throw place.bad(
                    "header", line: 1, "no header line",
                    hint: "name the columns in a first line: time,rate,mark_price")
            }
            guard fields.count == layout.fields.count else {
                throw place.bad(
                    "header", line: 1,
                    "no header line, and \(fields.count) fields instead of the 12 of an archive",
                    hint: "name the columns in a first line: time,open,high,low,close,volume")
            }
        } else {
            let names = fields.map { String(decoding: $0, as: UTF8.self) }
            layout = try CSVLayout(
                header: names, mapping: mapping, series: series, place: place)
        }
        let builder = RowBuilder(columns: layout.columns, series, now: now)
        let parser = CSVParser(
            layout, builder: builder, place: place, firstLine: hasNoHeader ? 1 : 2)
        let headerEnd = newline.map { $0 + 1 } ?? text.count
        return (parser, hasNoHeader || layout.isArchive, hasNoHeader ? mark : headerEnd)
    }

    private func refuseForeignDelimiter(_ first: [UInt8]) throws(Diagnosis) {
        guard !first.contains(UInt8(ascii: ",")) else { return }
        let foreign: [(UInt8, String)] = [(UInt8(ascii: ";"), "\";\""), (0x09, "tabs")]
        for (byte, name) in foreign where first.contains(byte) {
            throw place.bad(
                "delimiter", line: 1, "fields are separated by \(name), not commas",
                hint: "save the file with commas")
        }
    }
}
