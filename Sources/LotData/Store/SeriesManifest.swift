import LotCore

/// Where rows of a series came from.
public struct SeriesSource: Sendable, Equatable {
    /// `binance-archive`, `binance-rest`, `csv`, `json`, `resampled` or `synthetic`.
    public var kind: String
    /// Name of the file, the generator with its seed, or the series resampled.
    public var name: String
    /// SHA-256 of the file, hexadecimal; empty where there is no file.
    public var sha256: String
    /// Rows it held.
    public var rows: Int
    /// Open time of its first row.
    public var firstTime: Int64
    /// Open time of its last row.
    public var lastTime: Int64

    /// Describes a source.
    public init(
        kind: String, name: String, sha256: String, rows: Int, firstTime: Int64, lastTime: Int64
    ) {
        self.kind = kind
        self.name = name
        self.sha256 = sha256
        self.rows = rows
        self.firstTime = firstTime
        self.lastTime = lastTime
    }
}

/// The content of `series.json`: the one place that says how many rows are committed.
struct SeriesManifest: Equatable, Sendable {
    static let fileName = "series.json"
    static let temporaryName = "series.json.tmp"
    static let version: Int64 = 1
    /// Sources that are kept by name; older ones are only counted.
    static let maxSources = 256

    var place: SeriesPlace
    var rows: Int
    var firstTime: Int64
    var lastTime: Int64
    /// Digests per column, in the order of the file format.
    var digests: [(column: SeriesColumn, blocks: [String])]
    var gaps: [Gap]
    var sources: [SeriesSource]
    var olderSources: Int

    var columns: [SeriesColumn] { digests.map(\.column) }

    /// Digests of a column; empty where it is absent.
    func blocks(of column: SeriesColumn) -> [String] {
        digests.first { $0.column == column }?.blocks ?? []
    }

    /// Adds sources, forgetting the names of the oldest beyond the limit.
    mutating func add(_ new: [SeriesSource]) {
        sources += new
        let excess = sources.count - SeriesManifest.maxSources
        if excess > 0 {
            sources.removeFirst(excess)
            olderSources += excess
        }
    }

    static func == (a: SeriesManifest, b: SeriesManifest) -> Bool { a.json() == b.json() }
}
