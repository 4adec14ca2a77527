/// A column of a stored series, in the order of the file format.
public enum KlineColumn: String, CaseIterable, Sendable, Hashable {
    /// Open times, milliseconds since the epoch, UTC.
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

    /// The columns that every series has.
    public static let required: [KlineColumn] = [.openTime, .open, .high, .low, .close]

    /// Whether the elements are Int64; else they are Float64.
    public var isInteger: Bool { self == .openTime || self == .trades }

    /// NumPy's name of the element type.
    var descriptor: String { isInteger ? "<i8" : "<f8" }

    /// The file's name in the series' folder.
    var fileName: String { rawValue + ".npy" }

    /// Position in ``allCases``.
    var index: Int {
        switch self {
        case .openTime: 0
        case .open: 1
        case .high: 2
        case .low: 3
        case .close: 4
        case .volume: 5
        case .quoteVolume: 6
        case .trades: 7
        case .takerBase: 8
        }
    }
}
