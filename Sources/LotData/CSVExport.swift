public import LotCore
import Glibc

/// How times are written.
public enum TimeStyle: String, Sendable, CaseIterable {
    /// ISO 8601, UTC: `2024-01-31T09:05Z`.
    case iso
    /// Milliseconds since the epoch.
    case ms
}

/// What an export wrote.
public struct ExportReport: Sendable, Equatable {
    /// The series.
    public var address: DatasetAddress
    /// Rows written.
    public var rows: Int
    /// Time of the first row, milliseconds since the epoch.
    public var firstTime: Int64
    /// Time of the last row.
    public var lastTime: Int64
}

/// Rows of a stored series as CSV: a header line with the columns' names, then a line a row.
///
/// Numbers have as few digits as read back to the same value, never an exponent; a mark price that
/// is not known is an empty field. So importing the text gives the same bytes of columns.
public struct CSVExport: Sendable {
    /// Bytes that are handed on at once.
    private static let piece = 1 << 18

    private let files: ColumnFiles
    private let rows: Range<Int>
    private let times: TimeStyle

    /// What will be written.
    public let report: ExportReport

    /// Opens a series and finds the rows of a range.
    ///
    /// - Parameters:
    ///   - address: The series.
    ///   - store: Where it is stored.
    ///   - start: First time, included; `nil` is the first stored.
    ///   - end: Time of the first row that is left out; `nil` leaves none out.
    ///   - times: How times are written.
    /// - Throws: Exit code 66 where there is no such series or it has no rows in the range, 65
    ///   where it is damaged.
    public init(
        _ address: DatasetAddress, in store: KlineStore, start: Int64? = nil, end: Int64? = nil,
        times: TimeStyle = .iso
    ) throws(Diagnosis) {
        let files = try store.openFiles(SeriesPlace(address))
        let first = start.map { files.times.firstIndex(atOrAfter: $0) } ?? 0
        let last = end.map { files.times.firstIndex(atOrAfter: $0) } ?? files.rows
        guard first < last else {
            throw Diagnosis(
                .noInput, kind: "export.range", subject: address.description,
                reason: "no rows in the range",
                hint: "stored are \(CivilTime.text(files.manifest.firstTime)) to "
                    + CivilTime.text(files.manifest.lastTime))
        }
        try files.requireSound(first..<last)
        self.files = files
        rows = first..<last
        self.times = times
        report = ExportReport(
            address: address, rows: rows.count, firstTime: files.times[first],
            lastTime: files.times[last - 1])
    }

    /// Writes the text piece by piece.
    ///
    /// - Parameter sink: Takes a piece.
    /// - Throws: What `sink` throws, or exit code 65 for a damaged column.
    /// - Complexity: O(rows) time, a quarter of a mebibyte of memory.
    public func write(to sink: ([UInt8]) throws(Diagnosis) -> Void) throws(Diagnosis) {
        var columns: [(column: SeriesColumn, words: Column<UInt64>)] = []
        for column in files.columns.dropFirst() {
            columns.append((column, try files.words(column)))
        }
        var text = ByteBuffer(capacity: CSVExport.piece + 1_024)
        text.put(files.columns.map(\.rawValue).joined(separator: ",") + "\n")
        for row in rows {
            switch times {
            case .iso: text.put(time: files.times[row])
            case .ms: text.put(digits: files.times[row])
            }
            for (column, words) in columns {
                text.put(UInt8(ascii: ","))
                let bits = words[row]
                if column.isInteger {
                    text.put(digits: Int64(bitPattern: bits))
                } else if bits != SeriesTable.unknown {
                    text.put(plain: Double(bitPattern: bits))
                }
            }
            text.put(0x0a)
            if text.count >= CSVExport.piece {
                try sink(text.array)
                text.removeAll()
            }
        }
        if text.count > 0 { try sink(text.array) }
    }

    /// Writes the text to a file, whole or not at all: beside its place, synced, then renamed.
    ///
    /// - Parameters:
    ///   - path: The file; a regular file of this name is replaced in the rename.
    ///   - store: Whose way of writing is used.
    /// - Throws: Exit code 73 where it cannot be created, 74 for a full disk.
    public func write(toFile path: String, _ store: KlineStore) throws(Diagnosis) {
        let file = try AtomicFile(path, store.files)
        do {
            try write { bytes throws(Diagnosis) in try file.append(bytes) }
            try file.commit()
        } catch {
            file.discard()
            throw error
        }
    }
}
