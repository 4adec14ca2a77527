import LotCore

/// The members that `result.json` and `manifest.json` share: what went into a run.
enum RunParts {
    /// Everything that decides a run's result.
    static func inputs<Run: DecidedRun>(of run: Run.Type = Run.self) -> JSONObject<Run> {
        JSONObject([
            .text("engine_version", "version of lot that made it") { $0.engineVersion },
            .object("strategy", "what ran", strategy) { $0.strategy },
            .object("data", "what it ran on", data) { $0.data },
            .object("instrument", "the exchange's rules", instrument) { $0.instrument },
            .object("settings", "every setting", settings) { $0.settings },
            .list(
                "portfolio",
                "the symbols of a run over several, in name order, as data and instrument are of "
                    + "a run over one; empty for one", symbol
            ) { $0.portfolio },
            .some(
                "stitched", "the tests of a study that it was put together from; only such runs",
                stitching
            ) { $0.stitching },
        ])
    }

    private static let stitching = JSONObject<Stitching>([
        .text("study", "identity of the study, SHA-256") { $0.study },
        .text("scheme", "how it held data back") { $0.scheme },
        .count("path", "which path through its tests, from 1") { $0.path },
        .count("paths", "how many there are") { $0.paths },
        .list(
            "stretches", "runs of their own, each with the cash the one before ended with", stretch
        ) { $0.stretches },
    ])

    private static let stretch = JSONObject<Stitching.Stretch>([
        .count("fold", "the search that chose the parameters; 0 is the main one") { $0.fold },
        .count("trial", "the trial that it chose") { $0.trial },
        .time("start", "first open time, included") { $0.start },
        .time("end", "excluded") { $0.end },
        parameters { $0.parameters },
    ])

    private static func parameters<Value>(
        _ get: @escaping @Sendable (Value) -> [NamedParameter]
    ) -> JSONField<Value> {
        JSONField("parameters", "name to value, in the script's order", .map(.scalar)) {
            value, json in
            json.object { json in
                for parameter in get(value) {
                    json.key(parameter.name)
                    switch parameter.value {
                    case .int(let value): json.value(value)
                    case .float(let value): json.value(value)
                    case .choice(let value): json.value(value)
                    case .bool(let value): json.value(value)
                    }
                }
            }
        }
    }

    private static let symbol = JSONObject<SymbolData>([
        .text("series", "for example binance:BTCUSDT:1h") { $0.data.address.description },
        .object("data", "what it ran on", data) { $0.data },
        .object("instrument", "the exchange's rules", instrument) { $0.instrument },
        .number("maker_fee", "its own, fraction of notional; fee tiers come before it") {
            $0.terms.makerFee
        },
        .number("taker_fee", "its own, fraction of notional; fee tiers come before it") {
            $0.terms.takerFee
        },
        .number("leverage", "its own; perpetuals: notional over margin") { $0.terms.leverage },
    ])

    private static let strategy = JSONObject<StrategyIdentity>([
        .text("name", "the name the script gives itself") { $0.name },
        .text("file", "file name of the script, without its folder") { fileName($0.file) },
        .text("form", "how it is written", choices: ["rules", "events"]) { $0.form },
        .list(
            "files", "the script and every file it requires, sorted by name",
            JSONObject<(String, String)>([
                .text("name", "file name") { $0.0 },
                .text("sha256", "SHA-256 of its bytes, hexadecimal") { $0.1 },
            ])
        ) { $0.sortedHashes },
        parameters { $0.parameters },
    ])

    private static let data = JSONObject<DataIdentity>([
        .text("series", "for example binance:BTCUSDT:1h; several symbols are joined by commas") {
            $0.seriesText
        },
        .text("digest", "identity of the stored bytes the run used") { $0.digest },
        .time("first_time", "open time of the window's first bar") { $0.firstTime },
        .time("last_time", "open time of the window's last bar") { $0.lastTime },
        .count("bars", "bars in the window") { $0.bars },
        .count("decision_bars", "bars after warm-up") { $0.decisionBars },
        .list(
            "gaps", "holes in the data",
            JSONObject<Gap>([
                .time("from", "first missing open time") { $0.from },
                .time("to", "first bar after the hole") { $0.to },
                .count("bars", "bars missing") { $0.bars },
            ])
        ) { $0.gaps },
        .optionalText("funding_digest", "identity of the funding payments; null if none") {
            $0.perpetual?.fundingDigest
        },
        .count("funding_payments", "payments due in the window, held or not") {
            $0.perpetual?.payments ?? 0
        },
        .list(
            "funding_gaps", "stretches of more than eight hours without a payment",
            JSONObject<Gap>([
                .time("from", "payment before, or the window's start") { $0.from },
                .time("to", "payment after, or the window's end") { $0.to },
                .count("payments", "payments missing at least") { $0.bars },
            ])
        ) { $0.perpetual?.fundingGaps ?? [] },
        .optionalText("mark_digest", "identity of the mark-price bars; null if none") {
            $0.perpetual?.markDigest
        },
        .count("missing_marks", "bars without a mark price where there are some") {
            $0.perpetual?.missingMarks ?? 0
        },
        .optionalText("detail_series", "finer bars that were walked; null for none") {
            $0.detail?.address.description
        },
        .optionalText("detail_digest", "identity of their stored bytes; null for none") {
            $0.detail?.digest
        },
        .count("detail_missing_bars", "bars that were taken whole for want of finer ones") {
            $0.detail?.missingBars ?? 0
        },
        .list(
            "other_series", "other symbols and intervals that it read",
            JSONObject<OtherSeries>([
                .text("series", "for example binance:BTCUSDT:4h") { $0.address.description },
                .text("made_of", "the stored series it was resampled from; itself if stored") {
                    $0.origin.description
                },
                .text("digest", "identity of the stored bytes the run could see") { $0.digest },
                .count("bars", "bars that had closed at the run's last close") { $0.bars },
            ])
        ) { $0.others },
    ])

