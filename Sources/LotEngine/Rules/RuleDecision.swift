import LotCore

/// Which conditions of a rule strategy hold at a bar, by name.
struct RuleBits: OptionSet, Sendable {
    let rawValue: UInt8

    static let enterLong = RuleBits(rawValue: 1)
    static let exitLong = RuleBits(rawValue: 2)
    static let enterShort = RuleBits(rawValue: 4)
    static let exitShort = RuleBits(rawValue: 8)

    /// Whether an entry meets its own exit, or both entries hold: nothing is entered then.
    var isConflict: Bool {
        (contains(.enterLong) && !isDisjoint(with: [.exitLong, .enterShort]))
            || isSuperset(of: [.enterShort, .exitShort])
    }

    /// Whether to enter long, or to turn a short position into a long one.
    var wantsLong: Bool { contains(.enterLong) && isDisjoint(with: [.exitLong, .enterShort]) }

    /// Whether to enter short, or to turn a long position into a short one.
    var wantsShort: Bool { contains(.enterShort) && isDisjoint(with: [.exitShort, .enterLong]) }
}

/// Turns the conditions of one bar into orders (`docs/strategy-api.md`, "Rules").
///
/// The run bar by bar and the run that skips bars both decide here.
struct RuleDecision: Sendable {
    private let bracket: Bracket
    private let size: Size
    private let enterLong: TagID
    private let enterShort: TagID
    private let exitLong: TagID
    private let exitShort: TagID
    private let reverse: TagID

    /// The decisions of `rules`, their tags numbered by `tags`.
    init(_ rules: Rules, _ tags: inout TagTable) {
        bracket = rules.bracket
        size = rules.size
        enterLong = tags.id(of: "enter_long")
        enterShort = tags.id(of: "enter_short")
        exitLong = tags.id(of: "exit_long")
        exitShort = tags.id(of: "exit_short")
        reverse = tags.id(of: "reverse")
    }

    /// Appends what to do at a bar's close.
    ///
    /// - Parameters:
    ///   - bits: The conditions that hold.
    ///   - position: Signed position in base currency.
    ///   - working: Orders at work.
    ///   - nextOrderID: The number the next order gets; moved on by the orders made.
    ///   - commands: Where the orders go.
    func decide(
        _ bits: RuleBits, position: Double, working: [WorkingOrder], nextOrderID: inout Int,
        into commands: inout [OrderCommand]
    ) {
        var entering: Side?
        for order in working {
            if order.terms.reduceOnly { return }
            if entering == nil, order.origin == .strategy { entering = order.side }
        }
        let held: Side? = position != 0 ? (position > 0 ? .buy : .sell) : entering
        let wanted: Side? = bits.wantsLong ? .buy : bits.wantsShort ? .sell : nil
        guard let held else {
            if let wanted { enter(wanted, &nextOrderID, &commands) }
            return
        }
        if let wanted, wanted != held {
            commands.append(.exit(id: nextOrderID, tag: reverse))
            nextOrderID += 1
            enter(wanted, &nextOrderID, &commands)
        } else if bits.contains(held == .buy ? .exitLong : .exitShort) {
            let tag = held == .buy ? exitLong : exitShort
            commands.append(.exit(id: nextOrderID, tag: tag))
            nextOrderID += 1
        }
    }

    private func enter(_ side: Side, _ nextOrderID: inout Int, _ commands: inout [OrderCommand]) {
        let terms = OrderTerms(
            side: side, size: size, bracket: bracket, tag: side == .buy ? enterLong : enterShort)
        commands.append(.submit(id: nextOrderID, terms))
        nextOrderID += 1
    }
}
