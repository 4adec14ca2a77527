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
    private let inputs: RunInputs
    let hash: @Sendable ([UInt8]) -> String

    /// Computes the identity of a run, which is known before it runs.
    ///
    /// - Parameters:
    ///   - inputs: Everything that decides its result.
    ///   - hash: Returns the SHA-256 of bytes in hexadecimal.
    public init(_ inputs: RunInputs, hash: @escaping @Sendable ([UInt8]) -> String) {
        self.inputs = inputs
        self.hash = hash
        var json = JSONWriter()
        RunParts.inputs().write(inputs, inline: true, into: &json)
        id = hash(json.bytes)
    }

    /// Computes the identity of a run that has run.
    public init(_ result: RunResult, hash: @escaping @Sendable ([UInt8]) -> String) {
        self.init(result.inputs, hash: hash)
    }

    /// The name of the run's folder: strategy (and `oos` for one that is put together from the
    /// tests of a study), symbol (`portfolio` for several), interval and the identity's first eight
    /// digits; only letters, digits, `.`, `_` and `-`.
    public var folderName: String {
        let strategy = String(
            String.UnicodeScalarView(
                inputs.strategy.name.unicodeScalars.map {
                    $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
                        || $0 == "_" || $0 == "-" ? $0 : "_"
                }.prefix(48)))
        let name = strategy.isEmpty ? "strategy" : strategy
        let kind = inputs.stitching == nil ? "" : "-oos"
        return "\(name)\(kind)-\(inputs.data.shortName)-\(id.prefix(8))"
    }

    /// Renders the document.
    ///
    /// - Parameters:
    ///   - files: The files of the run whose hashes are recorded, by name, in order.
    ///   - page: SHA-256 of the page; `nil` where none was drawn.
    /// - Returns: UTF-8, ending with a line break.
    public func render(files: [RunFile], page: String? = nil) -> [UInt8] {
        render(hashes: files.map { ($0.name, hash($0.bytes)) }, page: page)
    }

    /// Renders the document from the SHA-256 of each file, by name, in order.
    ///
    /// The page has a member of its own: its charts differ between versions of gnuplot, and the
    /// outputs of a run may not.
    func render(hashes: [(name: String, sha256: String)], page: String?) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("schema")
            json.value(Manifest.schema)
            json.key("id")
            json.value(id)
            json.key("inputs")
            RunParts.inputs().write(inputs, into: &json)
            json.key("outputs")
            json.object { json in
                for file in hashes {
                    json.key(file.name)
                    json.value(file.sha256)
                }
            }
            if let page {
                json.key("page")
                json.value(page)
            }
        }
        json.endLine()
        return json.bytes
    }
}
