import LotCore

/// The order of events in a bar (`docs/execution.md`, rule 2).
extension SimulatedExchange {
    // MARK: At the open

    /// Market orders as they were sent, stops gapped through, arriving limits, then resting
    /// limits that the open has passed.
    mutating func runOpen() {
        isAtOpen = true
        closeAfterMaxBars()
        for index in working.indices where isAlive(index) && working[index].isMarket {
            if working[index].closesPosition { suspendBracket() }
            execute(index, reference: bar.open, .market)
        }
        if let stop = bracket?.stop, bracket?.reaches(bar.open, stop: stop.level) == true {
            closeByStop(reference: bar.open, isTrailing: stop.isTrailing)
        }
        for index in working.indices
        where isAlive(index) && isTrigger(index)
            && working[index].happens(at: bar.open, touching: true)
        {
            working[index].trigger()
            // What was a stop-limit arrives now, as the limits below do.
            if working[index].isMarket { execute(index, reference: bar.open, .market) }
        }
        for index in working.indices
        where isAlive(index) && isLimit(index) && !working[index].hasArrived
            && working[index].crosses(bar.open) && !working[index].terms.postOnly
        {
            execute(index, reference: bar.open, .marketableLimit)
        }
        if let bracket, let target = bracket.target,
            bracket.passes(bar.open, target: target, touching: settings.fillOnTouch)
        {
            closeAtTarget(target)
        }
        for index in working.indices
        where isAlive(index) && isLimit(index) && working[index].hasArrived
            && working[index].happens(at: bar.open, touching: settings.fillOnTouch)
        {
            execute(index, reference: working[index].level, .restingLimit)
        }
        isAtOpen = false
    }

    /// Sends the market order of a bracket's time limit, ahead of the strategy's own.
    private mutating func closeAfterMaxBars() {
        guard let active = bracket, let bars = active.request.maxBars,
            row >= active.entryRow + bars
        else { return }
        endBegunEntries()
        working.prepend(closingOrder(.maxBars))
        suspendBracket()
    }

    // MARK: Inside the bar

    /// Stops, then targets, then at most one entry: what is worse for the trader comes first.
    mutating func runInside() {
        guard hasInside else { return }
        let before = ledger.closedTrades
        let hasTargets = bracketTargetIsHit || !exits(.target).isEmpty
        if hasTargets, isStopOpen() || isLiquidationHit || !exits(.stop).isEmpty {
            markAmbiguous()
        }
        runStops()
        if ledger.position != 0 { runTargets() }
        let hasExit = ledger.closedTrades > before
        if !hasEntry { runEntry(afterExit: hasExit) }
        if hasSpecialOrders { triggerStopLimits() }
    }

    @inline(__always)
    var bracketTargetIsHit: Bool {
        guard let bracket, let target = bracket.target else { return false }
        let extreme = bracket.exitSide == .sell ? bar.high : bar.low
        return bracket.passes(extreme, target: target, touching: settings.fillOnTouch)
    }

    /// The bracket's stop, if the bar reaches it.
    @inline(__always)
    var hitStop: (level: Double, isTrailing: Bool)? {
        guard let bracket, let stop = bracket.stop else { return nil }
        let extreme = bracket.exitSide == .sell ? bar.low : bar.high
        return bracket.reaches(extreme, stop: stop.level) ? stop : nil
    }

    /// Whether the bracket's stop is hit at a time that is not known: not past it at the open.
    private mutating func isStopOpen() -> Bool {
        guard let stop = hitStop else { return false }
        return bracket?.reaches(bar.open, stop: stop.level) == false
    }

    /// Runs every stop against the position that the bar reaches, nearest to the open first.
    private mutating func runStops() {
        while ledger.position != 0 {
            let order = exits(.stop).first
            if isLiquidationHit {
                let level = liquidationDistance
                let others = [
                    hitStop.map { distance($0.level) }, order.map { distance(working[$0].level) },
                ]
                if others.allSatisfy({ $0.map { level <= $0 } ?? true }) {
                    liquidateInside()
                    return
                }
            }
            if let stop = hitStop,
                order.map({ distance(stop.level) <= distance(working[$0].level) }) ?? true
            {
                // A limit that the open has passed fills at its own, staler price; its stop may
                // lie on the far side of the open, where nobody trades any more.
                let isGapped = bracket?.reaches(bar.open, stop: stop.level) == true
                closeByStop(
                    reference: isGapped ? bar.open : stop.level, isTrailing: stop.isTrailing)
            } else if let order {
                runTrigger(order)
            } else {
                return
            }
        }
    }

    private mutating func runTargets() {
        if let target = bracket?.target, bracketTargetIsHit {
            let nearer = exits(.target).filter { distance(working[$0].level) < distance(target) }
            for index in nearer where ledger.position != 0 { runExit(index) }
            if ledger.position != 0 { closeAtTarget(target) }
        }
        for index in exits(.target) where ledger.position != 0 { runExit(index) }
    }

    private mutating func runExit(_ index: Int) {
        if isLimit(index) {
            execute(index, reference: working[index].level, .restingLimit)
        } else {
            runTrigger(index)
        }
    }

