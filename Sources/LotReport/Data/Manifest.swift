public import LotCore

/// `manifest.json`: what a run can be repeated from, and the hashes of what it wrote.
///
/// The identity of a run is the hash of its inputs: script, parameters, data, instrument, engine
/// and settings. Two runs with one identity must write the same bytes.
public struct Manifest: Sendable {
    /// Name and version of the format.
    public static let schema = "lot.manifest/1"

    /// SHA-256 of the inputs, 64 hexadecimal digits.
    public let id: String
    private let result: RunResult
    private let hash: @Sendable ([UInt8]) -> String

    /// Computes the identity of a run.
    ///
    /// - Parameters:
    ///   - result: The run.
    ///   - hash: Returns the SHA-256 of bytes in hexadecimal.
    public init(_ result: RunResult, hash: @escaping @Sendable ([UInt8]) -> String) {
        self.result = result
        self.hash = hash
        var json = JSONWriter()
        RunParts.inputs.write(result, inline: true, into: &json)
        id = hash(json.bytes)
    }

    /// The name of the run's folder: strategy, symbol, interval and the identity's first eight
    /// digits; only letters, digits, `.`, `_` and `-`.
    public var folderName: String {
        let strategy = String(
            String.UnicodeScalarView(
                result.strategy.name.unicodeScalars.map {
                    $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
                        || $0 == "_" || $0 == "-" ? $0 : "_"
                }.prefix(48)))
        let name = strategy.isEmpty ? "strategy" : strategy
        return "\(name)-\(result.data.address.shortName)-\(id.prefix(8))"
    }

    /// Renders the document.
    ///
    /// - Parameter files: The files of the run whose hashes are recorded, by name, in order.
    /// - Returns: UTF-8, ending with a line break.
    public func render(files: [RunFile]) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("schema")
            json.value(Manifest.schema)
            json.key("id")
            json.value(id)
            json.key("inputs")
            RunParts.inputs.write(result, into: &json)
            json.key("outputs")
            json.object { json in
                for file in files {
                    json.key(file.name)
                    json.value(hash(file.bytes))
                }
            }
        }
        json.endLine()
        return json.bytes
    }
}

/// A file of a run's folder, ready to be written.
public struct RunFile: Sendable {
    /// Name inside the folder.
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

    /// Renders every file of a run.
    ///
    /// - Parameters:
    ///   - result: The run.
    ///   - report: Whether `report.html` is one of them.
    ///   - gnuplot: Where gnuplot is; `nil` leaves the charts out with a note.
    ///   - hash: Returns the SHA-256 of bytes in hexadecimal.
    /// - Returns: The folder's name and files; nothing has been written yet.
    /// - Complexity: O(trades + orders + equity points), plus gnuplot's time for a report.
    public static func render(
        _ result: RunResult, report: Bool = true, gnuplot: Gnuplot?,
        hash: @escaping @Sendable ([UInt8]) -> String
    ) -> RunFolder {
        let manifest = Manifest(result, hash: hash)
        var files = [
            RunFile("result.json", ResultJSON.render(result)),
            RunFile("trades.csv", RunCSV.trades(result)),
            RunFile("orders.csv", RunCSV.orders(result)),
            RunFile("equity.csv", RunCSV.equity(result)),
            RunFile("breakdown.csv", RunCSV.breakdown(result)),
        ]
        let bytes = manifest.render(files: files)
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

    /// The bytes of a file by its name; `nil` if the folder has none.
    public func bytes(of name: String) -> [UInt8]? {
        files.first { $0.name == name }?.bytes
    }
}
