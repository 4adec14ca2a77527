public import LotCore

/// A series of bars opened for reading: mapped columns and what `series.json` says of them.
///
/// It keeps the row count it opened with; a later append or replacement does not reach it.
public struct StoredSeries: Sendable {
    /// Which series it is.
    public let address: SeriesAddress
    /// The columns of a run, mapped: the operating system reads a page when it is first used.
    public let bars: Bars
    let files: ColumnFiles

    init(_ files: ColumnFiles, address: SeriesAddress) throws(Diagnosis) {
        self.address = address
        self.files = files
        let hasVolume = files.columns.contains(.volume)
        bars = Bars(
            interval: address.interval, openTime: files.times,
            open: try files.doubles(.open), high: try files.doubles(.high),
            low: try files.doubles(.low), close: try files.doubles(.close),
            volume: hasVolume ? try files.doubles(.volume) : nil)
    }

    /// Number of committed rows.
    public var rows: Int { files.rows }

    /// Open time of the first row, milliseconds since the epoch.
    public var firstTime: Int64 { files.manifest.firstTime }

    /// Open time of the last row.
    public var lastTime: Int64 { files.manifest.lastTime }

    /// The columns stored, in the order of the file format.
    public var columns: [SeriesColumn] { files.columns }

    /// Every hole between the first and the last row, oldest first.
    public var gaps: [Gap] { files.manifest.gaps }

    /// Where the rows came from, oldest first (the last 256).
    public var sources: [SeriesSource] { files.manifest.sources }

    /// Returns the holes between rows of `range`, oldest first.
    ///
    /// - Complexity: O(gaps).
    public func gaps(in range: Range<Int>) -> [Gap] {
        guard !range.isEmpty else { return [] }
        let first = bars.openTime[range.lowerBound]
        let last = bars.openTime[range.upperBound - 1]
        return gaps.filter { $0.from > first && $0.to <= last }
    }

    /// Returns the identity of the data a run used, in 64 hexadecimal digits.
    ///
    /// SHA-256 over the columns' names and types, the number of rows, the digest of every full
    /// block from row 0, and the digest of the used rows of the last block. It is the same for
    /// the same rows, however many were appended since.
    /// - Parameters:
    ///   - columns: The columns used, in any order.
    ///   - rows: How many rows from row 0 on were used; `nil` is all.
    /// - Returns: 64 hexadecimal digits.
    /// - Throws: A ``LotCore/Diagnosis`` if the series lacks a column.
    /// - Complexity: O(blocks), and O(65,536) per column where `rows` ends inside a block.
    public func identity(
        columns: [SeriesColumn], rows: Int? = nil
    ) throws(Diagnosis) -> String {
        try files.identity(columns: columns, rows: rows ?? self.rows)
    }

    /// Returns the identity of the columns a run uses: times, prices, volume where there is one.
    ///
    /// - Parameter rows: How many rows from row 0 on were used; `nil` is all.
    /// - Returns: 64 hexadecimal digits.
    /// - Throws: A ``LotCore/Diagnosis`` if a column cannot be read.
    public func identity(rows: Int? = nil) throws(Diagnosis) -> String {
        let used = files.place.layout.required + (bars.volume == nil ? [] : [.volume])
        return try identity(columns: used, rows: rows)
    }

    /// Reads rows into memory.
    ///
    /// - Complexity: O(`range.count` · columns).
    func table(_ range: Range<Int>) throws(Diagnosis) -> SeriesTable { try files.table(range) }
}
