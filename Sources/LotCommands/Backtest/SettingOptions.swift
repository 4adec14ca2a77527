import ArgumentParser
import LotCore
import LotData

/// The flags that decide how orders fill.
struct SettingOptions: ParsableArguments {
    @Option(
        name: [.long, .customLong("starting-balance"), .customLong("dry-run-wallet")],
        help: ArgumentHelp("Cash at the start, in quote currency.", valueName: "amount"))
    var cash: String = "10000"

    @Option(
        help: ArgumentHelp(
            "Fee as a fraction of notional, or MAKER/TAKER: 0.001, 0.0002/0.0005 (default: the "
                + "instrument's, else 0.001).",
            valueName: "rate"))
    var fee: String?

    @Option(
        name: .customLong("fee-tiers"),
        help: ArgumentHelp(
            "Fees by the notional of 30 days: 0:0.001/0.001,1000000:0.0009/0.001, or a file.",
            valueName: "tiers"))
    var feeTiers: String?

    @Option(
        help: ArgumentHelp(
            "How fills move against you: none, bps:N, half-spread:BPS, volume-share:LIMIT,IMPACT.",
            valueName: "model"))
    var slippage: String = "bps:2"

    @Option(
        name: .customLong("volume-limit"),
        help: ArgumentHelp(
            "Largest fraction of a bar's volume that may fill, or off.", valueName: "fraction"))
    var volumeLimit: String = "0.1"

    @Option(
        help: ArgumentHelp(
            "Missing bars: hold (no decision), fill (flat bars), error.", valueName: "policy"),
        completion: .list(GapPolicy.allCases.map(\.rawValue)))
    var gaps: String = "hold"

    @Flag(
        name: .customLong("fill-on-touch"),
        help: "Resting limits fill when touched, not only when traded through.")
    var fillOnTouch = false

    @Option(
        help: ArgumentHelp(
            "Path inside a bar: worst (the worse outcome for you), ohlc (nearer extreme first).",
            valueName: "model"), completion: .list(IntrabarModel.allCases.map(\.rawValue)))
    var intrabar: String = "worst"

    @Option(
        help: ArgumentHelp(
            "Time until an order or a cancellation arrives: 250ms, 2s, 1m, 1h.",
            valueName: "time"))
    var latency: String = "0"

    @Option(
        name: [.long, .customLong("timeframe-detail")],
        help: ArgumentHelp(
            "Walk stored bars of this shorter interval where something can happen: 1m.",
            valueName: "interval"))
    var detail: String?

    @Option(
        help: ArgumentHelp(
            "Exchange rules: tick=0.01,lot=0.00001,min_notional=5,min_quantity=0.",
            valueName: "rules"))
    var instrument: String?

    @Option(
        name: [.customLong("max-open-positions"), .customLong("max-open-trades")],
        help: ArgumentHelp(
            "Most positions at once over several symbols; more entries are rejected.",
            valueName: "n"))
    var maxOpenPositions: Int?

    @Option(help: ArgumentHelp("Seed of the script's random numbers.", valueName: "n"))
    var seed: String = "0"

    /// The settings these flags describe.
    ///
    /// - Parameter record: What is stored of the instrument: its fees, where the flags give none.
    /// - Returns: The settings.
    /// - Throws: 64 if a flag is wrong, 66 or 65 if the file of fee tiers is.
    func settings(_ record: InstrumentRecord? = nil) throws(Diagnosis) -> RunSettings {
        var (maker, taker) = try fees(record)
        let tiers = try tiers()
        // A table says the fees alone: the rates of a run are those that it begins with.
        if let first = tiers?.tiers.first { (maker, taker) = (first.maker, first.taker) }
        return RunSettings(
            startingCash: try positive("--cash", cash), makerFee: maker, takerFee: taker,
            feeTiers: tiers, slippage: try slippageModel(), volumeLimit: try limit(),
            gaps: try choice("--gaps", gaps), fillOnTouch: fillOnTouch,
            intrabar: try choice("--intrabar", intrabar), latency: try delay(),
            seed: try seedValue(),
            maxOpenPositions: try mostPositions())
    }

    /// The interval of the finer bars; `nil` if none were asked for.
    func detailInterval() throws(Diagnosis) -> Interval? {
        guard let detail else { return nil }
        guard let interval = Interval(detail) else {
            throw usage("--detail", SeriesAddressError.badInterval(detail).reason)
        }
        return interval
    }

