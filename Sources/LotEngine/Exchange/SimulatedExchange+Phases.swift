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
            if working[index].closesPosition { bracket = nil }
            execute(index, reference: bar.open, .market)
        }
        if let stop = bracket?.stop, bracket?.reaches(bar.open, stop: stop.level) == true {
            closeByStop(reference: bar.open, isTrailing: stop.isTrailing)
        }
        for index in working.indices
        where isAlive(index) && isTrigger(index)
            && working[index].happens(at: bar.open, touching: true)
        {
            working[index].isTriggered = true
            execute(index, reference: bar.open, .market)
        }
        for index in working.indices
        where isAlive(index) && isLimit(index) && !working[index].hasArrived
            && working[index].crosses(bar.open)
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
        working.prepend(closingOrder(.maxBars))
        bracket = nil
    }

    // MARK: Inside the bar

    /// Stops, then targets, then at most one entry: what is worse for the trader comes first.
    mutating func runInside() {
        guard hasInside else { return }
        let before = ledger.closedTrades
        let hasTargets = bracketTargetIsHit || !exits(.target).isEmpty
        if hasTargets, hitStop != nil || isLiquidationHit || !exits(.stop).isEmpty {
            markAmbiguous()
        }
        runStops()
        if ledger.position != 0 { runTargets() }
        let hasExit = ledger.closedTrades > before
        guard !hasEntry else { return }
        runEntry(afterExit: hasExit)
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
                working[order].isTriggered = true
                execute(order, reference: working[order].level, .market)
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
            working[index].isTriggered = true
            execute(index, reference: working[index].level, .market)
        }
    }

    private enum ExitKind { case stop, target }

    /// Working orders against the position that the bar reaches, nearest to the open first;
    /// limits and take-profits are targets.
    private mutating func exits(_ kind: ExitKind) -> [Int] {
        guard ledger.position != 0, !working.isEmpty else { return [] }
        let exitSide: Side = ledger.position > 0 ? .sell : .buy
        return reached().filter {
            working[$0].side == exitSide
                && (working[$0].terms.type == .stopMarket) == (kind == .stop)
        }
    }

    /// Waiting orders whose price lies in the bar, nearest to the open first.
    private mutating func reached() -> [Int] {
        var hits: [(distance: Double, id: Int, index: Int)] = []
        for index in working.indices where isAlive(index) && !working[index].isMarket {
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
    func distance(_ level: Double) -> Double { abs(level - bar.open) }

    // MARK: An entry inside the bar

    private mutating func runEntry(afterExit hasExit: Bool) {
        for index in reached() {
            let side = working[index].side
            if ledger.position != 0, (side == .buy) != (ledger.position > 0) { continue }
            let wasFlat = ledger.position == 0
            let isStop = working[index].terms.type != .limit
            let tradesBefore = counters.fills
            runExit(index)
            guard counters.fills > tradesBefore else { continue }
            if hasExit { markAmbiguous() }
            if wasFlat { checkEntryBar(enteredByStop: isStop) }
            return
        }
    }

    /// The bracket in the bar of an intrabar entry (rule 6): the stop counts if the bar reaches
    /// it, the target only if it came after the entry for certain.
    private mutating func checkEntryBar(enteredByStop: Bool) {
        if isLiquidationHit, isLiquidationFirst {
            return liquidateEntry(enteredByStop: enteredByStop)
        }
        guard let active = bracket else { return }
        let isLong = active.exitSide == .sell
        let stopIsHit =
            active.stop.map {
                active.reaches(isLong ? bar.low : bar.high, stop: $0.level)
            } ?? false
        let targetIsHit = bracketTargetIsHit
        let targetIsCertain =
            targetIsHit
            && (enteredByStop
                || active.passes(
                    bar.close, target: active.target ?? 0, touching: settings.fillOnTouch))
        if stopIsHit, let stop = active.stop {
            let certain = !enteredByStop || active.reaches(bar.close, stop: stop.level)
            if !certain || targetIsHit { markAmbiguous() }
            closeByStop(reference: stop.level, isTrailing: stop.isTrailing)
        } else if targetIsCertain, let target = active.target {
            closeAtTarget(target)
        } else if targetIsHit {
            markAmbiguous()
        }
    }

    // MARK: At the close

    /// Moves the trailing stop; a close beyond its new level fills there (rule 7).
    ///
    /// The level follows bars without volume too; it is only filling that they cannot do.
    mutating func runClose() {
        guard ledger.position != 0, bracket?.request.trailingStop != nil else { return }
        bracket?.ratchet(bar, row: row, instrument)
        guard capacity > 0, let level = bracket?.trailingStop, bar.close != level,
            bracket?.reaches(bar.close, stop: level) == true
        else { return }
        markAmbiguous()
        closeByStop(reference: level, isTrailing: true)
    }

    // MARK: Helpers

    @inline(__always)
    func isAlive(_ index: Int) -> Bool { !working[index].isFinal }

    @inline(__always)
    private func isLimit(_ index: Int) -> Bool { working[index].terms.type == .limit }

    @inline(__always)
    private func isTrigger(_ index: Int) -> Bool {
        !working[index].isMarket && working[index].terms.type != .limit
    }

    /// Marks this bar, and the open trade, as depending on an order of events inside the bar.
    mutating func markAmbiguous() {
        isAmbiguous = true
        ledger.markAmbiguous()
    }
}
