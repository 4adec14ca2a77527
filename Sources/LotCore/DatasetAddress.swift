/// The name of a stored series of funding rates: `binance.perp:BTCUSDT:funding`.
public struct FundingAddress: Sendable, Hashable, CustomStringConvertible {
    /// The last part of the address, and the name of the series' folder.
    public static let name = "funding"

    /// Lower-case name of the exchange, `[a-z0-9_-]`.
    public let exchange: String
    /// The exchange's own spelling of the perpetual, `[A-Z0-9._-]`.
    public let symbol: String

    /// Makes an address from parts.
    ///
    /// - Throws: ``SeriesAddressError`` if a part has characters that a folder name may not have.
    public init(exchange: String, symbol: String) throws(SeriesAddressError) {
        let lower = exchange.lowercased()
        guard SeriesAddress.isName(lower, extra: "_-") else { throw .badExchange(exchange) }
        let native = SeriesAddress.native(symbol, exchange: lower, market: .perp)
        guard SeriesAddress.isName(native, extra: "._-") else { throw .badSymbol(symbol) }
        self.exchange = lower
        self.symbol = native
    }

    /// The address as text.
    public var description: String { "\(exchange).perp:\(symbol):\(FundingAddress.name)" }

    /// The folder of the series below the datasets folder: `binance/perp/BTCUSDT/funding`.
    public var folder: String { "\(exchange)/perp/\(symbol)/\(FundingAddress.name)" }
}

/// The name of anything that the store keeps as a series.
public enum DatasetAddress: Sendable, Hashable, CustomStringConvertible {
    /// Bars of trades or of the mark price.
    case bars(SeriesAddress)
    /// Funding rates.
    case funding(FundingAddress)

    /// Parses `exchange[.perp]:SYMBOL:interval` or `exchange.perp:SYMBOL:funding`.
    ///
    /// - Throws: ``SeriesAddressError`` naming the part that is wrong.
    public init(parsing text: String) throws(SeriesAddressError) {
        guard let first = text.firstIndex(of: ":"), let last = text.lastIndex(of: ":"),
            first != last, text[text.index(after: last)...] == FundingAddress.name
        else {
            self = .bars(try SeriesAddress(parsing: text))
            return
        }
        let (exchange, market) = try SeriesAddress.source(text[..<first])
        let symbol = String(text[text.index(after: first)..<last])
        guard market == .perp else { throw .markOfSpot(symbol) }
        self = .funding(try FundingAddress(exchange: exchange, symbol: symbol))
    }

    /// The bars' address; `nil` for other data.
    public var bars: SeriesAddress? {
        if case .bars(let address) = self { address } else { nil }
    }

    /// The exchange's name.
    public var exchange: String {
        switch self {
        case .bars(let address): address.exchange
        case .funding(let address): address.exchange
        }
    }

    /// The exchange's own spelling of the symbol.
    public var symbol: String {
        switch self {
        case .bars(let address): address.symbol
        case .funding(let address): address.symbol
        }
    }

    /// The folder below the datasets folder.
    public var folder: String {
        switch self {
        case .bars(let address): address.folder
        case .funding(let address): address.folder
        }
    }

    /// The address as text; ``init(parsing:)`` reads it back.
    public var description: String {
        switch self {
        case .bars(let address): address.description
        case .funding(let address): address.description
        }
    }
}
