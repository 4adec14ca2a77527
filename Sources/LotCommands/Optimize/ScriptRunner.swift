import LotCore
import LotData
import LotEngine
import LotMath
import LotOptimize
import LotScript

/// Runs the points of a script: in sweeps where its form allows it, else one by one.
struct ScriptRunner: TrialRunner {
    private let scripts: TrialScripts
    private let sweeps: RuleTrialRunner?
    private let single: ScriptTrialRunner

    /// Makes a runner of a loaded run.
    init(_ plan: BacktestPlan, _ space: SearchSpace, threads: Int) {
        let time =
            plan.bars.openTime[
                plan.window.lowerBound]...plan.bars.closeTime(
                plan.window.upperBound - 1)
        scripts = TrialScripts(
            space: space, source: plan.source, request: plan.request, bars: plan.bars,
            others: TrialSources(
                OtherSeriesLoader(
                    store: plan.request.workspace.store, main: plan.request.address,
                    gaps: plan.request.settings.gaps, origins: plan.request.origins, time: time)))
        let missing = plan.gaps.reduce(0) { $0 + $1.bars }
        single = ScriptTrialRunner(
            scripts: scripts, input: plan.input, missingBars: missing, threads: threads)
        let isHedged =
            plan.request.instrument.market == .perp
            && plan.request.settings.perpetual.positionMode == .hedge
        let program = plan.script.strategy.program
        sweeps =
            plan.script.rules == nil || isHedged || program.usesFunctions
            ? nil
            : RuleTrialRunner(
                scripts: scripts, input: plan.input, missingBars: missing, threads: threads,
                single: single)
    }

    /// What `--param` takes for a point.
    func parameters(_ point: Point) -> [(String, String)] { scripts.parameters(point) }

    func run(
        _ points: [Point], over segments: [Segment], keepsBlocks: Bool, cancel: CancelFlag,
        progress: @escaping @Sendable (Int) -> Void
    ) throws(Diagnosis) -> [TrialOutcome?] {
        if let sweeps {
            return try sweeps.run(
                points, over: segments, keepsBlocks: keepsBlocks, cancel: cancel, progress: progress
            )
        }
        return try single.run(
            points, over: segments, keepsBlocks: keepsBlocks, cancel: cancel, progress: progress)
    }

    func measure(_ point: Point, over segment: Segment) throws(Diagnosis) -> MetricInput {
        try single.measure(point, over: segment)
    }
}
