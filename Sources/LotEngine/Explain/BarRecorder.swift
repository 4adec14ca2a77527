public import LotCore
public import LotMath

/// What a strategy saw at one bar and did there, collected while it runs.
///
/// It stands between the run loop and the strategy and changes nothing: the strategy gets every
/// call, in the same order. One recorder serves one run; not thread-safe.
public final class BarRecorder: Strategy {
    /// The row that is recorded.
    public let row: Int
    /// Numbers of the program's nodes at the row; `nil` for conditions.
    public private(set) var numbers: [Double?] = []
    /// Conditions of the program's nodes at the row; `nil` for numbers.
    public private(set) var conditions: [Bool?] = []
    /// The newest bar of each other source that had closed at the row's close, in the program's
    /// order; `nil` before its first.
    public private(set) var otherBars: [Bar?] = []
    /// The account at the row's close, before the decision; `nil` if none was taken there.
    public private(set) var account: AccountView?
    /// The long and the short leg there, in hedge mode; else empty.
    public private(set) var legs: [HedgeView.Leg] = []
    /// Orders that worked at the row's close, before the decision.
    public private(set) var openOrders: [Order] = []
    /// What happened inside the row's bar, in order.
    public private(set) var inside: [OrderUpdate] = []
    /// What happened inside the bar after it.
    public private(set) var after: [OrderUpdate] = []
    /// Numbers of the orders that were sent at the row's close.
    public private(set) var sent = 0..<0
    /// Orders that worked after the run's last bar, before it ended them.
    public private(set) var standing: [Order] = []
    /// What was printed from the bar's updates to its decision.
    public private(set) var log: [LogLine] = []
    /// What the script plotted at the row's close.
    public private(set) var plots: [(name: String, value: Double)] = []

    private let strategy: any Strategy
    private var context: StrategyContext?
    private var logStart: Int?

    /// Records one row of a run of `strategy`.
    public init(_ strategy: any Strategy, row: Int) {
        self.strategy = strategy
        self.row = row
    }

    /// The strategy's own series.
    public var program: SeriesProgram { strategy.program }
    /// Always, so that fills are seen of rules too.
    public var wantsUpdates: Bool { true }
    /// The strategy's own count.
    public var conflicts: Int { strategy.conflicts }

    /// Passes the context on and keeps it.
    public func start(_ context: StrategyContext) throws(Diagnosis) {
        self.context = context
        try strategy.start(context)
    }

    /// Reads the row's values when they are in the newest tile.
    public func tileChanged() {
        strategy.tileChanged()
        guard let evaluator = context?.evaluator, row >= evaluator.tileStart, row < evaluator.rows
        else { return }
        otherBars = program.sources.indices.map { index in
            let source = SourceID(index + 1)
            return evaluator.newestRow(of: source, at: row).map { evaluator.bars(of: source)[$0] }
        }
        for (index, node) in program.nodes.enumerated() {
            let id = NodeID(index)
            let isCondition = node.operation.isCondition
            conditions.append(isCondition ? evaluator.flag(id, at: row) : nil)
            numbers.append(isCondition ? nil : evaluator.value(id, at: row))
        }
    }

    /// Passes the call on, and keeps what happened in the row's bar and in the next.
    public func onUpdates(_ updates: [OrderUpdate], _ account: AccountView) throws(Diagnosis) {
        let bar = account.row + 1
        if bar == row {
            inside += updates
            logStart = context?.notes.log.count
        } else if bar == row + 1 {
            after += updates
        }
        if strategy.wantsUpdates { try strategy.onUpdates(updates, account) }
    }

    /// Passes the call on, and keeps what the row's decision was made of.
    public func onBar(_ account: AccountView) throws(Diagnosis) {
        guard account.row == row, let context else { return try strategy.onBar(account) }
        self.account = account
        legs = context.hedge.map { [$0.long, $0.short] } ?? []
        openOrders = context.desk.openOrders
        let first = context.desk.nextOrderID
        let start = logStart ?? context.notes.log.count
        try strategy.onBar(account)
        sent = first..<context.desk.nextOrderID
        log = Array(context.notes.log.dropFirst(start))
        plots = context.notes.plots.compactMap { line in
            line.times.last == account.time ? line.values.last.map { (line.name, $0) } : nil
        }
    }

    /// Passes the call on, and keeps what works: the end cancels it.
    public func onStop(_ account: AccountView) throws(Diagnosis) {
        standing = context?.desk.openOrders ?? []
        try strategy.onStop(account)
    }
}
