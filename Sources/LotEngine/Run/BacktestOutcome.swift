public import LotCore
public import LotMath

/// What a backtest needs besides its strategy.
public struct BacktestInput: Sendable {
    /// The stored bars from row 0: indicators run from there.
    public var bars: Bars
    /// The rows of the run: decisions, fills and statistics.
    public var window: Range<Int>
    /// The exchange's rules for the symbol.
    public var instrument: Instrument
    /// Fees, slippage, limits, seed.
    public var settings: RunSettings
    /// The bars of other symbols and intervals, for strategies that read them: from the first
    /// stored row, to the last that had closed when the window ends, or further.
    public var sources: SourceBars
    /// Funding and mark prices, for a perpetual.
    public var perpetual: PerpetualData
    /// Finer bars of the symbol, walked where something can happen; `nil` takes each bar whole.
    ///
    /// Their interval divides that of ``bars``.
    public var detail: Bars?
    /// The largest equity of the run that this one goes on from; 0 for none.
    public var earlierPeak = 0.0

    /// Gathers an input.
    ///
    /// - Parameters:
    ///   - bars: Columns from the first stored row.
    ///   - window: Rows inside `bars`, not empty.
    ///   - instrument: Steps and minimums; unknown ones are not applied.
    ///   - settings: Everything else that decides the result.
    ///   - sources: The bars of every other series that the strategy reads.
    ///   - perpetual: Funding and mark prices, for a perpetual.
    ///   - detail: Finer bars, any rows of them.
    public init(
        bars: Bars, window: Range<Int>, instrument: Instrument, settings: RunSettings,
        sources: SourceBars = SourceBars(), perpetual: PerpetualData = PerpetualData(),
        detail: Bars? = nil
    ) {
        precondition(!window.isEmpty && window.lowerBound >= 0 && window.upperBound <= bars.count)
        self.bars = bars
        self.window = window
        self.instrument = instrument
        self.settings = settings
        self.sources = sources
        self.perpetual = perpetual
        self.detail = detail
    }

    /// Whether the run has a long and a short leg.
    var isHedged: Bool {
        instrument.market == .perp && settings.perpetual.positionMode == .hedge
    }

    /// The finer bars as the exchange walks them.
    var detailBars: DetailBars? { detail.map { DetailBars($0, in: bars.interval) } }

    /// Funding and mark prices by row; `nil` on spot.
    var schedule: PerpetualSchedule? {
        guard instrument.market == .perp else { return nil }
        return PerpetualSchedule(perpetual, bars, window: window)
    }
}

/// What a backtest found, before statistics.
public struct BacktestOutcome: Sendable {
    /// Closed trades, oldest first.
    public var trades: [Trade]
    /// All orders in the order of their numbers.
    public var orders: [Order]
    /// Peak, drawdown, day closes and the curve.
    public var equity: EquityRecorder
    /// Equity after everything was closed, in quote currency.
    public var finalEquity: Double
    /// Fees paid, in quote currency.
    public var fees: Double
    /// What slippage cost, in quote currency.
    public var slippage: Double
    /// Funding paid, in quote currency; below 0 if received.
    public var funding: Double
    /// Counts that say how far the result can be trusted.
    public var counters: RunCounters
    /// Row of the first decision; the window's end if the warm-up is longer.
    public var firstDecisionRow: Int
    /// Printed lines and plots.
    public var notes: RunNotesSnapshot
}

/// The finished notes of a run.
public struct RunNotesSnapshot: Sendable {
    /// Printed lines.
    public var log: [LogLine]
    /// Lines that were too many to keep.
    public var droppedLines: Int
    /// Plotted lines.
    public var plots: [PlotLine]
}

extension BacktestInput {
    /// The first row that may decide: the window's, or that at whose close every series of the
    /// strategy has a value.
    public func firstDecision(_ program: SeriesProgram) -> Int {
        firstDecision(warmUp: program.firstRow(over: bars, sources))
    }

    /// The first row that may decide: the window's, or where the largest warm-up ends.
    func firstDecision(warmUp: Int) -> Int {
        min(window.upperBound, max(window.lowerBound, warmUp))
    }
}

extension BacktestInput {
    /// The run without what came at row `end` or later, as if it had never been stored.
    func ending(before end: Int) -> BacktestInput {
        var input = self
        input.sources = sources.closed(by: bars.closeTime(end - 1))
        input.bars = bars.slice(0..<end)
        input.window = window.clamped(to: 0..<end)
        return input
    }

    /// The run over `window`, without what came before row `start`, as if it had never been stored.
    func beginning(at start: Int, window: Range<Int>) -> BacktestInput {
        var input = self
        input.sources = sources.opened(since: bars.openTime[start])
        input.bars = bars.slice(start..<bars.count)
        input.window = window.lowerBound - start..<window.upperBound - start
        return input
    }
}

extension BacktestOutcome {
    /// Gathers what is left of a finished run, tags spelt out.
    init(
        _ exchange: borrowing SimulatedExchange, _ recorder: EquityRecorder, _ tags: TagTable,
        firstDecisionRow: Int, _ notes: RunNotes
    ) {
        trades = exchange.ledger.trades.map { $0.trade(tags) }
        orders = exchange.finishedInOrder.map { $0.record(tags) }
        equity = recorder
        finalEquity = exchange.ledger.cash
        fees = exchange.ledger.fees
        slippage = exchange.ledger.slippage
        funding = exchange.ledger.funding
        counters = exchange.counters
        exchange.reasons.write(to: &counters)
        self.firstDecisionRow = firstDecisionRow
        self.notes = RunNotesSnapshot(
            log: notes.log, droppedLines: notes.droppedLines, plots: notes.plots)
    }
}
