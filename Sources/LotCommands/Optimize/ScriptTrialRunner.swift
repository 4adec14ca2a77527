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
                    inputs.append(try measure(points[index], over: segment, worker))
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

    func measure(_ point: Point, over segment: Segment) throws(Diagnosis) -> MetricInput {
        try measure(point, over: segment, Worker(parts))
    }

    private func measure(
        _ point: Point, over segment: Segment, _ worker: Worker
    ) throws(Diagnosis) -> MetricInput {
        var found =
            parts.count == 1
            ? try single(parts[0], point, segment, worker)
            : try together(point, segment, worker)
        found.counters.missingBars = parts.reduce(0) { $0 + $1.missingBars([segment]) }
        return found
    }

    private func single(
        _ part: TrialData, _ point: Point, _ segment: Segment, _ worker: Worker
    ) throws(Diagnosis) -> MetricInput {
        let strategy = try worker.strategy(0, part, point)
        var input = part.input
        input.window = part.rows(segment)
        input.sources = try part.scripts.others.bars(strategy.program)
        let outcome = try runBacktest(strategy, input)
        return outcome.metricInput(
            windowBars: input.window.count, startTime: input.bars.openTime[input.window.lowerBound],
            endTime: input.bars.closeTime(input.window.upperBound - 1), settings)
    }

    private func together(
        _ point: Point, _ segment: Segment, _ worker: Worker
    ) throws(Diagnosis) -> MetricInput {
        var strategies: [any Strategy] = []
        var symbols: [PortfolioSymbol] = []
        var (start, end) = (Int64.max, Int64.min)
        for (index, part) in parts.enumerated() {
            let strategy = try worker.strategy(index, part, point)
            let (input, rows) = (part.input, part.rows(segment))
            symbols.append(
                PortfolioSymbol(
                    name: part.name, bars: input.bars, window: rows, instrument: input.instrument,
                    sources: try part.scripts.others.bars(strategy.program),
                    perpetual: input.perpetual, detail: input.detail))
            strategies.append(strategy)
            guard let last = rows.last else { continue }
            start = min(start, input.bars.openTime[rows.lowerBound])
            end = max(end, input.bars.closeTime(last))
        }
        let outcome = try runPortfolio(
            strategies, PortfolioInput(symbols, settings: settings), progress: nil)
        return outcome.account.metricInput(
            windowBars: outcome.bars, startTime: start, endTime: end, settings)
    }
}

extension BacktestOutcome {
    /// What the metrics of the search set are computed from.
    func metricInput(
        windowBars: Int, startTime: Int64, endTime: Int64, _ settings: RunSettings
    ) -> MetricInput {
        MetricInput(
            equity: equity.tracker, trades: trades.map(\.record), fees: fees, slippage: slippage,
            counters: counters, windowBars: windowBars, startTime: startTime, endTime: endTime,
            daysPerYear: settings.daysPerYear)
    }
}
