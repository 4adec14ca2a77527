import Glibc
import LotCore

/// The files of a series of any kind, opened for reading.
struct ColumnFiles: Sendable {
    let manifest: SeriesManifest
    /// The column of times, mapped.
    let times: Column<Int64>
    let folder: OpenFile
    let mapped: [MappedFile?]

    var place: SeriesPlace { manifest.place }
    var rows: Int { manifest.rows }
    var columns: [SeriesColumn] { manifest.columns }

    /// The identity of some columns' first rows; see ``StoredSeries/identity(columns:rows:)``.
    func identity(columns: [SeriesColumn], rows: Int) throws(Diagnosis) -> String {
        precondition((0...self.rows).contains(rows), "rows out of range")
        let hasher = SHA256Hasher()
        hasher.update("lot-identity-1\n\(rows)\n")
        let wanted = Set(columns)
        for column in place.layout.columns where wanted.contains(column) {
            guard manifest.columns.contains(column) else { throw lacks(column) }
            hasher.update("\(column.rawValue) \(column.descriptor)\n")
            for digest in try digests(of: column, rows: rows) { hasher.update(digest + "\n") }
        }
        return hexadecimal(hasher.finish())
    }

    private func digests(of column: SeriesColumn, rows: Int) throws(Diagnosis) -> [String] {
        let stored = manifest.blocks(of: column)
        let full = rows / BlockDigest.rows
        if rows == self.rows { return stored }
        guard rows > full * BlockDigest.rows else { return Array(stored[..<full]) }
        let file = try map(column)
        let tail = BlockDigest.of(file, rows: full * BlockDigest.rows..<rows)
        return stored[..<full] + [tail]
    }

    private func lacks(_ column: SeriesColumn) -> Diagnosis {
        Diagnosis(
            .data, kind: "kline.column", subject: place.subject(),
            reason: "no column \"\(column.rawValue)\"")
    }

    /// The mapped file of a column, opened now if it was not yet.
    func map(_ column: SeriesColumn) throws(Diagnosis) -> MappedFile {
        if let file = mapped[column.index] { return file }
        guard let file = try ColumnFiles.map(column, folder, manifest) else {
            throw Diagnosis(
                .tryLater, kind: "kline.changed", subject: place.subject(),
                reason: "replaced while reading", hint: "run again")
        }
        return file
    }

    /// A column of Float64, mapped.
    func doubles(_ column: SeriesColumn) throws(Diagnosis) -> Column<Double> {
        try map(column).column(Double.self, offset: NpyHeader.size, count: rows)
    }

    /// A column as the bits that are stored, mapped.
    func words(_ column: SeriesColumn) throws(Diagnosis) -> Column<UInt64> {
        try map(column).column(UInt64.self, offset: NpyHeader.size, count: rows)
    }

    /// Reads rows into memory.
    ///
    /// - Complexity: O(`range.count` · columns).
    func table(_ range: Range<Int>) throws(Diagnosis) -> SeriesTable {
        var table = SeriesTable(ordered: columns)
        for column in columns {
            table.words[column.index] = try words(column).slice(range).array
        }
        return table
    }
}

extension ColumnFiles {
    /// Opens the series in a folder; `nil` if a file is missing, as while a folder is swapped.
    static func open(_ folder: OpenFile, _ place: SeriesPlace) throws(Diagnosis) -> ColumnFiles? {
        guard let manifest = try readManifest(folder, place) else { return nil }
        var mapped = [MappedFile?](repeating: nil, count: SeriesLayout.maxColumns)
        // The columns of a run; the others are opened when they are asked for.
        let used = place.layout.required + [.volume]
        for column in manifest.columns where used.contains(column) {
            guard let file = try map(column, folder, manifest) else { return nil }
            mapped[column.index] = file
        }
        guard
            let times = mapped[0]?.column(
                Int64.self, offset: NpyHeader.size, count: manifest.rows)
        else { return nil }
        guard times[0] == manifest.firstTime, times[manifest.rows - 1] == manifest.lastTime else {
            throw Diagnosis(
                .data, kind: "kline.times", subject: place.subject(place.layout.time.fileName),
                reason: "first or last time differs from series.json",
                hint: "run lot data verify \(place), then import again")
        }
        return ColumnFiles(
            manifest: manifest, times: times, folder: folder, mapped: mapped)
    }

    /// Largest `series.json` that is read: room for a million gaps.
    private static let manifestLimit: Int64 = 1 << 26

    static func readManifest(
        _ folder: OpenFile, _ place: SeriesPlace
    ) throws(Diagnosis) -> SeriesManifest? {
        let subject = place.subject(SeriesManifest.fileName)
        let bytes: [UInt8]
        do throws(SystemError) {
            let (file, size) = try folder.file(SeriesManifest.fileName)
            guard size <= manifestLimit else { throw SystemError(code: EFBIG) }
            bytes = try file.bytes(at: 0, count: Int(size))
        } catch {
            if error.code == ENOENT { return nil }
            throw systemDiagnosis(error.code, subject: subject, doing: "reading")
        }
        return try SeriesManifest(parsing: bytes, place: place, subject: subject)
    }

    /// Maps a column after checking its header and its length; `nil` if the file is missing.
    static func map(
        _ column: SeriesColumn, _ folder: OpenFile, _ manifest: SeriesManifest
    ) throws(Diagnosis) -> MappedFile? {
        let subject = manifest.place.subject(column.fileName)
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
        _ folder: OpenFile, _ place: SeriesPlace
    ) throws(Diagnosis) -> Diagnosis? {
        guard let manifest = try readManifest(folder, place) else {
            return damaged(place.subject(), "no \(SeriesManifest.fileName)")
        }
        for column in manifest.columns where try map(column, folder, manifest) == nil {
            return damaged(place.subject(column.fileName), "the file is missing")
        }
        return nil
    }
}
