import LotCore

/// What a bar's open ends, and what its close moves: times in force, stop-limits, trailing stops
/// (`docs/execution.md`, rules 4, 5 and 7).
extension SimulatedExchange {
    // MARK: Around the open

    /// Sets the first trigger of trailing stops that arrive, from the open.
    mutating func placeTrailingStops() {
        for index in working.indices where isAlive(index) && !working[index].hasArrived {
            if working[index].follow(bar.open, instrument) { touch(index) }
        }
    }

    /// Ends what the open has not filled and may not wait, and what may not take liquidity but
    /// would have.
    mutating func endUnfilled() {
        for index in working.indices where isAlive(index) && !working[index].kind.isTrigger {
            if working[index].terms.postOnly, working[index].kind == .limit,
                !working[index].hasArrived, working[index].crosses(bar.open)
            {
                reject(index, .wouldCross)
            } else if working[index].terms.timeInForce != .gtc {
                expire(index)
            }
        }
    }

    // MARK: Inside the bar

    /// Makes limits of the stop-limits whose trigger the bar reaches; they rest from the next bar.
    mutating func triggerStopLimits() {
        for index in working.indices where isAlive(index) && isStopLimit(index) {
            let extreme = working[index].waitsBelow ? bar.low : bar.high
            guard working[index].happens(at: extreme, touching: true) else { continue }
            working[index].trigger()
            touch(index)
            // Its moment was the trigger, and what the limit met there is not known.
            if working[index].terms.timeInForce != .gtc { expire(index) }
        }
    }

    // MARK: At the close

    /// Moves trailing stops; a close beyond a new level fills there (rule 7).
    ///
    /// Levels follow bars without volume too; it is only filling that they cannot do.
    mutating func runClose(isTraded: Bool) {
        let hasTrailingOrders = hasSpecialOrders && followBar()
        let isTrailing = ledger.position != 0 && bracket?.request.trailingStop != nil
        guard isTrailing || hasTrailingOrders else { return }
        if isTrailing { bracket?.ratchet(bar, instrument) }
        guard isTraded else { return }
        if hasTrailingOrders { runTurns(entries: false) }
        closeAtTurn()
        if hasTrailingOrders, !hasEntry { runTurns(entries: true) }
    }

    /// Closes the position by its bracket's trailing stop if the close is beyond its new level.
    private mutating func closeAtTurn() {
        guard ledger.position != 0, let level = bracket?.trailingStop, bar.close != level,
            bracket?.reaches(bar.close, stop: level) == true
        else { return }
        markAmbiguous()
        closeByStop(reference: level, isTrailing: true)
    }

    /// Moves the triggers of trailing stop orders past the bar.
    ///
    /// - Returns: Whether there are any.
    private mutating func followBar() -> Bool {
        var found = false
        for index in working.indices where isAlive(index) && isTrailingStop(index) {
            found = true
            let best = working[index].side == .sell ? bar.high : bar.low
            if working[index].follow(best, instrument) { ordersChanged = true }
        }
        return found
    }

    private func isTrailingStop(_ index: Int) -> Bool {
        working[index].terms.type == .trailingStop && working[index].kind == .stop
    }

    /// Fills trailing stop orders whose new trigger the close is beyond: those that close the
    /// position, or those that open one, of which one a bar fills.
    private mutating func runTurns(entries: Bool) {
        while !(entries && hasEntry), let index = nextTurn(entries: entries) {
            if !entries, let other = bracket?.trailingStop {
                let level = working[index].level
                // The price came from the bar's extreme: the trigger nearer to it was met first.
                if working[index].side == .sell ? level < other : level > other { closeAtTurn() }
                guard ledger.position != 0 else { return }
            }
            let (fills, wasAmbiguous) = (counters.fills, isAmbiguous)
            isAmbiguous = true
            let level = working[index].level
            runTrigger(index)
            if counters.fills == fills {
                isAmbiguous = wasAmbiguous
            } else if entries {
                checkEntryBar(.turn, at: level)
            }
        }
    }

    /// The trailing stop order that the price met first on its way to the close.
    private func nextTurn(entries: Bool) -> Int? {
        var best: Int?
        for index in working.indices
        where isAlive(index) && isTrailingStop(index) && isBeyondClose(index) {
            let isSell = working[index].side == .sell
            let closes = ledger.position != 0 && isSell == (ledger.position > 0)
            guard closes != entries else { continue }
            guard let other = best else {
                best = index
                continue
            }
            let (level, rival) = (working[index].level, working[other].level)
            if isSell ? level > rival : level < rival { best = index }
        }
        return best
    }

    /// Whether the close is beyond a waiting order's trigger.
    private func isBeyondClose(_ index: Int) -> Bool {
        bar.close != working[index].level
            && working[index].happens(at: bar.close, touching: true)
    }
}
