public import LotCore
public import LotMath

/// A strategy written as conditions over whole series.
public struct Rules: Sendable {
    /// Enters long while flat.
    public var enterLong: NodeID?
    /// Leaves a long position.
    public var exitLong: NodeID?
    /// Enters short while flat; not on spot.
    public var enterShort: NodeID?
    /// Leaves a short position.
    public var exitShort: NodeID?
    /// Exits that become active with each entry.
    public var bracket: Bracket
    /// Size of each entry.
    public var size: Size
    /// Series to draw: name and node, a number.
    public var plots: [(name: String, node: NodeID)]

    /// Rules that do nothing until conditions are set.
    public init(
        enterLong: NodeID? = nil, exitLong: NodeID? = nil, enterShort: NodeID? = nil,
        exitShort: NodeID? = nil, bracket: Bracket = Bracket(), size: Size = .equity(1),
        plots: [(name: String, node: NodeID)] = []
    ) {
        self.enterLong = enterLong
        self.exitLong = exitLong
        self.enterShort = enterShort
        self.exitShort = exitShort
        self.bracket = bracket
        self.size = size
        self.plots = plots
    }
}

/// Runs ``Rules`` bar by bar, with no script call.
public final class RuleStrategy: Strategy {
    /// The series the conditions are made of.
    public let program: SeriesProgram
    /// Nothing depends on order updates.
    public var wantsUpdates: Bool { false }
    /// Bars on which an entry met its own exit, or both entries held.
    public private(set) var conflicts = 0

    private let rules: Rules
    private var context: StrategyContext?
    private var desk = OrderDesk()
    /// The conditions' bits in the newest tile: enter long, exit long, enter short, exit short.
    private var conditions: [ConditionBits] = []
    private var anyCondition = ConditionBits(words: [])
    private var tileStart = 0

    /// Prepares a run of `rules`, whose nodes are in `program`.
    public init(_ rules: Rules, program: SeriesProgram) {
        self.rules = rules
        self.program = program
    }

    /// Keeps the run's context.
    public func start(_ context: StrategyContext) {
        self.context = context
        desk = context.desk
    }

    /// Copies the conditions of the new tile: 64 words each.
    public func tileChanged() {
        guard let evaluator = context?.evaluator else { return }
        tileStart = evaluator.tileStart
        conditions = [rules.enterLong, rules.exitLong, rules.enterShort, rules.exitShort].map {
            ConditionBits(words: $0.map { evaluator.words($0) } ?? [])
        }
        let count = conditions.map(\.words.count).max() ?? 0
        anyCondition = ConditionBits(
            words: (0..<count).map { word in
                conditions.reduce(0) { $0 | ($1.words.isEmpty ? 0 : $1.words[word]) }
            })
    }

    /// Nothing depends on order updates.
    public func onUpdates(_ updates: [OrderUpdate], _ account: AccountView) {}

    /// Nothing is left to do after the last bar.
    public func onStop(_ account: AccountView) {}

    /// Reads the conditions at the close of `account.row` and sends at most one entry.
    public func onBar(_ account: AccountView) {
        if !rules.plots.isEmpty { plot(account) }
        let offset = account.row - tileStart
        guard anyCondition.holds(offset) else { return }
        let (enterLong, exitLong) = (conditions[0].holds(offset), conditions[1].holds(offset))
        let (enterShort, exitShort) = (conditions[2].holds(offset), conditions[3].holds(offset))
        if (enterLong && (exitLong || enterShort)) || (enterShort && exitShort) { conflicts += 1 }
        let isClosing = desk.openOrders.contains { $0.request.reduceOnly }
        guard !isClosing else { return }
        decide(
            side(account, desk), desk, wantsLong: enterLong && !exitLong && !enterShort,
            wantsShort: enterShort && !exitShort && !enterLong, exitLong: exitLong,
            exitShort: exitShort)
    }

    private func plot(_ account: AccountView) {
        guard let context else { return }
        for (name, node) in rules.plots {
            context.notes.plot(
                name, context.evaluator.value(node, at: account.row), row: account.row,
                time: account.time)
        }
    }

    /// The side held, or being entered by an order that still works; `nil` while flat.
    private func side(_ account: AccountView, _ desk: OrderDesk) -> Side? {
        if account.position != 0 { return account.position > 0 ? .buy : .sell }
        return desk.openOrders.first { $0.origin == .strategy && !$0.request.reduceOnly }?
            .request.side
    }

    private func decide(
        _ held: Side?, _ desk: OrderDesk, wantsLong: Bool, wantsShort: Bool, exitLong: Bool,
        exitShort: Bool
    ) {
        switch held {
        case nil:
            if wantsLong { enter(.buy, desk) } else if wantsShort { enter(.sell, desk) }
        case .buy:
            if wantsShort {
                _ = desk.exit(tag: "reverse")
                enter(.sell, desk)
            } else if exitLong {
                _ = desk.exit(tag: "exit_long")
            }
        case .sell:
            if wantsLong {
                _ = desk.exit(tag: "reverse")
                enter(.buy, desk)
            } else if exitShort {
                _ = desk.exit(tag: "exit_short")
            }
        }
    }

    private func enter(_ side: Side, _ desk: OrderDesk) {
        _ = desk.submit(
            OrderRequest(
                side, size: rules.size, bracket: rules.bracket,
                tag: side == .buy ? "enter_long" : "enter_short"))
    }
}

/// A condition over a tile; a rule that was not given never holds.
private struct ConditionBits {
    let words: [UInt64]

    @inline(__always)
    func holds(_ offset: Int) -> Bool {
        !words.isEmpty && words[offset >> 6] >> UInt64(offset & 63) & 1 == 1
    }
}
