/// The value of a strategy parameter.
public enum ParameterValue: Sendable, Hashable, CustomStringConvertible {
    /// A whole number.
    case int(Int)
    /// A number.
    case float(Double)
    /// One of a list of names.
    case choice(String)
    /// True or false.
    case bool(Bool)

    /// The value as `--param` takes it.
    public var description: String {
        switch self {
        case .int(let value): String(value)
        case .float(let value): "\(value)"
        case .choice(let value): value
        case .bool(let value): String(value)
        }
    }
}

/// A parameter's name and value.
public struct NamedParameter: Sendable, Hashable {
    /// The name in the script.
    public var name: String
    /// The value the run used.
    public var value: ParameterValue

    /// Pairs a name with a value.
    public init(_ name: String, _ value: ParameterValue) {
        self.name = name
        self.value = value
    }
}

/// What ran: the script, its bytes and its parameters.
public struct StrategyIdentity: Sendable, Hashable {
    /// The name the script gives itself.
    public var name: String
    /// File name as the user gave it.
    public var file: String
    /// SHA-256 of the script and of every file it requires, by path, in hexadecimal.
    public var hashes: [String: String]
    /// Parameters in the order of the script's declaration.
    public var parameters: [NamedParameter]
    /// `rules` or `events`.
    public var form: String

    /// Describes a strategy.
    public init(
        name: String, file: String, hashes: [String: String], parameters: [NamedParameter],
        form: String
    ) {
        self.name = name
        self.file = file
        self.hashes = hashes
        self.parameters = parameters
        self.form = form
    }
}

/// A hole in a series: bars that should be there and are not.
public struct Gap: Sendable, Hashable {
    /// Open time of the first missing bar (milliseconds since the epoch).
    public var from: Int64
    /// Open time of the first bar after the hole.
    public var to: Int64
    /// Number of bars missing.
    public var bars: Int

    /// Describes a hole.
    public init(from: Int64, to: Int64, bars: Int) {
        self.from = from
        self.to = to
        self.bars = bars
    }
}

/// Another symbol or interval that a run read, with `ctx:series`.
public struct OtherSeries: Sendable, Hashable {
    /// The series as the script asks for it.
    public var address: SeriesAddress
    /// The stored series that it was taken from: the same, or a finer one it was resampled from.
    public var origin: SeriesAddress
    /// Identity of the stored bytes that the run could see, in hexadecimal.
    public var digest: String
    /// Number of its bars that had closed at the run's last close.
    public var bars: Int
    /// Whether it was made by `lot data generate`.
    public var isSynthetic: Bool

    /// Describes a series.
    public init(
        address: SeriesAddress, origin: SeriesAddress, digest: String, bars: Int,
        isSynthetic: Bool = false
    ) {
        self.address = address
        self.origin = origin
        self.digest = digest
        self.bars = bars
        self.isSynthetic = isSynthetic
    }
}

/// What it ran on.
public struct DataIdentity: Sendable, Hashable {
    /// The series.
    public var address: SeriesAddress
    /// Identity of the stored bytes the run used (`docs/file-format.md`), in hexadecimal.
    public var digest: String
    /// First bar of the window, open time (milliseconds since the epoch).
    public var firstTime: Int64
    /// Last bar of the window, open time.
    public var lastTime: Int64
    /// Number of bars in the window.
    public var bars: Int
    /// Number of bars whose close could be acted on: after warm-up.
    public var decisionBars: Int
    /// Holes inside the window; of several symbols, those of each.
    public var gaps: [Gap]
    /// Funding and mark prices; `nil` on spot.
    public var perpetual: PerpetualIdentity?
    /// The finer bars that the run walked; `nil` if it took each bar whole.
    public var detail: DetailIdentity?
    /// Other symbols and intervals that it read, in the order of the script.
    public var others: [OtherSeries]
    /// The symbols of a run over several, in name order; empty for one.
    ///
    /// Then ``address`` is the first's.
    public var symbols: [String] = []

    /// Whether returns are those of UTC days: of bars for intervals above a day.
    public var countsDays: Bool { address.interval.milliseconds <= millisecondsPerDay }

    /// Describes the data of a run.
    public init(
        address: SeriesAddress, digest: String, firstTime: Int64, lastTime: Int64, bars: Int,
        decisionBars: Int, gaps: [Gap], perpetual: PerpetualIdentity? = nil,
        detail: DetailIdentity? = nil, others: [OtherSeries] = []
    ) {
        self.address = address
        self.digest = digest
        self.firstTime = firstTime
        self.lastTime = lastTime
        self.bars = bars
        self.decisionBars = decisionBars
        self.gaps = gaps
        self.perpetual = perpetual
        self.detail = detail
        self.others = others
    }
}

/// Finer bars of the symbol that a run walked where something could happen.
public struct DetailIdentity: Sendable, Hashable {
    /// The series.
    public var address: SeriesAddress
    /// Identity of the stored bytes the run used, in hexadecimal.
    public var digest: String
    /// Bars of the window that were taken whole: some of their finer bars are missing, or leave
    /// their range.
    public var missingBars: Int

    /// Describes finer bars.
    public init(address: SeriesAddress, digest: String, missingBars: Int) {
        self.address = address
        self.digest = digest
        self.missingBars = missingBars
    }
}

