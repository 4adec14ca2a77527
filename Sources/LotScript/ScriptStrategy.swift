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
        let loaded = try LoadedScript(
            file, seed: seed, address: address, positionMode: positionMode, limits: limits)
        let host = loaded.host
        self.parameters = try loaded.take(parameters)
        strategy = try loaded.strategy()
        rules = host.form == "rules" ? host.rules : nil
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

    /// Runs a script's main chunk to see which parameters it declares.
    ///
    /// - Parameters:
    ///   - file: The script.
    ///   - limits: Time and memory of the state.
    /// - Returns: The parameters in the script's order.
    /// - Throws: A ``Diagnosis`` (65) for what is wrong with the script.
    public static func parameters(
        _ file: ScriptFile, limits: ScriptLimits = ScriptLimits()
    ) throws(Diagnosis) -> [DeclaredParameter] {
        try ScriptHost.declarations(of: file, limits).declared
    }
}
