import LotCore

/// The exits of the open position, with their price levels (`docs/execution.md`, rules 6 and 7).
struct ActiveBracket: Sendable {
    /// The parts that were asked for.
    let request: Bracket
    /// Row of the fill that brought them: the position's first, or that of a later entry with a
    /// bracket of its own.
    let entryRow: Int
    /// Open time of the bar of that fill, which may be a finer one (milliseconds since the epoch).
    private let entryTime: Int64
    /// Whether bars are walked inside, so that a trailing stop may be met on the way to the close.
    private let isWalked: Bool
    /// Whether that fill was at the open, so that the whole bar counts.
    let enteredAtOpen: Bool
    /// Best price since the entry, for the trailing stop.
    private(set) var bestPrice: Double
    /// Trigger of the fixed stop; `nil` if there is none.
    private(set) var fixedStop: Double?
    /// Trigger of the trailing stop; `nil` if there is none.
    private(set) var trailingStop: Double?
    /// Price of the target's limit; `nil` if there is none.
    private(set) var target: Double?

    private let isLong: Bool

    /// The exits of a position that `fill` has opened or enlarged.
    init(_ request: Bracket, opening fill: FillRecord, atOpen: Bool, isWalked: Bool) {
        self.request = request
        entryRow = fill.row
        entryTime = fill.time
        self.isWalked = isWalked
        enteredAtOpen = atOpen
        bestPrice = fill.price
        isLong = fill.side == .buy
    }

    /// The side of the orders that close the position.
    var exitSide: Side { isLong ? .sell : .buy }

    /// The trigger that is nearer to the price, and whether it is the trailing one.
    var stop: (level: Double, isTrailing: Bool)? {
        switch (fixedStop, trailingStop) {
        case (nil, nil): nil
        case (let fixed?, nil): (fixed, false)
        case (nil, let trailing?): (trailing, true)
        case (let fixed?, let trailing?):
            (isLong ? trailing > fixed : trailing < fixed) ? (trailing, true) : (fixed, false)
        }
    }

    /// Sets the levels from the average entry price; stops are rounded against the trader,
    /// targets away from the price.
    mutating func setLevels(entryPrice: Double, _ instrument: Instrument) {
        let sign = isLong ? 1.0 : -1.0
        fixedStop = request.stopLoss.map {
            instrument.roundAgainst(exitSide, entryPrice * (1 - sign * $0))
        }
        target = request.takeProfit.map {
            instrument.roundAgainst(exitSide.opposite, entryPrice * (1 + sign * $0))
        }
        setTrailingStop(instrument)
    }

    /// Moves the trailing stop after a bar has passed without an exit.
    mutating func ratchet(_ bar: Bar, _ instrument: Instrument) {
        guard request.trailingStop != nil, bar.openTime > entryTime || enteredAtOpen else { return }
        bestPrice = isLong ? max(bestPrice, bar.high) : min(bestPrice, bar.low)
        setTrailingStop(instrument)
    }

    /// Moves the trailing stop with a price that was traded after the entry.
    mutating func follow(_ price: Double, _ instrument: Instrument) {
        guard request.trailingStop != nil, isLong ? price > bestPrice : price < bestPrice else {
            return
        }
        bestPrice = price
        setTrailingStop(instrument)
    }

    /// Whether `price` has reached the stop at `level`.
    func reaches(_ price: Double, stop level: Double) -> Bool {
        isLong ? price <= level : price >= level
    }

    /// Whether `price` is beyond the target at `level` (or at it, where touching is enough).
    func passes(_ price: Double, target level: Double, touching: Bool) -> Bool {
        if touching, price == level { return true }
        return isLong ? price > level : price < level
    }

    /// Whether its time is up at the open of a row.
    @inline(__always)
    func isOver(at row: Int) -> Bool {
        guard let bars = request.maxBars else { return false }
        return row >= entryRow + bars
    }

    /// Moves past a bar after the entry's in which nothing of the bracket can happen.
    ///
    /// - Returns: Whether it did; if not, nothing has changed and the bar must be processed.
    @inline(__always)
    mutating func passes(over bar: Bar, row: Int, _ instrument: Instrument) -> Bool {
        if isOver(at: row) { return false }
        if let fixedStop, reaches(isLong ? bar.low : bar.high, stop: fixedStop) { return false }
        if let target, passes(isLong ? bar.high : bar.low, target: target, touching: true) {
            return false
        }
        guard let level = trailingStop else { return true }
        if reaches(isLong ? bar.low : bar.high, stop: level) { return false }
        guard isLong ? bar.high > bestPrice : bar.low < bestPrice else { return true }
        let best = isLong ? bar.high : bar.low
        let raised = trailingLevel(best, instrument) ?? level
        if isWalked, reaches(isLong ? bar.low : bar.high, stop: raised) { return false }
        if bar.close != raised, reaches(bar.close, stop: raised) { return false }
        bestPrice = best
        trailingStop = raised
        return true
    }

