import LotCore

extension InstrumentRecord {
    /// What the file begins with.
    private static let head = """
        {
          "format": "lot-instruments",
          "version": 1,
          "instruments": [

        """

    /// The bytes of `instruments.json`: a line for each instrument.
    static func json(_ records: [InstrumentRecord]) -> [UInt8] {
        let sorted = records.sorted {
            ($0.instrument.market.rawValue, $0.symbol) < ($1.instrument.market.rawValue, $1.symbol)
        }
        let lines = sorted.map { "    " + $0.line }.joined(separator: ",\n")
        return Array((head + lines + "\n  ]\n}\n").utf8)
    }

    /// The record of a symbol, from its own line; `nil` if the file has another form than
    /// ``json(_:)`` gives it, or no sound line of the symbol.
    static func line(of address: SeriesAddress, in bytes: [UInt8]) -> InstrumentRecord? {
        guard bytes.starts(with: head.utf8) else { return nil }
        let market = JSONWriter.string(address.market.rawValue)
        let symbol = JSONWriter.string(address.symbol)
        let start = Array("    {\"market\": \(market), \"symbol\": \(symbol), ".utf8)
        var at = head.utf8.count
        while at < bytes.count {
            let end = bytes[at...].firstIndex(of: 0x0a) ?? bytes.count
            if bytes[at..<end].starts(with: start) {
                var line = Array(bytes[at..<end])
                if line.last == UInt8(ascii: ",") { line.removeLast() }
                guard let json = try? JSONReader.parse(line) else { return nil }
                return try? InstrumentRecord(json)
            }
            at = end + 1
        }
        return nil
    }

    /// The record as an object in one line.
    private var line: String {
        let string = JSONWriter.string
        let rules = instrument
        var members = [
            ("market", string(rules.market.rawValue)), ("symbol", string(symbol)),
        ]
        if let tick = rules.tickSize { members.append(("tick", string(tick.description))) }
        if let lot = rules.lotSize { members.append(("lot", string(lot.description))) }
        if let least = rules.minQuantity { members.append(("min_quantity", "\(least)")) }
        if let least = rules.minNotional { members.append(("min_notional", "\(least)")) }
        if let most = rules.maxLeverage { members.append(("max_leverage", "\(most)")) }
        if let fee = rules.liquidationFee { members.append(("liquidation_fee", "\(fee)")) }
        if let hours = rules.fundingHours { members.append(("funding_hours", "\(hours)")) }
        if !rules.maintenanceTiers.isEmpty {
            let tiers = rules.maintenanceTiers.map { tier in
                JSONWriter.object([
                    ("floor", "\(tier.notionalFloor)"), ("rate", "\(tier.rate)"),
                    ("deduction", "\(tier.deduction)"), ("max_leverage", "\(tier.maxLeverage)"),
                ])
            }
            members.append(("tiers", "[" + tiers.joined(separator: ", ") + "]"))
        }
        members.append(("read", string(dateRead)))
        return JSONWriter.object(members)
    }

    static func parse(_ bytes: [UInt8]) throws(JSONError) -> [InstrumentRecord] {
        let json = try JSONReader.parse(bytes)
        guard json["format"]?.text == "lot-instruments", json["version"]?.integer == 1,
            let entries = json["instruments"]?.elements
        else { throw JSONError(offset: 0, reason: "not a version 1 list of instruments") }
        var records: [InstrumentRecord] = []
        for entry in entries { records.append(try InstrumentRecord(entry)) }
        return records
    }

    private static let known = [
        "market", "symbol", "tick", "lot", "min_quantity", "min_notional", "max_leverage",
        "liquidation_fee", "funding_hours", "tiers", "read",
    ]
    private static let ofPerpetuals = [
        "max_leverage", "liquidation_fee", "funding_hours", "tiers",
    ]

    init(_ json: JSONValue) throws(JSONError) {
        guard let members = json.members, let symbol = json["symbol"]?.text,
            let market = json["market"]?.text.flatMap(Market.init(rawValue:)),
            let dateRead = json["read"]?.text
        else {
            throw JSONError(
                offset: 0, reason: "an instrument without \"market\", \"symbol\" or \"read\"")
        }
        let reader = RuleReader(json: json, symbol: symbol)
        for member in members {
            try reader.requireKnown(member.name, InstrumentRecord.known)
            if market == .spot, InstrumentRecord.ofPerpetuals.contains(member.name) {
                throw reader.bad("\"\(member.name)\" is a rule of perpetuals")
            }
        }
        let instrument = Instrument(
            market: market, tickSize: try reader.step("tick"), lotSize: try reader.step("lot"),
            minQuantity: try reader.number("min_quantity", atLeast: 0),
            minNotional: try reader.number("min_notional", atLeast: 0),
            maxLeverage: try reader.number("max_leverage", atLeast: 1),
            maintenanceTiers: try reader.tiers(),
            liquidationFee: try reader.number("liquidation_fee", atLeast: 0),
            fundingHours: try reader.hours())
        self.init(symbol: symbol, instrument: instrument, dateRead: dateRead)
    }
}

/// Reads the rules of one instrument of `instruments.json`.
private struct RuleReader {
    let json: JSONValue
    let symbol: String

    func bad(_ reason: String) -> JSONError {
        JSONError(offset: 0, reason: "\(escaped(symbol)): \(reason)")
    }

    func requireKnown(_ name: String, _ known: [String]) throws(JSONError) {
        guard !known.contains(name) else { return }
        let near = nearest(to: name, in: known).map { "; did you mean \"\($0)\"?" }
        throw bad("unknown key \"\(escaped(name))\"\(near ?? "")")
    }

    func step(_ name: String) throws(JSONError) -> DecimalStep? {
        guard let value = json[name] else { return nil }
        guard let step = value.text.flatMap({ DecimalStep($0) }) else {
            throw bad("\"\(name)\" is not a step such as \"0.01\"")
        }
        return step
    }

    func number(_ name: String, atLeast least: Double) throws(JSONError) -> Double? {
        guard json[name] != nil else { return nil }
        return try number(json, name, atLeast: least)
    }

    private func number(
        _ object: JSONValue, _ name: String, atLeast least: Double
    ) throws(JSONError) -> Double {
        guard let value = object[name]?.double, value >= least else {
            throw bad("\"\(name)\" is not a number of at least \(Int(least))")
        }
        return value
    }

    func hours() throws(JSONError) -> Int? {
        guard let value = json["funding_hours"] else { return nil }
        guard let hours = value.integer, (1...24).contains(hours) else {
            throw bad("\"funding_hours\" is not a whole number from 1 to 24")
        }
        return Int(hours)
    }

    func tiers() throws(JSONError) -> [MaintenanceTier] {
        guard let value = json["tiers"] else { return [] }
        guard let entries = value.elements else { throw bad("\"tiers\" is not a list") }
        let known = ["floor", "rate", "deduction", "max_leverage"]
        var tiers: [MaintenanceTier] = []
        for entry in entries {
            for member in entry.members ?? [] { try requireKnown(member.name, known) }
            tiers.append(
                MaintenanceTier(
                    notionalFloor: try number(entry, "floor", atLeast: 0),
                    rate: try number(entry, "rate", atLeast: 0),
                    deduction: try number(entry, "deduction", atLeast: 0),
                    maxLeverage: try number(entry, "max_leverage", atLeast: 1)))
        }
        if let problem = MaintenanceTier.problem(tiers) { throw bad(problem) }
        return tiers
    }
}
