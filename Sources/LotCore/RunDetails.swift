/// A fall of the equity at day closes below its running peak, until the peak is reached again.
public struct DrawdownEpisode: Sendable, Equatable {
    /// Time of the peak before the fall (milliseconds since the epoch).
    public var start: Int64
    /// Time of the deepest close.
    public var trough: Int64
    /// Time of the first close at or above the peak; `nil` if there is none.
    public var recovery: Int64?
    /// Deepest fraction below the peak.
    public var depth: Double
    /// The same in quote currency.
    public var amount: Double
    /// From the peak to the recovery, or to the last close: milliseconds that were tested.
    public var length: Int64 = 0

    /// Describes an episode.
    public init(start: Int64, trough: Int64, recovery: Int64?, depth: Double, amount: Double) {
        self.start = start
        self.trough = trough
        self.recovery = recovery
        self.depth = depth
        self.amount = amount
    }
}

/// Where a run that is put together goes over from one stretch to the next.
public struct RunSeam: Sendable, Equatable {
    /// When the later stretch begins (milliseconds since the epoch).
    public var time: Int64
    /// Milliseconds between the two that nobody tested.
    public var skipped: Int64
    /// By what prices are multiplied from here on for what buying and holding is worth: the market
    /// is left at the last close of a stretch and entered at the first open of the next, so that
    /// it is held only while something is tested.
    public var priceScale: Double

    /// Describes a seam.
    public init(time: Int64, skipped: Int64, priceScale: Double) {
        self.time = time
        self.skipped = skipped
        self.priceScale = priceScale
    }
}

/// How far the price went against a trade and with it while it was open.
///
/// - SeeAlso: Sweeney, "Maximum Adverse Excursion", 1996; `docs/metrics.md` says which prices
///   count.
public struct Excursion: Sendable, Equatable {
    /// Largest fraction of the entry price against the trade, 0 or more.
    public var adverse: Double
    /// Largest fraction of the entry price with the trade, 0 or more.
    public var favourable: Double

    /// Pairs the two.
    public init(adverse: Double, favourable: Double) {
        self.adverse = adverse
        self.favourable = favourable
    }
}

/// What stretches of time a breakdown is over.
public enum PeriodKind: String, Sendable, Hashable, CaseIterable {
    /// UTC days.
    case day
    /// Weeks from Monday.
    case week
    /// Calendar months.
    case month
    /// Calendar years.
    case year
    /// All Mondays, all Tuesdays …
    case weekday
}

/// What one stretch of time brought.
public struct PeriodRow: Sendable, Equatable {
    /// Midnight of the first day of the calendar's day, week, month or year (milliseconds since
    /// the epoch); for weekdays the number of the day, 1 for Monday to 7 for Sunday.
    public var start: Int64
    /// Closes in it: days, or bars for intervals above a day.
    public var days = 0
    /// Compounded return of the equity over its days.
    public var growth = 0.0
    /// Change of the equity, in quote currency.
    public var profit = 0.0
    /// Compounded return of the price over its days.
    public var market = 0.0
    /// Trades closed in it, and how many of them won and lost.
    public var trades = 0
    /// Trades with a profit above 0.
    public var wins = 0
    /// Trades with a profit below 0.
    public var losses = 0

    /// A stretch that nothing has happened in yet.
    public init(start: Int64) { self.start = start }
}

/// What trades with one tag have in common.
public struct TagRow: Sendable, Equatable {
    /// Tag of the entry; `nil` in a table of exits.
    public var entry: String?
    /// Tag of the exit, or how it came about; `nil` in a table of entries.
    public var exit: String?
    /// Closed trades, and how many of them won and lost.
    public var trades = 0
    /// Trades with a profit above 0.
    public var wins = 0
    /// Trades with a profit below 0.
    public var losses = 0
    /// Sum of profits, in quote currency.
    public var profit = 0.0
    /// Mean profit over the entry's notional.
    public var average = 0.0
    /// Mean time from entry to exit, in milliseconds.
    public var duration = 0.0

    /// A tag that no trade had yet.
    public init(entry: String?, exit: String?) {
        self.entry = entry
        self.exit = exit
    }
}

/// A ratio of the newest days, at one close.
public struct RollingValue: Sendable, Equatable {
    /// When the day closed (milliseconds since the epoch).
    public var time: Int64
    /// The ratio.
    public var value: Double

    /// Pairs the two.
    public init(time: Int64, value: Double) {
        self.time = time
        self.value = value
    }
}

/// Ratios of buying at the start and holding, from the same days as the strategy's.
public struct HoldingRatios: Sendable, Equatable {
    /// Return over a year; not a number for windows below 30 days.
    public var annualReturn = Double.nan
    /// Standard deviation over a year.
    public var volatility = Double.nan
    /// Sharpe ratio.
    public var sharpe = Double.nan
    /// Sortino ratio.
    public var sortino = Double.nan
    /// Largest fraction below the highest close so far, at day closes.
    public var maxDrawdown = Double.nan

    /// Nothing known yet.
    public init() {}
}

/// The tables of a run: computed once, after it.
public struct RunDetails: Sendable, Equatable {
    /// The deepest drawdowns at day closes, deepest first, at most ten.
    public var drawdowns: [DrawdownEpisode] = []
    /// Where the stretches of a run that is put together meet, in order of time.
    public var seams: [RunSeam] = []
    /// Breakdowns by period, each oldest first, periods without a close left out.
    public var periods: [PeriodKind: [PeriodRow]] = [:]
    /// By tag of the entry, of the exit and of both, each by falling profit.
    public var entryTags: [TagRow] = []
    /// By tag of the exit.
    public var exitTags: [TagRow] = []
    /// By tags of both.
    public var tagPairs: [TagRow] = []
    /// One for each trade, in the order of the trades.
    public var excursions: [Excursion] = []
    /// Position over equity at the points of the curve: mean and largest, both without sign.
    public var averageExposure = Double.nan
    /// The largest.
    public var largestExposure = Double.nan
    /// Buying at the start and holding.
    public var holding = HoldingRatios()
    /// Sharpe ratio of the newest ``rollingDays`` closes, at each close that has them; not a
    /// number where they did not vary.
    public var rollingSharpe: [RollingValue] = []
    /// How many closes a rolling ratio looks at.
    public var rollingDays = 0

    /// No table has a row.
    public init() {}

    /// The rows of one breakdown.
    public func rows(_ kind: PeriodKind) -> [PeriodRow] { periods[kind] ?? [] }
}