/// A point of the equity curve.
public struct EquityPoint: Sendable, Equatable {
    /// When the bar closed (milliseconds since the epoch).
    public var time: Int64
    /// Cash plus unrealised profit, in quote currency.
    public var equity: Double
    /// Fraction below the running peak (over every bar's close), in `[0, 1]`.
    public var drawdown: Double
    /// Signed position in base currency; of a hedged symbol both legs together.
    public var position: Double
    /// What is held on either side, in base currency: of a hedged symbol the sum of both legs.
    public var gross: Double
    /// The bar's close.
    public var close: Double

    /// Makes a point; what is held is the position itself where nothing else is said.
    public init(
        time: Int64, equity: Double, drawdown: Double, position: Double, gross: Double? = nil,
        close: Double
    ) {
        self.time = time
        self.equity = equity
        self.drawdown = drawdown
        self.position = position
        self.gross = gross ?? abs(position)
        self.close = close
    }
}

/// A line that the strategy asked to draw.
public struct PlotLine: Sendable, Equatable {
    /// The script's name for it.
    public var name: String
    /// Close times of the bars drawn (milliseconds since the epoch).
    public var times: [Int64]
    /// Values; NaN where the series is undefined.
    public var values: [Double]
    /// Number of the symbol that it is drawn for, in a run over several.
    public var symbol: Int

    /// Makes a line.
    public init(name: String, times: [Int64], values: [Double], symbol: Int = 0) {
        self.name = name
        self.times = times
        self.values = values
        self.symbol = symbol
    }
}

/// A line of the run's log: the script's `print`, or the engine's own notes.
public struct LogLine: Sendable, Equatable {
    /// Close time of the bar (milliseconds since the epoch); `nil` before the first.
    public var time: Int64?
    /// The text, one line.
    public var text: String

    /// Makes a line.
    public init(time: Int64?, text: String) {
        self.time = time
        self.text = text
    }
}

/// Counts that say how far a result can be trusted.
public struct RunCounters: Sendable, Hashable {
    /// Bars with a fill that depended on an order of events inside the bar.
    public var ambiguousBars = 0
    /// Bars missing in the window.
    public var missingBars = 0
    /// Bars where rules contradicted each other, so nothing was done.
    public var conflicts = 0
    /// Orders refused, by reason.
    public var rejections: [String: Int] = [:]
    /// Orders that their time in force ended, by reason.
    public var expirations: [String: Int] = [:]
    /// Fills cut by the volume limit.
    public var volumeLimitedFills = 0
    /// Bars in which a position was held at the close.
    public var exposedBars = 0
    /// Orders sent.
    public var orders = 0
    /// Fills.
    public var fills = 0
    /// Positions that were liquidated.
    public var liquidations = 0
    /// Funding payments that fell due while a position was held.
    public var fundings = 0

    /// All counts zero.
    public init() {}
}

/// One metric of a run; `nil` where it is undefined.
public struct MetricValue: Sendable, Equatable {
    /// The key of the JSON output and of `--assert`.
    public var key: String
    /// The value, in the unit its definition names.
    public var value: Double?

    /// Pairs a key with a value.
    public init(_ key: String, _ value: Double?) {
        self.key = key
        self.value = value
    }
}

/// The result of a run: every report, table and file renders this value and recomputes nothing.
public struct RunResult: Sendable {
    /// What ran.
    public var strategy: StrategyIdentity
    /// What it ran on.
    public var data: DataIdentity
    /// The exchange's rules it ran under.
    public var instrument: Instrument
    /// Every setting.
    public var settings: RunSettings
    /// What went into each symbol of a run over several, in name order; empty for one.
    public var portfolio: [SymbolData] = []
    /// What came of each of them.
    public var symbols: [SymbolRow] = []
    /// The stretches that it was put together from; `nil` for a run of one piece.
    public var stitching: Stitching?
    /// Version of the engine.
    public var engineVersion: String
    /// Counts that say how far the result can be trusted.
    public var counters: RunCounters
    /// Metrics in the order of the report.
    public var metrics: [MetricValue]
    /// Tables: drawdowns, periods, tags, how far each trade moved.
    public var details: RunDetails
    /// Closed trades, oldest first.
    public var trades: [Trade]
    /// Orders in the order of submission.
    public var orders: [Order]
    /// Equity at every bar's close, or at UTC day closes for runs beyond 50,000 bars.
    public var equity: [EquityPoint]
    /// Lines the strategy asked to draw.
    public var plots: [PlotLine]
    /// Closes of the symbols that have such lines, in a run over several: what they are drawn
    /// over.
    public var prices: [PlotLine] = []
    /// What was printed.
    public var log: [LogLine]
    /// What the user should know before trusting the numbers.
    public var warnings: [String]

    /// Gathers a result.
    public init(
        strategy: StrategyIdentity, data: DataIdentity, instrument: Instrument,
        settings: RunSettings, engineVersion: String, counters: RunCounters,
        metrics: [MetricValue], details: RunDetails = RunDetails(), trades: [Trade],
        orders: [Order], equity: [EquityPoint], plots: [PlotLine], log: [LogLine],
        warnings: [String]
    ) {
        self.strategy = strategy
        self.data = data
        self.instrument = instrument
        self.settings = settings
        self.engineVersion = engineVersion
        self.counters = counters
        self.metrics = metrics
        self.details = details
        self.trades = trades
        self.orders = orders
        self.equity = equity
        self.plots = plots
        self.log = log
        self.warnings = warnings
    }

    /// The value of a metric by its key; `nil` if it is undefined or unknown.
    public func metric(_ key: String) -> Double? {
        metrics.first { $0.key == key }?.value
    }
}
