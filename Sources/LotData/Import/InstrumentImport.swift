public import LotCore

/// What an import of instruments did.
public struct InstrumentReport: Sendable, Equatable {
    /// Instruments that were not stored before.
    public var added = 0
    /// Instruments whose rules changed.
    public var changed = 0
    /// Instruments whose rules are as before.
    public var unchanged = 0
    /// Entries that are no instruments of ours, by reason: dated futures, odd names.
    public var leftOut: [(reason: String, count: Int)] = []

    /// Whether both say the same.
    public static func == (a: InstrumentReport, b: InstrumentReport) -> Bool {
        (a.added, a.changed, a.unchanged) == (b.added, b.changed, b.unchanged)
            && a.leftOut.elementsEqual(b.leftOut) { $0 == $1 }
    }
}

/// Brings the rules of an exchange's symbols into `instruments.json` from the answers of Binance's
/// REST interface.
///
/// `exchangeInfo` of spot and of USD-M futures (steps, minimums, liquidation fee),
/// `leverageBracket` (maintenance tiers, greatest leverage) and `fundingInfo` (funding interval).
/// What an answer does not say stays as it was stored. Perpetuals are linear, one contract is one
/// unit of the base currency: dated futures are left out.
public struct InstrumentImport: Sendable {
    private let store: KlineStore
    private let today: String

    /// Largest file; it is held in memory.
    static let maxSize: Int64 = 1 << 27

    /// Makes an importer.
    ///
    /// - Parameters:
    ///   - store: Where to.
    ///   - today: The date that is recorded where a file does not tell its own, `2024-01-31`.
    public init(store: KlineStore, today: String) {
        self.store = store
        self.today = today
    }

    /// Reads files and stores their rules, in one rename, or nothing if one of them is bad.
    ///
    /// - Parameters:
    ///   - paths: The files, in any order.
    ///   - exchange: Name of the exchange, `binance`.
    ///   - symbols: Only these, in the exchange's spelling; empty is all.
    /// - Returns: What has changed.
    /// - Throws: Exit code 66 for a missing file, 65 for bad content or a symbol that no file has.
    public func run(
        _ paths: [String], exchange: String, symbols: [String] = []
    ) throws(Diagnosis) -> InstrumentReport {
        var found: [InstrumentUpdate] = []
        var report = InstrumentReport()
        for path in paths {
            let part = try parse(path)
            found += part.updates
            for (reason, count) in part.leftOut { report.leftOut.append((reason, count)) }
        }
        if !symbols.isEmpty {
            for symbol in symbols where !found.contains(where: { $0.symbol == symbol }) {
                throw Diagnosis(
                    .data, kind: "instruments.symbol", subject: escaped(symbol),
                    reason: "is in none of the files")
            }
            found = found.filter { symbols.contains($0.symbol) }
        }
        return try store.changeInstruments(exchange: exchange) { records in
            merge(found, into: &records, report)
        }
    }

    /// Puts what was found into the records.
    ///
    /// - Returns: The report with what has changed.
    private func merge(
        _ found: [InstrumentUpdate], into records: inout [InstrumentRecord],
        _ read: InstrumentReport
    ) -> InstrumentReport {
        var report = read
        var places: [InstrumentKey: Int] = [:]
        for (index, record) in records.enumerated() { places[InstrumentKey(record)] = index }
        let before = records
        for update in found {
            let key = InstrumentKey(market: update.market, symbol: update.symbol)
            let index = places[key] ?? records.count
            if index == records.count {
                records.append(
                    InstrumentRecord(
                        symbol: update.symbol, instrument: Instrument(market: update.market),
                        dateRead: today))
                places[key] = index
            }
            update.apply(to: &records[index], date: update.date ?? today)
        }
        for (index, record) in records.enumerated() {
            guard index < before.count else {
                report.added += 1
                continue
            }
            guard found.contains(where: { InstrumentKey(record) == $0.key }) else { continue }
            if record.instrument == before[index].instrument {
                report.unchanged += 1
                // The same rules, read again: the file stays as it is.
                records[index] = before[index]
            } else {
                report.changed += 1
            }
        }
        return report
    }

    private func parse(
        _ path: String
    ) throws(Diagnosis) -> (updates: [InstrumentUpdate], leftOut: [(String, Int)]) {
        var input = try InputFile(path: path)
        let bytes = try input.all(limit: Int(InstrumentImport.maxSize), place: input.place)
        let json: JSONValue
        do {
            json = try JSONReader.parse(bytes)
        } catch {
            throw Diagnosis(
                .data, kind: "import.json", subject: input.place.subject,
                place: "byte \(grouped(error.offset))", reason: error.reason)
        }
        return try BinanceRules(place: input.place).read(json)
    }
}

/// Which instrument a rule is for.
struct InstrumentKey: Hashable {
    let market: Market
    let symbol: String

    init(market: Market, symbol: String) {
        self.market = market
        self.symbol = symbol
    }

    init(_ record: InstrumentRecord) {
        self.init(market: record.instrument.market, symbol: record.symbol)
    }
}

/// What one answer says of one instrument.
struct InstrumentUpdate {
    var market: Market
    var symbol: String
    /// The date of the answer, where it tells.
    var date: String?
    var tick: DecimalStep?
    var lot: DecimalStep?
    var minQuantity: Double?
    var minNotional: Double?
    var liquidationFee: Double?
    var fundingHours: Int?
    var tiers: [MaintenanceTier] = []

    var key: InstrumentKey { InstrumentKey(market: market, symbol: symbol) }

    init(_ market: Market, _ symbol: String) {
        self.market = market
        self.symbol = symbol
    }

    /// Overwrites what is known.
    func apply(to record: inout InstrumentRecord, date: String) {
        let before = record.instrument
        if let tick { record.instrument.tickSize = tick }
        if let lot { record.instrument.lotSize = lot }
        if let minQuantity { record.instrument.minQuantity = minQuantity }
        if let minNotional { record.instrument.minNotional = minNotional }
        if let liquidationFee { record.instrument.liquidationFee = liquidationFee }
        if let fundingHours { record.instrument.fundingHours = fundingHours }
        if let first = tiers.first {
            record.instrument.maintenanceTiers = tiers
            record.instrument.maxLeverage = first.maxLeverage
        }
        if record.instrument != before { record.dateRead = date }
    }
}
