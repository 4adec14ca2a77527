import CLua
import LotCore
import LotEngine
import LotMath

/// Runs a script's events: one protected call for each stretch of bars in which it asks for
/// nothing and no order is at work, else one for each bar.
///
/// Nothing is allocated here per bar: the account is copied into a C struct, and the script reads
/// series through addresses that are set once per tile.
final class EventStrategy: Strategy {
    let program: SeriesProgram
    /// Handles and `ctx.orders` follow order updates, whether the script listens or not.
    var wantsUpdates: Bool { true }
    var conflicts: Int { 0 }

    private let state: LuaState
    private let host: ScriptHost
    private var account = lot_account()
    private var context: StrategyContext?

    init(state: LuaState, host: ScriptHost) {
        self.state = state
        self.host = host
        program = host.program
    }

    func start(_ context: StrategyContext) throws(Diagnosis) {
        self.context = context
        host.desk = context.desk
        host.notes = context.notes
        host.hedge = context.hedge
        for line in host.earlyLines { context.notes.print(line, time: nil) }
        state.setColumns(context.bars)
    }

    func tileChanged() {
        guard let evaluator = context?.evaluator else { return }
        for (index, node) in program.nodes.enumerated() where !node.operation.isCondition {
            let id = NodeID(index)
            unsafe state.setBase(id, evaluator.base(id))
        }
        for (condition, number) in host.numberOfCondition {
            unsafe state.setBase(condition, evaluator.base(number))
        }
        guard !program.sources.isEmpty else { return }
        for (index, node) in program.nodes.enumerated() where node.source != mainSource {
            unsafe state.setRows(NodeID(index), evaluator.newestRows(of: node.source))
        }
    }

    var takesStretches: Bool { true }

    func onBar(_ view: AccountView) throws(Diagnosis) {
        _ = try onBars(view, before: view.row + 1)
    }

    func onBars(_ view: AccountView, before end: Int) throws(Diagnosis) -> Int {
        host.orders.forget()
        take(view)
        return try state.onBars(&account, before: end)
    }

    func onUpdates(_ updates: [OrderUpdate], _ view: AccountView) throws(Diagnosis) {
        if host.hasOnFill || host.hasOnOrder {
            take(view)
            try state.setAccount(&account)
        }
        host.orders.forget()
        for update in updates {
            switch update {
            case .fill(let fill):
                guard host.hasOnFill else { continue }
                try state.call("fill", EventStrategy.arguments(fill), label: "on_fill")
            case .order(let order):
                host.orders.update(order)
                guard host.hasOnOrder else { continue }
                try state.call("order", [.number(Double(order.id))], label: "on_order")
            }
        }
    }

    func onStop(_ view: AccountView) throws(Diagnosis) {
        take(view)
        try state.setAccount(&account)
        try state.call("stop", label: "on_stop")
    }

    @inline(__always)
    private func take(_ view: AccountView) {
        account.row = Int64(view.row)
        account.time = view.time
        account.position = view.position
        account.entry_price = view.entryPrice
        account.entry_row = Int64(view.entryRow)
        account.cash = view.cash
        account.equity = view.equity
        account.profit = view.profit
    }

    private static func arguments(_ fill: Fill) -> [LuaValue] {
        [
            .number(Double(fill.orderID)), .number(Double(fill.time)), .text(fill.side.rawValue),
            .number(fill.price), .number(fill.quantity), .number(fill.fee),
            .number(fill.slippage), .text(fill.liquidity.rawValue), .text(fill.origin.rawValue),
            .text(fill.tag),
        ]
    }
}
