import LotCore

/// Margin, funding and liquidation of a perpetual position (`docs/execution.md`, rule 13).
extension SimulatedExchange {
    // MARK: The balance

    /// What the available balance has besides the ledger's cash, which moves by whole notionals:
    /// isolated, the wallet less the position's margin; cross, the position's profit counts too.
    func balanceBesidesCash(at price: Double) -> Double {
        let position = ledger.position
        return margin.terms.isCross
            ? position * price - abs(position) * price * marginRate
            : position * ledger.entryPrice - margin.isolated
    }

    /// What rounding leaves of an account that a liquidation has emptied is nothing to trade with.
    @inline(__always)
    func withoutDust(_ free: Double) -> Double {
        free < 1e-9 * settings.startingCash ? min(free, 0) : free
    }

    /// What an order on `side` sets free by closing the position before it opens another.
    @inline(__always)
    func released(_ side: Side, _ price: Double) -> Double {
        guard isMargined, closable(side) > 0 else { return 0 }
        let position = ledger.position
        let fee = abs(position) * price * fees.taker
        return margin.terms.isCross
            ? abs(position) * price * marginRate - fee
            : margin.isolated + position * (price - ledger.entryPrice) - fee
    }

    /// The maintenance margin of the position with the mark at `price`.
    func maintenanceMargin(at price: Double) -> Double {
        guard isMargined, ledger.position != 0 else { return 0 }
        return margin.terms.maintenance(notional: abs(ledger.position) * price)
    }

    /// Refuses a quantity that would make the position larger than the leverage allows.
    func bounded(
        _ sized: Result<Double, Rejection>, _ basis: SizingBasis
    ) -> Result<Double, Rejection> {
        guard isMargined, case .success(let quantity) = sized, quantity > basis.closable else {
            return sized
        }
        let held = basis.closable > 0 ? -basis.closable : abs(ledger.position)
        let notional = (held + quantity) * basis.price
        return notional > margin.terms.largestNotional ? .failure(.aboveMaxNotional) : sized
    }

    // MARK: The position's margin

    /// Moves the margin after a fill: an entry sets aside notional / leverage, an exit sets free
    /// the same part of the margin as it closes of the position.
    mutating func marginFollows(_ fill: FillRecord, from before: Double) {
        let after = ledger.position
        if !margin.terms.isCross {
            if after == 0 {
                margin.isolated = 0
            } else if abs(after) > abs(before) {
                margin.isolated += fill.quantity * fill.price * marginRate
            } else {
                margin.isolated *= abs(after) / abs(before)
            }
        }
        refreshLiquidation()
    }

    /// Computes the liquidation price anew.
    private mutating func refreshLiquidation() {
        let position = ledger.position
        margin.level =
            position == 0
            ? .nan
            : margin.terms.liquidationPrice(
                position: position, counter: counter,
                collateral: collateral - owed - (margin.terms.isCross ? rest.drop : 0))
    }

    /// The mark price that would liquidate the position as things stand; `nil` where none would.
    mutating func liquidationPrice() -> Double? {
        guard isMargined, ledger.position != 0 else { return nil }
        refreshLiquidation()
        return margin.level > 0 && margin.level.isFinite ? margin.level : nil
    }

    /// What answers for the position and does not move with its price.
    private var collateral: Double {
        margin.terms.isCross
            ? ledger.cash + rest.equity - rest.counterPosition * rest.counterMark
            : margin.isolated - ledger.position * ledger.entryPrice
    }

    /// The other leg, where it shares the collateral.
    private var counter: Double { margin.terms.isCross ? rest.counterPosition : 0 }

    /// What other symbols' positions need of the collateral.
    private var owed: Double { margin.terms.isCross ? rest.maintenance : 0 }

    // MARK: A bar

    /// Whether funding or a liquidation happens in a bar.
    @inline(__always)
    mutating func isMarginDue(_ bar: Bar, _ row: Int) -> Bool {
        guard ledger.position != 0 else { return false }
        if margin.terms.isCross, rest.isShared { refreshLiquidation() }
        return margin.nextChargeRow <= row || reachesLiquidation(margin.marks(row, bar))
    }

