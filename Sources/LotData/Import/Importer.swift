public import LotCore

/// Brings files into a series: Binance's public archives (zip or CSV), CSV with named columns,
/// JSON rows of freqtrade or Binance's REST interface; and funding rates from Binance's archives,
/// CSV, or the REST answers of Binance, OKX and Bybit.
///
/// All files of a call are read and checked before anything is written, and are stored in one
/// commit: a fault in any of them changes nothing on disk. What a file is, its content says.
public struct Importer: Sendable {
    /// Where to.
    public let store: KlineStore
    /// How.
    public let options: ImportOptions

    /// Makes an importer.
    public init(store: KlineStore, options: ImportOptions = ImportOptions()) {
        self.store = store
        self.options = options
    }

    /// Reads files, in any order, and stores their rows.
    ///
    /// Importing the same files again changes nothing. Files that overlap must agree.
    /// - Parameters:
    ///   - paths: The files, at least one.
    ///   - address: The series.
    ///   - progress: Called before each file with its index and path.
    /// - Returns: What was read and what was stored.
    /// - Throws: A ``LotCore/Diagnosis``: 64 for a bad mapping, 66 for a missing file, 65 for bad
    ///   content or a conflict, 75 while another writer is at work.
    /// - Complexity: O(bytes); memory is 72 bytes a row, and 2 MiB for the text.
    public func run(
        _ paths: [String], as address: DatasetAddress,
        progress: (Int, String) -> Void = { _, _ in }
    ) throws(Diagnosis) -> ImportReport {
        guard !paths.isEmpty else {
            throw Diagnosis(
                .usage, kind: "import.files", subject: "lot data import", reason: "no files",
                hint: "name the zip, CSV or JSON files to import")
        }
        let place = SeriesPlace(address)
        var parsed: [ParsedFile] = []
        for (index, path) in paths.enumerated() {
            progress(index, path)
            parsed.append(try read(path, place))
        }
        let sorted = parsed.sorted {
            ($0.source.firstTime, $0.source.name) < ($1.source.firstTime, $1.source.name)
        }
        let table = try merge(sorted)
        let sources = sorted.map(\.source)
        let outcome = try store.commit(
            table, to: address, sources: sources, replace: options.replace)
        let series = try store.openFiles(place).manifest
        return ImportReport(
            address: address, files: sources, rowsRead: parsed.reduce(0) { $0 + $1.rowsRead },
            outcome: outcome, firstTime: series.firstTime, lastTime: series.lastTime,
            gaps: series.gaps, checksumsVerified: parsed.count { $0.hadChecksum })
    }

    /// Reads and checks one file without storing it.
    ///
    /// - Throws: As ``run(_:as:progress:)``.
    public func parse(_ path: String, as address: SeriesAddress) throws(Diagnosis) -> SeriesTable {
        try read(path, SeriesPlace(address)).table
    }

    /// Reads files into a series of bars; see ``run(_:as:progress:)``.
    public func run(
        _ paths: [String], as address: SeriesAddress,
        progress: (Int, String) -> Void = { _, _ in }
    ) throws(Diagnosis) -> ImportReport {
        try run(paths, as: .bars(address), progress: progress)
    }

    private struct ParsedFile {
        var table: SeriesTable
        var source: SeriesSource
        var rowsRead: Int
        var hadChecksum: Bool
        var place: ImportPlace
    }

    private func read(_ path: String, _ series: SeriesPlace) throws(Diagnosis) -> ParsedFile {
        var input = try InputFile(path: path)
        let mapping = try CSVLayout.mapping(options.columns, series.layout)
        let sha256 = try input.sha256()
        let hadChecksum = try Checksum.check(input, sha256: sha256)
        let csv = CSVImport(
            series: series.layout, now: options.now, mapping: mapping, place: input.place)
        let head = try input.head(64)
        let result: CSVImport.Result
        var kind = "csv"
        if head.starts(with: [0x50, 0x4b]) {
            var entry = try ZipEntry(input)
            try ArchiveName(name: entry.name, path: path).require(series, input.place)
            result = try csv.read(&entry)
        } else if let first = head.first(where: { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }),
            first == UInt8(ascii: "[") || (first == UInt8(ascii: "{") && series.layout == .funding)
        {
            kind = "json"
            result = try readJSON(&input, series)
        } else {
            try ArchiveName(name: input.name, path: path).require(series, input.place)
            result = try csv.read(&input)
        }
        if result.isArchive {
            let exchange = series.layout == .funding ? series.address.exchange : "binance"
            kind = kind == "json" ? exchange + "-rest" : "binance-archive"
        }
        let table = result.table
        let source = SeriesSource(
            kind: kind, name: input.name, sha256: sha256, rows: table.count,
            firstTime: table.time(0), lastTime: table.time(table.count - 1))
        return ParsedFile(
            table: table, source: source, rowsRead: result.rowsRead, hadChecksum: hadChecksum,
            place: input.place)
    }

    private func readJSON(
        _ input: inout InputFile, _ series: SeriesPlace
    ) throws(Diagnosis) -> CSVImport.Result {
        let isFunding = series.layout == .funding
        let limit = isFunding ? FundingJSON.maxSize : JSONRows.maxSize
        guard input.size <= limit else {
            throw input.place.bad("size", "larger than \(limit >> 20) MiB", hint: "split it")
        }
        let bytes = try input.all(limit: Int(limit), place: input.place)
        if isFunding {
            let rows = FundingJSON(
                symbol: series.address.symbol, now: options.now, place: input.place)
            return try rows.read(bytes)
        }
        let rows = JSONRows(series: series.layout, now: options.now, place: input.place)
        return try rows.read(bytes)
    }

    /// Puts the files' rows together in the order of time; equal rows count once.
    private func merge(_ files: [ParsedFile]) throws(Diagnosis) -> SeriesTable {
        var merged = files[0].table
        merged.reserve(files.reduce(0) { $0 + $1.table.count })
        for (index, given) in files.enumerated().dropFirst() {
            var file = given
            guard file.table.columns == merged.columns else {
                throw file.place.bad(
                    "columns",
                    "has the columns \(names(file.table)), "
                        + "\(files[0].place.subject) has \(names(merged))",
                    hint: "import them as different series, or map with --columns")
            }
            if file.table.time(0) > merged.time(merged.count - 1) {
                merged.append(file.table, rows: 0..<file.table.count)
            } else {
                file.table.takeKnown(from: merged)
                try requireAgreement(file, merged, files[..<index])
                merged = merged.merged(with: file.table)
            }
        }
        return merged
    }

    private func names(_ table: SeriesTable) -> String {
        table.columns.map(\.rawValue).joined(separator: ",")
    }

    private func requireAgreement(
        _ file: ParsedFile, _ merged: SeriesTable, _ earlier: ArraySlice<ParsedFile>
    ) throws(Diagnosis) {
        var place = merged.firstRow(atOrAfter: file.table.time(0))
        for row in 0..<file.table.count {
            let time = file.table.time(row)
            while place < merged.count, merged.time(place) < time { place += 1 }
            guard place < merged.count else { return }
            guard merged.time(place) == time, !file.table.isEqual(row, to: merged, place),
                !file.table.completes(merged, place, with: row)
            else { continue }
            let other = earlier.first { other in
                let index = other.table.firstRow(atOrAfter: time)
                return index < other.table.count && other.table.time(index) == time
            }
            throw file.place.badRow(
                "conflict", row + 1,
                "\(CivilTime.text(time)) disagrees with \(other?.place.subject ?? "another file"): "
                    + file.table.difference(row, from: merged, place))
        }
    }
}
