import Foundation
import LotCore
import LotData
import LotEngine
import LotMath
import LotTestSupport
import Testing

private let environment = ProcessInfo.processInfo.environment
/// Number of random cases: 2,000 here, more in the nightly form (`make nightly`).
private let fuzzCases = environment["LOT_FUZZ_CASES"].flatMap { Int($0) } ?? 2_000
/// The first case's number: a failing one is run alone by
/// `LOT_FUZZ_FIRST=<its number> LOT_FUZZ_CASES=1`.
private let firstCase = environment["LOT_FUZZ_FIRST"].flatMap { Int($0) } ?? 0

/// Stored bars that a fuzz test cuts its windows from.
private enum StoredBars {
    static let package = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The sample series of the repository.
    static func sample() throws -> Bars {
        let store = Workspace(root: package.path).store
        return try store.open(SeriesAddress(parsing: "test:GENUSDT:1h")).bars
    }

    /// The folder of real archives, beside the package or in `LOT_SHARED`.
    static let archives: URL? = {
        let named = ProcessInfo.processInfo.environment["LOT_SHARED"].map { URL(filePath: $0) }
        let shared = named ?? package.deletingLastPathComponent().appending(path: "shared")
        let folder = shared.appending(
            path: "data/binance-vision/data/spot/monthly/klines/BTCUSDT/1h")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    /// Hours of real klines, their gap included.
    static func real() throws -> Bars? {
        guard let archives else { return nil }
        let files = FileManager.default
        let root = files.temporaryDirectory.appending(path: "lot-real-\(UUID().uuidString)")
        try files.createDirectory(at: root, withIntermediateDirectories: true)
        defer { try? files.removeItem(at: root) }
        let store = Workspace(root: root.path).store
        let address = try SeriesAddress(parsing: "binance:BTCUSDT:1h")
        let names = try files.contentsOfDirectory(atPath: archives.path)
            .filter { $0.hasSuffix(".zip") }.sorted().suffix(12)
        let paths = names.map { archives.appending(path: $0).path }
        _ = try Importer(store: store).run(paths, as: address)
        let bars = try store.open(address).bars
        return Bars(interval: bars.interval, (0..<bars.count).map { bars[$0] })
    }
}

/// The run that skips bars against the run that visits every one: complete results, bit for bit.
@Suite struct SkippingTests {
    /// Everything that an outcome says.
    private func differences(_ a: BacktestOutcome, _ b: BacktestOutcome) -> [String] {
        var found: [String] = []
        func check(_ name: String, _ same: Bool) { if !same { found.append(name) } }
        check("trades", a.trades == b.trades)
        check("orders", a.orders == b.orders)
        check("curve", a.equity.curve == b.equity.curve)
        check("day closes", a.equity.tracker.closes == b.equity.tracker.closes)
        check("peak", a.equity.tracker.peak == b.equity.tracker.peak)
        check("maximum drawdown", a.equity.tracker.maxDrawdown == b.equity.tracker.maxDrawdown)
        check("last mark", a.equity.tracker.last == b.equity.tracker.last)
        check("first price", a.equity.tracker.firstPrice == b.equity.tracker.firstPrice)
        check("final equity", a.finalEquity == b.finalEquity)
        check("fees", a.fees == b.fees)
        check("slippage", a.slippage == b.slippage)
        check("funding", a.funding == b.funding)
        check("counters", a.counters == b.counters)
        check("first decision", a.firstDecisionRow == b.firstDecisionRow)
        check("plots", same(a.notes.plots, b.notes.plots))
        return found
    }

    /// Whether two sets of plotted lines have the same bits: a plotted value may be NaN.
    private func same(_ a: [PlotLine], _ b: [PlotLine]) -> Bool {
        a.map(\.name) == b.map(\.name) && a.map(\.times) == b.map(\.times)
            && a.map { $0.values.map(\.bitPattern) } == b.map { $0.values.map(\.bitPattern) }
    }

    /// One random case; what differs, the number of its trades and its counts.
    ///
    /// Where it `isPlain`, its orders are those that a sweep fills in the lane of plain orders,
    /// with a bracket in three cases of four.
    private func run(
        _ seed: Int, _ given: Bars? = nil, isPlain: Bool = false
    ) throws -> (differences: [String], trades: Int, counters: RunCounters) {
        var random = Random(state: UInt64(seed) &* 0x9E37_79B9 &+ 77)
        let lengths = [40, 150, 400, 1_000, 4_096, 4_500, 9_000]
        let count = lengths[seed % 64 == 0 ? random.below(7) : random.below(4)]
        let market: Market = isPlain || random.below(2) == 0 ? .spot : .perp
        var bars = given ?? randomMarket(count, &random)
        // As `--gaps fill` has it: flat bars without volume where some are missing.
        if random.below(5) == 0 { bars = bars.fillingGaps() }
        let others = random.below(3) == 0 ? try otherSeries(bars, &random) : [:]
        var strategy = RandomStrategy(
            canShort: market == .perp, sources: others.keys.sorted { "\($0)" < "\($1)" }, &random)
        let first = random.below(3) == 0 ? random.below(bars.count / 2) : 0
        let last = random.below(3) == 0 ? bars.count - random.below(bars.count / 3) : bars.count
        var settings = randomSettings(&random)
        if bars.volume == nil { settings.volumeLimit = nil }
        // Random lots suit prices around 100: real ones need more cash to buy one.
        if given != nil { settings.startingCash *= max(1, bars.close[0] / 100) }
        if isPlain {
            (settings.latency, settings.intrabar, settings.feeTiers) = (0, .worst, nil)
            if random.below(4) == 0 {
                strategy.rules.bracket = Bracket()
                if case .risk = strategy.rules.size { strategy.rules.size = .equity(1) }
            } else if strategy.rules.bracket.isEmpty {
                let distance = 0.001 + 0.05 * random.unit()
                strategy.rules.bracket = Bracket(stopLoss: distance, takeProfit: 2 * distance)
            }
        }
        if market == .perp { settings.perpetual = randomPerpetual(&random) }
        let isHedged = market == .perp && !isPlain && random.below(5) == 0
        if isHedged { settings.perpetual.positionMode = .hedge }
        let perpetual =
            market == .perp ? randomPerpetualData(bars, &random) : PerpetualData()
        let input = BacktestInput(
            bars: bars, window: first..<last, instrument: randomInstrument(market, &random),
            settings: settings, sources: SourceBars(others), perpetual: perpetual,
            detail: !isPlain && random.below(3) == 0 ? randomDetail(bars, &random) : nil)
        let skipping = try runBacktest(
            RuleStrategy(strategy.rules, program: strategy.program), input)
        let visiting = try runBacktest(
            RuleStrategy(strategy.rules, program: strategy.program), input, path: .everyBar)
        let found =
            try differences(skipping, visiting)
            + (isHedged
                ? portfolioDifferences(strategy, input, visiting)
                : sweepDifferences(seed, strategy, input, visiting, &random))
        return (found, visiting.trades.count, visiting.counters)
    }

