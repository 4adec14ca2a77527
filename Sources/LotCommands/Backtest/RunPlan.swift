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
        if let stitch { return try StitchedPlan(self, stitch) }
        guard parts.isEmpty else { return try PortfolioPlan(self) }
        let plan = try BacktestPlan(self)
        guard plan.script.symbols.isEmpty else {
            throw usage(
                "--data", "\(escaped(plan.source.name)) runs over several symbols",
                hint: "leave --data and -p out, or name its symbols with --symbols")
        }
        return plan
    }
}

extension BacktestPlan: RunPlan {
    var sources: [String: [UInt8]] { script.bytesByPath }
    var barCount: Int { window.count }
}
