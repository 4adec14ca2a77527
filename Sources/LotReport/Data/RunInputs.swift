public import LotCore

/// Everything that decides a run's result, known before it runs: what its identity is the hash of.
public struct RunInputs: Sendable, Hashable {
    /// Version of the engine.
    public var engineVersion: String
    /// What ran.
    public var strategy: StrategyIdentity
    /// What it ran on.
    public var data: DataIdentity
    /// The exchange's rules it ran under.
    public var instrument: Instrument
    /// Every setting.
    public var settings: RunSettings
    /// What goes into each symbol of a run over several, in name order; empty for one.
    public var portfolio: [SymbolData]
    /// The stretches that it is put together from; `nil` for a run of one piece.
    public var stitching: Stitching?

    /// Gathers inputs.
    public init(
        engineVersion: String, strategy: StrategyIdentity, data: DataIdentity,
        instrument: Instrument, settings: RunSettings, portfolio: [SymbolData] = [],
        stitching: Stitching? = nil
    ) {
        self.engineVersion = engineVersion
        self.strategy = strategy
        self.data = data
        self.instrument = instrument
        self.settings = settings
        self.portfolio = portfolio
        self.stitching = stitching
    }
}

extension RunResult {
    /// What decided the result.
    public var inputs: RunInputs {
        RunInputs(
            engineVersion: engineVersion, strategy: strategy, data: data,
            instrument: instrument, settings: settings, portfolio: portfolio,
            stitching: stitching)
    }
}

/// What has the inputs of a run: the inputs themselves, and a result.
protocol DecidedRun: SendableMetatype {
    var engineVersion: String { get }
    var strategy: StrategyIdentity { get }
    var data: DataIdentity { get }
    var instrument: Instrument { get }
    var settings: RunSettings { get }
    var portfolio: [SymbolData] { get }
    var stitching: Stitching? { get }
}

extension RunInputs: DecidedRun {}
extension RunResult: DecidedRun {}
