import LotCore
import LotEngine
import LotMath
import LotOptimize
import LotScript

/// Runs the points of a script: in sweeps where its form allows it, else one by one.
struct ScriptRunner: TrialRunner {
    private let sweeps: RuleTrialRunner?
    private let single: ScriptTrialRunner

    /// Makes a runner of loaded runs, one for each symbol, in name order.
    init(_ plans: [BacktestPlan], _ space: SearchSpace, _ settings: RunSettings, threads: Int) {
        let parts = plans.map { TrialData($0, space) }
        single = ScriptTrialRunner(parts: parts, settings: settings, threads: threads)
        let plan = plans[0]
        let isHedged =
            plan.request.instrument.market == .perp
            && plan.request.settings.perpetual.positionMode == .hedge
        sweeps =
            plans.count > 1 || plan.script.rules == nil || isHedged
                || plan.script.strategy.program.usesFunctions
            ? nil : RuleTrialRunner(data: parts[0], threads: threads, single: single)
    }

    /// What makes strategies of points.
    var scripts: TrialScripts { single.parts[0].scripts }

    /// Enough points for a sweep to share series among them, yet no more than some seconds' work.
    ///
    /// A sweep computes a series once for all points that read it; of the neighbours in a grid few
    /// hundred share one length and nothing else. Little must be lost when the power goes.
    var sharedPoints: Int {
        guard sweeps != nil else { return 1 }
        let bars = max(1, single.parts.reduce(0) { $0 + $1.input.window.count })
        return max(128, min(2_048, 4_000_000_000 / bars))
    }

    /// Bars that trials run over in a stretch, of all symbols.
    func barCount(_ segments: [Segment]) -> Int {
        segments.reduce(0) { sum, segment in
            sum + single.parts.reduce(0) { $0 + $1.rows(segment).count }
        }
    }

    func run(
        _ points: [Point], over segments: [Segment], keepsBlocks: Bool, cancel: CancelFlag,
        progress: @escaping @Sendable (Int) -> Void
    ) throws(Diagnosis) -> [TrialOutcome?] {
        if let sweeps {
            return try sweeps.run(
                points, over: segments, keepsBlocks: keepsBlocks, cancel: cancel,
                progress: progress)
        }
        return try single.run(
            points, over: segments, keepsBlocks: keepsBlocks, cancel: cancel, progress: progress)
    }

    func measure(
        _ point: Point, over segment: Segment, from start: AccountStart
    ) throws(Diagnosis) -> MetricInput {
        try single.measure(point, over: segment, from: start)
    }
}
