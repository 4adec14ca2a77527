import LotCore
import LotEngine
import LotMath

/// Rule sets whose entries are a cross of two exponential averages under a ceiling of the relative
/// strength index, with a stop and a target: what people search most.
struct BracketSweep: Sendable {
    var program = SeriesProgram()
    var sets: [RuleSet] = []

    /// Every combination of the parameters: `5 · slow · 5 · 5 · 8` sets.
    ///
    /// - Parameter slow: Number of lengths of the slow average.
    init(slow: Int) {
        func indicator(_ name: String) -> Int { IndicatorRegistry.index(of: name) ?? 0 }
        let (ema, rsi, close) = (indicator("ema"), indicator("rsi"), program.field(.close))
        let ceiling = program.constant(65)
        for fast in stride(from: 8, through: 24, by: 4) {
            let quick = program.indicator(ema, input: close, parameters: [Double(fast)])[0]
            for step in 0..<slow {
                let length = 40 + 12 * step
                let calm = program.indicator(ema, input: close, parameters: [Double(length)])[0]
                let crosses = program.apply(.crossesAbove, [quick, calm])
                let exits = program.apply(.crossesBelow, [quick, calm])
                for window in stride(from: 8, through: 24, by: 4) {
                    let strength = program.indicator(
                        rsi, input: close, parameters: [Double(window)])[0]
                    let below = program.apply(.below, [strength, ceiling])
                    add(program.apply(.and, [crosses, below]), exits, warmUp: length + 1)
                }
            }
        }
    }

    /// Five stops with eight targets, around 2 % and 4 %.
    private mutating func add(_ enters: NodeID, _ exits: NodeID, warmUp: Int) {
        for stop in 0..<5 {
            for target in 0..<8 {
                let bracket = Bracket(
                    stopLoss: 0.01 + 0.005 * Double(stop),
                    takeProfit: 0.02 + 0.005 * Double(target))
                let rules = Rules(enterLong: enters, exitLong: exits, bracket: bracket)
                sets.append(RuleSet(rules, warmUp: warmUp))
            }
        }
    }
}

extension Bench {
    /// 10,000 sets on one pass of the clock: SMA crosses, and three indicators with stop and target.
    static func largeSweeps(_ bars: Bars) throws {
        if wants("sweep-10000") {
            let sweep = CrossSweep.twenty(slow: 500)
            try time("sweep, 10,000 SMA-cross pairs", sweep.sets, sweep.program, bars)
        }
        if wants("sweep-brackets") {
            let sweep = BracketSweep(slow: 10)
            try time(
                "sweep, 10,000 sets, three indicators, brackets", sweep.sets, sweep.program, bars)
        }
    }

    /// Times a sweep on two threads by the wall clock, once; `LOT_BENCH_SETS` of its sets.
    private static func time(
        _ name: String, _ sets: [RuleSet], _ program: SeriesProgram, _ bars: Bars
    ) throws {
        let step = max(1, sets.count / setLimit)
        let sets = stride(from: 0, to: sets.count, by: step).map { sets[$0] }
        for threads in threadCounts {
            let (start, used) = (wallSeconds(), cpuSeconds())
            let findings = try runSweep(
                sets, program: program, CrossSweep.input(bars),
                on: ParallelRunner(threads: threads)
            ) { _, input, evaluator in
                evaluator.evaluate(input)
                return CrossSweep.Finding(
                    trades: input.trades.count, orders: input.counters.orders,
                    metrics: evaluator.values)
            }.compactMap(\.self)
            let (seconds, processor) = (wallSeconds() - start, cpuSeconds() - used)
            guard findings.count == sets.count else { throw BenchFailure(reason: name) }
            let evaluations = Double(bars.count * sets.count) / 1e6
            let sharpe = MetricDefinition.searchIndex(of: "sharpe") ?? 0
            report(
                name,
                short(evaluations / seconds) + " M bar-evaluations/s on \(threads) threads, "
                    + short(evaluations / processor) + " M per core  "
                    + "[\(sets.count) sets, \(findings.reduce(0) { $0 + $1.trades }) trades, "
                    + "\(findings.reduce(0) { $0 + $1.metrics[sharpe] })]")
        }
    }
}
