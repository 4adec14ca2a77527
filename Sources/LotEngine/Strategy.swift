public import LotCore
public import LotMath

/// What a strategy sees of its account when it is called.
public struct AccountView: Sendable, Equatable {
    /// Row of the newest closed bar.
    public var row: Int
    /// Close time of that bar (milliseconds since the epoch).
    public var time: Int64
    /// Signed position in base currency.
    public var position: Double
    /// Average entry price; 0 while flat.
    public var entryPrice: Double
    /// Row of the bar of the first entry fill; -1 while flat.
    public var entryRow: Int
    /// Cash not reserved for working orders, in quote currency.
    public var cash: Double
    /// Cash plus unrealised profit at the newest close, in quote currency.
    public var equity: Double
    /// Unrealised profit at the newest close, before the fees of leaving, in quote currency.
    public var profit: Double
    /// The mark price that would liquidate a perpetual's position; `nil` where none would, and
    /// where nobody asks: a run works it out for an explanation only.
    public var liquidationPrice: Double?

    /// Makes a view.
    public init(
        row: Int, time: Int64, position: Double, entryPrice: Double, entryRow: Int, cash: Double,
        equity: Double, profit: Double, liquidationPrice: Double? = nil
    ) {
        self.row = row
        self.time = time
        self.position = position
        self.entryPrice = entryPrice
        self.entryRow = entryRow
        self.cash = cash
        self.equity = equity
        self.profit = profit
        self.liquidationPrice = liquidationPrice
    }
}

/// What happened inside a bar, in the order it happened.
public enum OrderUpdate: Sendable, Equatable {
    /// An execution.
    case fill(Fill)
    /// A change of an order's status.
    case order(Order)
}

/// What a strategy needs for a run, given once before the first bar.
public struct StrategyContext {
    /// The values of the strategy's series.
    public let evaluator: SeriesEvaluator
    /// The bars of the run.
    public let bars: Bars
    /// Where orders go.
    public let desk: OrderDesk
    /// Where prints and plots go.
    public let notes: RunNotes
    /// The two legs, in hedge mode.
    public let hedge: HedgeView?
    /// Whether the run draws the lines of rules itself, a tile at a time.
    let plotsTiles: Bool

    /// Gathers a context.
    public init(
        evaluator: SeriesEvaluator, bars: Bars, desk: OrderDesk, notes: RunNotes,
        hedge: HedgeView? = nil
    ) {
        self.init(
            evaluator: evaluator, bars: bars, desk: desk, notes: notes, hedge: hedge,
            plotsTiles: false)
    }

    init(
        evaluator: SeriesEvaluator, bars: Bars, desk: OrderDesk, notes: RunNotes,
        hedge: HedgeView?, plotsTiles: Bool
    ) {
        self.evaluator = evaluator
        self.bars = bars
        self.desk = desk
        self.notes = notes
        self.hedge = hedge
        self.plotsTiles = plotsTiles
    }
}

/// A trading strategy, driven by the run loop: the same calls in a backtest and live.
///
/// Per bar the loop calls ``onUpdates(_:_:)`` if something happened inside the bar, then
/// ``onBar(_:)``. Orders go to the desk; they act from the next open.
public protocol Strategy: AnyObject {
    /// The series it declared; complete before ``start(_:)``.
    var program: SeriesProgram { get }
    /// Whether ``onUpdates(_:_:)`` does anything; the loop skips the call otherwise.
    var wantsUpdates: Bool { get }
    /// Bars on which rules contradicted each other.
    var conflicts: Int { get }

    /// Whether ``onBars(_:before:)`` takes more than one bar at a time.
    var takesStretches: Bool { get }

    /// Called once, before the first bar.
    func start(_ context: StrategyContext) throws(Diagnosis)
    /// Called after the evaluator has moved to a new tile: addresses from it are stale.
    func tileChanged()
    /// Called for each closed bar from the first decision bar on; `account.row` is its row.
    func onBar(_ account: AccountView) throws(Diagnosis)
    /// Called in place of ``onBar(_:)`` where a stretch of bars follows in which the account moves
    /// with the close only: with every bar's own row and time, equity is cash + position · close
    /// and all else is as in `account`. A strategy may see as many of them as it likes, as if
    /// ``onBar(_:)`` were called for each, but none after one at which it sent something to the
    /// desk.
    ///
    /// - Parameters:
    ///   - account: As at its row, the first.
    ///   - end: The row after the stretch.
    /// - Returns: The number of bars seen, at least 1.
    /// - Throws: What the script raises.
    func onBars(_ account: AccountView, before end: Int) throws(Diagnosis) -> Int
    /// Called for what happened inside the bar that is about to close; `account.row` is the row
    /// before it, so series end at the last bar that had closed when it happened.
    func onUpdates(_ updates: [OrderUpdate], _ account: AccountView) throws(Diagnosis)
    /// Called once after the last bar.
    func onStop(_ account: AccountView) throws(Diagnosis)
}

extension Strategy {
    /// One bar at a time, unless a strategy says otherwise.
    public var takesStretches: Bool { false }

    /// Takes the first bar.
    ///
    /// - Throws: What ``onBar(_:)`` throws.
    public func onBars(_ account: AccountView, before end: Int) throws(Diagnosis) -> Int {
        try onBar(account)
        return 1
    }
}