    @inline(__always)
    private func reachesLiquidation(_ mark: MarkRange) -> Bool {
        ledger.position > 0 ? mark.low <= margin.level : mark.high >= margin.level
    }

    /// What comes before everything else at an open: funding that is due, then a liquidation that
    /// the mark price has gapped through.
    mutating func openMargin() {
        chargeAtOpen()
        if gapsThrough() { liquidateAtOpen() }
    }

    /// Takes the mark price's range of the bar and pays the funding that is due by its open.
    mutating func chargeAtOpen() {
        margin.mark = margin.marks(row, bar)
        chargeFunding(atOpen: true)
    }

    /// Whether the mark price has gapped through the liquidation price at the open, which is worked
    /// out anew where others of the account may have moved it.
    mutating func gapsThrough() -> Bool {
        guard ledger.position != 0 else { return false }
        if margin.terms.isCross, rest.isShared { refreshLiquidation() }
        return isGapped
    }

    /// Liquidates a position whose price the open has gapped through.
    mutating func liquidateAtOpen() { liquidate(reference: bar.open, atOpen: true) }

    /// Whether the mark price reaches the liquidation price of what is left of the bar, after
    /// another position of the account has been liquidated in it.
    mutating func isHitAnew() -> Bool {
        guard ledger.position != 0 else { return false }
        refreshLiquidation()
        return isLiquidationHit
    }

    /// Liquidates a position that has been through the bar already: what the liquidation of another
    /// has left of the account no longer suffices for it.
    mutating func liquidateAnew() {
        var price = fallPrice
        // One of this bar cannot have gained by then.
        if ledger.entryRow == row { price = worse(price, ledger.entryPrice) }
        liquidate(reference: price, atOpen: false)
        sweep()
    }

    /// What comes first between open and close: cross, the other positions of the account count
    /// at their worst from here on, wherever they may be when this one is; then funding is due.
    mutating func beginInside() {
        if margin.terms.isCross, rest.isShared { refreshLiquidation() }
        chargeFunding(atOpen: false)
    }

    /// What the position is worth and needs less, or more, with the mark at `price` than at
    /// `mark`: what others of the account miss then.
    ///
    /// A bracket's stop that the bar reaches and can fill whole bounds it: the position is gone by
    /// then.
    /// - Parameters:
    ///   - price: An extreme of the mark price in the bar.
    ///   - mark: The price at which the position counts now.
    ///   - bar: The bar.
    /// - Returns: In quote currency; below 0 where the position gains.
    func drop(to price: Double, from mark: Double, in bar: Bar) -> Double {
        let position = ledger.position
        guard position != 0 else { return 0 }
        let worst = bounded(price, in: bar)
        return position * (mark - worst) + maintenanceMargin(at: worst)
            - maintenanceMargin(at: mark)
    }

    /// The price, or that of the bracket's stop where the position has been left there before.
    private func bounded(_ price: Double, in bar: Bar) -> Double {
        let isLong = ledger.position > 0
        guard let stop = bracket?.stop?.level,
            bracket?.reaches(isLong ? bar.low : bar.high, stop: stop) == true,
            barCapacity(volume: bar.volume) >= abs(ledger.position)
        else { return price }
        return isLong ? max(price, stop) : min(price, stop)
    }

    /// What the position has lost since its entry with the mark at `price`, an extreme of the bar.
    func loss(at price: Double, in bar: Bar) -> Double {
        ledger.position * (ledger.entryPrice - bounded(price, in: bar))
    }

    /// Pays what is due by the bar's open, or by its close.
    ///
    /// What was due in an earlier row was due of no position.
    mutating func chargeFunding(atOpen: Bool) {
        let time = atOpen ? bar.openTime : detailRows.isEmpty ? .max : detailClose - 1
        while let charge = margin.takeCharge(row, until: time) {
            guard charge.row == row, ledger.position != 0 else { continue }
            let amount = ledger.position * charge.price * charge.rate
            ledger.pay(funding: amount)
            if !margin.terms.isCross { margin.isolated -= amount }
            counters.fundings += 1
            refreshLiquidation()
        }
    }

