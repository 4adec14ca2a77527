import LotCore
import LotEngine
import LotMath
import LotScript

/// What a second thread brings: the same runs on one thread and on two, timed by the wall clock.
extension Bench {
    static func parallel(_ bars: Bars, _ address: SeriesAddress) throws {
        let sma = IndicatorRegistry.index(of: "sma") ?? 0
        // A run a parameter pair, so that no two do the same.
        try compare("rules, 64 runs", runs: 64, bars) { index in
            var program = SeriesProgram()
            let close = program.field(.close)
            let fast = program.indicator(
                sma, input: close, parameters: [Double(5 + index % 8 * 3)])[0]
            let slow = program.indicator(
                sma, input: close, parameters: [Double(60 + index / 8 * 20)])[0]
            return RuleStrategy(
                Rules(
                    enterLong: program.apply(.crossesAbove, [fast, slow]),
                    exitLong: program.apply(.crossesBelow, [fast, slow])), program: program)
        }
        let file = try ScriptFile(
            name: "bench.lua", bytes: Array(BenchScripts.smaCross.utf8))
        try compare("events, 8 runs", runs: 8, bars) { index in
            try? ScriptStrategy(file, seed: UInt64(index), address: address).strategy
        }
    }

    /// Sweeps on two threads against one, and beside them what the machine gives: two processes,
    /// each with a sweep of its own on one thread, against one such process.
    static func sweepScaling(_ bars: Bars, _ folder: String) throws {
        for sets in [100, 1_000] {
            let sweep = sets == 100 ? CrossSweep.hundred : CrossSweep.twenty(slow: sets / 20)
            let child = [CommandLine.arguments[0], "sweep-child", folder, "\(sets)"]
            var best = [Double.infinity, .infinity]
            var alone = [Double.infinity, .infinity]
            var results: Set<[UInt64]> = []
            var ratios: [Double] = []
            for _ in 0..<(sets == 100 ? 15 : 5) {
                var round = [0.0, 0]
                for threads in [1, 2] {
                    var start = wallSeconds()
                    let findings = sweep.run(bars, threads: threads)
                    round[threads - 1] = wallSeconds() - start
                    best[threads - 1] = min(best[threads - 1], round[threads - 1])
                    results.insert(
                        findings.flatMap { $0.metrics.map { $0.isNaN ? 0 : $0.bitPattern } })
                    start = wallSeconds()
                    let children = (0..<threads).compactMap { _ in startChild(child) }
                    let ended = children.compactMap(waitForChild)
                    guard ended.count == threads else { throw BenchFailure(reason: "a sweep") }
                    alone[threads - 1] = min(alone[threads - 1], wallSeconds() - start)
                }
                ratios.append(round[0] / round[1])
            }
            guard results.count == 1 else { throw BenchFailure(reason: "threads changed a sweep") }
            let evaluations = Double(bars.count * sets) / 1e6
            report(
                "parallel: sweep of \(sets) pairs",
                short(evaluations / best[0]) + " M bar-evaluations/s on 1 thread, "
                    + short(evaluations / best[1]) + " on 2: ×\(short(best[0] / best[1]))"
                    + " (median of rounds ×\(short(ratios.sorted()[ratios.count / 2]))); "
                    + "two processes ×\(short(2 * alone[0] / alone[1]))")
        }
    }

    /// Times `runs` runs on one thread and on two, in five turns, and prints the ratio of the best
    /// times, and that of each turn.
    private static func compare(
        _ name: String, runs: Int, _ bars: Bars,
        _ make: @escaping @Sendable (Int) -> (any Strategy)?
    ) throws {
        let input = BacktestInput(
            bars: bars, window: 0..<bars.count, instrument: Instrument(),
            settings: RunSettings(makerFee: 0, takerFee: 0, slippage: .none))
        var best = [Double.infinity, .infinity]
        var ratios: [Double] = []
        var checksums: Set<[Double?]> = []
        for _ in 0..<5 {
            var seconds: [Double] = []
            for threads in [1, 2] {
                let start = wallSeconds()
                let equities = ParallelRunner(threads: threads).run(count: runs) { index in
                    make(index).flatMap { try? runBacktest($0, input).finalEquity }
                }
                seconds.append(wallSeconds() - start)
                best[threads - 1] = min(best[threads - 1], seconds[threads - 1])
                checksums.insert(equities.map { $0 ?? nil })
            }
            ratios.append(seconds[0] / seconds[1])
        }
        guard checksums.count == 1, let one = checksums.first, !one.contains(nil) else {
            throw BenchFailure(reason: "\(name): threads changed a result")
        }
        let rate = Double(runs * bars.count) / 1e6
        report(
            "parallel: " + name,
            short(rate / best[0]) + " M bars/s on 1 thread, " + short(rate / best[1])
                + " on 2: ×\(short(best[0] / best[1])) (each of five: "
                + ratios.map { short($0) }.joined(separator: " ") + ")")
    }
}