    /// How a bar after or of the entry at its open ends the position, if nothing else is at work
    /// (`docs/execution.md`, rules 2, 6 and 7); if it does not, the trailing stop follows the bar.
    ///
    /// For bars that are taken whole and have volume: what ``SimulatedExchange/process(_:row:)``
    /// asks of them in that order, the time limit left out.
    /// - Parameters:
    ///   - bar: The bar.
    ///   - touching: Whether reaching the target's price is enough.
    ///   - instrument: Its tick.
    /// - Returns: The exit, which has not been carried out; `nil` if there is none.
    @inline(__always)
    mutating func exit(
        in bar: Bar, touching: Bool, _ instrument: borrowing Instrument
    ) -> BracketExit? {
        if let stop, reaches(bar.open, stop: stop.level) {
            return BracketExit(stop.isTrailing ? .trailingStop : .stopLoss, bar.open)
        }
        if let target, passes(bar.open, target: target, touching: touching) {
            return BracketExit(.takeProfit, target)
        }
        let hitTarget = target.flatMap {
            passes(isLong ? bar.high : bar.low, target: $0, touching: touching) ? $0 : nil
        }
        if let stop, reaches(isLong ? bar.low : bar.high, stop: stop.level) {
            return BracketExit(
                stop.isTrailing ? .trailingStop : .stopLoss, stop.level,
                isAmbiguous: hitTarget != nil)
        }
        if let hitTarget { return BracketExit(.takeProfit, hitTarget) }
        guard request.trailingStop != nil else { return nil }
        var moved = self
        moved.ratchet(bar, instrument)
        if let level = moved.trailingStop, bar.close != level, reaches(bar.close, stop: level) {
            return BracketExit(.trailingStop, level, isAmbiguous: true)
        }
        self = moved
        return nil
    }

    /// Moves past the bars before the first of `rows` in which something of the bracket may happen.
    ///
    /// - Parameters:
    ///   - rows: Rows after the entry's, of the tile that `source.extremes` holds.
    ///   - source: Bars and their blocks.
    ///   - instrument: Its tick.
    /// - Returns: That row, or the end of `rows`.
    /// - Complexity: O(blocks + bars of the blocks where something nearly happens).
    mutating func firstTouch(
        _ rows: Range<Int>, _ source: MarkSource, _ instrument: Instrument
    ) -> Int {
        var end = rows.upperBound
        if let bars = request.maxBars { end = min(end, max(rows.lowerBound, entryRow + bars)) }
        var row = rows.lowerBound
        while row < end {
            let block = source.extremes.block(of: row)
            let blockEnd = min(end, source.extremes.end(of: block))
            if !passes(block: block, row..<blockEnd, source, instrument) {
                for index in row..<blockEnd
                where !passes(over: source.bar(index), row: index, instrument) {
                    return index
                }
            }
            row = blockEnd
        }
        return end
    }

    /// Moves past rows of one block if nothing can happen in the whole of it.
    @inline(__always)
    private mutating func passes(
        block: Int, _ rows: Range<Int>, _ source: MarkSource, _ instrument: Instrument
    ) -> Bool {
        let low = source.extremes.lowest(block)
        let high = source.extremes.highest(block)
        if let fixedStop, reaches(isLong ? low : high, stop: fixedStop) { return false }
        if let target, passes(isLong ? high : low, target: target, touching: true) {
            return false
        }
        guard let level = trailingStop else { return true }
        guard isLong ? high > bestPrice : low < bestPrice else {
            return !reaches(isLong ? low : high, stop: level)
        }
        let raised = trailingLevel(isLong ? high : low, instrument) ?? level
        guard !reaches(isLong ? low : high, stop: raised) else { return false }
        for row in rows {
            let bar = source.bar(row)
            bestPrice = isLong ? max(bestPrice, bar.high) : min(bestPrice, bar.low)
        }
        setTrailingStop(instrument)
        return true
    }

    private func trailingLevel(_ best: Double, _ instrument: Instrument) -> Double? {
        request.trailingStop.map { distance in
            instrument.roundAgainst(exitSide, best * (1 - (isLong ? 1.0 : -1.0) * distance))
        }
    }

    private mutating func setTrailingStop(_ instrument: Instrument) {
        trailingStop = trailingLevel(bestPrice, instrument)
    }
}

/// The end of a position by its bracket.
struct BracketExit {
    /// Which part of it.
    var origin: OrderOrigin
    /// The price before slippage; of a target its limit.
    var reference: Double
    /// Whether it depended on an order of events inside the bar.
    var isAmbiguous: Bool

    init(_ origin: OrderOrigin, _ reference: Double, isAmbiguous: Bool = false) {
        self.origin = origin
        self.reference = reference
        self.isAmbiguous = isAmbiguous
    }
}

/// A bracket that is laid aside: one object for an exchange, used again.
final class BracketBox {
    var bracket: ActiveBracket?
}
