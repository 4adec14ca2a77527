import CBench
import CSystem
import Foundation
import LotCore
import LotData
import LotEngine
import LotMath
import LotScript

/// Prints the figures that `docs/benchmarks.md` keeps, on one series and in one run.
///
/// Arguments choose figures by their names (`wants`): `lot-bench events floor`.
///
/// Times are processor time of this process, medians of five runs after a warm-up, but where a
/// line or its function says otherwise. Figures of runs, sweeps and indicators print a checksum,
/// so that one can be compared with another.
@main
enum Bench {
    /// Two years of minutes; fewer only to look at a profile.
    static let rows = number("LOT_BENCH_ROWS") ?? 1_051_200

    /// Sets of the sweeps of 10,000; fewer only to look at a profile.
    static let setLimit = number("LOT_BENCH_SETS") ?? 10_000
    /// Threads of these sweeps: two, or one to look at a profile.
    static let threadCounts = number("LOT_BENCH_THREADS").map { [$0] } ?? [2]

    static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    static func main() throws {
        // As the commands do: what is freed is used again.
        lot_prepare_heap(48 << 20)
        let words = CommandLine.arguments
        if words.count == 5, words[1] == "sweep-memory", let sets = Int(words[3]),
            let share = Int(words[4])
        {
            return try memoryChild(words[2], sets: sets, share: share, threads: 2)
        }
        if words.count == 4, words[1] == "sweep-child", let sets = Int(words[3]) {
            return try memoryChild(words[2], sets: sets, share: 1, threads: 1)
        }
        let address = try SeriesAddress(parsing: "test:BENCHUSDT:1m")
        if words.count == 3, words[1] == "generate" {
            try Workspace(root: words[2]).store.generate(address, rows: rows, seed: 1)
            return
        }
        if words.count == 3, words[1] == "generate-portfolio" {
            return try generatePortfolio(words[2])
        }
        let files = FileManager.default
        let folder = files.temporaryDirectory.appendingPathComponent("lot-bench-\(getpid())").path
        try files.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? files.removeItem(atPath: folder) }
        // A process begins with the peak memory of the one that started it, so everything that
        // is measured in a process of its own comes before this one has grown.
        guard childUse([words[0], "generate", folder]) != nil else {
            throw BenchFailure(reason: "generate")
        }
        if wants("run") { try wholeRun(folder) }
        if wants("memory") {
            sweepMemory(folder)
            try portfolioMemory(folder)
        }
        if wants("optimize") { try optimize(folder) }
        if let trials = number("LOT_BENCH_TRIALS"), wants("optimize") {
            try optimizeMany(folder, trials: trials)
        }
        if wants("vectorbt") { try vectorbt(folder) }
        let store = Workspace(root: folder).store
        try openSeries(store, address)
        let bars = try store.open(address).bars
        if wants("rules") { rules(bars) }
        if wants("sweep") { try sweep(bars) }
        try largeSweeps(bars)
        try events(bars, address)
        if wants("scripts") { try scripts(address) }
        if wants("parallel") {
            try parallel(bars, address)
            try sweepScaling(bars, folder)
        }
        if wants("statistics") { statistics() }
        if wants("overfitting") { overfitting() }
        if wants("indicators") { indicators(bars) }
        if CommandLine.arguments.count == 1 {
            try importRates(store, bars, folder)
            startUp()
            report("peak memory of this process", short(peakMebibytes()) + " MiB")
        }
        // Last: what it takes is no part of the peak.
        if wants("floor") { try floors(bars) }
    }

    /// Whether the arguments ask for a figure.
    static func wants(_ name: String) -> Bool {
        let chosen = CommandLine.arguments.dropFirst()
        return chosen.isEmpty || chosen.contains(name)
    }

    static func openSeries(_ store: KlineStore, _ address: SeriesAddress) throws {
        var total = 0
        let seconds = median(runs: 21) { total += (try? store.open(address).rows) ?? 0 }
        report("open a series of 1,051,200 bars", short(seconds * 1e6) + " µs")
        guard total >= 21 * rows else { throw BenchFailure(reason: "open") }
        let series = try store.open(address)
        let identity = median(runs: 21) { _ = try? series.identity(rows: rows - 1) }
        report("identity of the data of a run", short(identity * 1e6) + " µs")
        let verify = median(runs: 3) { _ = try? store.verify(address) }
        report("verify it: every digest and row", short(verify * 1e3) + " ms")
    }

    static func rules(_ bars: Bars) {
        var program = SeriesProgram()
        let close = program.field(.close)
        let sma = IndicatorRegistry.index(of: "sma") ?? 0
        let fast = program.indicator(sma, input: close, parameters: [20])[0]
        let slow = program.indicator(sma, input: close, parameters: [100])[0]
        let rules = Rules(
            enterLong: program.apply(.crossesAbove, [fast, slow]),
            exitLong: program.apply(.crossesBelow, [fast, slow]))
        run("rules, SMA cross", bars) { RuleStrategy(rules, program: program) }
        run("rules, SMA cross, bar by bar", bars, path: .everyBar) {
            RuleStrategy(rules, program: program)
        }
    }

    static func events(_ bars: Bars, _ address: SeriesAddress) throws {
        for (key, name, text) in [
            ("sma", "events, SMA cross in on_bar", BenchScripts.smaCross),
            ("ten", "events, ten indicators and state", BenchScripts.tenIndicators),
            ("plot", "events, SMA cross, ctx:plot of both lines at each bar", BenchScripts.plots),
            ("print", "events, SMA cross, a line printed at each bar", BenchScripts.prints),
            (
                "state", "events, SMA cross, a window of 100 closes in ctx.state",
                BenchScripts.window
            ),
            (
                "tables", "events, SMA cross, a table and a text made at each bar",
                BenchScripts.tables
            ),
        ] where wants("events-" + key) || wants("events") {
            let file = try ScriptFile(name: "bench.lua", bytes: Array(text.utf8))
            run(name, bars) { (try? ScriptStrategy(file, address: address))?.strategy }
        }
    }

    private static func run(
        _ name: String, _ bars: Bars, path: RunPath = .skipping, _ make: () -> (any Strategy)?
    ) {
        let input = BacktestInput(
            bars: bars, window: 0..<bars.count, instrument: Instrument(),
            settings: RunSettings(makerFee: 0, takerFee: 0, slippage: .none))
        var outcome: BacktestOutcome?
        let seconds = median {
            guard let strategy = make() else { return }
            outcome = try? runBacktest(strategy, input, path: path)
        }
        guard let outcome else { return report(name, "failed") }
        report(
            name,
            short(Double(bars.count) / seconds / 1e6) + " M bars/s, "
                + short(seconds * 1e9 / Double(bars.count)) + " ns a bar  "
                + "[\(outcome.trades.count) trades, \(outcome.finalEquity)]")
    }

    /// What the machine reads a second on one thread: memory that no cache holds, and one column,
    /// which after the first of six sums lies in a cache.
    static func floors(_ bars: Bars) throws {
        let count = 256 << 17
        guard let memory = unsafe lot_bench_fresh(count) else {
            throw BenchFailure(reason: "256 MiB of memory")
        }
        let far = unsafe sumRate(memory, count)
        unsafe lot_bench_release(memory, count)
        report("floor: sum of 256 MiB of memory", short(far) + " GB/s")
        let near = unsafe sumRate(bars.close.start, bars.count)
        report(
            "floor: sum of one mapped column, again and again",
            short(near) + " GB/s: a cache's, \(short(Double(bars.count * 8) / 1e6)) MB")
    }

    /// Billions of bytes that are added up in a second of processor time.
    private static func sumRate(_ values: UnsafePointer<Double>, _ count: Int) -> Double {
        var total = 0.0
        let seconds = median { total += unsafe lot_bench_sum(values, count) }
        return total.isNaN ? 0 : Double(count * 8) / seconds / 1e9
    }
}

/// A benchmark that could not run.
struct BenchFailure: Error {
    let reason: String
}
