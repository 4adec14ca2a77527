import LotCore
import LotEngine
import LotMath
import LotOptimize
import LotScript

/// Runs points one by one on several threads: strategies of events, and rules that no sweep takes
/// (functions of the script, two positions at once).
struct ScriptTrialRunner: TrialRunner {
    let scripts: TrialScripts
    /// Bars, window and settings; the window is that of the segments.
    let input: BacktestInput
    let missingBars: Int
    let threads: Int

    func run(
        _ points: [Point], over segments: [Segment], keepsBlocks: Bool, cancel: CancelFlag,
        progress: @escaping @Sendable (Int) -> Void
    ) throws(Diagnosis) -> [TrialOutcome?] {
        ParallelRunner(threads: threads).run(
            count: points.count, cancel: cancel, makeWorker: { MetricEvaluator() },
            finished: progress
        ) { evaluator, index in
            do throws(Diagnosis) {
                let inputs = try run(points[index], segments)
                let whole = inputs.count == 1 ? inputs[0] : MetricInput(joining: inputs)
                return .ran(TrialFinding(whole, missingBars, keepsBlocks, &evaluator))
            } catch {
                return TrialScripts.outcome(error)
            }
        }
    }

    private func run(
        _ point: Point, _ segments: [Segment]
    ) throws(Diagnosis) -> [MetricInput] {
        var results: [MetricInput] = []
        for segment in segments { results.append(try measure(point, over: segment)) }
        return results
    }

    /// What the metrics of one run are computed from.
    func measure(_ point: Point, over segment: Segment) throws(Diagnosis) -> MetricInput {
        let script = try scripts.strategy(point)
        var input = input
        input.window = segment.rows
        input.sources = try scripts.others.bars(script.strategy.program)
        let outcome = try runBacktest(script.strategy, input)
        var found = outcome.metricInput(input)
        found.counters.missingBars = missingBars
        return found
    }
}

extension BacktestOutcome {
    /// What the metrics of the search set are computed from.
    func metricInput(_ input: BacktestInput) -> MetricInput {
        MetricInput(
            equity: equity.tracker, trades: trades.map(\.record), fees: fees, slippage: slippage,
            counters: counters, windowBars: input.window.count,
            startTime: input.bars.openTime[input.window.lowerBound],
            endTime: input.bars.closeTime(input.window.upperBound - 1),
            daysPerYear: input.settings.daysPerYear)
    }
}
