import LotCore
import LotData
import LotReport
import LotScript

/// What a manifest says went into a run, read back.
struct ManifestInputs {
    let engineVersion: String
    /// File name of the script.
    let file: String
    let parameters: [(String, String)]
    /// SHA-256 of the script's files by name.
    let hashes: [(name: String, sha256: String)]
    let address: SeriesAddress
    let range: TimeRange
    let settings: RunSettings
    let instrument: Instrument
    /// The symbols of a run over several; empty for one.
    let portfolio: [ManifestSymbol]

    /// The series as text.
    let series: String

    /// Reads the member `inputs` of a manifest.
    ///
    /// - Throws: 65 if a member is missing, not understood, or not known to this version.
    init(_ manifest: JSONValue, subject: String) throws(Diagnosis) {
        var inputs = try JSONFields(manifest["inputs"], place: "inputs", subject: subject)
        engineVersion = try inputs.text("engine_version")
        var strategy = try inputs.object("strategy")
        file = try strategy.text("file")
        hashes = (try strategy.any("files").elements ?? []).compactMap { entry in
            guard let name = entry["name"]?.text, let hash = entry["sha256"]?.text else {
                return nil
            }
            return (name, hash)
        }
        var values: [(String, String)] = []
        for member in try strategy.any("parameters").members ?? [] {
            switch member.value {
            case .string(let text), .number(let text): values.append((member.name, text))
            case .bool(let flag): values.append((member.name, String(flag)))
            default: continue
            }
        }
        parameters = values
        var data = try inputs.object("data")
        portfolio = try ManifestSymbol.list(inputs.any("portfolio"), subject)
        series = try data.text("series")
        if let first = portfolio.first {
            address = first.address
        } else {
            address = try data.parsed("series") { try? SeriesAddress(parsing: $0) }
        }
        range = TimeRange(
            start: try data.whole("first_time"), end: try data.whole("last_time") + 1)
        settings = try ManifestInputs.settings(inputs.object("settings"))
        instrument = try ManifestInputs.instrument(inputs.object("instrument"))
        try inputs.end()
    }

    private static func settings(_ fields: JSONFields) throws(Diagnosis) -> RunSettings {
        var fields = fields
        let settings = RunSettings(
            startingCash: try fields.number("starting_cash"),
            makerFee: try fields.number("maker_fee"), takerFee: try fields.number("taker_fee"),
            slippage: try fields.parsed("slippage", slippage),
            volumeLimit: try fields.optionalNumber("volume_limit"),
            gaps: try fields.parsed("gaps", GapPolicy.init(rawValue:)),
            fillOnTouch: try fields.flag("fill_on_touch"),
            intrabar: try fields.parsed("intrabar", IntrabarModel.init(rawValue:)),
            seed: try fields.parsed("seed") { UInt64($0) },
            daysPerYear: try fields.number("days_per_year"),
            maxOpenPositions: try fields.any("max_open_positions") == .null
                ? nil : Int(try fields.whole("max_open_positions")))
        try fields.end()
        return settings
    }

    private static func slippage(_ text: String) -> Slippage? {
        if text == "none" { return Slippage.none }
        return text.hasPrefix("bps:") ? Double(text.dropFirst(4)).map { .basisPoints($0) } : nil
    }

    static func instrument(_ fields: JSONFields) throws(Diagnosis) -> Instrument {
        var fields = fields
        var instrument = Instrument()
        instrument.market = try fields.parsed("market", Market.init(rawValue:))
        if try fields.any("tick_size") != .null {
            instrument.tickSize = try fields.parsed("tick_size") { DecimalStep($0) }
        }
        if try fields.any("lot_size") != .null {
            instrument.lotSize = try fields.parsed("lot_size") { DecimalStep($0) }
        }
        instrument.minQuantity = try fields.optionalNumber("min_quantity")
        instrument.minNotional = try fields.optionalNumber("min_notional")
        try fields.end()
        return instrument
    }
}

/// What a manifest says of one symbol of a run over several.
struct ManifestSymbol {
    let address: SeriesAddress
    let range: TimeRange
    let instrument: Instrument

    /// Reads the member `portfolio`.
    static func list(
        _ value: JSONValue, _ subject: String
    ) throws(Diagnosis) -> [ManifestSymbol] {
        var symbols: [ManifestSymbol] = []
        for (index, element) in (value.elements ?? []).enumerated() {
            var fields = try JSONFields(
                element, place: "inputs.portfolio[\(index)]", subject: subject)
            _ = try fields.any("series")
            var data = try fields.object("data")
            symbols.append(
                ManifestSymbol(
                    address: try data.parsed("series") { try? SeriesAddress(parsing: $0) },
                    range: TimeRange(
                        start: try data.whole("first_time"), end: try data.whole("last_time") + 1),
                    instrument: try ManifestInputs.instrument(fields.object("instrument"))))
            try fields.end()
        }
        return symbols
    }
}
