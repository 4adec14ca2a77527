public import LotCore

/// A file of a run's folder, ready to be written.
public struct RunFile: Sendable {
    /// Name inside the folder; `/` separates the folders below it.
    public let name: String
    private let content: Content

    private enum Content: Sendable {
        case bytes([UInt8])
        /// Writes the file into a buffer, and gives it back with what has not been handed on.
        case rendered(@Sendable (consuming ByteBuffer) -> ByteBuffer)
    }

    /// Pairs a name with bytes.
    public init(_ name: String, _ bytes: [UInt8]) {
        self.name = name
        content = .bytes(bytes)
    }

    /// A file that is made where it is needed: a long one is written, and hashed, piece by piece
    /// out of the cache, and never whole in memory.
    init(_ name: String, render: @escaping @Sendable (consuming ByteBuffer) -> ByteBuffer) {
        self.name = name
        content = .rendered(render)
    }

    /// What it holds, rendered anew if it is not kept.
    public var bytes: [UInt8] {
        switch content {
        case .bytes(let bytes): bytes
        case .rendered(let render): render(ByteBuffer(capacity: RunFile.piece)).array
        }
    }

    /// Bytes that are handed on at a time.
    private static let piece = 128 << 10

    /// Hands on what it holds, piece by piece.
    public func write(to sink: @escaping (UnsafeRawBufferPointer) -> Void) {
        switch content {
        case .bytes(let bytes): unsafe bytes.withUnsafeBytes { unsafe sink($0) }
        case .rendered(let render):
            var rest = unsafe render(ByteBuffer(piece: RunFile.piece, handOn: sink))
            rest.flush()
        }
    }
}

/// Everything a run's folder holds.
public struct RunFolder: Sendable {
    /// The folder's name: strategy-symbol-interval-identity.
    public let name: String
    /// The files whose hashes the manifest holds, in the order they should be written.
    public let outputs: [RunFile]
    /// Those that come after them: the script's, whose hashes are among the inputs.
    public let companions: [RunFile]
    /// The report; `nil` if none was drawn.
    public let page: RunFile?
    /// Why the report has no charts, in words for stderr; `nil` if it has them, or none was made.
    public let warning: String?
    private let manifest: Manifest

    /// The run's identity.
    public var id: String { manifest.id }

    /// Makes the last file.
    ///
    /// - Parameters:
    ///   - hashes: SHA-256 of each of ``outputs``, in their order, in hexadecimal.
    ///   - page: SHA-256 of the page that lies beside them, if one does.
    /// - Returns: `manifest.json`.
    public func manifest(hashes: [String], page: String?) -> RunFile {
        let named = zip(outputs, hashes).map { ($0.name, $1) }
        return RunFile(RunFolder.manifestName, manifest.render(hashes: named, page: page))
    }

    /// Every file in the order they should be written; the manifest is last.
    ///
    /// - Complexity: Renders and hashes them all.
    public var files: [RunFile] {
        let hash = page.map { manifest.hash($0.bytes) }
        return outputs + companions + [page].compactMap(\.self)
            + [RunFile(RunFolder.manifestName, manifest.render(files: outputs, page: hash))]
    }

    /// The file that says what a folder holds.
    public static let manifestName = "manifest.json"
    /// The report.
    public static let pageName = "report.html"
    /// Every file that a run's folder may hold, but for the manifest and the script's.
    public static let fileNames = [
        "result.json", "trades.csv", "orders.csv", "equity.csv", "breakdown.csv", "summary.txt",
        "symbols.csv", pageName,
    ]

    /// Where the folder keeps the strategy's own files.
    public static let strategyFolder = "strategy"
    /// Width of the table in `summary.txt`.
    public static let summaryWidth = 100

    /// Gathers the files of a run: the long ones are rendered as they are written.
    ///
    /// - Parameters:
    ///   - result: The run.
    ///   - sources: The bytes of the script and of every file it requires, by path below the
    ///     script's folder: kept beside the result, so that the run can be repeated when the script
    ///     has moved on.
    ///   - report: Whether `report.html` is one of them.
    ///   - gnuplot: Where gnuplot is; `nil` leaves the charts out with a note.
    ///   - hash: Returns the SHA-256 of bytes in hexadecimal.
    /// - Returns: The folder's name and files; nothing has been written yet.
    /// - Complexity: O(days), plus gnuplot's time for a report.
    public static func render(
        _ result: RunResult, sources: [String: [UInt8]] = [:], report: Bool = true,
        gnuplot: Gnuplot?, hash: @escaping @Sendable ([UInt8]) -> String
    ) -> RunFolder {
        let manifest = Manifest(result, hash: hash)
        var companions: [RunFile] = []
        for (path, source) in sources.sorted(by: { $0.key < $1.key }) {
            companions.append(RunFile(strategyFolder + "/" + RunParts.storedName(path), source))
        }
        var page: RunFile?
        var warning: String?
        if report {
            let charts = ChartSet.draw(result, gnuplot: gnuplot)
            let html = HTMLReport.render(result, charts: charts, manifestID: manifest.id)
            page = RunFile(pageName, Array(html.utf8))
            warning = charts.note
        }
        return RunFolder(
            name: manifest.folderName, outputs: outputs(result), companions: companions,
            page: page, warning: warning, manifest: manifest)
    }

    /// The files whose hashes the manifest holds: they depend on the result alone.
    public static func outputs(_ result: RunResult) -> [RunFile] {
        var files = [
            RunFile("result.json") { ResultJSON.render(result, into: $0) },
            RunFile("trades.csv") { RunCSV.trades(result, into: $0) },
            RunFile("orders.csv") { RunCSV.orders(result, into: $0) },
            RunFile("equity.csv") { RunCSV.equity(result, into: $0) },
            RunFile("breakdown.csv", RunCSV.breakdown(result)),
            RunFile(
                "summary.txt",
                Array(BacktestTable.render(result, width: summaryWidth, color: false).utf8)),
        ]
        if !result.symbols.isEmpty {
            files.append(RunFile("symbols.csv", SymbolTable.csv(result)))
        }
        return files
    }

    /// The bytes of a file by its name; `nil` if the folder has none.
    public func bytes(of name: String) -> [UInt8]? {
        files.first { $0.name == name }?.bytes
    }
}
