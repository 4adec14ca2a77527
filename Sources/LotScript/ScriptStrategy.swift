public import LotCore
public import LotEngine
import LotMath

/// A strategy made from a script and the values of its parameters, ready to run.
///
/// The script's file has run, and so has `rules` or `on_init`: every series is declared.
/// One strategy serves one run. Not thread-safe.
public final class ScriptStrategy {
    /// The name the script gives itself.
    public let name: String
    /// `rules` or `events`.
    public let form: String
    /// The symbols it wants to run over, as `--symbols` takes them; empty if it names none.
    public let symbols: String
    /// Parameters as the script declares them, in its order.
    public let declaredParameters: [DeclaredParameter]
    /// The values of this run, in the same order.
    public let parameters: [NamedParameter]
    /// The bytes of the script and of every file it requires, by path; for the run's manifest.
    public let bytesByPath: [String: [UInt8]]
    /// What the engine runs.
    public let strategy: any Strategy
    /// The conditions of a strategy of rules; `nil` for events.
    public let rules: Rules?

    /// Loads a script and prepares it for a run.
    ///
    /// - Parameters:
    ///   - file: The script.
    ///   - parameters: Values that replace the defaults: name and text.
    ///   - seed: Seed of the script's random numbers.
    ///   - address: The series it will run on, as `ctx.symbol` and `ctx.interval` show it.
    ///   - positionMode: Whether orders may name a leg.
    ///   - limits: Time of a callback and memory of the state.
    /// - Throws: A ``Diagnosis``: 64 for a parameter that is unknown, out of range, or against
    ///   `where`; 65 for everything wrong with the script itself.
    public init(
        _ file: ScriptFile, parameters: [(String, String)] = [], seed: UInt64 = 0,
        address: SeriesAddress, positionMode: PositionMode = .oneWay,
        limits: ScriptLimits = ScriptLimits()
    ) throws(Diagnosis) {
        let host = ScriptHost(file, address)
        let state = try LuaState(host: host, fileName: file.name, seed: seed, limits: limits)
        host.state = state
        try state.runPrelude(Prelude.text)
        try state.runScript(file.bytes, name: file.name)
        try state.call(
            "check",
            [
                .text(address.symbol), .text(address.interval.name),
                .text(address.market.rawValue), .text(positionMode.rawValue),
            ], label: "the main chunk")
        let values = try ScriptStrategy.resolve(parameters, host.declared, file.name)
        for parameter in values {
            try state.call(
                "parameter", ScriptStrategy.arguments(parameter), label: "the main chunk")
        }
        try state.call("where", label: "where")
        if let unmet = host.unmet {
            throw Diagnosis(
                .usage, kind: "script.where", subject: file.name, reason: unmet,
                hint: "choose values with --param")
        }
        if host.form == "rules" {
            try state.call("rules", label: "rules")
            strategy = RuleStrategy(host.rules, program: host.program)
            rules = host.rules
        } else {
            host.readsConditions = true
            try state.call("init", label: "on_init")
            strategy = EventStrategy(state: state, host: host)
            rules = nil
        }
        // The functions in it keep the state alive, and with it the host.
        host.program = SeriesProgram()
        self.parameters = values
        name = host.name
        form = host.form
        symbols = host.symbols
        declaredParameters = host.declared
        bytesByPath = host.bytesByPath
    }

    /// Runs a script's main chunk to see which symbols it wants to run over.
    ///
    /// - Parameters:
    ///   - file: The script.
    ///   - limits: Time and memory of the state.
    /// - Returns: As `--symbols` takes them; empty if it names none.
    /// - Throws: A ``Diagnosis`` (65) for what is wrong with the script.
    public static func symbols(
        _ file: ScriptFile, limits: ScriptLimits = ScriptLimits()
    ) throws(Diagnosis) -> String {
        try ScriptHost.declarations(of: file, limits).symbols
    }

    /// The values of the run: defaults, and what was asked for instead.
    private static func resolve(
        _ overrides: [(String, String)], _ declared: [DeclaredParameter], _ file: String
    ) throws(Diagnosis) -> [NamedParameter] {
        for (name, _) in overrides where !declared.contains(where: { $0.name == name }) {
            let names = declared.map(\.name)
            let near = nearest(to: name, in: names)
            let known = names.isEmpty ? "it has none" : "it has " + names.joined(separator: ", ")
            throw Diagnosis(
                .usage, kind: "script.parameter", subject: file,
                reason: "no parameter \"\(escaped(name))\"",
                hint: near.map { "did you mean \"\($0)\"?" } ?? known)
        }
        var values: [NamedParameter] = []
        for parameter in declared {
            let text = overrides.last { $0.0 == parameter.name }?.1
            var value = parameter.defaultValue
            if let text { value = try parameter.value(parsing: text, file: file) }
            values.append(NamedParameter(parameter.name, value))
        }
        return values
    }

    private static func arguments(_ parameter: NamedParameter) -> [LuaValue] {
        switch parameter.value {
        case .int(let value): [.text(parameter.name), .number(Double(value)), .text("int")]
        case .float(let value): [.text(parameter.name), .number(value), .text("float")]
        case .choice(let value): [.text(parameter.name), .text(value), .text("choice")]
        case .bool(let value): [.text(parameter.name), .flag(value), .text("bool")]
        }
    }
}
