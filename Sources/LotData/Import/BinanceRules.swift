import LotCore

/// Reads what Binance's REST answers say of its symbols.
///
/// - SeeAlso: `GET /api/v3/exchangeInfo`, `GET /fapi/v1/exchangeInfo`,
///   `GET /fapi/v1/leverageBracket`, `GET /fapi/v1/fundingInfo`.
struct BinanceRules {
    let place: ImportPlace

    typealias Result = (updates: [InstrumentUpdate], leftOut: [(String, Int)])

    /// Reads an answer of any of the four kinds.
    func read(_ json: JSONValue) throws(Diagnosis) -> Result {
        if let symbols = json["symbols"]?.elements { return try exchangeInfo(json, symbols) }
        let entries = json.elements ?? [json]
        guard let first = entries.first else { throw place.bad("empty", "an empty list") }
        if first["brackets"] != nil { return try each(entries, brackets) }
        if first["fundingIntervalHours"] != nil { return try each(entries, fundingInfo) }
        throw place.bad(
            "json", "not an answer of exchangeInfo, leverageBracket or fundingInfo",
            hint: "save the whole answer as the exchange sent it")
    }

    private func each(
        _ entries: [JSONValue],
        _ read: (JSONValue, String) throws(Diagnosis) -> InstrumentUpdate
    ) throws(Diagnosis) -> Result {
        var updates: [InstrumentUpdate] = []
        var odd = 0
        for (index, entry) in entries.enumerated() {
            guard let symbol = entry["symbol"]?.text else {
                throw place.badRow("json", index + 1, "an entry without \"symbol\"")
            }
            guard isName(symbol) else {
                odd += 1
                continue
            }
            updates.append(try read(entry, symbol))
        }
        return (updates, odd > 0 ? [(BinanceRules.oddNames, odd)] : [])
    }

    private static let oddNames = "names that are no folder names"
    private static let dated = "dated futures"

    private func isName(_ symbol: String) -> Bool {
        (try? FundingAddress(exchange: "x", symbol: symbol))?.symbol == symbol
    }

    private func bad(_ symbol: String, _ reason: String) -> Diagnosis {
        Diagnosis(
            .data, kind: "import.instrument", subject: place.subject, place: escaped(symbol),
            reason: reason)
    }

    // MARK: exchangeInfo

    private func exchangeInfo(
        _ json: JSONValue, _ symbols: [JSONValue]
    ) throws(Diagnosis) -> Result {
        var date: String?
        if let time = json["serverTime"]?.integer,
            (RowCheck.firstTime..<RowCheck.lastTime).contains(time)
        {
            date = CivilTime.dateText(time)
        }
        var dated = 0
        var perpetuals: [JSONValue] = []
        for entry in symbols {
            let contract = entry["contractType"]?.text
            if contract == nil || contract == "PERPETUAL" || contract == "TRADIFI_PERPETUAL" {
                perpetuals.append(entry)
            } else {
                dated += 1
            }
        }
        var result = try each(perpetuals) { entry, symbol throws(Diagnosis) in
            var update = try self.symbol(entry, symbol)
            update.date = date
            return update
        }
        if dated > 0 { result.leftOut.append((BinanceRules.dated, dated)) }
        return result
    }

    private func symbol(_ entry: JSONValue, _ symbol: String) throws(Diagnosis) -> InstrumentUpdate
    {
        let isPerpetual = entry["contractType"] != nil
        var update = InstrumentUpdate(isPerpetual ? .perp : .spot, symbol)
        for filter in entry["filters"]?.elements ?? [] {
            switch filter["filterType"]?.text {
            case "PRICE_FILTER": update.tick = try step(filter, "tickSize", symbol)
            case "LOT_SIZE":
                update.lot = try step(filter, "stepSize", symbol)
                update.minQuantity = try number(filter, "minQty", symbol)
            case "MIN_NOTIONAL", "NOTIONAL":
                let name = filter["notional"] != nil ? "notional" : "minNotional"
                update.minNotional = try number(filter, name, symbol)
            default: break
            }
        }
        if isPerpetual, entry["liquidationFee"] != nil {
            let fee = try number(entry, "liquidationFee", symbol)
            guard fee < 1 else { throw bad(symbol, "a liquidation fee of \(fee)") }
            update.liquidationFee = fee
        }
        return update
    }

    /// A step; 0 means that there is none.
    private func step(
        _ filter: JSONValue, _ name: String, _ symbol: String
    ) throws(Diagnosis) -> DecimalStep? {
        guard let text = filter[name]?.text else { throw bad(symbol, "no \"\(name)\"") }
        if let step = DecimalStep(text) { return step }
        guard CSVLine.decimal(Array(text.utf8)) == 0 else {
            throw bad(symbol, "\"\(name)\" \"\(escaped(text))\" is not a step such as 0.01")
        }
        return nil
    }

    private func number(
        _ object: JSONValue, _ name: String, _ symbol: String
    ) throws(Diagnosis) -> Double {
        let text: String?
        switch object[name] {
        case .string(let value), .number(let value): text = value
        default: text = nil
        }
        guard let text, let value = CSVLine.number(Array(text.utf8)), value >= 0 else {
            throw bad(symbol, "\"\(name)\" is not a number of at least 0")
        }
        return value
    }

    // MARK: leverageBracket, fundingInfo

    private func brackets(_ entry: JSONValue, _ symbol: String) throws(Diagnosis)
        -> InstrumentUpdate
    {
        var update = InstrumentUpdate(.perp, symbol)
        for bracket in entry["brackets"]?.elements ?? [] {
            update.tiers.append(
                MaintenanceTier(
                    notionalFloor: try number(bracket, "notionalFloor", symbol),
                    rate: try number(bracket, "maintMarginRatio", symbol),
                    deduction: try number(bracket, "cum", symbol),
                    maxLeverage: try number(bracket, "initialLeverage", symbol)))
        }
        update.tiers.sort { $0.notionalFloor < $1.notionalFloor }
        if update.tiers.isEmpty { throw bad(symbol, "no brackets") }
        if let problem = MaintenanceTier.problem(update.tiers) { throw bad(symbol, problem) }
        return update
    }

    private func fundingInfo(
        _ entry: JSONValue, _ symbol: String
    ) throws(Diagnosis) -> InstrumentUpdate {
        var update = InstrumentUpdate(.perp, symbol)
        guard let hours = entry["fundingIntervalHours"]?.integer, (1...24).contains(hours) else {
            throw bad(symbol, "\"fundingIntervalHours\" is not a whole number from 1 to 24")
        }
        update.fundingHours = Int(hours)
        return update
    }
}
