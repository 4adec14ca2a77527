public import LotCore

/// Rows of klines in memory, column by column, on their way to or from a series.
///
/// Times are strictly rising. Every value is held as the 64 bits that are stored.
public struct KlineTable: Sendable, Equatable {
    /// The bits of each column, by ``KlineColumn/index``; empty where the column is absent.
    var words: [[UInt64]]
    /// The columns present, in the order of the file format.
    public let columns: [KlineColumn]

    /// Makes a table without rows.
    ///
    /// - Parameter columns: The columns it has; those of ``KlineColumn/required`` are added.
    public init(columns: [KlineColumn]) {
        let wanted = Set(columns + KlineColumn.required)
        self.columns = KlineColumn.allCases.filter(wanted.contains)
        words = [[UInt64]](repeating: [], count: KlineColumn.allCases.count)
    }

    /// Number of rows.
    public var count: Int { words[0].count }

    /// Open time of a row, milliseconds since the epoch.
    public func time(_ row: Int) -> Int64 { Int64(bitPattern: words[0][row]) }

    /// A value of a Float64 column; 0 where the column is absent.
    public func value(_ column: KlineColumn, _ row: Int) -> Double {
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

    /// Adds rows of another table with the same columns.
    mutating func append(_ other: KlineTable, rows: Range<Int>) {
        for column in columns {
            words[column.index].append(contentsOf: other.words[column.index][rows])
        }
    }

    /// Returns whether a row equals a row of another table with the same columns, bit by bit.
    func isEqual(_ row: Int, to other: KlineTable, _ otherRow: Int) -> Bool {
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
    func difference(_ row: Int, from other: KlineTable, _ otherRow: Int) -> String {
        let parts = columns.filter { words[$0.index][row] != other.words[$0.index][otherRow] }
            .map { column in
                "\(column.rawValue) \(text(column, row)) and \(other.text(column, otherRow))"
            }
        return parts.joined(separator: ", ")
    }

    private func text(_ column: KlineColumn, _ row: Int) -> String {
        let bits = words[column.index][row]
        return column.isInteger
            ? String(Int64(bitPattern: bits)) : "\(Double(bitPattern: bits))"
    }

    /// Makes a table of bars, for generated data and tests.
    public init(_ bars: [Bar], hasVolume: Bool = true) {
        self.init(columns: hasVolume ? [.volume] : [])
        for bar in bars {
            words[0].append(UInt64(bitPattern: bar.openTime))
            words[KlineColumn.open.index].append(bar.open.bitPattern)
            words[KlineColumn.high.index].append(bar.high.bitPattern)
            words[KlineColumn.low.index].append(bar.low.bitPattern)
            words[KlineColumn.close.index].append(bar.close.bitPattern)
            if hasVolume { words[KlineColumn.volume.index].append(bar.volume.bitPattern) }
        }
    }
}