    private static let instrument = JSONObject<Instrument>([
        .text("market", "kind of market", choices: ["spot", "perp"]) { $0.market.rawValue },
        .optionalText("tick_size", "price step, exact decimal; null if unknown") {
            $0.tickSize?.description
        },
        .optionalText("lot_size", "quantity step, exact decimal; null if unknown") {
            $0.lotSize?.description
        },
        .optional("min_quantity", "smallest order in base currency; null if unknown") {
            $0.minQuantity
        },
        .optional("min_notional", "smallest order in quote currency; null if unknown") {
            $0.minNotional
        },
        .optional("max_leverage", "largest leverage; null if unknown") { $0.maxLeverage },
        .optional("liquidation_fee", "fraction of notional; null if unknown") {
            $0.liquidationFee
        },
        .list(
            "maintenance_tiers", "maintenance-margin table; empty if unknown",
            JSONObject<MaintenanceTier>([
                .number("notional_floor", "from this notional on, quote currency") {
                    $0.notionalFloor
                },
                .number("rate", "maintenance margin per unit of notional") { $0.rate },
                .number("deduction", "taken off, quote currency") { $0.deduction },
                .number("max_leverage", "largest leverage of the tier") { $0.maxLeverage },
            ])
        ) { $0.maintenanceTiers },
    ])

    private static let settings = JSONObject<RunSettings>([
        .number("starting_cash", "cash at the start, quote currency") { $0.startingCash },
        .number(
            "maker_fee",
            "fraction of notional; of several symbols the largest, with fee_tiers the first tier's"
        ) { $0.makerFee },
        .number(
            "taker_fee",
            "fraction of notional; of several symbols the largest, with fee_tiers the first tier's"
        ) { $0.takerFee },
        .optionalText("fee_tiers", "fees by notional of 30 days, VOLUME:MAKER/TAKER; null is none")
        {
            $0.feeTiers?.description
        },
        .text("slippage", "how fills move against the account, as --slippage takes it") {
            $0.slippage.description
        },
        .optional("volume_limit", "largest fraction of a bar's volume; null is off") {
            $0.volumeLimit
        },
        .text("gaps", "what missing bars are") { $0.gaps.rawValue },
        .flag("fill_on_touch", "whether touching fills a limit order") { $0.fillOnTouch },
        .text(
            "intrabar", "assumed path inside a bar",
            choices: IntrabarModel.allCases.map(\.rawValue)
        ) { $0.intrabar.rawValue },
        .count("latency_ms", "milliseconds until an order arrives") { Int($0.latency) },
        // A 64-bit seed does not fit the doubles that most JSON readers use: text.
        .text("seed", "of the script's random numbers, 64 bits as text") { String($0.seed) },
        .number("days_per_year", "for annualised ratios") { $0.daysPerYear },
        .number("leverage", "perpetuals: notional over margin; of several symbols the largest") {
            $0.perpetual.leverage
        },
        .text(
            "margin", "perpetuals: what answers for losses",
            choices: MarginMode.allCases.map(\.rawValue)
        ) { $0.perpetual.margin.rawValue },
        .text(
            "position_mode", "perpetuals: one position or two legs",
            choices: PositionMode.allCases.map(\.rawValue)
        ) { $0.perpetual.positionMode.rawValue },
        .flag("funding", "perpetuals: whether funding is charged") {
            $0.perpetual.chargesFunding
        },
        .optional("maintenance_rate", "perpetuals: in place of the table; null if not given") {
            $0.perpetual.maintenanceRate
        },
        JSONField(
            "max_open_positions", "most positions at once of several symbols; null is no limit",
            .nullable(.count)
        ) { $1.value($0.maxOpenPositions) },
    ])

    /// The name of a script's file below the script's folder, which is not part of a result.
    static func storedName(_ path: String) -> String {
        path.hasPrefix("/") ? fileName(path) : path
    }

    /// The last part of a path: where the user keeps a script is not part of a result.
    static func fileName(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
