public import LotCore
import Glibc

/// An exchange's rules for a symbol, with the day they were read.
public struct InstrumentRecord: Sendable, Equatable {
    /// The exchange's own spelling.
    public var symbol: String
    /// The rules.
    public var instrument: Instrument
    /// Fee of resting orders, as a fraction of notional; `nil` if it is not known.
    public var makerFee: Double?
    /// Fee of orders that take liquidity; `nil` if it is not known.
    public var takerFee: Double?
    /// The date they were read, `2024-01-31`.
    public var dateRead: String

    /// Pairs rules with their date.
    public init(
        symbol: String, instrument: Instrument, dateRead: String, makerFee: Double? = nil,
        takerFee: Double? = nil
    ) {
        self.symbol = symbol
        self.instrument = instrument
        self.dateRead = dateRead
        self.makerFee = makerFee
        self.takerFee = takerFee
    }
}

extension KlineStore {
    private static let instrumentsName = "instruments.json"

    /// The rules stored for a series' symbol; `nil` if there are none.
    ///
    /// - Throws: Exit code 65 if the exchange's `instruments.json` is damaged.
    public func instrument(_ address: SeriesAddress) throws(Diagnosis) -> Instrument? {
        try instrumentRecord(address)?.instrument
    }

    /// What is stored of a series' symbol, its fees too; `nil` if there is nothing.
    ///
    /// - Throws: Exit code 65 if the exchange's `instruments.json` is damaged.
    public func instrumentRecord(
        _ address: SeriesAddress
    ) throws(Diagnosis) -> InstrumentRecord? {
        try instruments(exchange: address.exchange).first {
            $0.symbol == address.symbol && $0.instrument.market == address.market
        }
    }

    /// Every rule stored for an exchange, in the file's order.
    public func instruments(exchange: String) throws(Diagnosis) -> [InstrumentRecord] {
        let subject = "datasets/\(escaped(exchange))/\(KlineStore.instrumentsName)"
        guard let top = try openRoot() else { return [] }
        let bytes: [UInt8]
        do throws(SystemError) {
            let (file, size) = try top.folder(exchange).file(KlineStore.instrumentsName)
            guard size <= 1 << 26 else { throw SystemError(code: EFBIG) }
            bytes = try file.bytes(at: 0, count: Int(size))
        } catch {
            if error.code == ENOENT { return [] }
            throw systemDiagnosis(error.code, subject: subject, doing: "reading")
        }
        do {
            return try InstrumentRecord.parse(bytes)
        } catch {
            throw Diagnosis(
                .data, kind: "instruments", subject: subject,
                place: error.offset > 0 ? "byte \(grouped(error.offset))" : nil,
                reason: error.reason, hint: "correct it, or delete it and go on without rules")
        }
    }

    /// Stores the rules of an exchange's symbols, replacing the whole file in one rename.
    public func setInstruments(
        _ records: [InstrumentRecord], exchange: String
    ) throws(Diagnosis) {
        let subject = "datasets/\(escaped(exchange))/\(KlineStore.instrumentsName)"
        let temporary = KlineStore.instrumentsName + ".tmp"
        do {
            if try openRoot() == nil { try files.createFolder(path: root) }
            let top = try OpenFile.folder(path: root)
            if try top.status(of: exchange) == nil { try files.createFolder(top, exchange) }
            let folder = try top.folder(exchange)
            if try folder.status(of: temporary) != nil {
                try files.removeFile(folder, temporary)
            }
            let file = try files.createFile(folder, temporary)
            try files.write(InstrumentRecord.json(records), to: file, at: 0)
            try files.sync(file)
            try files.rename(folder, temporary, KlineStore.instrumentsName)
            try files.sync(folder)
        } catch let error as SystemError {
            throw systemDiagnosis(error.code, subject: subject, doing: "writing")
        } catch let error as Diagnosis {
            throw error
        } catch {
            throw systemDiagnosis(EIO, subject: subject, doing: "writing")
        }
    }
}

