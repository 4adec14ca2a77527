import LotCore

/// Reads rows of JSON arrays: freqtrade's `[ms, o, h, l, c, v]` and Binance's REST answer with
/// its twelve fields, where decimals are strings.
struct JSONRows {
    let series: SeriesLayout
    let now: Int64?
    let place: ImportPlace

    /// Largest file; it is held in memory.
    static let maxSize: Int64 = 1 << 29

    /// Parses the whole text.
    func read(_ bytes: [UInt8]) throws(Diagnosis) -> CSVImport.Result {
        var reader = JSONReader(bytes)
        var builder: RowBuilder?
        var fields = 0
        var row = 0
        do {
            try reader.expect("[", "\"[\" of a list of rows")
            var more = !reader.take("]")
            while more {
                row += 1
                let values = try self.row(&reader, bytes)
                if builder == nil {
                    fields = values.count
                    builder = try begin(fields)
                }
                guard values.count == fields else {
                    throw place.badRow("fields", row, "\(values.count) values, expected \(fields)")
                }
                try add(values, to: &builder, row: row)
                more = reader.take(",")
                if !more { try reader.expect("]", "\",\" or \"]\"") }
            }
            try reader.end()
        } catch let error as JSONError {
            throw Diagnosis(
                .data, kind: "import.json", subject: place.subject,
                place: "byte \(grouped(error.offset))", reason: error.reason)
        } catch let error as Diagnosis {
            throw error
        } catch {
            throw place.badRow("json", row, "unreadable")
        }
        guard let builder else { throw place.bad("empty", "no rows") }
        do throws(RowError) {
            return CSVImport.Result(
                table: try builder.finish(), rowsRead: builder.rowsRead, isArchive: fields == 12)
        } catch {
            throw place.bad(error.kind, error.reason, hint: error.hint)
        }
    }

    private func begin(_ fields: Int) throws(Diagnosis) -> RowBuilder {
        guard fields == 6 || fields == 12 else {
            throw place.badRow(
                "fields", 1,
                "\(fields) values, expected 6 (time, open, high, low, close, volume) "
                    + "or Binance's 12"
            )
        }
        let columns = fields == 6 ? SeriesColumn.prices + [.volume] : SeriesColumn.bars
        return RowBuilder(columns: columns, series, now: now)
    }

    /// The bytes of each value of a row.
    private func row(
        _ reader: inout JSONReader, _ bytes: [UInt8]
    ) throws(JSONError) -> [(text: [UInt8], isString: Bool)] {
        try reader.expect("[", "\"[\" of a row")
        var values: [(text: [UInt8], isString: Bool)] = []
        repeat {
            if reader.peek() == UInt8(ascii: "\"") {
                values.append((Array(try reader.string().utf8), true))
            } else {
                values.append((Array(bytes[try reader.number()]), false))
            }
            guard values.count <= 16 else { throw reader.error("too many values in a row") }
        } while reader.take(",")
        try reader.expect("]", "\",\" or \"]\"")
        return values
    }

    private func add(
        _ values: [(text: [UInt8], isString: Bool)], to builder: inout RowBuilder?, row: Int
    ) throws(Diagnosis) {
        var words = [UInt64](repeating: 0, count: SeriesLayout.maxColumns)
        let layout = CSVLayout.archive
        for (index, value) in values.enumerated().dropFirst() {
            switch layout.fields[index] {
            case .decimal(let column):
                words[column.index] = try decimal(value, layout.names[index], row).bitPattern
            case .integer(let column):
                guard let count = CSVLine.integer(value.text) else {
                    throw bad(value.text, layout.names[index], row, "a whole number")
                }
                words[column.index] = UInt64(bitPattern: count)
            case .skip, .time, .signed, .optional: break
            }
        }
        // pandas writes whole milliseconds as 1672531200000 or, from a float column, with ".0".
        let digits = values[0].text
        let whole = digits.suffix(2) == [0x2e, 0x30] ? Array(digits.dropLast(2)) : digits
        guard let epoch = CSVLine.integer(whole) else {
            throw bad(digits, "time", row, "a time")
        }
        do throws(RowError) {
            let time = try builder?.milliseconds(epoch) ?? 0
            try builder?.add(time: time, words: words)
        } catch {
            throw Diagnosis(
                .data, kind: "import." + error.kind, subject: place.subject,
                place: "row \(grouped(row))", reason: error.reason, hint: error.hint)
        }
    }

    private func decimal(
        _ value: (text: [UInt8], isString: Bool), _ name: String, _ row: Int
    ) throws(Diagnosis) -> Double {
        if let plain = CSVLine.decimal(value.text) { return plain }
        // A JSON number may have an exponent; a string must be a plain decimal.
        if !value.isString, let parsed = CSVLine.number(value.text) { return parsed }
        throw bad(value.text, name, row, "a decimal number (digits and one point)")
    }

    private func bad(_ bytes: [UInt8], _ name: String, _ row: Int, _ what: String) -> Diagnosis {
        Diagnosis(
            .data, kind: "import.number", subject: place.subject,
            place: "row \(grouped(row)), \"\(name)\"",
            reason: "\"\(escaped(bytes: bytes))\" is not \(what)")
    }
}
