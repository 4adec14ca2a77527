public import LotCore
import LotMath

/// Runs one strategy for each of several symbols, all over one account.
///
/// At each open time, in this order, each for all symbols that have the bar: fills, marks,
/// decisions (`docs/execution.md`, rule 2). A symbol that has no bar at that time counts at its
/// last close; nothing of it fills and it decides nothing. A pure function of its arguments.
///
/// - Parameters:
///   - strategies: Fresh ones, for the symbols of `input` in its order.
///   - input: Symbols, windows and settings.
///   - path: Whether bars on which rules decide nothing may be passed over; the outcome is the
///     same.
///   - progress: Called about every 4,096 bars with the number of bars of all symbols done.
/// - Returns: What the account did as a whole, and each symbol's part in it.
/// - Throws: What a strategy throws.
/// - Complexity: O(bars · nodes + bars with orders · symbols); memory for results, and a tile of
///   each symbol's series.
public func runPortfolio(
    _ strategies: [any Strategy], _ input: PortfolioInput, path: RunPath = .skipping,
    progress: ((Int) -> Void)? = nil
) throws(Diagnosis) -> PortfolioOutcome {
    precondition(strategies.count == input.symbols.count, "a strategy for each symbol")
    var run = PortfolioRun(strategies, input, path)
    return try run.run(progress)
}

/// The state of one run.
private struct PortfolioRun: ~Copyable {
    private let symbols: [SymbolRun]
    private let interval: Int64
    private let notes: RunNotes
    private let startingCash: Double
    private var account: SharedAccount
    private var recorder: EquityRecorder
    private var benchmark: Benchmark
    private var steps: StepCounts
    /// The symbols that have the bar under way, in name order.
    private var present: [SymbolRun] = []

    init(_ strategies: [any Strategy], _ input: PortfolioInput, _ path: RunPath) {
        let settings = input.settings
        let count = input.stepCount()
        let notes = RunNotes(rows: 0..<count)
        self.notes = notes
        let traded = TradedVolume()
        var runs: [SymbolRun] = []
        for (index, symbol) in input.symbols.enumerated() {
            let sides: [PositionLeg?] = input.isHedged ? [.long, .short] : [nil]
            let legs = sides.enumerated().map { place, side in
                PortfolioLeg(
                    symbol: index, symbol, settings,
                    cash: index + place == 0 ? settings.startingCash : 0, traded: traded,
                    collectsUpdates: strategies[index].wantsUpdates,
                    listedRejections: max(1_000, 50_000 / strategies.count / sides.count),
                    side: side)
            }
            runs.append(SymbolRun(symbol, strategies[index], legs, notes, path))
        }
        symbols = runs
        interval = input.interval.milliseconds
        startingCash = settings.startingCash
        account = SharedAccount(
            runs.flatMap(\.legs), maxOpenPositions: settings.maxOpenPositions)
        benchmark = Benchmark(cash: settings.startingCash, symbols: runs.count)
        steps = StepCounts(bars: count)
        var start = Int64.max
        for run in runs { start = min(start, run.nextTime) }
        recorder = EquityRecorder(
            EquityTracker(
                startingCash: startingCash, startTime: start, startPrice: startingCash,
                interval: input.interval, earlierPeak: input.earlierPeak), bars: count)
        present.reserveCapacity(runs.count)
    }

    mutating func run(_ progress: ((Int) -> Void)?) throws(Diagnosis) -> PortfolioOutcome {
        for symbol in symbols { try symbol.start() }
        var (done, reported) = (0, 0)
        while let time = gather() {
            fill()
            mark(time)
            steps.note(decides: present.contains { $0.row >= $0.firstDecision })
            for symbol in present { try symbol.decide(&account, time) }
            for symbol in present where symbol.isAtEnd { try symbol.finish(&account, time) }
            for symbol in present { symbol.advance() }
            done += present.count
            if done - reported >= tileCapacity {
                progress?(done)
                reported = done
            }
        }
        recorder.finish(equity: account.cash)
        progress?(done)
        return outcome()
    }

    /// Finds the symbols whose next bar is the earliest; returns its time, `nil` after the last.
    private mutating func gather() -> Int64? {
        var earliest = Int64.max
        for symbol in symbols { earliest = min(earliest, symbol.nextTime) }
        guard earliest < .max else { return nil }
        present.removeAll(keepingCapacity: true)
        for symbol in symbols where symbol.nextTime == earliest { present.append(symbol) }
        return earliest
    }

    /// Runs the orders of all symbols through their bars.
    private mutating func fill() {
        var isActive = false
        for symbol in present {
            symbol.forEachLeg { leg in
                leg.enter()
                if leg.exchange.needsBars { isActive = true }
            }
        }
        guard isActive else { return }
        for symbol in present {
            let (bar, row) = (symbol.bar, symbol.row)
            symbol.forEachLeg { $0.take(bar, row: row) }
        }
        account.fill()
    }

    /// Values the account at the bar's close.
    private mutating func mark(_ time: Int64) {
        for symbol in present {
            symbol.mark()
            benchmark.take(symbol.number, open: symbol.open, close: symbol.close)
        }
        account.addUp()
        let gross = steps.take(account.legs)
        let index = benchmark.value
        recorder.mark(
            time: time + interval, equity: account.equity, position: gross / index, close: index)
    }

    private func outcome() -> PortfolioOutcome {
        PortfolioOutcome(
            symbols, recorder, steps, notes,
            growth: symbols.indices.map { benchmark.growth($0) })
    }
}

/// What is counted over the times at which an account is marked.
struct StepCounts {
    /// Times at which any symbol has a bar.
    let bars: Int
    /// Those at which a position was held at the close.
    private(set) var exposed = 0
    /// Most positions held at one close.
    private(set) var mostPositions = 0
    /// Those before the first at which a symbol may decide.
    private(set) var beforeDecisions = 0
    private var hasDecided = false

    init(bars: Int) { self.bars = bars }

    /// Notes whether a symbol may decide.
    mutating func note(decides: Bool) {
        hasDecided = hasDecided || decides
        if !hasDecided { beforeDecisions += 1 }
    }

    /// Counts one time; returns the value of all positions, whatever their side.
    mutating func take(_ legs: [PortfolioLeg]) -> Double {
        var gross = 0.0
        var held = 0
        for leg in legs where leg.isHeld {
            gross += abs(leg.exchange.ledger.position * leg.mark)
            held += 1
        }
        if held > 0 { exposed += 1 }
        mostPositions = max(mostPositions, held)
        return gross
    }
}
