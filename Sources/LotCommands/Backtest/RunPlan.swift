import LotCore
import LotEngine
import LotReport
import LotScript

/// A run that was asked for, checked and loaded: over one symbol, or over several.
protocol RunPlan {
    /// Everything that decides the result.
    var inputs: RunInputs { get }
    /// The bytes of the script and of every file it requires, by path.
    var sources: [String: [UInt8]] { get }
    /// Bars of all symbols together.
    var barCount: Int { get }

    /// Runs it, once, and gathers its result.
    func run(
        progress: ((Int) -> Void)?
    ) throws(Diagnosis) -> (result: RunResult, notes: RunNotesSnapshot)
}

extension RunRequest {
    /// Loads script and data.
    func plan() throws(Diagnosis) -> any RunPlan {
        parts.isEmpty ? try BacktestPlan(self) : try PortfolioPlan(self)
    }
}

extension BacktestPlan: RunPlan {
    var sources: [String: [UInt8]] { script.bytesByPath }
    var barCount: Int { window.count }
}
