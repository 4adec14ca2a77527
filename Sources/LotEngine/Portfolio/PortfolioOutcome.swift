public import LotCore
import LotMath

/// What a run over several symbols found, before statistics.
public struct PortfolioOutcome: Sendable {
    /// The account's: trades and orders of all symbols, the equity, the counts.
    ///
    /// Trades are in the order of their exits, those of one bar in name order; orders in the
    /// order of their numbers. The curve's `close` is the value of buying and holding, its
    /// `position` the value of all positions over that. Its first decision is counted in ``bars``.
    public var account: BacktestOutcome
    /// Each symbol's part, in name order.
    public var symbols: [SymbolOutcome]
    /// Open times at which any symbol had a bar.
    public var bars: Int
    /// Most positions held at one close.
    public var mostPositions: Int
}

/// One symbol's part in a run over several.
public struct SymbolOutcome: Sendable {
    /// The symbol's name.
    public var name: String
    /// What it brought, fees and funding included, in quote currency.
    public var profit: Double
    /// Fees paid, in quote currency.
    public var fees: Double
    /// What slippage cost, in quote currency.
    public var slippage: Double
    /// Funding paid, in quote currency; below 0 if received.
    public var funding: Double
    /// Deepest fall of its profit below the highest so far, at the closes of its bars, in quote
    /// currency; 0 or more.
    public var deepestFall: Double
    /// Growth of buying it at its first open and holding; 1 is none.
    public var holdingGrowth: Double
    /// Counts that say how far its result can be trusted.
    public var counters: RunCounters
    /// Refused orders whose records were not kept.
    public var unlistedRejections: Int
    /// Row of the first decision; the window's end if the warm-up is longer.
    public var firstDecisionRow: Int
}

extension PortfolioOutcome {
    /// Gathers what is left of a finished run.
    init(
        _ runs: [SymbolRun], _ recorder: EquityRecorder, _ steps: StepCounts, _ notes: RunNotes,
        growth: [Double]
    ) {
        var trades: [Trade] = []
        var orders: [Order] = []
        var counters = RunCounters()
        var (fees, slippage, funding) = (0.0, 0.0, 0.0)
        symbols = []
        let legs = runs.flatMap(\.legs)
        trades.reserveCapacity(legs.reduce(0) { $0 + $1.exchange.ledger.trades.count })
        orders.reserveCapacity(legs.reduce(0) { $0 + $1.exchange.finished.count })
        var plots: [PlotLine] = []
        for run in runs {
            let part = SymbolOutcome(run, growth: growth[run.number])
            run.giveRecords(&trades, &orders)
            counters.add(part.counters)
            fees += part.fees
            slippage += part.slippage
            funding += part.funding
            symbols.append(part)
            plots += run.plots
        }
        counters.exposedBars = steps.exposed
        // Sorted by time and place, since sorting by time alone need not keep what is equal.
        let places = trades.indices.sorted {
            (trades[$0].exitTime, $0) < (trades[$1].exitTime, $1)
        }
        orders.sort { $0.id < $1.id }
        account = BacktestOutcome(
            trades: places.map { trades[$0] }, orders: orders,
            equity: recorder, finalEquity: recorder.tracker.last.equity, fees: fees,
            slippage: slippage, funding: funding, counters: counters,
            firstDecisionRow: steps.beforeDecisions,
            notes: RunNotesSnapshot(
                log: notes.log, droppedLines: notes.droppedLines, plots: plots))
        bars = steps.bars
        mostPositions = steps.mostPositions
    }
}

extension SymbolOutcome {
    fileprivate init(_ run: SymbolRun, growth: Double) {
        name = run.source.name
        profit = run.profit
        deepestFall = run.deepestFall
        holdingGrowth = growth
        (fees, slippage, funding) = (0, 0, 0)
        counters = RunCounters()
        var kept = 0
        for leg in run.legs {
            fees += leg.exchange.ledger.fees
            slippage += leg.exchange.ledger.slippage
            funding += leg.exchange.ledger.funding
            var own = leg.exchange.counters
            leg.exchange.reasons.write(to: &own)
            counters.add(own)
            kept += leg.exchange.keptRejections
        }
        counters.exposedBars = run.exposedBars
        counters.conflicts = run.strategy.conflicts
        unlistedRejections = counters.rejections.values.reduce(0, +) - kept
        firstDecisionRow = run.firstDecision
    }
}

extension SymbolRun {
    /// Adds its trades, oldest first, of a hedged symbol the long leg's first, and its orders, and
    /// lets go of its own records of them: a run of many symbols would hold them twice.
    fileprivate func giveRecords(_ trades: inout [Trade], _ orders: inout [Order]) {
        func add(_ order: Order) {
            var order = order
            order.symbol = number
            orders.append(order)
        }
        if let hedge {
            for order in hedge.orders(desk.tags) { add(order) }
        } else {
            for record in leg.exchange.finished { add(record.record(desk.tags)) }
        }
        for leg in legs {
            for record in leg.exchange.ledger.trades {
                var trade = record.trade(desk.tags)
                trade.symbol = number
                trades.append(trade)
            }
            leg.exchange.ledger.trades = []
            leg.exchange.finished = []
        }
    }

    /// The lines it plotted.
    fileprivate var plots: [PlotLine] {
        notes.plots.map { line in
            var line = line
            line.symbol = number
            return line
        }
    }
}
