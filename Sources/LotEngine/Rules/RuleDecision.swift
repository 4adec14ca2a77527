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

    /// Whether an entry meets its own exit: what contradicts itself where there are two legs.
    var isConflictOfLegs: Bool {
        isSuperset(of: [.enterLong, .exitLong]) || isSuperset(of: [.enterShort, .exitShort])
    }

    /// Whether to enter long, or to turn a short position into a long one.
    var wantsLong: Bool { contains(.enterLong) && isDisjoint(with: [.exitLong, .enterShort]) }

    /// Whether to enter short, or to turn a long position into a short one.
    var wantsShort: Bool { contains(.enterShort) && isDisjoint(with: [.exitShort, .enterLong]) }
}

/// What rules want at a bar's close.
enum RuleAction: Sendable {
    case nothing
    /// An order that opens a position.
    case enter(Side)
    /// The position, or the order that is to open it, is to go.
    case exit(tag: TagID)
    /// Both: out of one side and into the other.
    case reverse(to: Side)
}

/// Turns the conditions of one bar into orders (`docs/strategy-api.md`, "Rules").
///
/// The run bar by bar and the run that skips bars both decide here.
struct RuleDecision: Sendable {
    /// The orders that open a long and a short position.
    let buy: OrderTerms
    let sell: OrderTerms
    let exitLong: TagID
    private let exitShort: TagID
    /// The tag of the order that closes a position before it is opened the other way.
    let reverseTag: TagID

    /// The decisions of `rules`, their tags numbered by `tags`.
    init(_ rules: Rules, _ tags: inout TagTable) {
        func entry(_ side: Side, _ tag: String) -> OrderTerms {
            OrderTerms(
                side: side, size: rules.size, bracket: rules.bracket, tag: tags.id(of: tag))
        }
        buy = entry(.buy, "enter_long")
        sell = entry(.sell, "enter_short")
        exitLong = tags.id(of: "exit_long")
        exitShort = tags.id(of: "exit_short")
        reverseTag = tags.id(of: "reverse")
    }

    /// The order that opens a position on `side`.
    @inline(__always)
    func entry(_ side: Side) -> OrderTerms { side == .buy ? buy : sell }

    /// Decides what to do at a bar's close.
    ///
    /// - Parameters:
    ///   - bits: The conditions that hold.
    ///   - position: Signed position in base currency.
    ///   - working: Number of orders at work.
    ///   - order: The order at work at an index: nothing is done while one of them closes the
    ///     position, and one that opens a position counts as the position.
    /// - Returns: The action; its orders are numbered by who carries it out.
    @inline(__always)
    func action(
        _ bits: RuleBits, position: Double, working: Int, order: (Int) -> WorkingOrder
    ) -> RuleAction {
        var entering: Side?
        for index in 0..<working {
            let order = order(index)
            if order.terms.reduceOnly { return .nothing }
            if entering == nil, order.origin == .strategy { entering = order.side }
        }
        let held: Side? = position != 0 ? (position > 0 ? .buy : .sell) : entering
        let wanted: Side? = bits.wantsLong ? .buy : bits.wantsShort ? .sell : nil
        guard let held else { return wanted.map { .enter($0) } ?? .nothing }
        if let wanted, wanted != held { return .reverse(to: wanted) }
        guard bits.contains(held == .buy ? .exitLong : .exitShort) else { return .nothing }
        return .exit(tag: held == .buy ? exitLong : exitShort)
    }

    /// Decides what one leg does at a bar's close, in hedge mode: it knows nothing of the other.
    func action(
        _ bits: RuleBits, leg: PositionSide, isHeld: Bool, working: [WorkingOrder]
    ) -> RuleAction {
        let enters = bits.contains(leg == .long ? .enterLong : .enterShort)
        let exits = bits.contains(leg == .long ? .exitLong : .exitShort)
        var isHeld = isHeld
        for order in working where order.terms.positionSide == leg {
            if order.terms.reduceOnly { return .nothing }
            isHeld = isHeld || order.origin == .strategy
        }
        if isHeld { return exits ? .exit(tag: leg == .long ? exitLong : exitShort) : .nothing }
        return enters && !exits ? .enter(leg == .long ? .buy : .sell) : .nothing
    }
}
