import LotCore
import LotEngine
import LotMath
import LotOptimize
import LotScript

/// Runs points of a strategy written as rules: all of a batch in one sweep, which computes every
/// series that several of them read once.
struct RuleTrialRunner: TrialRunner {
    let data: TrialData
    let threads: Int
    /// Runs what no sweep takes.
    let single: ScriptTrialRunner

    /// What a script made of a point.
    private enum Prepared: Sendable {
        case rules(ScriptRules)
        case outcome(TrialOutcome)
        /// It needs a state of its own while it runs.
        case alone
    }

    /// The script as one thread has it.
    private struct Preparer {
        private let scripts: TrialScripts
        private let script: Result<SearchedScript, Diagnosis>

        init(_ scripts: TrialScripts) {
            self.scripts = scripts
            script = Result { () throws(Diagnosis) in try scripts.searched() }
        }

        func prepare(_ point: Point) -> Prepared {
            do throws(Diagnosis) {
                guard let made = try script.get().rules(scripts.allParameters(point)) else {
                    return .alone
                }
                return .rules(made)
            } catch {
                return .outcome(TrialScripts.outcome(error))
            }
        }
    }

    func run(
        _ points: [Point], over segments: [Segment], keepsBlocks: Bool, cancel: CancelFlag,
        progress: @escaping @Sendable (Int) -> Void
    ) throws(Diagnosis) -> [TrialOutcome?] {
        let prepared = ParallelRunner(threads: threads, chunk: 16).run(
            count: points.count, cancel: cancel, makeWorker: { Preparer(data.scripts) }
        ) { $0.prepare(points[$1]) }
        guard !cancel.isSet else { return [TrialOutcome?](repeating: nil, count: points.count) }
        var outcomes = [TrialOutcome?](repeating: nil, count: points.count)
        var program = SeriesProgram()
        var sets: [(index: Int, set: RuleSet)] = []
        var alone: [Int] = []
        for (index, one) in prepared.enumerated() {
            switch one {
            case .outcome(let outcome): outcomes[index] = outcome
            case .rules(let made):
                let set = try self.set(made.rules, made.program, &program)
                sets.append((index, set))
            case .alone: alone.append(index)
            case nil: continue
            }
        }
        for (index, outcome) in zip(
            alone,
            try single.run(
                alone.map { points[$0] }, over: segments, keepsBlocks: keepsBlocks, cancel: cancel,
                progress: { _ in }))
        {
            outcomes[index] = outcome
        }
        let findings = try sweep(sets.map(\.set), program, segments, keepsBlocks, cancel)
        for (place, finding) in zip(sets, findings) {
            outcomes[place.index] = finding.map { .ran($0) }
        }
        progress(outcomes.count { $0 != nil })
        return outcomes
    }

    /// The rules as nodes of the program of all.
    private func set(
        _ rules: Rules, _ own: SeriesProgram, _ program: inout SeriesProgram
    ) throws(Diagnosis) -> RuleSet {
        let places = program.merge(own)
        func place(_ node: NodeID?) -> NodeID? { node.map { places[Int($0)] } }
        var rules = rules
        rules.enterLong = place(rules.enterLong)
        rules.exitLong = place(rules.exitLong)
        rules.enterShort = place(rules.enterShort)
        rules.exitShort = place(rules.exitShort)
        rules.plots = []
        let others = try data.scripts.others.bars(own)
        return RuleSet(rules, warmUp: own.firstRow(over: data.input.bars, others))
    }

    func measure(
        _ point: Point, over segment: Segment, from start: AccountStart
    ) throws(Diagnosis) -> MetricInput {
        try single.measure(point, over: segment, from: start)
    }

    private func sweep(
        _ sets: [RuleSet], _ program: SeriesProgram, _ segments: [Segment], _ keepsBlocks: Bool,
        _ cancel: CancelFlag
    ) throws(Diagnosis) -> [TrialFinding?] {
        guard !sets.isEmpty else { return [] }
        var input = data.input
        input.sources = try data.scripts.others.bars(program)
        let missing = data.missingBars(segments)
        guard segments.count > 1 else {
            input.window = data.rows(segments[0])
            return try runSweep(
                sets, program: program, input, on: ParallelRunner(threads: threads),
                cancel: cancel
            ) { _, found, evaluator in
                TrialFinding(found, missing, keepsBlocks, &evaluator)
            }
        }
        var parts = [[MetricInput]](repeating: [], count: sets.count)
        for segment in segments {
            input.window = data.rows(segment)
            let found = try runSweep(
                sets, program: program, input, on: ParallelRunner(threads: threads),
                cancel: cancel
            ) { _, found, _ in found }
            for (index, one) in found.enumerated() {
                if let one { parts[index].append(one) }
            }
        }
        let (joined, count) = (parts, segments.count)
        return ParallelRunner(threads: threads, chunk: 8).run(
            count: joined.count, makeWorker: { MetricEvaluator() }
        ) { evaluator, index in
            guard joined[index].count == count else { return nil }
            return TrialFinding(
                MetricInput(joining: joined[index]), missing, keepsBlocks, &evaluator)
        }.map { $0 ?? nil }
    }
}

extension TrialFinding {
    /// Evaluates a run.
    init(
        _ input: MetricInput, _ missingBars: Int, _ keepsBlocks: Bool,
        _ evaluator: inout MetricEvaluator
    ) {
        var input = input
        input.counters.missingBars = missingBars
        evaluator.evaluate(input)
        self.init(metrics: evaluator.values)
        guard keepsBlocks else { return }
        blocks.reserveCapacity(2 * BlockSums.count)
        evaluator.appendBlockSums(to: &blocks)
    }
}
