import CBench
import CKernels
import LotCore
import LotEngine
import LotMath

/// A sweep of SMA-cross parameter pairs.
struct CrossSweep: Sendable {
    var program = SeriesProgram()
    var sets: [RuleSet] = []
    var pairs: [(fast: Int, slow: Int)] = []

    /// Pairs of every fast with every slow length.
    init(fast: StrideThrough<Int>, slow: StrideThrough<Int>) {
        let close = program.field(.close)
        let sma = IndicatorRegistry.index(of: "sma") ?? 0
        for short in fast {
            for long in slow {
                let a = program.indicator(sma, input: close, parameters: [Double(short)])[0]
                let b = program.indicator(sma, input: close, parameters: [Double(long)])[0]
                let rules = Rules(
                    enterLong: program.apply(.crossesAbove, [a, b]),
                    exitLong: program.apply(.crossesBelow, [a, b]))
                sets.append(RuleSet(rules, warmUp: long + 1))
                pairs.append((short, long))
            }
        }
    }

    /// The hundred pairs of the bar.
    static let hundred = CrossSweep(
        fast: stride(from: 5, through: 50, by: 5), slow: stride(from: 60, through: 240, by: 20))

    /// Twenty fast lengths with so many slow ones.
    static func twenty(slow: Int) -> CrossSweep {
        CrossSweep(
            fast: stride(from: 3, through: 60, by: 3),
            slow: stride(from: 70, through: 69 + slow, by: 1))
    }

    /// Fees, slippage and lot rounding; the volume limit off.
    static func input(_ bars: Bars) -> BacktestInput {
        BacktestInput(
            bars: bars, window: 0..<bars.count,
            instrument: Instrument(
                tickSize: DecimalStep("0.01"), lotSize: DecimalStep("0.00001")),
            settings: RunSettings(volumeLimit: nil))
    }

    /// What a search keeps of each set here: its trades and all its metrics.
    struct Finding: Sendable {
        var trades: Int
        var orders: Int
        var metrics: [Double]
    }

    /// Runs the sets on so many threads.
    func run(_ bars: Bars, threads: Int) -> [Finding] {
        let findings = try? runSweep(
            sets, program: program, CrossSweep.input(bars), on: ParallelRunner(threads: threads)
        ) { _, input, evaluator in
            evaluator.evaluate(input)
            return Finding(
                trades: input.trades.count, orders: input.counters.orders,
                metrics: evaluator.values)
        }
        return (findings ?? []).compactMap(\.self)
    }
}

extension Bench {
    /// 100 SMA-cross parameter pairs over the whole series with every metric of the search set,
    /// between the floors that the same minutes allow.
    static func sweep(_ bars: Bars) throws {
        let hundred = CrossSweep.hundred
        let evaluations = Double(bars.count * hundred.sets.count)
        var findings: [CrossSweep.Finding] = []
        var best = Double.infinity
        var floor = (seconds: Double.infinity, trades: 0)
        var seconds: [Double] = []
        for _ in 0..<7 {
            seconds.append(processorSeconds { findings = hundred.run(bars, threads: 1) })
            best = min(best, seconds[seconds.count - 1])
            floor.seconds = min(
                floor.seconds, processorSeconds { floor.trades = floorTrades(hundred, bars) })
        }
        let sharpe = MetricDefinition.searchIndex(of: "sharpe") ?? 0
        let trades = findings.reduce(0) { $0 + $1.trades }
        let orders = findings.reduce(0) { $0 + $1.orders }
        let sum = findings.reduce(0) { $0 + $1.metrics[sharpe] }
        report(
            "sweep, 100 SMA-cross pairs, all \(MetricDefinition.search.count) metrics",
            short(evaluations / best / 1e6) + " M bar-evaluations/s (median "
                + short(evaluations / seconds.sorted()[3] / 1e6)
                + ")  [\(trades) trades, \(orders) orders, \(sum)]")
        report(
            "floor: the same crossings in C, nothing else",
            short(evaluations / floor.seconds / 1e6) + " M bar-evaluations/s  "
                + "[\(floor.trades) trades]: sweep at "
                + short(100 * floor.seconds / best) + " % of it")
        report(
            "floor: one comparison of two columns in the cache",
            short(maskNanoseconds()) + " ns a bar")
    }

    private static func floorTrades(_ sweep: CrossSweep, _ bars: Bars) -> Int {
        let lengths = Set(sweep.pairs.flatMap { [$0.fast, $0.slow] }).sorted()
        let place = Dictionary(uniqueKeysWithValues: lengths.enumerated().map { ($1, Int32($0)) })
        var equity = [Double](repeating: 0, count: sweep.pairs.count)
        return unsafe lot_bench_floor(
            bars.open.start, bars.close.start, bars.count, lengths.map { Int32($0) },
            Int32(lengths.count), sweep.pairs.map { place[$0.fast] ?? 0 },
            sweep.pairs.map { place[$0.slow] ?? 0 }, Int32(sweep.pairs.count), &equity)
    }

    /// What building the words of one comparison costs, over and over the same 2,048 rows.
    private static func maskNanoseconds() -> Double {
        let (rows, rounds) = (2_048, 20_000)
        let a = (0..<rows).map { Double($0 % 17) }
        let b = (0..<rows).map { Double($0 % 13) }
        var words = [UInt64](repeating: 0, count: 2 * rows / 64)
        var best = Double.infinity
        for _ in 0..<5 {
            let seconds = processorSeconds {
                unsafe words.withUnsafeMutableBufferPointer { buffer in
                    guard let start = buffer.baseAddress else { return }
                    for _ in 0..<rounds {
                        unsafe lot_compare(a, b, rows, start, start + rows / 64)
                    }
                }
            }
            best = min(best, seconds)
        }
        return best * 1e9 / Double(rows * rounds)
    }
}
