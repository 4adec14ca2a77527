/// The kind of market a symbol trades on.
public enum Market: String, Sendable, Hashable, CaseIterable {
    /// Assets are bought and sold outright.
    case spot
    /// Perpetual futures.
    case perp
}

/// Which price the bars of a series are made of.
public enum BarPrice: String, Sendable, Hashable, CaseIterable {
    /// The prices of trades.
    case trade
    /// The mark price of a perpetual, which margin and liquidation go by; such bars have no volume.
    case mark
}

/// The name of a stored series of bars: `binance:BTCUSDT:1h`, `binance.perp:BTC/USDT:USDT:1h`,
/// `binance.perp:BTCUSDT:mark_1h` for bars of the mark price.
///
/// Split at the first and the last colon. The symbol is kept in the exchange's native spelling,
/// in capitals; the unified spelling (`BTC/USDT`, `BTC/USDT:USDT`) is accepted and translated.
/// - SeeAlso: ``DatasetAddress`` for everything that can be stored.
public struct SeriesAddress: Sendable, Hashable, CustomStringConvertible {
    /// Lower-case name of the exchange, `[a-z0-9_-]`.
    public let exchange: String
    /// Spot or perpetuals.
    public let market: Market
    /// The exchange's own spelling of the symbol, `[A-Z0-9._-]`.
    public let symbol: String
    /// Length of the bars.
    public let interval: Interval
    /// Which price the bars are made of.
    public let price: BarPrice

    /// Makes an address from parts.
    ///
    /// - Throws: ``SeriesAddressError`` if a part has characters that a folder name may not have,
    ///   or for a mark price that is not a perpetual's.
    public init(
        exchange: String, market: Market = .spot, symbol: String, interval: Interval,
        price: BarPrice = .trade
    ) throws(SeriesAddressError) {
        guard price == .trade || market == .perp else { throw .markOfSpot(symbol) }
        let lower = exchange.lowercased()
        guard SeriesAddress.isName(lower, extra: "_-") else { throw .badExchange(exchange) }
        let native = SeriesAddress.native(symbol, exchange: lower, market: market)
        guard SeriesAddress.isName(native, extra: "._-") else { throw .badSymbol(symbol) }
        self.exchange = lower
        self.market = market
        self.symbol = native
        self.interval = interval
        self.price = price
    }

    /// Parses `exchange[.perp]:SYMBOL:interval`.
    ///
    /// - Throws: ``SeriesAddressError`` naming the part that is wrong.
    public init(parsing text: String) throws(SeriesAddressError) {
        guard let first = text.firstIndex(of: ":"), let last = text.lastIndex(of: ":"),
            first != last
        else { throw .notAnAddress(text) }
        let (interval, price) = try SeriesAddress.bars(String(text[text.index(after: last)...]))
        let (exchange, market) = try SeriesAddress.source(text[..<first])
        try self.init(
            exchange: exchange, market: market,
            symbol: String(text[text.index(after: first)..<last]), interval: interval,
            price: price)
    }

    /// Reads the last part of an address, which is also the name of the series' folder: `1h`,
    /// `mark_1h`.
    ///
    /// - Throws: ``SeriesAddressError`` if it is no kind of bars.
    public static func bars(
        _ name: String
    ) throws(SeriesAddressError) -> (interval: Interval, price: BarPrice) {
        guard name != FundingAddress.name else { throw .notBars(name) }
        let isMark = name.hasPrefix(markPrefix)
        let length = isMark ? String(name.dropFirst(markPrefix.count)) : name
        guard let interval = Interval(length) else { throw .badInterval(name) }
        return (interval, isMark ? .mark : .trade)
    }

    /// Reads the first part of an address: `binance`, `binance.perp`.
    static func source(
        _ text: Substring
    ) throws(SeriesAddressError) -> (exchange: String, market: Market) {
        guard let dot = text.firstIndex(of: ".") else { return (String(text), .spot) }
        let name = String(text[text.index(after: dot)...])
        guard let market = Market(rawValue: name) else { throw .badMarket(name) }
        return (String(text[..<dot]), market)
    }

    private static let markPrefix = "mark_"

    /// The kind of bars, which is also the name of the series' folder: `1h`, `mark_1h`.
    public var name: String {
        price == .mark ? SeriesAddress.markPrefix + interval.name : interval.name
    }

    /// The address as text; ``init(parsing:)`` reads it back.
    public var description: String {
        "\(exchange)\(market == .spot ? "" : "." + market.rawValue):\(symbol):\(name)"
    }

    /// The folder of the series below the datasets folder: `binance/spot/BTCUSDT/1h`.
    public var folder: String { "\(exchange)/\(market.rawValue)/\(symbol)/\(name)" }

    /// A name without separators, for run folders: `BTCUSDT-1h`.
    public var shortName: String { "\(symbol)-\(name)" }

    /// The currency that prices are in, where the native spelling shows it, else `quote`.
    public var quoteCurrency: String {
        let known = ["USDT", "USDC", "FDUSD", "TUSD", "BUSD", "DAI", "EUR", "USD", "BTC", "ETH"]
        let name = symbol.hasSuffix("-SWAP") ? String(symbol.dropLast(5)) : symbol
        return known.first { name.hasSuffix($0) && name.count > $0.count } ?? "quote"
    }

    static func native(_ symbol: String, exchange: String, market: Market) -> String {
        let upper = symbol.uppercased()
        guard upper.contains("/") else { return upper }
        let pair = upper.prefix { $0 != ":" }
        guard exchange == "okx" else { return pair.filter { $0 != "/" } }
        let dashed = String(pair.map { $0 == "/" ? "-" : $0 })
        return market == .perp ? dashed + "-SWAP" : dashed
    }

    static func isName(_ text: String, extra: String) -> Bool {
        guard (1...64).contains(text.utf8.count), let first = text.unicodeScalars.first,
            first != ".", first != "-"
        else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                && (("0"..."9").contains(scalar) || ("a"..."z").contains(scalar)
                    || ("A"..."Z").contains(scalar) || extra.unicodeScalars.contains(scalar))
        }
    }
}

/// Why a text is not a series address.
public enum SeriesAddressError: Error, Equatable, Sendable {
    /// Fewer than two colons.
    case notAnAddress(String)
    /// The exchange's name has characters that are not allowed.
    case badExchange(String)
    /// The market is neither `spot` nor `perp`.
    case badMarket(String)
    /// The symbol has characters that are not allowed.
    case badSymbol(String)
    /// The interval is unknown.
    case badInterval(String)
    /// Funding rates where bars are wanted.
    case notBars(String)
    /// Funding rates or a mark price of a spot market.
    case markOfSpot(String)

    /// The reason in words, for a message.
    public var reason: String {
        switch self {
        case .notAnAddress(let text):
            "\"\(escaped(text))\" is not a series; write exchange:SYMBOL:interval, "
                + "for example binance:BTCUSDT:1h"
        case .badExchange(let text): "\"\(escaped(text))\" is not an exchange name"
        case .badMarket(let text): "\"\(escaped(text))\" is not a market (spot, perp)"
        case .badSymbol(let text):
            "\"\(escaped(text))\" is not a symbol (letters, digits, \".\", \"_\", \"-\")"
        case .badInterval(let text):
            "\"\(escaped(text))\" is not an interval ("
                + Interval.all.map(\.name).joined(separator: " ") + ")"
        case .notBars(let text):
            "\"\(escaped(text))\" is a series of funding rates, not of bars"
        case .markOfSpot(let text):
            "\(escaped(text)): only perpetuals have a mark price and funding rates; "
                + "write exchange.perp:SYMBOL:…"
        }
    }
}
