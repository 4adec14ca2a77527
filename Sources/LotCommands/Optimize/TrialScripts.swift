import LotCore
import LotData
import LotEngine
import LotMath
import LotOptimize
import LotScript
import Synchronization

/// Makes a strategy of a point, and finds the bars that it reads beside its own.
struct TrialScripts: Sendable {
    let space: SearchSpace
    let source: ScriptFile
    let request: RunRequest
    let bars: Bars
    let others: TrialSources

    /// A fresh strategy with parameters.
    ///
    /// - Throws: What the script says of them, ``isRefusal(_:)``, or does wrong.
    func strategy(_ parameters: [(String, String)]) throws(Diagnosis) -> ScriptStrategy {
        var request = request
        request.parameters = parameters
        return try BacktestPlan.strategy(source, request)
    }

    /// The script, loaded to be run with one point after another.
    func searched() throws(Diagnosis) -> SearchedScript {
        try SearchedScript(
            source, seed: request.settings.seed, address: request.address,
            positionMode: request.settings.perpetual.positionMode, limits: request.limits)
    }

    /// Fixed parameters, and those of a point.
    func allParameters(_ point: Point) -> [(String, String)] {
        request.parameters + parameters(point)
    }

    /// What `--param` would take.
    func parameters(_ point: Point) -> [(String, String)] {
        space.dimensions.indices.map { index in
            (space.dimensions[index].name, space.text(point, index))
        }
    }

    /// The outcome of a point whose script ended with an error.
    static func outcome(_ error: Diagnosis) -> TrialOutcome {
        error.kind == "script.where" ? .refused(error.reason) : .failed(error.message)
    }
}

/// The other series that the points of a study read: each is opened once.
final class TrialSources: Sendable {
    private let loader: OtherSeriesLoader
    private let opened = Mutex<[SeriesAddress: Bars]>([:])

    init(_ loader: OtherSeriesLoader) { self.loader = loader }

    /// The series that a program names.
    ///
    /// - Throws: 66 if one is neither stored nor can be made of finer bars.
    func bars(_ program: SeriesProgram) throws(Diagnosis) -> SourceBars {
        guard !program.sources.isEmpty else { return SourceBars() }
        var result: [SeriesAddress: Bars] = [:]
        for address in program.sources { result[address] = try load(address) }
        return SourceBars(result)
    }

    /// What is recorded of a series.
    ///
    /// - Throws: As ``bars(_:)``.
    func identity(_ address: SeriesAddress) throws(Diagnosis) -> OtherSeries {
        try loader.load(address).identity
    }

    private func load(_ address: SeriesAddress) throws(Diagnosis) -> Bars {
        if let known = opened.withLock({ $0[address] }) { return known }
        let bars = try loader.load(address).bars
        opened.withLock { $0[address] = bars }
        return bars
    }
}
