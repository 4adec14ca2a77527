/// A run of `lot backtest`, as `lot.db` keeps it.
public struct RunRecord: Sendable, Equatable {
    /// Its number in the database; 0 for one that is not stored yet.
    public var id: Int64 = 0
    /// The absolute path of its folder, by which it is known.
    public var folder: String
    /// The absolute path of the workspace it ran in.
    public var workspace: String
    /// SHA-256 of its inputs, in hexadecimal.
    public var runID: String
    /// The name the script gives itself.
    public var strategy: String
    /// File name of the script.
    public var script: String
    /// SHA-256 of that file.
    public var scriptHash: String
    /// The series: `binance:BTCUSDT:1h`, several symbols with commas.
    public var series: String
    /// Open time of the window's first bar, in milliseconds since 1970.
    public var firstTime: Int64
    /// Open time of the window's last bar.
    public var lastTime: Int64
    /// The strategy's parameters, a JSON object in the script's order.
    public var parameters: String
    /// The metrics, a JSON object in the order of the report; `null` where undefined.
    public var metrics: String
    /// The metrics that have columns of their own.
    public var main = MainMetrics()
    /// The version of the engine.
    public var engineVersion: String
    /// When it began, in milliseconds since 1970; `nil` where only its folder is known.
    public var startedMs: Int64?
    /// When its folder was complete.
    public var finishedMs: Int64
    /// When `manifest.json` was written, in nanoseconds since 1970, as the file system has it.
    public var manifestStamp: Int64

    /// Metrics that have columns of their own; `nil` where undefined.
    public struct MainMetrics: Sendable, Equatable {
        /// Return over the whole window, as a fraction.
        public var totalReturn: Double?
        /// Sharpe ratio of the year.
        public var sharpe: Double?
        /// Deepest drawdown, as a fraction.
        public var maxDrawdown: Double?
        /// Number of trades.
        public var trades: Double?

        /// None of them.
        public init() {}
    }

    /// Makes a record.
    public init(
        folder: String, workspace: String, runID: String, strategy: String, script: String,
        scriptHash: String, series: String, firstTime: Int64, lastTime: Int64,
        parameters: String, metrics: String, engineVersion: String, startedMs: Int64?,
        finishedMs: Int64, manifestStamp: Int64
    ) {
        self.folder = folder
        self.workspace = workspace
        self.runID = runID
        self.strategy = strategy
        self.script = script
        self.scriptHash = scriptHash
        self.series = series
        self.firstTime = firstTime
        self.lastTime = lastTime
        self.parameters = parameters
        self.metrics = metrics
        self.engineVersion = engineVersion
        self.startedMs = startedMs
        self.finishedMs = finishedMs
        self.manifestStamp = manifestStamp
    }
}
