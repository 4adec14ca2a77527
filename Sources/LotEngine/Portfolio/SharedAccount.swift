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

    private let maxOpenPositions: Int

    init(_ legs: [PortfolioLeg], maxOpenPositions: Int?) {
        self.legs = legs
        self.maxOpenPositions = maxOpenPositions ?? .max
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
        equity = value
        freeCash = free
    }

    /// Cash of all legs, reservations included.
    var cash: Double {
        var sum = 0.0
        for leg in legs { sum += leg.exchange.ledger.cash }
        return sum
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
        var held = 0
        for other in legs where other !== leg {
            if other.add(to: &rest, inside: inside) { held += 1 }
        }
        rest.mayOpen = held < maxOpenPositions
        leg.exchange.rest = rest
    }
}
