import LotCore
import LotData
import LotOptimize
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
    /// For each other series that it read, the stored one it was taken from or made of.
    let origins: [SeriesAddress: SeriesAddress]
    let settings: RunSettings
    let instrument: Instrument
    /// Interval of the finer bars that were walked; `nil` for none.
    let detail: Interval?
    /// The symbols of a run over several; empty for one.
    let portfolio: [ManifestSymbol]

    /// The series as text.
    let series: String
    /// What it was put together from; `nil` for a run of one piece.
    let stitch: StitchRequest?

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
        parameters = ManifestInputs.parameters(try strategy.any("parameters"))
        var data = try inputs.object("data")
        portfolio = try ManifestSymbol.list(inputs.any("portfolio"), subject)
        series = try data.text("series")
        if let first = portfolio.first {
            address = first.address
        } else {
            address = try data.parsed("series") { try? SeriesAddress(parsing: $0) }
        }
        origins = try ManifestInputs.origins(data.any("other_series"), subject)
        range = TimeRange(
            start: try data.whole("first_time"), end: try data.whole("last_time") + 1)
        detail =
            try data.any("detail_series") == .null
            ? nil
            : try data.parsed("detail_series") { try? SeriesAddress(parsing: $0).interval }
        settings = try ManifestInputs.settings(inputs.object("settings"))
        instrument = try ManifestInputs.instrument(inputs.object("instrument"))
        stitch =
            inputs.has("stitched")
            ? try StitchRequest(inputs.object("stitched"), subject) : nil
        try inputs.end()
    }

    static func parameters(_ object: JSONValue) -> [(String, String)] {
        (object.members ?? []).compactMap { member in
            switch member.value {
            case .string(let text), .number(let text): (member.name, text)
            case .bool(let flag): (member.name, String(flag))
            default: nil
            }
        }
    }

    static func origins(
        _ list: JSONValue, _ subject: String
    ) throws(Diagnosis) -> [SeriesAddress: SeriesAddress] {
        var origins: [SeriesAddress: SeriesAddress] = [:]
        for (index, element) in (list.elements ?? []).enumerated() {
            var fields = try JSONFields(
                element, place: "inputs.data.other_series[\(index)]", subject: subject)
            let address = try fields.parsed("series") { try? SeriesAddress(parsing: $0) }
            origins[address] = try fields.parsed("made_of") { try? SeriesAddress(parsing: $0) }
        }
        return origins
    }

    private static func settings(_ fields: JSONFields) throws(Diagnosis) -> RunSettings {
        var fields = fields
        let settings = RunSettings(
            startingCash: try fields.number("starting_cash"),
            makerFee: try fields.number("maker_fee"), takerFee: try fields.number("taker_fee"),
            feeTiers: try fields.any("fee_tiers") == .null
                ? nil : try fields.parsed("fee_tiers") { try? FeeTiers($0) },
            slippage: try fields.parsed("slippage", Slippage.init),
            volumeLimit: try fields.optionalNumber("volume_limit"),
            gaps: try fields.parsed("gaps", GapPolicy.init(rawValue:)),
            fillOnTouch: try fields.flag("fill_on_touch"),
            intrabar: try fields.parsed("intrabar", IntrabarModel.init(rawValue:)),
            latency: try fields.whole("latency_ms"),
            seed: try fields.parsed("seed") { UInt64($0) },
            daysPerYear: try fields.number("days_per_year"),
            perpetual: try perpetual(&fields),
            maxOpenPositions: try fields.any("max_open_positions") == .null
                ? nil : Int(try fields.whole("max_open_positions")))
        try fields.end()
        return settings
    }

    private static func perpetual(
        _ fields: inout JSONFields
    ) throws(Diagnosis) -> PerpetualSettings {
        PerpetualSettings(
            leverage: try fields.number("leverage"),
            margin: try fields.parsed("margin", MarginMode.init(rawValue:)),
            positionMode: try fields.parsed("position_mode", PositionMode.init(rawValue:)),
            chargesFunding: try fields.flag("funding"),
            maintenanceRate: try fields.optionalNumber("maintenance_rate"))
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
        instrument.maxLeverage = try fields.optionalNumber("max_leverage")
        instrument.liquidationFee = try fields.optionalNumber("liquidation_fee")
        instrument.maintenanceTiers = try tiers(fields.any("maintenance_tiers"))
        try fields.end()
        return instrument
    }

    private static func tiers(_ list: JSONValue) throws(Diagnosis) -> [MaintenanceTier] {
        var tiers: [MaintenanceTier] = []
        for (index, element) in (list.elements ?? []).enumerated() {
            var tier = try JSONFields(
                element, place: "inputs.instrument.maintenance_tiers[\(index)]",
                subject: "manifest.json")
            tiers.append(
                MaintenanceTier(
                    notionalFloor: try tier.number("notional_floor"),
                    rate: try tier.number("rate"), deduction: try tier.number("deduction"),
                    maxLeverage: try tier.number("max_leverage")))
            try tier.end()
        }
        return tiers
    }
}

/// What a manifest says of one symbol of a run over several.
struct ManifestSymbol {
    let address: SeriesAddress
    let range: TimeRange
    let instrument: Instrument
    /// What each other series that it read was made of.
    let origins: [SeriesAddress: SeriesAddress]
    /// Interval of the finer bars that were walked; `nil` for none.
    let detail: Interval?
    /// Its own fees and leverage.
    let terms: SymbolTerms

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
            var terms = SymbolTerms(RunSettings())
            terms.makerFee = try fields.number("maker_fee")
            terms.takerFee = try fields.number("taker_fee")
            terms.leverage = try fields.number("leverage")
            symbols.append(
                ManifestSymbol(
                    address: try data.parsed("series") { try? SeriesAddress(parsing: $0) },
                    range: TimeRange(
                        start: try data.whole("first_time"), end: try data.whole("last_time") + 1),
                    instrument: try ManifestInputs.instrument(fields.object("instrument")),
                    origins: try ManifestInputs.origins(data.any("other_series"), subject),
                    detail: try data.any("detail_series") == .null
                        ? nil
                        : data.parsed("detail_series") { try? SeriesAddress(parsing: $0).interval },
                    terms: terms))
            try fields.end()
        }
        return symbols
    }
}

extension StitchRequest {
    /// Reads the member `stitched`.
    init(_ fields: JSONFields, _ subject: String) throws(Diagnosis) {
        var fields = fields
        study = try fields.text("study")
        scheme = try fields.text("scheme")
        path = Int(try fields.whole("path"))
        paths = Int(try fields.whole("paths"))
        stretches = []
        for (index, element) in (try fields.any("stretches").elements ?? []).enumerated() {
            var stretch = try JSONFields(
                element, place: "inputs.stitched.stretches[\(index)]", subject: subject)
            let (fold, trial) = (try stretch.whole("fold"), try stretch.whole("trial"))
            let (start, end) = (try stretch.whole("start"), try stretch.whole("end"))
            stretches.append(
                Stretch(
                    fold: Int(fold), trial: Int(trial), segment: Segment(start..<max(start, end)),
                    parameters: ManifestInputs.parameters(try stretch.any("parameters"))))
            try stretch.end()
        }
        try fields.end()
        guard !stretches.isEmpty else {
            throw Diagnosis(
                .data, kind: "manifest", subject: subject, place: "inputs.stitched",
                reason: "has no stretches")
        }
    }
}
