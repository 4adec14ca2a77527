import LotCore
import LotEngine
import LotMath
import LotOptimize
import LotScript

/// Runs a script with some parameters over one stretch of time: a run of its own, which may begin
/// with what another left.
struct StretchRunner: Sendable {
    /// The symbols in name order; usually one.
    let parts: [TrialData]
    let settings: RunSettings

    /// Over one symbol.
    ///
    /// - Throws: What the script refuses or does wrong.
    func single(
        _ parameters: [(String, String)], over segment: Segment, from start: AccountStart
    ) throws(Diagnosis) -> BacktestOutcome {
        let script = try parts[0].scripts.strategy(parameters)
        return try single(script.strategy, over: segment, from: start)
    }

    /// Over one symbol, a strategy that was made before.
    ///
    /// - Throws: What the script does wrong.
    func single(
        _ strategy: any Strategy, over segment: Segment, from start: AccountStart
    ) throws(Diagnosis) -> BacktestOutcome {
        let part = parts[0]
        var input = part.input
        input.window = part.rows(segment)
        input.sources = try part.scripts.others.bars(strategy.program)
        input.settings.startingCash = start.cash ?? input.settings.startingCash
        input.earlierPeak = start.peak
        return try runBacktest(strategy, input)
    }

    /// Over several symbols and one account.
    ///
    /// - Throws: What the script refuses or does wrong.
    func together(
        _ parameters: [(String, String)], over segment: Segment, from start: AccountStart
    ) throws(Diagnosis) -> PortfolioOutcome {
        var strategies: [any Strategy] = []
        for part in parts { strategies.append(try part.scripts.strategy(parameters).strategy) }
        return try together(strategies, over: segment, from: start)
    }

    /// Over several symbols and one account, a strategy for each that was made before.
    ///
    /// - Throws: What the script does wrong.
    func together(
        _ strategies: [any Strategy], over segment: Segment, from start: AccountStart
    ) throws(Diagnosis) -> PortfolioOutcome {
        var symbols: [PortfolioSymbol] = []
        for (part, strategy) in zip(parts, strategies) {
            let input = part.input
            symbols.append(
                PortfolioSymbol(
                    name: part.name, bars: input.bars, window: part.rows(segment),
                    instrument: input.instrument,
                    sources: try part.scripts.others.bars(strategy.program),
                    perpetual: input.perpetual, detail: input.detail,
                    terms: SymbolTerms(input.settings)))
        }
        var input = PortfolioInput(symbols, settings: settings)
        input.settings.startingCash = start.cash ?? settings.startingCash
        input.earlierPeak = start.peak
        return try runPortfolio(strategies, input, progress: nil)
    }

    /// What the metrics of a stretch over one symbol are computed from.
    func measured(_ found: BacktestOutcome, over segment: Segment) -> MetricInput {
        let time = time(segment)
        var counters = found.counters
        counters.missingBars = parts.reduce(0) { $0 + $1.missingBars([segment]) }
        return MetricInput(
            equity: found.equity.tracker, trades: found.trades.map(\.record), fees: found.fees,
            slippage: found.slippage, counters: counters, windowBars: time.bars,
            startTime: time.start, endTime: time.end, daysPerYear: settings.daysPerYear)
    }

    /// The same over several symbols.
    func measured(_ found: PortfolioOutcome, over segment: Segment) -> MetricInput {
        var input = measured(found.account, over: segment)
        input.windowBars = found.bars
        return input
    }

    /// What a stretch covers, of all symbols.
    func time(_ segment: Segment) -> StretchTime {
        var time = StretchTime(bars: 0, start: .max, end: .min)
        for part in parts {
            let (bars, rows) = (part.input.bars, part.rows(segment))
            guard let last = rows.last else { continue }
            time.bars += rows.count
            time.start = min(time.start, bars.openTime[rows.lowerBound])
            time.end = max(time.end, bars.closeTime(last))
        }
        return time
    }
}

/// The bars of a stretch, from the first open to the last close.
struct StretchTime: Sendable {
    /// Bars, of all symbols together.
    var bars: Int
    /// The first open time.
    var start: Int64
    /// The last close time.
    var end: Int64
}
