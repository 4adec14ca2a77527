public import LotCore

/// A file of a run's folder, ready to be written.
public struct RunFile: Sendable {
    /// Name inside the folder; `/` separates the folders below it.
    public var name: String
    /// What it holds.
    public var bytes: [UInt8]

    /// Pairs a name with bytes.
    public init(_ name: String, _ bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}

/// Everything a run's folder holds.
public struct RunFolder: Sendable {
    /// The folder's name: strategy-symbol-interval-identity.
    public var name: String
    /// Files in the order they should be written; the manifest is last.
    public var files: [RunFile]
    /// Why the report has no charts, in words for stderr; `nil` if it has them, or none was made.
    public var warning: String?

    /// Where the folder keeps the strategy's own files.
    public static let strategyFolder = "strategy"
    /// Width of the table in `summary.txt`.
    public static let summaryWidth = 100

    /// Renders every file of a run.
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
    /// - Complexity: O(trades + orders + equity points), plus gnuplot's time for a report.
    public static func render(
        _ result: RunResult, sources: [String: [UInt8]] = [:], report: Bool = true,
        gnuplot: Gnuplot?, hash: @escaping @Sendable ([UInt8]) -> String
    ) -> RunFolder {
        let manifest = Manifest(result, hash: hash)
        var files = outputs(result)
        let bytes = manifest.render(files: files)
        for (path, source) in sources.sorted(by: { $0.key < $1.key }) {
            files.append(RunFile(strategyFolder + "/" + RunParts.storedName(path), source))
        }
        var warning: String?
        if report {
            let charts = ChartSet.draw(result, gnuplot: gnuplot)
            let page = HTMLReport.render(result, charts: charts, manifestID: manifest.id)
            files.append(RunFile("report.html", Array(page.utf8)))
            warning = charts.note
        }
        files.append(RunFile("manifest.json", bytes))
        return RunFolder(name: manifest.folderName, files: files, warning: warning)
    }

    /// The files whose hashes the manifest holds: they depend on the result alone.
    ///
    /// - Complexity: O(trades + orders + equity points).
    public static func outputs(_ result: RunResult) -> [RunFile] {
        var files = [
            RunFile("result.json", ResultJSON.render(result)),
            RunFile("trades.csv", RunCSV.trades(result)),
            RunFile("orders.csv", RunCSV.orders(result)),
            RunFile("equity.csv", RunCSV.equity(result)),
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
