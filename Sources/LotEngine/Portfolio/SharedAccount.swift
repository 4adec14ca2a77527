import LotCore

/// The legs of one account: what they have together, and what is left for each.
struct SharedAccount {
    let legs: [PortfolioLeg]
    /// Cash plus every position at its mark, and the cash that is not set aside; as of
    /// ``addUp()``.
    private(set) var equity = 0.0
    private(set) var freeCash = 0.0
    /// The number that the next order of any leg gets.
    var nextOrderID = 1

    /// Whether positions have a margin.
    let isMargined: Bool
    /// Whether the whole account answers for every position.
    let isCross: Bool
    /// Places of the legs of each symbol.
    let symbols: [Range<Int>]

    private let maxOpenPositions: Int
    /// A billionth of the starting cash.
    private let nothing: Double

    init(_ legs: [PortfolioLeg], maxOpenPositions: Int?) {
        self.legs = legs
        self.maxOpenPositions = maxOpenPositions ?? .max
        nothing = 1e-9 * legs.reduce(0) { $0 + $1.exchange.ledger.startingCash }
        var symbols: [Range<Int>] = []
        for index in legs.indices {
            let isFirst = index == 0 || legs[index].symbol != legs[index - 1].symbol
            let start = isFirst ? index : symbols.removeLast().lowerBound
            symbols.append(start..<index + 1)
        }
        self.symbols = symbols
        isMargined = legs.contains { $0.exchange.isMargined }
        isCross = legs.contains { $0.exchange.isMargined && $0.exchange.margin.terms.isCross }
        addUp()
    }

    /// Sums over the legs, in their order.
    ///
    /// - Complexity: O(legs).
    mutating func addUp() {
        var (value, free) = (0.0, 0.0)
        for leg in legs {
            value += leg.value
            free += leg.free
        }
        equity = withoutDust(value)
        freeCash = withoutDust(free)
    }

    /// An amount of the account, 0 where on margin, with nothing held, it is the rounding of sums:
    /// see ``Ledger/dropDust()``.
    private func withoutDust(_ amount: Double) -> Double {
        guard isMargined, abs(amount) <= nothing, !legs.contains(where: \.isHeld) else {
            return amount
        }
        return 0
    }

    /// Cash of all legs, reservations included.
    var cash: Double {
        var sum = 0.0
        for leg in legs { sum += leg.exchange.ledger.cash }
        return withoutDust(sum)
    }

    /// Equity and free cash with every position at the close before the bar under way.
    var beforeBar: (equity: Double, freeCash: Double) {
        var (value, free) = (0.0, 0.0)
        for leg in legs {
            let before = leg.beforeBar
            value += before.value
            free += before.free
        }
        return (value, free)
    }

    /// Lets an exchange know of the others, do something, and be valued again.
    ///
    /// - Parameters:
    ///   - leg: One of the legs.
    ///   - inside: Whether it acts between the open and the close of the bar under way.
    ///   - body: What it does.
    /// - Complexity: O(legs).
    @inline(__always)
    mutating func use(
        _ leg: PortfolioLeg, inside: Bool = false, _ body: (inout SimulatedExchange) -> Void
    ) {
        tell(leg, inside: inside)
        leg.exchange.nextOrderID = nextOrderID
        body(&leg.exchange)
        nextOrderID = leg.exchange.nextOrderID
        leg.refresh()
    }

    /// Lets an exchange know of the others.
    func tell(_ leg: PortfolioLeg, inside: Bool = false) {
        var rest = RestOfAccount()
        rest.isShared = true
        var held = 0
        for other in legs where other !== leg {
            if other.add(to: &rest, of: leg, inside: inside) { held += 1 }
        }
        rest.mayOpen = held < maxOpenPositions
        if inside, isCross {
            for own in symbols where legs[own.lowerBound].symbol != leg.symbol {
                rest.drop += drop(of: own)
            }
        }
        leg.exchange.rest = rest
    }

    // MARK: Cross margin inside a bar

    /// What a symbol's positions would be short of with its mark at its worst in the bar under way.
    ///
    /// One price is the worst for both legs of a hedged symbol together: one of the extremes, for
    /// what they need and miss is convex in the price.
    private func drop(of symbol: Range<Int>) -> Double {
        let drops = drops(of: symbol)
        return max(0, drops.atLow, drops.atHigh)
    }

    /// The extreme at which they are short of most.
    func worstPrice(of symbol: Range<Int>) -> Double {
        let (drops, extremes) = (drops(of: symbol), legs[symbol.lowerBound].extremes)
        return drops.atHigh > drops.atLow ? extremes.high : extremes.low
    }

    private func drops(of symbol: Range<Int>) -> (atLow: Double, atHigh: Double) {
        let (low, high) = legs[symbol.lowerBound].extremes
        var (atLow, atHigh) = (0.0, 0.0)
        for index in symbol {
            atLow += legs[index].drop(to: low)
            atHigh += legs[index].drop(to: high)
        }
        return (atLow, atHigh)
    }

    /// Whether the account would be liquidated if every mark were at its worst in the bar at once.
    ///
    /// - Complexity: O(legs).
    var isEndangered: Bool {
        var slack = 0.0
        for leg in legs { slack += leg.value - leg.exchange.maintenanceMargin(at: leg.mark) }
        for symbol in symbols { slack -= drop(of: symbol) }
        return slack <= 0
    }
}
