import LotCore
import LotEngine
import LotMath
import LotOptimize
import LotScript

/// Runs points one by one on several threads: strategies of events, rules that no sweep takes
/// (functions of the script, two positions at once), and several symbols over one account.
struct ScriptTrialRunner: TrialRunner {
    /// The symbols in name order; usually one.
    let parts: [TrialData]
    let settings: RunSettings
    let threads: Int

    func run(
        _ points: [Point], over segments: [Segment], keepsBlocks: Bool, cancel: CancelFlag,
        progress: @escaping @Sendable (Int) -> Void
    ) throws(Diagnosis) -> [TrialOutcome?] {
        let missing = parts.reduce(0) { $0 + $1.missingBars(segments) }
        return ParallelRunner(threads: threads).run(
            count: points.count, cancel: cancel, makeWorker: { Worker(parts) },
            finished: progress
        ) { worker, index in
            do throws(Diagnosis) {
                var inputs: [MetricInput] = []
                for segment in segments {
                    inputs.append(
                        try measure(points[index], over: segment, from: AccountStart(), worker))
                }
                let whole = inputs.count == 1 ? inputs[0] : MetricInput(joining: inputs)
                return .ran(TrialFinding(whole, missing, keepsBlocks, &worker.evaluator))
            } catch {
                return TrialScripts.outcome(error)
            }
        }
    }

    /// What a thread keeps between its points: the script of each symbol, loaded once.
    private struct Worker {
        var evaluator = MetricEvaluator()
        private let scripts: [Result<SearchedScript, Diagnosis>]

        init(_ parts: [TrialData]) {
            scripts = parts.map { part in
                Result { () throws(Diagnosis) in try part.scripts.searched() }
            }
        }

        /// The strategy of a point for a symbol; it serves one run, and ends the one before.
        func strategy(
            _ index: Int, _ part: TrialData, _ point: Point
        ) throws(Diagnosis) -> any Strategy {
            try scripts[index].get().strategy(part.scripts.allParameters(point))
        }
    }

    func measure(
        _ point: Point, over segment: Segment, from start: AccountStart
    ) throws(Diagnosis) -> MetricInput {
        try measure(point, over: segment, from: start, Worker(parts))
    }

    private func measure(
        _ point: Point, over segment: Segment, from start: AccountStart, _ worker: Worker
    ) throws(Diagnosis) -> MetricInput {
        let stretches = StretchRunner(parts: parts, settings: settings)
        var strategies: [any Strategy] = []
        for (index, part) in parts.enumerated() {
            strategies.append(try worker.strategy(index, part, point))
        }
        return parts.count == 1
            ? stretches.measured(
                try stretches.single(strategies[0], over: segment, from: start), over: segment)
            : stretches.measured(
                try stretches.together(strategies, over: segment, from: start), over: segment)
    }
}