extension InstrumentRecord {
    static func json(_ records: [InstrumentRecord]) -> [UInt8] {
        let string = JSONWriter.string
        let sorted = records.sorted {
            ($0.instrument.market.rawValue, $0.symbol) < ($1.instrument.market.rawValue, $1.symbol)
        }
        let lines = sorted.map { record in
            let rules = record.instrument
            var members = [
                ("market", string(rules.market.rawValue)), ("symbol", string(record.symbol)),
            ]
            if let tick = rules.tickSize { members.append(("tick", string(tick.description))) }
            if let lot = rules.lotSize { members.append(("lot", string(lot.description))) }
            if let least = rules.minQuantity { members.append(("min_quantity", "\(least)")) }
            if let least = rules.minNotional { members.append(("min_notional", "\(least)")) }
            if let fee = record.makerFee { members.append(("maker_fee", "\(fee)")) }
            if let fee = record.takerFee { members.append(("taker_fee", "\(fee)")) }
            members.append(("read", string(record.dateRead)))
            return JSONWriter.object(members)
        }
        return Array(
            """
            {
              "format": "lot-instruments",
              "version": 1,
              "instruments": \(JSONWriter.lines(lines, indent: "  "))
            }

            """.utf8)
    }

    static func parse(_ bytes: [UInt8]) throws(JSONError) -> [InstrumentRecord] {
        let json = try JSONReader.parse(bytes)
        guard json["format"]?.text == "lot-instruments", json["version"]?.integer == 1,
            let entries = json["instruments"]?.elements
        else { throw JSONError(offset: 0, reason: "not a version 1 list of instruments") }
        var records: [InstrumentRecord] = []
        for entry in entries { records.append(try record(entry)) }
        return records
    }

    private static func record(_ json: JSONValue) throws(JSONError) -> InstrumentRecord {
        func bad(_ reason: String) -> JSONError { JSONError(offset: 0, reason: reason) }
        guard case .object(let members) = json, let symbol = json["symbol"]?.text,
            let market = json["market"]?.text.flatMap(Market.init(rawValue:)),
            let dateRead = json["read"]?.text
        else { throw bad("an instrument without \"market\", \"symbol\" or \"read\"") }
        let known = [
            "market", "symbol", "tick", "lot", "min_quantity", "min_notional", "read",
            "maker_fee", "taker_fee",
        ]
        for member in members where !known.contains(member.name) {
            let near = nearest(to: member.name, in: known).map { "; did you mean \"\($0)\"?" }
            throw bad("\(escaped(symbol)): unknown key \"\(escaped(member.name))\"\(near ?? "")")
        }
        func step(_ name: String) throws(JSONError) -> DecimalStep? {
            guard let value = json[name] else { return nil }
            guard let step = value.text.flatMap({ DecimalStep($0) }) else {
                throw bad("\(escaped(symbol)): \"\(name)\" is not a step such as \"0.01\"")
            }
            return step
        }
        func fee(_ name: String, from lowest: Double) throws(JSONError) -> Double? {
            guard let value = json[name] else { return nil }
            guard case .number(let text) = value, let rate = Double(text), rate >= lowest,
                rate < 0.5
            else { throw bad("\(escaped(symbol)): \"\(name)\" is not a rate below 0.5") }
            return rate
        }
        func least(_ name: String) throws(JSONError) -> Double? {
            guard let value = json[name] else { return nil }
            guard case .number(let text) = value, let number = Double(text), number >= 0,
                number.isFinite
            else { throw bad("\(escaped(symbol)): \"\(name)\" is not a number of at least 0") }
            return number
        }
        let instrument = Instrument(
            market: market, tickSize: try step("tick"), lotSize: try step("lot"),
            minQuantity: try least("min_quantity"), minNotional: try least("min_notional"))
        return InstrumentRecord(
            symbol: symbol, instrument: instrument, dateRead: dateRead,
            makerFee: try fee("maker_fee", from: -0.1), takerFee: try fee("taker_fee", from: 0))
    }
}
