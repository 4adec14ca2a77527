public import LotCore
import Glibc

/// A series opened for reading: mapped columns and what `series.json` says of them.
///
/// It keeps the row count it opened with; a later append or replacement does not reach it.
public struct StoredSeries: Sendable {
    /// Which series it is.
    public let address: SeriesAddress
    /// The columns of a run, mapped: the operating system reads a page when it is first used.
    public let bars: Bars
    let manifest: SeriesManifest
    let folder: OpenFile
    let mapped: [MappedFile?]

    /// Number of committed rows.
    public var rows: Int { manifest.rows }

    /// Open time of the first row, milliseconds since the epoch.
    public var firstTime: Int64 { manifest.firstTime }

    /// Open time of the last row.
    public var lastTime: Int64 { manifest.lastTime }

    /// The columns stored, in the order of the file format.
    public var columns: [KlineColumn] { manifest.columns }

    /// Every hole between the first and the last row, oldest first.
    public var gaps: [Gap] { manifest.gaps }

    /// Where the rows came from, oldest first (the last 256).
    public var sources: [SeriesSource] { manifest.sources }

    /// Returns the holes between rows of `range`, oldest first.
    ///
    /// - Complexity: O(gaps).
    public func gaps(in range: Range<Int>) -> [Gap] {
        guard !range.isEmpty else { return [] }
        let first = bars.openTime[range.lowerBound]
        let last = bars.openTime[range.upperBound - 1]
        return manifest.gaps.filter { $0.from > first && $0.to <= last }
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
        columns: [KlineColumn], rows: Int? = nil
    ) throws(Diagnosis) -> String {
        let rows = rows ?? self.rows
        precondition((0...self.rows).contains(rows), "rows out of range")
        let hasher = SHA256Hasher()
        hasher.update("lot-identity-1\n\(rows)\n")
        let wanted = Set(columns)
        for column in KlineColumn.allCases where wanted.contains(column) {
            guard manifest.columns.contains(column) else { throw lacks(column) }
            hasher.update("\(column.rawValue) \(column.descriptor)\n")
            for digest in try digests(of: column, rows: rows) { hasher.update(digest + "\n") }
        }
        return hexadecimal(hasher.finish())
    }

    /// Returns the identity of the columns a run uses: times, prices, volume where there is one.
    ///
    /// - Parameter rows: How many rows from row 0 on were used; `nil` is all.
    /// - Returns: 64 hexadecimal digits.
    /// - Throws: A ``LotCore/Diagnosis`` if a column cannot be read.
    public func identity(rows: Int? = nil) throws(Diagnosis) -> String {
        let used = KlineColumn.required + (bars.volume == nil ? [] : [.volume])
        return try identity(columns: used, rows: rows)
    }

    private func digests(of column: KlineColumn, rows: Int) throws(Diagnosis) -> [String] {
        let stored = manifest.blocks(of: column)
        let full = rows / BlockDigest.rows
        if rows == self.rows { return stored }
        guard rows > full * BlockDigest.rows else { return Array(stored[..<full]) }
        let file = try map(column)
        let tail = BlockDigest.of(file, rows: full * BlockDigest.rows..<rows)
        return stored[..<full] + [tail]
    }

    private func lacks(_ column: KlineColumn) -> Diagnosis {
        Diagnosis(
            .data, kind: "kline.column", subject: StoredSeries.subject(address),
            reason: "no column \"\(column.rawValue)\"")
    }

    /// The mapped file of a column, opened now if it was not yet.
    func map(_ column: KlineColumn) throws(Diagnosis) -> MappedFile {
        if let file = mapped[column.index] { return file }
        guard let file = try StoredSeries.map(column, folder, manifest) else {
            throw Diagnosis(
                .tryLater, kind: "kline.changed", subject: StoredSeries.subject(address),
                reason: "replaced while reading", hint: "run again")
        }
        return file
    }

    /// Reads rows into memory.
    ///
    /// - Complexity: O(`range.count` · columns).
    func table(_ range: Range<Int>) throws(Diagnosis) -> KlineTable {
        var table = KlineTable(columns: columns)
        for column in columns {
            let words = try map(column).column(
                UInt64.self, offset: NpyHeader.size, count: rows)
            var copy: [UInt64] = []
            copy.reserveCapacity(range.count)
            for row in range { copy.append(words[row]) }
            table.words[column.index] = copy
        }
        return table
    }

    static func subject(_ address: SeriesAddress, _ file: String? = nil) -> String {
        "datasets/" + address.folder + (file.map { "/" + $0 } ?? "")
    }
}

