import ArgumentParser
import LotCore

/// The flags that concern perpetuals only.
struct PerpetualOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Notional over the margin set aside for it (default: 1).", valueName: "n"))
    var leverage: String?

    @Option(
        help: ArgumentHelp(
            "What answers for losses: isolated (the position's margin), cross (the account).",
            valueName: "mode"))
    var margin: String?

    @Option(
        name: .customLong("position-mode"),
        help: ArgumentHelp(
            "one-way (long or short), hedge (a long and a short leg).", valueName: "mode"))
    var positionMode: String?

    @Option(
        help: ArgumentHelp(
            "Maintenance margin as a fraction of notional, in place of the stored table.",
            valueName: "rate"))
    var maintenance: String?

    @Flag(name: .customLong("no-funding"), help: "Charge no funding.")
    var noFunding = false

    /// The settings these flags describe.
    func settings() throws(Diagnosis) -> PerpetualSettings {
        var settings = PerpetualSettings(chargesFunding: !noFunding)
        if let leverage {
            guard let value = parseDecimal(leverage), value >= 1, value <= 1_000 else {
                throw usage(
                    "--leverage", "\"\(escaped(leverage))\" is not a number from 1 to 1000")
            }
            settings.leverage = value
        }
        if let maintenance {
            guard let rate = parseDecimal(maintenance), rate > 0, rate < 1 else {
                throw usage(
                    "--maintenance", "\"\(escaped(maintenance))\" is not between 0 and 1",
                    hint: "0.005 is 0.5 % of the position's value")
            }
            settings.maintenanceRate = rate
        }
        if let margin { settings.margin = try choice("--margin", margin) }
        if let positionMode {
            settings.positionMode = try choice("--position-mode", positionMode)
        }
        return settings
    }

    /// Refuses flags that mean nothing on a spot market, and leverage that an exchange refuses.
    func check(_ address: SeriesAddress, _ instrument: Instrument) throws(Diagnosis) {
        guard address.market == .spot else { return try checkLeverage(address, instrument) }
        let given = [
            leverage.map { _ in "--leverage" }, margin.map { _ in "--margin" },
            positionMode.map { _ in "--position-mode" },
            maintenance.map { _ in "--maintenance" }, noFunding ? "--no-funding" : nil,
        ].compactMap(\.self)
        if let flag = given.first {
            throw usage(
                flag, "\(address) is a spot market, which has no margin and no funding",
                hint: "a perpetual is \(address.exchange).perp:\(address.symbol):"
                    + address.interval.name)
        }
    }

    private func checkLeverage(
        _ address: SeriesAddress, _ instrument: Instrument
    ) throws(Diagnosis) {
        let settings = try settings()
        let most = settings.largestLeverage(instrument)
        guard settings.leverage > most else { return }
        let rate = settings.tiers(instrument)[0].rate
        throw usage(
            "--leverage",
            "\(settings.leverage) is above \(most), the largest for \(address.symbol)",
            hint: "its maintenance margin is \(rate) of notional")
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
