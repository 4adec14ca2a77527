import ArgumentParser
import LotCore

/// The flags that decide how orders fill.
struct SettingOptions: ParsableArguments {
    @Option(
        name: [.long, .customLong("starting-balance"), .customLong("dry-run-wallet")],
        help: ArgumentHelp("Cash at the start, in quote currency.", valueName: "amount"))
    var cash: String = "10000"

    @Option(
        help: ArgumentHelp(
            "Fee as a fraction of notional, or MAKER/TAKER: 0.001, 0.0002/0.0005.",
            valueName: "rate"))
    var fee: String = "0.001"

    @Option(
        help: ArgumentHelp(
            "How fills move against you: none, or bps:N basis points.", valueName: "model"))
    var slippage: String = "bps:2"

    @Option(
        name: .customLong("volume-limit"),
        help: ArgumentHelp(
            "Largest fraction of a bar's volume that may fill, or off.", valueName: "fraction"))
    var volumeLimit: String = "0.1"

    @Option(
        help: ArgumentHelp(
            "Missing bars: hold (no decision), fill (flat bars), error.", valueName: "policy"))
    var gaps: String = "hold"

    @Flag(
        name: .customLong("fill-on-touch"),
        help: "Resting limits fill when touched, not only when traded through.")
    var fillOnTouch = false

    @Option(
        help: ArgumentHelp(
            "Path inside a bar: worst (the worse outcome for you).", valueName: "model"))
    var intrabar: String = "worst"

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
    func settings() throws(Diagnosis) -> RunSettings {
        let (maker, taker) = try fees()
        return RunSettings(
            startingCash: try positive("--cash", cash), makerFee: maker, takerFee: taker,
            slippage: try slippageModel(), volumeLimit: try limit(),
            gaps: try choice("--gaps", gaps), fillOnTouch: fillOnTouch,
            intrabar: try choice("--intrabar", intrabar), seed: try seedValue(),
            maxOpenPositions: try mostPositions())
    }

    /// Returns `known` with the rules of `--instrument` in their place.
    func instrument(over known: Instrument) throws(Diagnosis) -> Instrument {
        guard let instrument else { return known }
        var result = known
        for part in instrument.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else {
                throw usage(
                    "--instrument", "\"\(escaped(part))\" is not name=value",
                    hint: "for example tick=0.01,lot=0.00001,min_notional=5")
            }
            try set(String(pair[0]), String(pair[1]), in: &result)
        }
        return result
    }

    private func set(
        _ name: String, _ value: String, in instrument: inout Instrument
    ) throws(Diagnosis) {
        let names = ["tick", "lot", "min_notional", "min_quantity"]
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
        default:
            throw usage(
                "--instrument", "unknown rule \"\(escaped(name))\"",
                hint: nearest(to: name, in: names).map { "did you mean \"\($0)\"?" }
                    ?? "known: \(names.joined(separator: ", "))")
        }
    }

    private func fees() throws(Diagnosis) -> (Double, Double) {
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
        if slippage == "none" { return .none }
        guard slippage.hasPrefix("bps:"), let points = parseDecimal(slippage.dropFirst(4)),
            (0..<5_000).contains(points)
        else {
            throw usage(
                "--slippage", "\"\(escaped(slippage))\" is not a model",
                hint: "use none, or bps:N with N from 0 to 5000")
        }
        return points == 0 ? .none : .basisPoints(points)
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
