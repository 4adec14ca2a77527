public import LotCore
public import LotEngine
public import LotMath

/// The rules that a script makes of a set of parameters, and the series they read.
public struct ScriptRules: Sendable {
    /// The conditions.
    public var rules: Rules
    /// The graph that holds their nodes.
    public var program: SeriesProgram
}

/// A script that a search runs with one set of parameters after another.
///
/// The file runs once. Before each set the script's whole state is put back to what it was then,
/// byte by byte, so each set finds what a ``ScriptStrategy`` of its own would have found: a script
/// cannot carry anything from one set to the next. Not thread-safe; a thread has its own.
///
/// - Complexity: some ten microseconds a set, where a strategy of its own takes near a millisecond.
public final class SearchedScript {
    private let loaded: LoadedScript
    private let program: SeriesProgram

    /// Loads a script.
    ///
    /// - Parameters:
    ///   - file: The script.
    ///   - seed: Seed of the script's random numbers.
    ///   - address: The series it will run on.
    ///   - positionMode: Whether orders may name a leg.
    ///   - limits: Time of a callback and memory of the state.
    /// - Throws: A ``Diagnosis`` for what is wrong with the script.
    public init(
        _ file: ScriptFile, seed: UInt64 = 0, address: SeriesAddress,
        positionMode: PositionMode = .oneWay, limits: ScriptLimits = ScriptLimits()
    ) throws(Diagnosis) {
        loaded = try LoadedScript(
            file, seed: seed, address: address, positionMode: positionMode, limits: limits,
            canRewind: true)
        program = loaded.host.program
        try loaded.state.note()
    }

    /// Makes the rules for a set of parameters.
    ///
    /// - Parameter parameters: Values that replace the defaults: name and text.
    /// - Returns: `nil` where the script is written as events, or its functions compute series:
    ///   those need the state while they run.
    /// - Throws: As ``ScriptStrategy``: what the script says of them or does wrong.
    public func rules(_ parameters: [(String, String)]) throws(Diagnosis) -> ScriptRules? {
        rewind()
        _ = try loaded.take(parameters)
        let host = loaded.host
        guard host.form == "rules" else { return nil }
        try loaded.state.call("rules", label: "rules")
        guard !host.program.usesFunctions else { return nil }
        return ScriptRules(rules: host.rules, program: host.program)
    }

    /// Makes a strategy for a set of parameters, as ``ScriptStrategy`` does.
    ///
    /// - Parameter parameters: Values that replace the defaults: name and text.
    /// - Returns: What the engine runs, once, and before this script makes anything else.
    /// - Throws: As ``ScriptStrategy``: what the script says of them or does wrong.
    public func strategy(_ parameters: [(String, String)]) throws(Diagnosis) -> any Strategy {
        rewind()
        _ = try loaded.take(parameters)
        return try loaded.strategy()
    }

    private func rewind() {
        loaded.host.rewind(program)
        loaded.state.rewind()
    }
}