    /// Returns `known` with the rules of `--instrument` in their place.
    func instrument(over known: Instrument) throws(Diagnosis) -> Instrument {
        guard let instrument else { return known }
        var result = known
        var names: Set<Substring> = []
        for part in instrument.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else {
                throw usage(
                    "--instrument", "\"\(escaped(part))\" is not name=value",
                    hint: "for example tick=0.01,lot=0.00001,min_notional=5")
            }
            guard names.insert(pair[0]).inserted else {
                throw usage(
                    "--instrument", "\"\(escaped(pair[0]))\" is given twice", hint: "keep one")
            }
            try set(String(pair[0]), String(pair[1]), in: &result)
        }
        return result
    }

    private func set(
        _ name: String, _ value: String, in instrument: inout Instrument
    ) throws(Diagnosis) {
        let names = [
            "tick", "lot", "min_notional", "min_quantity", "max_leverage", "liquidation_fee",
        ]
        switch name {
        case "tick", "lot":
            guard let step = DecimalStep(value) else {
                throw usage(
                    "--instrument", "\(name)=\(escaped(value)) is not a positive decimal")
            }
            if name == "tick" { instrument.tickSize = step } else { instrument.lotSize = step }
        case "min_notional", "min_quantity":
            guard let least = parseDecimal(value), least >= 0 else {
                throw usage(
                    "--instrument", "\(name)=\(escaped(value)) is not a decimal, 0 or more")
            }
            if name == "min_notional" {
                instrument.minNotional = least
            } else {
                instrument.minQuantity = least
            }
        case "max_leverage":
            guard let most = parseDecimal(value), most >= 1 else {
                throw usage("--instrument", "\(name)=\(escaped(value)) is not 1 or more")
            }
            instrument.maxLeverage = most
        case "liquidation_fee":
            guard let fee = parseDecimal(value), fee >= 0, fee < 1 else {
                throw usage(
                    "--instrument", "\(name)=\(escaped(value)) is not a fraction below 1")
            }
            instrument.liquidationFee = fee
        default:
            throw usage(
                "--instrument", "unknown rule \"\(escaped(name))\"",
                hint: nearest(to: name, in: names).map { "did you mean \"\($0)\"?" }
                    ?? "known: \(names.joined(separator: ", "))")
        }
    }

    private func tiers() throws(Diagnosis) -> FeeTiers? {
        guard let feeTiers else { return nil }
        guard fee == nil else {
            throw usage("--fee-tiers", "--fee says the same", hint: "keep one of them")
        }
        let isTable = feeTiers.contains(":")
        let text =
            isTable
            ? feeTiers
            : String(decoding: try InputFile.read(feeTiers, limit: 1 << 20), as: UTF8.self)
        do throws(FeeTierError) {
            return try FeeTiers(text)
        } catch {
            if isTable { throw usage("--fee-tiers", error.reason) }
            throw Diagnosis(
                .data, kind: "fee_tiers", subject: escaped(feeTiers, limit: 512),
                reason: error.reason)
        }
    }

    /// The latency in milliseconds.
    private func delay() throws(Diagnosis) -> Int64 {
        let units: [(String, UInt64)] = [
            ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        let hint = "for example 250ms, 2s, 1m or 1h; at most a day"
        if latency == "0" { return 0 }
        for (name, length) in units where latency.hasSuffix(name) {
            guard let count = parseWhole(latency.dropLast(name.count)) else { break }
            guard count <= 86_400_000 / length else {
                throw usage("--latency", "\(escaped(latency)) is longer than a day", hint: hint)
            }
            return Int64(count * length)
        }
        throw usage("--latency", "\"\(escaped(latency))\" is not a time", hint: hint)
    }

    /// The rates of `--fee`, else the instrument's, else the default.
    private func fees(_ record: InstrumentRecord?) throws(Diagnosis) -> (Double, Double) {
        guard let fee else {
            return (record?.makerFee ?? 0.001, record?.takerFee ?? 0.001)
        }
        let parts = fee.split(separator: "/", omittingEmptySubsequences: false)
        var rates: [Double] = []
        for part in parts {
            guard let rate = parseDecimal(part), rate > -0.1, rate < 0.5 else {
                throw usage(
                    "--fee", "\"\(escaped(fee))\" is not a rate below 0.5",
                    hint: "0.001 is 0.1 %; MAKER/TAKER gives two rates")
            }
            rates.append(rate)
        }
        guard let first = rates.first, let last = rates.last, rates.count <= 2, last >= 0 else {
            throw usage(
                "--fee", "\"\(escaped(fee))\" is not a rate or MAKER/TAKER",
                hint: "for example 0.001, or 0.0002/0.0005")
        }
        return (first, last)
    }

    private func slippageModel() throws(Diagnosis) -> Slippage {
        guard let model = Slippage(slippage) else {
            throw usage(
                "--slippage", "\"\(escaped(slippage))\" is not a model",
                hint: "use none, bps:N with N from 0 to 5000, half-spread:BPS, "
                    + "or volume-share:LIMIT,IMPACT")
        }
        return model
    }

    private func limit() throws(Diagnosis) -> Double? {
        if volumeLimit == "off" { return nil }
        guard let fraction = parseDecimal(volumeLimit), fraction > 0, fraction <= 1 else {
            throw usage(
                "--volume-limit", "\"\(escaped(volumeLimit))\" is not a fraction",
                hint: "use off, or a number above 0 and up to 1, for example 0.1")
        }
        return fraction
    }

    private func mostPositions() throws(Diagnosis) -> Int? {
        if let most = maxOpenPositions, most < 1 {
            throw usage("--max-open-positions", "\(most) is not a number from 1 on")
        }
        return maxOpenPositions
    }

    private func seedValue() throws(Diagnosis) -> UInt64 {
        guard let value = parseWhole(seed) else {
            throw usage("--seed", "\"\(escaped(seed))\" is not a whole number, 0 or more")
        }
        return value
    }

    private func positive(_ flag: String, _ text: String) throws(Diagnosis) -> Double {
        guard let value = parseDecimal(text), value > 0, value < 1e15 else {
            throw usage(flag, "\"\(escaped(text))\" is not a positive amount")
        }
        return value
    }

    private func choice<Choice: RawRepresentable & CaseIterable>(
        _ flag: String, _ text: String
    ) throws(Diagnosis) -> Choice where Choice.RawValue == String {
        guard let value = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw usage(flag, "\"\(escaped(text))\" is not known", hint: "use \(known)")
        }
        return value
    }
}
