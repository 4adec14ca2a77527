/// A stored series of klines, as the catalogue in `lot.db` keeps it.
public struct SeriesRecord: Sendable, Equatable {
    /// The absolute path of its workspace.
    public var workspace: String
    /// Its folder below the workspace's `datasets`: `binance/spot/BTCUSDT/1h`.
    public var folder: String
    /// Its address: `binance:BTCUSDT:1h`.
    public var address: String
    /// The exchange.
    public var venue: String
    /// `spot` or `perp`.
    public var market: String
    /// The symbol, in the exchange's spelling.
    public var symbol: String
    /// Length of its bars; `nil` for funding rates.
    public var interval: String?
    /// `trades`, `mark` or `funding`.
    public var kind: String
    /// Rows committed.
    public var rows: Int
    /// Open time of the first row, in milliseconds since 1970.
    public var firstTime: Int64?
    /// Open time of the last row.
    public var lastTime: Int64?
    /// Number of holes.
    public var gaps: Int
    /// Rows missing in them.
    public var missing: Int
    /// Whether some rows are generated.
    public var isSynthetic: Bool
    /// Names of its columns.
    public var columns: [String]
    /// Bytes of its files.
    public var bytes: Int64
    /// When rows were last written, in milliseconds since 1970.
    public var changedMs: Int64
    /// What says for which state of its files this holds.
    public var stamp: String

    /// Makes a record.
    public init(
        workspace: String, folder: String, address: String, venue: String, market: String,
        symbol: String, interval: String?, kind: String, rows: Int, firstTime: Int64?,
        lastTime: Int64?, gaps: Int, missing: Int, isSynthetic: Bool, columns: [String],
        bytes: Int64, changedMs: Int64, stamp: String
    ) {
        self.workspace = workspace
        self.folder = folder
        self.address = address
        self.venue = venue
        self.market = market
        self.symbol = symbol
        self.interval = interval
        self.kind = kind
        self.rows = rows
        self.firstTime = firstTime
        self.lastTime = lastTime
        self.gaps = gaps
        self.missing = missing
        self.isSynthetic = isSynthetic
        self.columns = columns
        self.bytes = bytes
        self.changedMs = changedMs
        self.stamp = stamp
    }
}
