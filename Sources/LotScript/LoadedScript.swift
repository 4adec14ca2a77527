import LotCore
import LotEngine
import LotMath

/// A script whose file has run: what it declares is known, its parameters have no values yet.
struct LoadedScript {
    let host: ScriptHost
    let state: LuaState
    private let file: ScriptFile

    /// Runs the file of a script.
    ///
    /// - Parameters:
    ///   - file: The script.
    ///   - seed: Seed of the script's random numbers.
    ///   - address: The series it will run on.
    ///   - positionMode: Whether orders may name a leg.
    ///   - limits: Time of a callback and memory of the state.
    ///   - canRewind: Whether the state can be rewound to what it is afterwards.
    /// - Throws: 65 for what is wrong with the script.
    init(
        _ file: ScriptFile, seed: UInt64, address: SeriesAddress, positionMode: PositionMode,
        limits: ScriptLimits, canRewind: Bool = false
    ) throws(Diagnosis) {
        self.file = file
        host = ScriptHost(file, address)
        state = try LuaState(
            host: host, fileName: file.name, seed: seed, limits: limits, canRewind: canRewind)
        host.state = state
        try state.runPrelude(Prelude.text)
        try state.runScript(file.bytes, name: file.name)
        try state.call(
            "check",
            [
                .text(address.symbol), .text(address.interval.name),
                .text(address.market.rawValue), .text(positionMode.rawValue),
            ], label: "the main chunk")
    }

    /// Gives the parameters their values, and lets the script say whether they go together.
    ///
    /// - Parameter parameters: Values that replace the defaults: name and text.
    /// - Returns: Every parameter with its value, in the script's order.
    /// - Throws: 64 for one that is unknown, out of range, or against `where`.
    func take(_ parameters: [(String, String)]) throws(Diagnosis) -> [NamedParameter] {
        let values = try LoadedScript.resolve(parameters, host.declared, file.name)
        for parameter in values {
            try state.call(
                "parameter", LoadedScript.arguments(parameter), label: "the main chunk")
        }
        try state.call("where", label: "where")
        if let unmet = host.unmet {
            throw Diagnosis(
                .usage, kind: "script.where", subject: file.name, reason: unmet,
                hint: "choose values with --param")
        }
        return values
    }

    /// Calls `rules` or `on_init` and makes what the engine runs, once.
    ///
    /// - Throws: 65 for what they do wrong.
    func strategy() throws(Diagnosis) -> any Strategy {
        // The strategy's functions keep the state alive, and with it the host.
        defer { host.program = SeriesProgram() }
        if host.form == "rules" {
            try state.call("rules", label: "rules")
            return RuleStrategy(host.rules, program: host.program)
        }
        host.readsConditions = true
        try state.call("init", label: "on_init")
        return EventStrategy(state: state, host: host)
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
