/// The kind of market a symbol trades on.
public enum Market: String, Sendable, Hashable, CaseIterable {
    /// Assets are bought and sold outright.
    case spot
    /// Perpetual futures.
    case perp
}

/// The name of a stored series: `binance:BTCUSDT:1h`, `binance.perp:BTC/USDT:USDT:1h`.
///
/// Split at the first and the last colon. The symbol is kept in the exchange's native spelling,
/// in capitals; the unified spelling (`BTC/USDT`, `BTC/USDT:USDT`) is accepted and translated.
public struct SeriesAddress: Sendable, Hashable, CustomStringConvertible {
    /// Lower-case name of the exchange, `[a-z0-9_-]`.
    public let exchange: String
    /// Spot or perpetuals.
    public let market: Market
    /// The exchange's own spelling of the symbol, `[A-Z0-9._-]`.
    public let symbol: String
    /// Length of the bars.
    public let interval: Interval

    /// Makes an address from parts.
    ///
    /// - Throws: ``SeriesAddressError`` if a part has characters that a folder name may not have.
    public init(
        exchange: String, market: Market = .spot, symbol: String, interval: Interval
    ) throws(SeriesAddressError) {
        let lower = exchange.lowercased()
        guard SeriesAddress.isName(lower, extra: "_-") else { throw .badExchange(exchange) }
        let native = SeriesAddress.native(symbol, exchange: lower, market: market)
        guard SeriesAddress.isName(native, extra: "._-") else { throw .badSymbol(symbol) }
        self.exchange = lower
        self.market = market
        self.symbol = native
        self.interval = interval
    }

    /// Parses `exchange[.perp]:SYMBOL:interval`.
    ///
    /// - Throws: ``SeriesAddressError`` naming the part that is wrong.
    public init(parsing text: String) throws(SeriesAddressError) {
        guard let first = text.firstIndex(of: ":"), let last = text.lastIndex(of: ":"),
            first != last
        else { throw .notAnAddress(text) }
        let source = text[..<first]
        let intervalName = String(text[text.index(after: last)...])
        guard let interval = Interval(intervalName) else { throw .badInterval(intervalName) }
        let symbol = String(text[text.index(after: first)..<last])
        let dot = source.firstIndex(of: ".")
        let exchange = String(source[..<(dot ?? source.endIndex)])
        var market = Market.spot
        if let dot {
            let name = String(source[source.index(after: dot)...])
            guard let named = Market(rawValue: name) else { throw .badMarket(name) }
            market = named
        }
        try self.init(exchange: exchange, market: market, symbol: symbol, interval: interval)
    }

    /// The address as text; ``init(parsing:)`` reads it back.
    public var description: String {
        "\(exchange)\(market == .spot ? "" : "." + market.rawValue):\(symbol):\(interval.name)"
    }

    /// The folder of the series below the datasets folder: `binance/spot/BTCUSDT/1h`.
    public var folder: String { "\(exchange)/\(market.rawValue)/\(symbol)/\(interval.name)" }

    /// A name without separators, for run folders: `BTCUSDT-1h`.
    public var shortName: String { "\(symbol)-\(interval.name)" }

    /// The currency that prices are in, where the native spelling shows it, else `quote`.
    public var quoteCurrency: String {
        let known = ["USDT", "USDC", "FDUSD", "TUSD", "BUSD", "DAI", "EUR", "USD", "BTC", "ETH"]
        let name = symbol.hasSuffix("-SWAP") ? String(symbol.dropLast(5)) : symbol
        return known.first { name.hasSuffix($0) && name.count > $0.count } ?? "quote"
    }

    private static func native(_ symbol: String, exchange: String, market: Market) -> String {
        let upper = symbol.uppercased()
        guard upper.contains("/") else { return upper }
        let pair = upper.prefix { $0 != ":" }
        guard exchange == "okx" else { return pair.filter { $0 != "/" } }
        let dashed = String(pair.map { $0 == "/" ? "-" : $0 })
        return market == .perp ? dashed + "-SWAP" : dashed
    }

    private static func isName(_ text: String, extra: String) -> Bool {
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
        }
    }
}
