import LotCore
public import LotMath

/// A strategy of ``Rules``: conditions over whole series, with no script call.
///
/// ``runBacktest(_:_:path:progress:)`` visits only the bars where it can act; driven bar by bar, as
/// a live session does, it makes the same orders.
public final class RuleStrategy: Strategy {
    /// The series the conditions are made of.
    public let program: SeriesProgram
    /// Nothing depends on order updates.
    public var wantsUpdates: Bool { false }
    /// Bars on which an entry met its own exit, or both entries held.
    public internal(set) var conflicts = 0

    /// What it does.
    let rules: Rules
    private var decision: RuleDecision
    private var context: StrategyContext?
    private var desk = OrderDesk()
    /// The conditions' words in the newest tile, by bit of ``RuleBits``; empty where there is none.
    private var words: [[UInt64]] = [[], [], [], []]
    private var tileStart = 0
    /// The lines to draw; none where the run draws them.
    private var plots: [(name: String, node: NodeID)] = []

    /// Prepares a run of `rules`, whose nodes are in `program`.
    public init(_ rules: Rules, program: SeriesProgram) {
        self.rules = rules
        self.program = program
        decision = RuleDecision(rules, &desk.tags)
    }

    /// Keeps the run's context.
    public func start(_ context: StrategyContext) {
        self.context = context
        desk = context.desk
        plots = context.plotsTiles ? [] : rules.plots
        decision = RuleDecision(rules, &desk.tags)
    }

    /// Copies the conditions of the new tile: 64 words each.
    public func tileChanged() {
        guard let evaluator = context?.evaluator else { return }
        tileStart = evaluator.tileStart
        for (index, node) in rules.conditions.enumerated() {
            words[index] = node.map { evaluator.words($0) } ?? []
        }
    }

    /// Does nothing: rules do not read fills.
    public func onUpdates(_ updates: [OrderUpdate], _ account: AccountView) {}

    /// Does nothing.
    public func onStop(_ account: AccountView) {}

    /// Acts on the conditions that hold at the bar's close.
    public func onBar(_ account: AccountView) {
        if !plots.isEmpty { plot(account) }
        let bits = bits(account.row - tileStart)
        guard !bits.isEmpty else { return }
        if let hedge = context?.hedge { return act(bits, hedge) }
        if bits.isConflict { conflicts += 1 }
        let action = decision.action(
            bits, position: account.position, working: desk.working.count
        ) { desk.working[$0] }
        switch action {
        case .nothing: break
        case .enter(let side): desk.submit(decision.entry(side))
        case .exit(let tag): desk.exit(tag)
        case .reverse(let side):
            desk.exit(decision.reverseTag)
            desk.submit(decision.entry(side))
        }
    }

    /// Acts for both legs of a hedged symbol.
    private func act(_ bits: RuleBits, _ hedge: HedgeView) {
        if bits.isConflictOfLegs { conflicts += 1 }
        for leg in PositionSide.allCases {
            let isHeld = hedge.leg(leg).size != 0
            switch decision.action(bits, leg: leg, isHeld: isHeld, working: desk.working) {
            case .enter(let side):
                var terms = decision.entry(side)
                terms.positionSide = leg
                desk.submit(terms)
            case .exit(let tag): desk.exit(tag, leg)
            case .nothing, .reverse: break
            }
        }
    }

    /// Whether ``onBar(_:)`` would do anything at a row of the newest tile.
    @inline(__always)
    func acts(_ row: Int) -> Bool { !plots.isEmpty || !bits(row - tileStart).isEmpty }

    @inline(__always)
    private func bits(_ offset: Int) -> RuleBits {
        var bits: UInt8 = 0
        for index in 0..<4 where !words[index].isEmpty {
            let bit = words[index][offset >> 6] >> UInt64(offset & 63) & 1
            bits |= UInt8(truncatingIfNeeded: bit) << UInt8(index)
        }
        return RuleBits(rawValue: bits)
    }

    private func plot(_ account: AccountView) {
        guard let context else { return }
        for (name, node) in plots {
            context.notes.plot(
                name, context.evaluator.value(node, at: account.row), row: account.row,
                time: account.time)
        }
    }
}