    /// Whether the mark price was past the liquidation price at the open, or where the other leg
    /// has been liquidated.
    private var isGapped: Bool {
        let price = start ?? margin.mark.open
        return ledger.position > 0 ? price <= margin.level : price >= margin.level
    }

    /// Whether the mark price reaches the liquidation price in the bar.
    @inline(__always)
    var isLiquidationHit: Bool {
        isMargined && ledger.position != 0 && reachesLiquidation(margin.mark)
    }

    /// How far the liquidation price is from the open.
    var liquidationDistance: Double { isGapped ? 0 : distance(margin.level) }

    /// Liquidates the position if the bar reaches its price.
    mutating func liquidateInside() {
        guard isLiquidationHit else { return }
        liquidate(reference: fallPrice, atOpen: false)
    }

    /// Where a position that the bar liquidates meets its price.
    var fallPrice: Double { isGapped ? start ?? bar.open : tradedLevel }

    /// Whether a liquidation comes before the bracket's stop in the bar of an entry inside it.
    var isLiquidationFirst: Bool {
        guard let stop = hitStop else { return true }
        return ledger.position > 0 ? margin.level >= stop.level : margin.level <= stop.level
    }

    /// Liquidates a position in the bar in which it was entered, between open and close.
    mutating func liquidateEntry(enteredByStop: Bool) {
        let isPast = ledger.position > 0 ? bar.close <= margin.level : bar.close >= margin.level
        if bracketTargetIsHit || (enteredByStop && !isPast) { markAmbiguous() }
        // Others' falls may put the price beyond the entry's own: it cannot have gained by then.
        let entry = ledger.entryPrice
        let level = ledger.position > 0 ? min(tradedLevel, entry) : max(tradedLevel, entry)
        liquidate(reference: rest.drop > 0 ? level : tradedLevel, atOpen: false)
    }

    /// The liquidation price, or where the bar came nearest to it: the mark price may go further
    /// than the traded one.
    var tradedLevel: Double { min(max(margin.level, bar.low), bar.high) }

    // MARK: Liquidation

    /// The one of two prices at which leaving the position brings less.
    private func worse(_ price: Double, _ other: Double) -> Double {
        ledger.position > 0 ? min(price, other) : max(price, other)
    }

    /// Closes the position as the exchange does, and cancels the orders that it has.
    ///
    /// The fill is no better than the liquidation price, though the bar may have traded above it
    /// only (below, of a short): that the order met such a book is the better guess, not the worse.
    /// It pays slippage and the liquidation fee, as far as the collateral goes: what is
    /// missing is the insurance fund's, so an isolated position loses its margin at most and an
    /// account never falls below zero. A price that the collateral bounds may be better than where
    /// the market was: that is no slippage. Volume limit and minimums do not apply.
    mutating func liquidate(reference: Double, atOpen: Bool) {
        let (position, quantity) = (ledger.position, abs(ledger.position))
        let collateral = collateral
        let reference = worse(reference, margin.level)
        if !atOpen { lastFall = (row, reference) }
        cancel(.liquidation) { (!atOpen || $0.hasArrived) && !$0.isInTransit }
        bracket = nil
        suspended = nil
        var order = closingOrder(.liquidation)
        order.quantity = quantity
        working.append(order)
        let index = working.count - 1
        let last = MarginTerms.bankruptcyPrice(
            position: position, counter: counter, collateral: collateral)
        var price = fillPrice(order.side, reference, .market)
        if last > 0 { price = position > 0 ? max(price, last) : min(price, last) }
        let fee = margin.terms.liquidationFee * price * quantity
        let fill = FillRecord(
            orderID: order.id, time: bar.openTime, row: row, side: order.side, liquidity: .taker,
            origin: .liquidation, tag: 0, price: price, quantity: quantity,
            fee: min(fee, max(0, collateral + (position + counter) * price)),
            slippage: max(0, order.side.sign * (price - reference)) * quantity)
        ledger.apply(fill, ambiguous: isAmbiguous)
        if !rest.isShared { ledger.dropDust() }
        if fees.isTiered { fees.add(price * quantity) }
        marginFollows(fill, from: position)
        counters.fills += 1
        counters.liquidations += 1
        record(fill, index)
        working[index].status = .filled
        touch(index)
    }
}