extension StoredSeries {
    /// Opens the series in a folder; `nil` if a file is missing, as while a folder is swapped.
    static func open(_ folder: OpenFile, address: SeriesAddress) throws(Diagnosis) -> StoredSeries?
    {
        guard let manifest = try readManifest(folder, address: address) else { return nil }
        var mapped = [MappedFile?](repeating: nil, count: KlineColumn.allCases.count)
        for column in KlineColumn.required + [.volume] where manifest.columns.contains(column) {
            guard let file = try map(column, folder, manifest) else { return nil }
            mapped[column.index] = file
        }
        func doubles(_ column: KlineColumn) -> Column<Double>? {
            mapped[column.index]?.column(
                Double.self, offset: NpyHeader.size, count: manifest.rows)
        }
        guard
            let times = mapped[0]?.column(
                Int64.self, offset: NpyHeader.size, count: manifest.rows),
            let open = doubles(.open), let high = doubles(.high), let low = doubles(.low),
            let close = doubles(.close)
        else { return nil }
        guard times[0] == manifest.firstTime, times[manifest.rows - 1] == manifest.lastTime else {
            throw Diagnosis(
                .data, kind: "kline.times", subject: subject(address, "open_time.npy"),
                reason: "first or last time differs from series.json",
                hint: "run lot data verify \(address), then import again")
        }
        let bars = Bars(
            interval: address.interval, openTime: times, open: open, high: high, low: low,
            close: close, volume: doubles(.volume))
        return StoredSeries(
            address: address, bars: bars, manifest: manifest, folder: folder, mapped: mapped)
    }

    /// Largest `series.json` that is read: room for a million gaps.
    private static let manifestLimit: Int64 = 1 << 26

    static func readManifest(
        _ folder: OpenFile, address: SeriesAddress
    ) throws(Diagnosis) -> SeriesManifest? {
        let subject = subject(address, SeriesManifest.fileName)
        let bytes: [UInt8]
        do throws(SystemError) {
            let (file, size) = try folder.file(SeriesManifest.fileName)
            guard size <= manifestLimit else { throw SystemError(code: EFBIG) }
            bytes = try file.bytes(at: 0, count: Int(size))
        } catch {
            if error.code == ENOENT { return nil }
            throw systemDiagnosis(error.code, subject: subject, doing: "reading")
        }
        return try SeriesManifest(parsing: bytes, address: address, subject: subject)
    }

    /// Maps a column after checking its header and its length; `nil` if the file is missing.
    static func map(
        _ column: KlineColumn, _ folder: OpenFile, _ manifest: SeriesManifest
    ) throws(Diagnosis) -> MappedFile? {
        let subject = subject(manifest.address, column.fileName)
        do {
            let (file, size) = try folder.file(column.fileName)
            let header = try file.bytes(at: 0, count: NpyHeader.size)
            if let problem = NpyHeader.problem(header, column: column) {
                throw damaged(subject, problem)
            }
            guard let needed = byteCount(rows: manifest.rows), Int64(needed) <= size else {
                let held = (size - Int64(NpyHeader.size)) / 8
                throw damaged(
                    subject,
                    "series.json says \(grouped(manifest.rows)) rows, "
                        + "the file holds \(grouped(held))")
            }
            return try MappedFile(file, count: needed)
        } catch let error as SystemError {
            if error.code == ENOENT { return nil }
            throw systemDiagnosis(error.code, subject: subject, doing: "opening")
        } catch let error as Diagnosis {
            throw error
        } catch {
            throw damaged(subject, "unreadable")
        }
    }

    /// Bytes of a column file with `rows` rows; `nil` if that overflows.
    static func byteCount(rows: Int) -> Int? {
        let (data, overflows) = rows.multipliedReportingOverflow(by: 8)
        let (total, overflowsToo) = data.addingReportingOverflow(NpyHeader.size)
        return overflows || overflowsToo ? nil : total
    }

    private static func damaged(_ subject: String, _ reason: String) -> Diagnosis {
        Diagnosis(
            .data, kind: "kline.column", subject: subject, reason: reason,
            hint: "restore it from a backup, or delete the folder and import again")
    }

    /// Names the file that is missing from a folder that does not change; `nil` if none is.
    static func absentFile(
        _ folder: OpenFile, address: SeriesAddress
    ) throws(Diagnosis) -> Diagnosis? {
        guard let manifest = try readManifest(folder, address: address) else {
            return damaged(subject(address), "no \(SeriesManifest.fileName)")
        }
        for column in manifest.columns where try map(column, folder, manifest) == nil {
            return damaged(subject(address, column.fileName), "the file is missing")
        }
        return nil
    }
}
