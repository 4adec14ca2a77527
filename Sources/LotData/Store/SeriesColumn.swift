public import LotCore

/// A column of a stored series.
public enum SeriesColumn: String, CaseIterable, Sendable, Hashable {
    /// Open times of bars, milliseconds since the epoch, UTC.
    case openTime = "open_time"
    /// First prices, in quote currency.
    case open
    /// Highest prices.
    case high
    /// Lowest prices.
    case low
    /// Last prices.
    case close
    /// Traded quantities, in base currency.
    case volume
    /// Traded amounts, in quote currency.
    case quoteVolume = "quote_volume"
    /// Numbers of trades.
    case trades
    /// Quantities that takers bought, in base currency.
    case takerBase = "taker_base"

    /// When fundings are due, milliseconds since the epoch, UTC.
    case time
    /// Funding rates, as fractions.
    case rate
    /// The mark prices that fundings were computed with; NaN where one is not known.
    case markPrice = "mark_price"

    /// The columns that bars may have, in the order of the file format.
    public static let bars: [SeriesColumn] =
        prices + [.volume, .quoteVolume, .trades, .takerBase]
    /// The columns that bars always have.
    public static let prices: [SeriesColumn] = [.openTime, .open, .high, .low, .close]
    /// The columns of funding rates.
    public static let funding: [SeriesColumn] = [.time, .rate, .markPrice]

    /// Whether the elements are Int64; else they are Float64.
    public var isInteger: Bool { self == .openTime || self == .trades || self == .time }

    /// NumPy's name of the element type.
    var descriptor: String { isInteger ? "<i8" : "<f8" }

    /// The file's name in the series' folder.
    var fileName: String { rawValue + ".npy" }

    /// Position in its ``SeriesLayout/columns``, the same in every layout that has it.
    var index: Int {
        switch self {
        case .openTime, .time: 0
        case .open, .rate: 1
        case .high, .markPrice: 2
        case .low: 3
        case .close: 4
        case .volume: 5
        case .quoteVolume: 6
        case .trades: 7
        case .takerBase: 8
        }
    }
}

/// What a kind of series is made of: its columns and the grid of its times.
public enum SeriesLayout: Sendable, Hashable {
    /// Bars of trades.
    case bars(Interval)
    /// Bars of a perpetual's mark price, which have no volume.
    case markBars(Interval)
    /// Funding rates.
    case funding

    /// Most columns that a layout has.
    static let maxColumns = 9

    /// The columns a series of this kind may have, in the order of the file format.
    public var columns: [SeriesColumn] {
        switch self {
        case .bars: SeriesColumn.bars
        case .markBars: SeriesColumn.prices
        case .funding: SeriesColumn.funding
        }
    }

    /// The columns that every stored series of this kind has.
    public var required: [SeriesColumn] {
        self == .funding ? SeriesColumn.funding : SeriesColumn.prices
    }

    /// The columns that a file must have to be imported; a mark price may be unknown.
    var needed: [SeriesColumn] {
        self == .funding ? [.time, .rate] : SeriesColumn.prices
    }

    /// The column of times.
    var time: SeriesColumn { columns[0] }

    /// Length of the bars; `nil` for other data.
    var interval: Interval? {
        switch self {
        case .bars(let interval), .markBars(let interval): interval
        case .funding: nil
        }
    }

    /// Longest distance between two rows without a hole, in milliseconds: the length of a bar, and
    /// for fundings the eight hours that are the longest interval of the exchanges.
    var step: Int64 { interval?.milliseconds ?? 28_800_000 }

    /// What rows are called in messages.
    var noun: String { interval == nil ? "funding" : "bar" }

    /// Returns why a time cannot be stored, or `nil`.
    func problem(time: Int64) -> String? {
        if let interval { return RowCheck.problem(time: time, interval: interval) }
        guard (RowCheck.firstTime..<RowCheck.lastTime).contains(time) else {
            return "time \(grouped(time)) is not between 2009 and 2100"
        }
        return time % 60_000 == 0 ? nil : "time \(grouped(time)) is not a whole minute"
    }
}
