import LotCore

/// What the name and the folder of a file say about its content, in the layout of Binance's
/// archive: `futures/um/monthly/markPriceKlines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip`.
///
/// A file in the wrong series is the kind of mistake that no check of its rows can find.
struct ArchiveName {
    /// `BTCUSDT`; `nil` if the name has another form.
    private(set) var symbol: String?
    /// `1h`, `mark_1h` or `funding`.
    private(set) var data: String?
    /// Spot or perpetuals, where the folders say so.
    private(set) var market: Market?
    /// Whether it is of contracts that are margined in their base currency.
    private(set) var isInverse = false

    /// Reads the path of a file.
    ///
    /// - Parameters:
    ///   - name: The file's name, or the name of its entry in a zip.
    ///   - path: The path the user gave, whose folders may say more.
    init(name: String, path: String) {
        let stem = name.split(separator: ".").first ?? ""
        let parts = stem.split(separator: "-").map(String.init)
        guard parts.count >= 4, parts[2].utf8.count == 4,
            parts[2...].allSatisfy({ Int($0) != nil })
        else { return }
        let folders = path.split(separator: "/").dropLast().map(String.init)
        if parts[1] == "fundingRate" {
            data = FundingAddress.name
        } else if Interval(parts[1]) != nil {
            data = (folders.contains("markPriceKlines") ? "mark_" : "") + parts[1]
        } else {
            return
        }
        symbol = parts[0]
        isInverse = ArchiveName.isInverse(parts[0])
        for period in ["monthly", "daily"] {
            guard let index = folders.lastIndex(of: period), index > 0 else { continue }
            switch folders[index - 1] {
            case "spot": (market, isInverse) = (.spot, false)
            case "um": market = .perp
            case "cm": isInverse = true
            default: break
            }
        }
    }

    /// Whether a symbol names a contract that is margined in its base currency.
    ///
    /// Those are `BTCUSD_PERP` and `BTCUSD_240628`; a linear one is `BTCUSDT_240628`.
    private static func isInverse(_ symbol: String) -> Bool {
        let parts = symbol.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].hasSuffix("USD") else { return false }
        return parts[1] == "PERP" || (parts[1].utf8.count == 6 && Int(parts[1]) != nil)
    }

    /// The series that the file's name says, as one to import it as: in the folders alone it shows
    /// whether its prices are mark prices, so where they are silent that is taken from `place`.
    private func suggestion(_ symbol: String, _ data: String, _ place: SeriesPlace) -> String {
        let isUnsure = Interval(data) != nil
        let name = isUnsure && place.name.hasPrefix("mark_") ? "mark_" + data : data
        let isPerp = (market ?? place.market) == .perp || Interval(name) == nil
        return "\(place.address.exchange)\(isPerp ? ".perp" : ""):\(escaped(symbol)):\(name)"
    }

    /// Refuses a file that says it is another series.
    func require(_ place: SeriesPlace, _ input: ImportPlace) throws(Diagnosis) {
        guard let symbol, let data else { return }
        if isInverse {
            throw input.bad(
                "name", "is of contracts margined in their base currency",
                hint: "only linear contracts are modelled: data of futures/um")
        }
        let isSame =
            symbol == place.address.symbol && (market ?? place.market) == place.market
            // A mark price shows in the folders only: files elsewhere may be of either price.
            && (data == place.name || "mark_" + data == place.name)
        guard isSame else {
            throw input.bad(
                "name", "holds \(escaped(symbol)) \(data), --as says \(place)",
                hint: "import it as \(suggestion(symbol, data, place))")
        }
    }
}