    /// Other series that a case reads: coarser bars of its own, and bars of another market.
    private func otherSeries(
        _ bars: Bars, _ random: inout Random
    ) throws -> [SeriesAddress: Bars] {
        let other = randomMarket(2 + random.below(600), &random)
        let address = try SeriesAddress(
            exchange: "test", symbol: "OTHERUSDT", interval: other.interval)
        var series = [address: other]
        let coarser = Interval.all.filter { $0.isMultiple(of: bars.interval) }
        if !coarser.isEmpty {
            let interval = coarser[random.below(coarser.count)]
            let own = try SeriesAddress(exchange: "test", symbol: "OWNUSDT", interval: interval)
            series[own] = bars.resampled(to: interval)
        }
        return series
    }

    /// Hedged, no bars are skipped and no sweep runs: what a portfolio of the one symbol has
    /// differently, which another loop runs, and which does pass over bars.
    private func portfolioDifferences(
        _ strategy: RandomStrategy, _ input: BacktestInput, _ outcome: BacktestOutcome
    ) throws -> [String] {
        let symbol = PortfolioSymbol(
            name: "ONE", bars: input.bars, window: input.window, instrument: input.instrument,
            sources: input.sources, perpetual: input.perpetual, detail: input.detail)
        let portfolio = PortfolioInput([symbol], settings: input.settings)
        var found: [String] = []
        for path in [RunPath.skipping, .everyBar] {
            let together = try runPortfolio(
                [RuleStrategy(strategy.rules, program: strategy.program)], portfolio, path: path
            ).account
            found += accountDifferences(together, outcome)
            if !same(together.notes.plots, outcome.notes.plots) { found.append("plots") }
            if together.funding != outcome.funding { found.append("funding") }
        }
        return found
    }

    @Test func `skipping bars changes nothing, on random markets`() throws {
        var (trades, liquidations, fundings) = (0, 0, 0)
        for seed in firstCase..<(firstCase + fuzzCases) {
            let (found, count, counters) = try run(seed)
            #expect(found.isEmpty, "seed \(seed): \(found)")
            trades += count
            liquidations += counters.liquidations
            fundings += counters.fundings
        }
        print("\(fuzzCases) cases from \(firstCase) on, \(trades) trades")
        guard fuzzCases >= 2_000 else { return }
        // A fuzz test without trades would prove nothing.
        #expect(trades > 5 * fuzzCases)
        #expect(liquidations > fuzzCases / 10 && fundings > fuzzCases)
    }

    @Test(arguments: [5_106, 10_318, 10_841, 13_310, 14_156])
    func `both legs that end inside one bar stand in the order of their exits`(
        seed: Int
    ) throws {
        let (found, trades, _) = try run(seed)
        #expect(found.isEmpty && trades > 0)
    }

    @Test func `the lane of plain orders changes nothing, with brackets or without`() throws {
        var (trades, ambiguous, refused) = (0, 0, 0)
        for seed in firstCase..<(firstCase + fuzzCases) {
            let (found, count, counters) = try run(seed &+ 3_000_000, isPlain: true)
            #expect(found.isEmpty, "seed \(seed): \(found)")
            trades += count
            ambiguous += counters.ambiguousBars
            refused += counters.rejections.values.reduce(0, +)
        }
        print(
            "\(fuzzCases) plain cases, \(trades) trades, \(ambiguous) ambiguous bars, "
                + "\(refused) orders refused")
        guard fuzzCases >= 2_000 else { return }
        #expect(trades > fuzzCases && ambiguous > fuzzCases / 10 && refused > fuzzCases)
    }

    @Test func `skipping bars changes nothing, on the sample series`() throws {
        let bars = try StoredBars.sample()
        var trades = 0
        for seed in 0..<max(10, fuzzCases / 100) {
            let (found, count, _) = try run(seed &+ 1_000_000, bars)
            #expect(found.isEmpty, "seed \(seed)")
            trades += count
        }
        #expect(trades > 100)
    }

    @Test(.enabled(if: StoredBars.archives != nil, "needs ../shared/data or LOT_SHARED"))
    func `skipping bars changes nothing, on real klines`() throws {
        let bars = try #require(try StoredBars.real())
        var trades = 0
        for seed in 0..<max(10, fuzzCases / 100) {
            let (found, count, _) = try run(seed &+ 2_000_000, bars)
            #expect(found.isEmpty, "seed \(seed)")
            trades += count
        }
        #expect(trades > 100)
    }
}
