import LotCore
import LotData
import LotScript

extension SeriesOptions {
    /// Most symbols of one run: each has a script of its own.
    private static let mostSymbols = 1_000

    /// The series of one run over several symbols; `nil` if the flags do not ask for one.
    func portfolio(_ store: KlineStore) throws(Diagnosis) -> [SeriesAddress]? {
        guard !symbols.isEmpty else {
            guard portfolio else { return nil }
            let addresses = try addresses()
            try SeriesOptions.check(addresses, flag: data.isEmpty ? "--pairs" : "--data")
            return addresses
        }
        if !data.isEmpty || !pairs.isEmpty {
            throw usage(
                data.isEmpty ? "--pairs" : "--data", "--symbols names the symbols already",
                hint: "keep one of them; --portfolio makes one run of several --data")
        }
        var addresses: [SeriesAddress] = []
        let names = symbols.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        for name in names {
            if name.contains("*") || name.contains("?") {
                for found in try matching(String(name), store) where !addresses.contains(found) {
                    addresses.append(found)
                }
            } else {
                addresses.append(try address(symbol: String(name), flag: "--symbols"))
            }
        }
        try SeriesOptions.check(addresses, flag: "--symbols")
        return addresses
    }

    /// The stored series whose symbols match a pattern, in name order.
    private func matching(
        _ pattern: String, _ store: KlineStore
    ) throws(Diagnosis) -> [SeriesAddress] {
        // Any symbol of the same exchange, market and interval.
        let sample = try address(symbol: "X", flag: "--symbols")
        let wanted = Array(pattern.uppercased().utf8)
        var found: [SeriesAddress] = []
        for summary in try store.list() {
            guard let stored = summary.address?.bars else { continue }
            guard stored.exchange == sample.exchange, stored.market == sample.market,
                stored.interval == sample.interval, stored.price == sample.price
            else { continue }
            if matches(Array(stored.symbol.utf8)[...], wanted[...]) { found.append(stored) }
        }
        guard !found.isEmpty else {
            throw Diagnosis(
                .noInput, kind: "symbols.none", subject: "--symbols",
                reason: "no stored series matches \"\(escaped(pattern))\" on "
                    + "\(sample.venue), \(sample.interval.name)",
                hint: "lot data list shows what is stored")
        }
        return found.sorted { $0.symbol < $1.symbol }
    }

    /// The flags with the symbols that a script names, where they name no series themselves.
    func of(_ script: String, _ limits: ScriptLimits) throws(Diagnosis) -> SeriesOptions {
        guard data.isEmpty, pairs.isEmpty, symbols.isEmpty else { return self }
        let file: ScriptFile
        do throws(Diagnosis) {
            file = try ScriptFile.load(path: script)
        } catch {
            // Without a script there is nothing to ask: that no series is named comes first then.
            guard error.code == .noInput else { throw error }
            return self
        }
        let declared = try ScriptStrategy.symbols(file, limits: limits)
        var options = self
        options.symbols = declared.isEmpty ? [] : [declared]
        return options
    }

    /// Refuses what cannot share an account.
    private static func check(_ addresses: [SeriesAddress], flag: String) throws(Diagnosis) {
        guard addresses.count <= mostSymbols else {
            throw usage(flag, "\(addresses.count) symbols, a run has at most \(mostSymbols)")
        }
        for (index, address) in addresses.enumerated() {
            let first = addresses[0]
            if addresses[..<index].contains(address) {
                throw usage(flag, "\(address) given twice")
            }
            guard address.interval == first.interval else {
                throw usage(
                    flag, "\(address) has other bars than \(first)",
                    hint: "one run has bars of one length; ctx:series reads others")
            }
            guard address.exchange == first.exchange, address.market == first.market else {
                throw usage(
                    flag, "\(address) and \(first) cannot share an account",
                    hint: "one account is at one exchange, spot or perpetuals")
            }
            guard address.quoteCurrency == first.quoteCurrency else {
                throw usage(
                    flag,
                    "\(address) is paid in \(address.quoteCurrency), \(first) in "
                        + first.quoteCurrency,
                    hint: "the cash of one account is in one currency")
            }
        }
    }
}

/// Whether a name matches a pattern in which `*` is any text and `?` any character.
///
/// - Complexity: O(name · pattern).
func matches(_ name: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
    var (name, pattern) = (name, pattern)
    var retry: (name: ArraySlice<UInt8>, pattern: ArraySlice<UInt8>)?
    while let byte = name.first {
        if let wanted = pattern.first, wanted == byte || wanted == UInt8(ascii: "?") {
            name.removeFirst()
            pattern.removeFirst()
        } else if pattern.first == UInt8(ascii: "*") {
            pattern.removeFirst()
            retry = (name, pattern)
        } else if let last = retry, !last.name.isEmpty {
            // The star takes one more.
            name = last.name.dropFirst()
            pattern = last.pattern
            retry = (name, pattern)
        } else {
            return false
        }
    }
    return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
}

/// A number for a symbol, so that each script draws random numbers of its own (FNV-1a).
private func stream(of symbol: String) -> UInt64 {
    symbol.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}

extension RunRequest {
    /// One run over several symbols.
    ///
    /// - Parameter parts: A run of each symbol alone, at least one.
    init(portfolio parts: [RunRequest]) {
        // The account is one: which symbol was named first does not matter.
        let sorted = parts.sorted { $0.address.symbol < $1.address.symbol }
        self = sorted[0]
        // What each symbol has of its own stands in `parts`; the whole says how dear it gets.
        for part in sorted {
            settings.makerFee = max(settings.makerFee, part.settings.makerFee)
            settings.takerFee = max(settings.takerFee, part.settings.takerFee)
            let leverage = part.settings.perpetual.leverage
            settings.perpetual.leverage = max(settings.perpetual.leverage, leverage)
        }
        self.parts = sorted.map { part in
            var part = part
            if sorted.count > 1 { part.settings.seed &+= stream(of: part.address.symbol) }
            return part
        }
    }

    /// The series it is over, in few words.
    var title: String {
        guard !parts.isEmpty else { return address.description }
        guard parts.count > 4 else {
            let names = parts.map(\.address.symbol).joined(separator: ",")
            return "\(address.venue):\(names):\(address.interval.name)"
        }
        return "\(address.venue):\(parts.count) symbols:\(address.interval.name)"
    }
}

extension SeriesAddress {
    /// The exchange and the market as an address names them: `binance`, `binance.perp`.
    fileprivate var venue: String { exchange + (market == .perp ? ".perp" : "") }
}