    /// Fills an order whose trigger the bar reaches, at the trigger.
    mutating func runTrigger(_ index: Int) {
        let level = working[index].level
        working[index].trigger()
        execute(index, reference: level, .market)
        if isAlive(index), working[index].terms.timeInForce != .gtc { expire(index) }
    }

    private enum ExitKind { case stop, target }

    /// Working orders against the position that the bar reaches, nearest to the open first;
    /// limits and take-profits are targets.
    private mutating func exits(_ kind: ExitKind) -> [Int] {
        guard ledger.position != 0, !working.isEmpty else { return [] }
        let exitSide: Side = ledger.position > 0 ? .sell : .buy
        return reached().filter {
            working[$0].side == exitSide
                && (working[$0].kind == .stop) == (kind == .stop)
        }
    }

    /// Waiting orders whose price lies in the bar, nearest to the open first; stop-limits before
    /// their trigger do not fill in it, whatever their price.
    private mutating func reached() -> [Int] {
        var hits: [(distance: Double, id: Int, index: Int)] = []
        for index in working.indices
        where isAlive(index) && !working[index].isMarket && !isStopLimit(index) {
            let extreme = working[index].waitsBelow ? bar.low : bar.high
            if working[index].happens(at: extreme, touching: settings.fillOnTouch) {
                let level = working[index].level
                hits.append((distance(level), working[index].id, index))
            }
        }
        if hits.count > 1 { hits.sort { ($0.distance, $0.id) < ($1.distance, $1.id) } }
        return hits.map(\.index)
    }

    /// Whether anything can happen between the open and the close.
    @inline(__always)
    private var hasInside: Bool {
        bracket != nil || isLiquidationHit || working.contains { !$0.isMarket && !$0.isFinal }
    }

    @inline(__always)
    func distance(_ level: Double) -> Double { abs(level - (start ?? bar.open)) }

    /// Where the price was when what is left of the bar begins, if that was not its open: the other
    /// leg of the symbol has been liquidated there.
    @inline(__always)
    var start: Double? { rest.counterFall.isNaN ? nil : rest.counterFall }

    // MARK: An entry inside the bar

    /// How an entry inside a bar came about: what is known of the bar after it.
    enum EntryKind {
        /// The price went through a limit, or to the trigger of a take-profit: all that is known
        /// is that the close came later.
        case limit
        /// The price went on from the trigger, to the bar's extreme beyond it at some time.
        case stop
        /// The price had turned at the bar's extreme: only the close came later for certain.
        case turn
    }

    private mutating func runEntry(afterExit hasExit: Bool) {
        for index in reached() {
            let side = working[index].side
            if ledger.position != 0, (side == .buy) != (ledger.position > 0) { continue }
            let (isStop, level) = (working[index].kind == .stop, working[index].level)
            let tradesBefore = counters.fills
            runExit(index)
            guard counters.fills > tradesBefore else { continue }
            if hasExit { markAmbiguous() }
            checkEntryBar(isStop ? .stop : .limit, at: level)
            return
        }
    }

    /// The bracket in the bar of an intrabar entry, one that enlarges a position too (rule 6): the
    /// stop counts if the bar reaches it, the target only if it came after the entry for certain.
    ///
    /// - Parameters:
    ///   - entry: How it came about.
    ///   - price: Where the market was then: of an entry that enlarges a position it may be past
    ///     the stop that the position gets by it.
    mutating func checkEntryBar(_ entry: EntryKind, at price: Double) {
        if entry != .turn, isLiquidationHit, isLiquidationFirst {
            return liquidateEntry(enteredByStop: entry == .stop)
        }
        guard let active = bracket else { return }
        let isLong = active.exitSide == .sell
        let worst = entry == .turn ? bar.close : isLong ? bar.low : bar.high
        let stopIsHit = active.stop.map { active.reaches(worst, stop: $0.level) } ?? false
        let targetIsHit = bracketTargetIsHit
        let targetIsCertain =
            targetIsHit
            && (entry == .stop
                || active.passes(
                    bar.close, target: active.target ?? 0, touching: settings.fillOnTouch))
        if stopIsHit, let stop = active.stop {
            let certain = entry != .stop || active.reaches(bar.close, stop: stop.level)
            if !certain || targetIsHit { markAmbiguous() }
            closeByStop(
                reference: isLong ? min(stop.level, price) : max(stop.level, price),
                isTrailing: stop.isTrailing)
        } else if targetIsCertain, let target = active.target {
            closeAtTarget(target)
        } else if targetIsHit {
            markAmbiguous()
        }
    }

    // MARK: Helpers

    @inline(__always)
    func isAlive(_ index: Int) -> Bool {
        !working[index].isFinal && !working[index].isInTransit
    }

    @inline(__always)
    private func isLimit(_ index: Int) -> Bool { working[index].kind == .limit }

    @inline(__always)
    private func isTrigger(_ index: Int) -> Bool { working[index].kind.isTrigger }

    /// Whether an order is a stop-limit that has not been triggered.
    @inline(__always)
    func isStopLimit(_ index: Int) -> Bool {
        working[index].terms.type == .stopLimit && working[index].kind == .stop
    }

    /// Marks this bar, and the open trade, as depending on an order of events inside the bar.
    mutating func markAmbiguous() {
        isAmbiguous = true
        ledger.markAmbiguous()
    }
}
