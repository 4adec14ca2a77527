import LotCore

/// The bar as a path of three straight moves (`--intrabar ohlc`; `docs/execution.md`, rule 8).
///
/// From the open to the nearer extreme, to the other, to the close; where both are as near, to the
/// low first. What the price meets happens there, in that order, and nothing is ambiguous.
extension SimulatedExchange {
    /// What the price meets next on its way.
    private struct PathEvent {
        enum Kind {
            case liquidation
            case bracketStop(isTrailing: Bool)
            case bracketTarget
            case order(Int)
        }

        var kind: Kind
        /// Where the price is then.
        var price: Double
    }

    /// Walks the path after what happened at the open.
    mutating func walkPath() {
        let isLowFirst = bar.open - bar.low <= bar.high - bar.open
        var price = bar.open
        follow(price)
        walk(from: &price, to: isLowFirst ? bar.low : bar.high)
        walk(from: &price, to: isLowFirst ? bar.high : bar.low)
        walk(from: &price, to: bar.close)
        isTargetSpent = false
        for index in working.indices { working[index].isSpent = false }
    }

    /// Walks one straight move; trailing stops follow at its end as they followed the open, since
    /// none can be met while the price moves away from it.
    private mutating func walk(from price: inout Double, to end: Double) {
        while let event = nextEvent(price, end) {
            price = event.price
            run(event)
        }
        price = end
        follow(end)
    }

    /// Moves trailing stops with a price of the path.
    private mutating func follow(_ price: Double) {
        if ledger.position != 0 { bracket?.follow(price, instrument) }
        guard hasSpecialOrders else { return }
        for index in working.indices where isAlive(index) {
            if working[index].follow(price, instrument) { ordersChanged = true }
        }
    }

    // MARK: What comes next

    /// The nearest event ahead; of several at one price a liquidation, then the bracket's, then
    /// orders as they were sent.
    private mutating func nextEvent(_ price: Double, _ end: Double) -> PathEvent? {
        var best: PathEvent?
        func meet(_ level: Double, _ isBelow: Bool, _ touches: Bool, _ kind: PathEvent.Kind) {
            let isPast = isBelow ? level > price : level < price
            let isAhead = isBelow ? end < level : end > level
            let isMet =
                isPast || isAhead || (touches && (level == price || level == end))
            guard isMet else { return }
            let place = isPast ? price : level
            if let best, abs(best.price - price) <= abs(place - price) { return }
            best = PathEvent(kind: kind, price: place)
        }
        let isLong = ledger.position > 0
        if isLiquidationHit { meet(tradedLevel, isLong, true, .liquidation) }
        if ledger.position != 0, let bracket {
            if let stop = bracket.stop {
                meet(stop.level, isLong, true, .bracketStop(isTrailing: stop.isTrailing))
            }
            if let target = bracket.target, !isTargetSpent {
                meet(target, !isLong, settings.fillOnTouch, .bracketTarget)
            }
        }
        for index in working.indices
        where isAlive(index) && !working[index].isMarket && !working[index].isSpent {
            let touches = working[index].kind != .limit || settings.fillOnTouch
            meet(working[index].level, working[index].waitsBelow, touches, .order(index))
        }
        return best
    }

    // MARK: What happens

    private mutating func run(_ event: PathEvent) {
        switch event.kind {
        case .liquidation:
            liquidate(reference: start == nil ? event.price : fallPrice, atOpen: false)
        case .bracketStop(let isTrailing):
            closeByStop(reference: event.price, isTrailing: isTrailing)
        case .bracketTarget:
            if let target = bracket?.target { closeAtTarget(target) }
            isTargetSpent = ledger.position != 0 && bracket != nil
        case .order(let index): run(index, at: event.price)
        }
    }

    /// Fills a waiting order, or makes of it what goes on from its trigger; what the bar's volume
    /// leaves over of it waits for the next bar.
    private mutating func run(_ index: Int, at price: Double) {
        if working[index].kind == .limit {
            execute(index, reference: working[index].level, .restingLimit)
            working[index].isSpent = true
            return
        }
        working[index].trigger()
        if working[index].isMarket {
            execute(index, reference: price, .market)
        } else {
            arrive(index, at: price)
        }
        if isAlive(index), working[index].terms.timeInForce != .gtc { expire(index) }
    }

    /// Puts a stop-limit's limit into the book where its trigger was met: the path goes on from
    /// there.
    private mutating func arrive(_ index: Int, at price: Double) {
        touch(index)
        guard working[index].crosses(price) else {
            working[index].hasArrived = true
            return
        }
        if working[index].terms.postOnly { return reject(index, .wouldCross) }
        execute(index, reference: price, .marketableLimit)
        working[index].isSpent = true
    }
}
