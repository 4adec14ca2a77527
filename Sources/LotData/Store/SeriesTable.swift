public import LotCore

/// Rows of a series in memory, column by column, on their way to or from the disk.
///
/// Times are strictly rising. Every value is held as the 64 bits that are stored.
public struct SeriesTable: Sendable, Equatable {
    /// The bits of each column, by ``SeriesColumn/index``; empty where the column is absent.
    var words: [[UInt64]]
    /// The columns present, in the order of the file format.
    public let columns: [SeriesColumn]

    /// Makes a table without rows.
    ///
    /// - Parameters:
    ///   - layout: What the rows are.
    ///   - columns: The columns it has; those of ``SeriesLayout/required`` are added, those that
    ///     the layout lacks are left out.
    public init(_ layout: SeriesLayout, columns: [SeriesColumn]) {
        let wanted = Set(columns + layout.required)
        self.columns = layout.columns.filter(wanted.contains)
        words = [[UInt64]](repeating: [], count: SeriesLayout.maxColumns)
    }

    /// Makes a table without rows and with some columns, in the order of the file format.
    init(ordered columns: [SeriesColumn]) {
        self.columns = columns
        words = [[UInt64]](repeating: [], count: SeriesLayout.maxColumns)
    }

    /// Number of rows.
    public var count: Int { words[0].count }

    /// Time of a row, milliseconds since the epoch.
    public func time(_ row: Int) -> Int64 { Int64(bitPattern: words[0][row]) }

    /// A value of a Float64 column; 0 where the column is absent.
    public func value(_ column: SeriesColumn, _ row: Int) -> Double {
        let bits = words[column.index]
        return bits.isEmpty ? 0 : Double(bitPattern: bits[row])
    }

    /// The row as a bar.
    public subscript(row: Int) -> Bar {
        Bar(
            openTime: time(row), open: value(.open, row), high: value(.high, row),
            low: value(.low, row), close: value(.close, row), volume: value(.volume, row))
    }

    /// Makes room for more rows.
    mutating func reserve(_ rows: Int) {
        for column in columns { words[column.index].reserveCapacity(rows) }
    }

    /// Adds a row: a time, and the bits of its columns by ``SeriesColumn/index``.
    mutating func append(time: Int64, words row: [UInt64]) {
        words[0].append(UInt64(bitPattern: time))
        for column in columns.dropFirst() { words[column.index].append(row[column.index]) }
    }

    /// Adds rows of another table with the same columns.
    mutating func append(_ other: SeriesTable, rows: Range<Int>) {
        for column in columns {
            words[column.index].append(contentsOf: other.words[column.index][rows])
        }
    }

    /// Returns the table with some of its columns only.
    func keeping(_ wanted: [SeriesColumn]) -> SeriesTable {
        var result = SeriesTable(ordered: columns.filter(wanted.contains))
        for column in result.columns { result.words[column.index] = words[column.index] }
        return result
    }

    /// Returns whether a row equals a row of another table with the same columns, bit by bit.
    func isEqual(_ row: Int, to other: SeriesTable, _ otherRow: Int) -> Bool {
        columns.allSatisfy { words[$0.index][row] == other.words[$0.index][otherRow] }
    }

    /// Returns the first row with a time of at least `time`, by bisection.
    func firstRow(atOrAfter time: Int64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if self.time(middle) < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Returns the columns that differ in a row, with both values, for a message.
    func difference(_ row: Int, from other: SeriesTable, _ otherRow: Int) -> String {
        let parts = columns.filter { words[$0.index][row] != other.words[$0.index][otherRow] }
            .map { column in
                "\(column.rawValue) \(text(column, row)) and \(other.text(column, otherRow))"
            }
        return parts.joined(separator: ", ")
    }

    private func text(_ column: SeriesColumn, _ row: Int) -> String {
        let bits = words[column.index][row]
        return column.isInteger
            ? String(Int64(bitPattern: bits)) : "\(Double(bitPattern: bits))"
    }

    /// Makes a table of bars, for generated data and tests.
    public init(_ bars: [Bar], hasVolume: Bool = true) {
        self.init(
            ordered: [.openTime, .open, .high, .low, .close] + (hasVolume ? [.volume] : []))
        for bar in bars {
            words[0].append(UInt64(bitPattern: bar.openTime))
            words[SeriesColumn.open.index].append(bar.open.bitPattern)
            words[SeriesColumn.high.index].append(bar.high.bitPattern)
            words[SeriesColumn.low.index].append(bar.low.bitPattern)
            words[SeriesColumn.close.index].append(bar.close.bitPattern)
            if hasVolume { words[SeriesColumn.volume.index].append(bar.volume.bitPattern) }
        }
    }
}

extension SeriesTable {
    /// The bits of a mark price that is not known.
    static let unknown = Double.nan.bitPattern

    /// Whether a row equals a row of `other` but knows a mark price that `other` does not.
    func completes(_ other: SeriesTable, _ otherRow: Int, with row: Int) -> Bool {
        guard columns.contains(.markPrice) else { return false }
        return columns.allSatisfy { column in
            let old = other.words[column.index][otherRow]
            return words[column.index][row] == old
                || (column == .markPrice && old == SeriesTable.unknown)
        }
    }

    /// Takes the mark prices of `other` for the rows that know none.
    ///
    /// Archives of funding rates have no mark prices, REST answers do: which of the two comes
    /// last must not matter.
    mutating func takeKnown(from other: SeriesTable) {
        guard columns.contains(.markPrice), count > 0 else { return }
        let mark = SeriesColumn.markPrice.index
        var place = other.firstRow(atOrAfter: time(0))
        for row in 0..<count where words[mark][row] == SeriesTable.unknown {
            while place < other.count, other.time(place) < time(row) { place += 1 }
            guard place < other.count else { return }
            if other.time(place) == time(row) { words[mark][row] = other.words[mark][place] }
        }
    }
}
