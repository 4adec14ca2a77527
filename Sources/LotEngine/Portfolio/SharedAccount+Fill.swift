import LotCore

/// The phases of a bar for all legs of an account (`docs/execution.md`, rule 2): each is done for
/// all of them before the next begins, so that what happens does not hang on their names.
extension SharedAccount {
    /// Runs the orders of all legs that have entered a bar and taken it.
    ///
    /// - Complexity: O(legs), and O(legs) for each in whose bar something can happen.
    mutating func fill() {
        let isWatched = isCross && watch()
        for leg in legs where leg.isPresent && leg.exchange.needsBars {
            // Cross margin: whether a bar liquidates hangs on what the others are worth.
            if leg.exchange.isMargined { tell(leg) }
            leg.begin(isWatched: isWatched)
        }
        if isMargined { settleBeforeOpen() }
        fillAtOpen()
        if isMargined {
            for leg in legs where leg.isActive { leg.chargeInside() }
        }
        for leg in legs { leg.freezeOpen() }
        guard isWatched else { return goOn(legs) }
        let fallen = liquidations
        goOn(isEndangered ? byLoss : legs)
        while liquidations > fallen, let leg = worst({ $0.exchange.isHitAnew() }, inside: true) {
            use(leg, inside: true) { $0.liquidateAnew() }
        }
    }

    /// Whether positions over one cross margin may be liquidated in the bars under way because of
    /// each other: they would be with every mark at its worst, or funding or an entry may yet bring
    /// them there.
    private func watch() -> Bool {
        for leg in legs where leg.isPresent { leg.look() }
        return legs.contains { !$0.exchange.working.isEmpty || $0.isCharged } || isEndangered
    }

    // MARK: At the open

    /// What comes before the orders: funding of all, then liquidations that the opens have gapped
    /// through.
    private mutating func settleBeforeOpen() {
        for leg in legs where leg.isActive { leg.chargeAtOpen() }
        while let leg = worst({ $0.exchange.gapsThrough() }) {
            use(leg) { $0.liquidateAtOpen() }
        }
    }

    /// Runs the orders at the open: legs that hold a position come first, so that what they sell
    /// pays for what others buy.
    private mutating func fillAtOpen() {
        for held in [true, false] {
            for leg in legs where leg.isActive && leg.wasHeld == held {
                use(leg) { $0.processOpenOrders() }
            }
        }
    }

    /// Of the legs that have to go the one that has lost most at its mark, of equal ones the first;
    /// over one cross margin each is told of what the others have left.
    private func worst(
        _ mustGo: (PortfolioLeg) -> Bool, inside: Bool = false
    ) -> PortfolioLeg? {
        var worst: PortfolioLeg?
        for leg in legs where leg.isActive && leg.isHeld {
            if isCross { tell(leg, inside: inside) }
            guard mustGo(leg) else { continue }
            if let other = worst, other.loss >= leg.loss { continue }
            worst = leg
        }
        return worst
    }

    // MARK: Inside the bar

    /// Goes on inside the bars, where nobody knows what came first: so nobody gets the cash that
    /// another frees.
    private mutating func goOn(_ order: [PortfolioLeg]) {
        for leg in order where leg.isActive { use(leg, inside: true) { $0.processRest() } }
    }

    /// The legs with what loses most at the worst of the account first.
    private var byLoss: [PortfolioLeg] {
        let losses = symbols.flatMap { own in
            let price = worstPrice(of: own)
            return own.map { legs[$0].loss(at: price) }
        }
        return legs.indices.sorted { (losses[$1], $0) < (losses[$0], $1) }.map { legs[$0] }
    }

    /// How many positions have been liquidated.
    private var liquidations: Int { legs.reduce(0) { $0 + $1.exchange.counters.liquidations } }
}
