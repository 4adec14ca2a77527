import LotCore

/// The exits of the open position, with their price levels (`docs/execution.md`, rules 6 and 7).
struct ActiveBracket: Sendable {
    /// The parts that were asked for.
    var request: Bracket
    /// The order that brought them.
    var ownerID: Int
    /// Row of the position's first fill.
    let entryRow: Int
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

    /// The exits of a position that `fill` has opened.
    init(_ request: Bracket, opening fill: Fill, atOpen: Bool) {
        self.request = request
        ownerID = fill.orderID
        entryRow = fill.row
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

    /// Moves the trailing stop after bar `row` has passed without an exit.
    mutating func ratchet(_ bar: Bar, row: Int, _ instrument: Instrument) {
        guard request.trailingStop != nil, row > entryRow || enteredAtOpen else { return }
        bestPrice = isLong ? max(bestPrice, bar.high) : min(bestPrice, bar.low)
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

    /// Whether nothing of the bracket can happen in a bar with these extremes.
    func isUntouched(by bar: Bar, row: Int) -> Bool {
        if request.trailingStop != nil { return false }
        if let bars = request.maxBars, row >= entryRow + bars { return false }
        if let fixedStop, reaches(isLong ? bar.low : bar.high, stop: fixedStop) { return false }
        if let target, passes(isLong ? bar.high : bar.low, target: target, touching: true) {
            return false
        }
        return true
    }

    private mutating func setTrailingStop(_ instrument: Instrument) {
        let sign = isLong ? 1.0 : -1.0
        trailingStop = request.trailingStop.map {
            instrument.roundAgainst(exitSide, bestPrice * (1 - sign * $0))
        }
    }
}
