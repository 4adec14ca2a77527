import LotCore
import LotEngine
import LotMath
import LotTestSupport
import Synchronization
import Testing

/// How a sweep hands out its sets and gives back what was made of them.
@Suite struct SweepTests {
    /// Crosses of every fast with every slow average, in the order of a loop, some with a stop.
    private struct Grid {
        var program = SeriesProgram()
        var sets: [RuleSet] = []

        init(fast: Int, slow: Int) {
            let close = program.field(.close)
            let sma = IndicatorRegistry.index(of: "sma") ?? 0
            for short in 0..<fast {
                for long in 0..<slow {
                    let lengths = [Double(2 + short), Double(30 + 3 * long)]
                    let (a, b) = (
                        program.indicator(sma, input: close, parameters: [lengths[0]])[0],
                        program.indicator(sma, input: close, parameters: [lengths[1]])[0]
                    )
                    let stop = (short + long) % 3 == 0 ? 0.01 : nil
                    let rules = Rules(
                        enterLong: program.apply(.crossesAbove, [a, b]),
                        exitLong: program.apply(.crossesBelow, [a, b]),
                        bracket: Bracket(stopLoss: stop))
                    sets.append(RuleSet(rules, warmUp: 30 + 3 * long))
                }
            }
        }
    }

    /// What is compared: every metric's bits, and the number of trades.
    private struct Made: Sendable, Equatable {
        var trades: Int
        var metrics: [UInt64]
    }

    private func input(_ count: Int) -> BacktestInput {
        var random = Random(state: 7)
        let bars = randomBars(count, &random)
        return BacktestInput(
            bars: bars, window: 50..<bars.count, instrument: Instrument(),
            settings: RunSettings(volumeLimit: nil))
    }

    private func run(
        _ grid: Grid, _ input: BacktestInput, threads: Int, limits: SweepLimits = SweepLimits(),
        cancel: CancelFlag = CancelFlag(),
        batch: @escaping @Sendable ([(set: Int, finding: Made)]) -> Void = { _ in }
    ) throws -> [Made?] {
        try runSweep(
            grid.sets, program: grid.program, input, on: ParallelRunner(threads: threads),
            limits: limits, cancel: cancel, batch: batch
        ) { _, metrics, evaluator in
            evaluator.evaluate(metrics)
            return Made(
                trades: metrics.trades.count,
                metrics: evaluator.values.map { $0.isNaN ? 0 : $0.bitPattern })
        }
    }

    @Test func `threads, groups and the memory limit change no bit of a result`() throws {
        let (grid, input) = (Grid(fast: 7, slow: 9), input(3_000))
        let wanted = try run(grid, input, threads: 1)
        #expect(wanted.count == 63 && !wanted.contains(nil))
        #expect(wanted.reduce(0) { $0 + ($1?.trades ?? 0) } > 500)
        // One set a group; shares of a few; more threads than sets; halved again and again.
        for (threads, sets, bytes) in [
            (1, 1, 1 << 27), (2, 128, 1 << 27), (3, 5, 1 << 27), (2, 10, 1 << 27),
            (100, 128, 1 << 27), (2, 40, 1), (5, 128, 20_000),
        ] {
            let limits = SweepLimits(sets: sets, bytes: bytes)
            let found = try run(grid, input, threads: threads, limits: limits)
            #expect(found == wanted, "\(threads) threads, \(sets) sets, \(bytes) bytes")
        }
    }

    @Test func `sets that share all series, or none, are each run once`() throws {
        let input = input(400)
        for (fast, slow) in [(1, 1), (1, 40), (40, 1), (3, 3)] {
            let grid = Grid(fast: fast, slow: slow)
            let alone = try grid.sets.indices.map { index in
                var one = grid
                one.sets = [grid.sets[index]]
                return try run(one, input, threads: 1)[0]
            }
            let found = try run(grid, input, threads: 2, limits: SweepLimits(sets: 4))
            #expect(found == alone, "\(fast) x \(slow)")
        }
        var none = Grid(fast: 1, slow: 1)
        none.sets = []
        #expect(try run(none, input, threads: 2).isEmpty)
    }

    @Test func `batches bring each set once, in order within a batch`() throws {
        let (grid, input) = (Grid(fast: 6, slow: 10), input(600))
        for (threads, sets) in [(1, 128), (1, 7), (2, 128), (2, 4), (4, 16)] {
            let seen = Mutex([[(set: Int, finding: Made)]]())
            let found = try run(
                grid, input, threads: threads, limits: SweepLimits(sets: sets),
                batch: { batch in seen.withLock { $0.append(batch) } })
            let batches = seen.withLock { $0 }
            #expect(batches.allSatisfy { $0.count <= sets && !$0.isEmpty })
            #expect(batches.allSatisfy { $0.map(\.set) == $0.map(\.set).sorted() })
            let all = batches.flatMap(\.self).sorted { $0.set < $1.set }
            #expect(all.map(\.set) == Array(0..<60))
            #expect(all.map(\.finding) == found)
        }
    }

    @Test func `a sweep that is cancelled keeps the groups that had run`() throws {
        let (grid, input) = (Grid(fast: 6, slow: 10), input(600))
        let wanted = try run(grid, input, threads: 1)
        let cancel = CancelFlag()
        let count = Mutex(0)
        let found = try run(
            grid, input, threads: 1, limits: SweepLimits(sets: 10), cancel: cancel,
            batch: { _ in
                let batches = count.withLock {
                    $0 += 1
                    return $0
                }
                if batches == 2 { cancel.set() }
            })
        #expect(found.count { $0 != nil } == 20)
        for (index, made) in found.enumerated() where made != nil {
            #expect(made == wanted[index])
        }
        // Nothing is begun once the flag is set.
        #expect(try run(grid, input, threads: 2, cancel: cancel).allSatisfy { $0 == nil })
    }
}
