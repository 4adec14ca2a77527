import ArgumentParser
import LotCore

/// The flags that concern perpetuals only.
struct PerpetualOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Notional over the margin set aside for it (default: 1); SYMBOL=N for one symbol, as "
                + "3,BTCUSDT=10.",
            valueName: "n|symbol=n"))
    var leverage: [String] = []

    @Option(
        help: ArgumentHelp(
            "What answers for losses: isolated (the position's margin), cross (the account).",
            valueName: "mode"), completion: .list(MarginMode.allCases.map(\.rawValue)))
    var margin: String?

    @Option(
        name: .customLong("position-mode"),
        help: ArgumentHelp(
            "one-way (long or short), hedge (a long and a short leg).", valueName: "mode"),
        completion: .list(PositionMode.allCases.map(\.rawValue)))
    var positionMode: String?

    @Option(
        help: ArgumentHelp(
            "Maintenance margin as a fraction of notional, in place of the stored table.",
            valueName: "rate"))
    var maintenance: String?

    @Flag(name: .customLong("no-funding"), help: "Charge no funding.")
    var noFunding = false

    /// The leverage of every symbol, and of those that have one of their own.
    struct Leverages {
        fileprivate(set) var common: Double?
        fileprivate(set) var own: [String: Double] = [:]

        /// The leverage of a symbol; `nil` if none is given.
        subscript(symbol: String) -> Double? { own[symbol] ?? common }
    }

    /// Reads `--leverage`: `5`, `BTCUSDT=10`, several joined by commas or given one after another.
    func leverages() throws(Diagnosis) -> Leverages {
        var result = Leverages()
        let texts = leverage.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let number = parts.last, let value = parseDecimal(number), value >= 1,
                value <= 1_000
            else {
                throw usage(
                    "--leverage", "\"\(escaped(text))\" is not a number from 1 to 1000",
                    hint: "5 is for every symbol, BTCUSDT=10 for one")
            }
            let name = parts.count == 2 ? parts[0].uppercased().filter { $0 != "/" } : ""
            guard parts.count == 1 || !name.isEmpty else {
                throw usage("--leverage", "\"\(escaped(text))\" names no symbol")
            }
            if name.isEmpty ? result.common != nil : result.own[name] != nil {
                throw usage(
                    "--leverage",
                    "given twice" + (name.isEmpty ? "" : " for \(escaped(name))"),
                    hint: "keep one")
            }
            if name.isEmpty { result.common = value } else { result.own[name] = value }
        }
        return result
    }

    /// Refuses a leverage for a symbol that no run has.
    func checkNames(_ symbols: Set<String>) throws(Diagnosis) {
        let names = symbols.sorted()
        for name in try leverages().own.keys.sorted() where !symbols.contains(name) {
            throw usage(
                "--leverage", "no run is over \(escaped(name))",
                hint: nearest(to: name, in: names).map { "did you mean \"\($0)\"?" }
                    ?? "they are over " + names.prefix(8).joined(separator: ", "))
        }
    }

    /// The settings these flags describe, with a symbol's leverage.
    func settings(_ leverage: Double?) throws(Diagnosis) -> PerpetualSettings {
        var settings = PerpetualSettings(chargesFunding: !noFunding)
        if let leverage { settings.leverage = leverage }
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
    func check(
        _ address: SeriesAddress, _ instrument: Instrument, _ settings: PerpetualSettings
    ) throws(Diagnosis) {
        guard address.market == .spot else {
            return try checkLeverage(address, instrument, settings)
        }
        let given = [
            leverage.isEmpty ? nil : "--leverage", margin.map { _ in "--margin" },
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
        _ address: SeriesAddress, _ instrument: Instrument, _ settings: PerpetualSettings
    ) throws(Diagnosis) {
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
