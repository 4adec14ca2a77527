import LotCore

/// How a fill's price and fee come about.
enum FillKind {
    /// Moved by slippage, taker.
    case market
    /// At the quote, taker: a limit that was marketable when it arrived; no worse than the limit.
    case marketableLimit
    /// At its own price, maker.
    case restingLimit
}

extension SimulatedExchange {
    /// Fills an order as far as the bar's volume, the cash and the position allow.
    mutating func execute(_ index: Int, reference: Double, _ kind: FillKind) {
        let side = working[index].side
        // A cap on the account's open positions; exits and additions pass.
        if !rest.mayOpen, ledger.position == 0, !working[index].terms.reduceOnly, canOpen(side) {
            return reject(index, .maxOpenPositions)
        }
        var price = fillPrice(side, reference, kind)
        if kind == .marketableLimit {
            let limit = working[index].level
            price = side == .buy ? min(price, limit) : max(price, limit)
        }
        guard let quantity = quantityLeft(index, price: price), quantity > 0 else { return }
        let closable = closable(side)
        let opening = max(0, quantity - closable)
        if working[index].terms.timeInForce == .fok, !fillsWhole(index, quantity, opening, price) {
            return expire(index)
        }
        let isCut = capacity < quantity
        var part = isCut ? instrument.floorToLot(capacity) : quantity
        if opening > 0, part > closable {
            part = closable + affordable(index, part - closable, closable, price: price)
        }
        guard part > 0 else { return }
        if isCut { counters.volumeLimitedFills += 1 }
        if priceMove.needsShare, kind == .market { price = impactedPrice(side, reference, part) }
        let closing = min(part, closable)
        if closing > 0 { book(index, quantity: closing, price, reference, kind) }
        if part > closing {
            book(index, quantity: part - closing, price, reference, kind)
            hasEntry = true
        }
        settle(index)
    }

    /// Whether the bar's volume and the cash allow all of `quantity`, of which `opening` enlarges
    /// the position.
    private func fillsWhole(
        _ index: Int, _ quantity: Double, _ opening: Double, _ price: Double
    ) -> Bool {
        let cost = opening * price * (marginRate + fees.taker)
        let free =
            freeCash(at: price) + working[index].reserved
            + released(working[index].side, price)
        return capacity >= quantity && (opening <= 0 || cost <= free * (1 + 1e-9))
    }

    /// Price after slippage, on the tick (rules 3 to 5 and 12).
    @inline(__always)
    mutating func fillPrice(_ side: Side, _ reference: Double, _ kind: FillKind) -> Double {
        switch kind {
        case .restingLimit: return reference
        case .marketableLimit: return instrument.fillPrice(side, reference * priceMove.quote(side))
        case .market: return instrument.fillPrice(side, reference * priceMove.worst(side))
        }
    }

    /// The price of a fill of `quantity`, where that depends on its share of the bar's volume.
    private mutating func impactedPrice(
        _ side: Side, _ reference: Double, _ quantity: Double
    ) -> Double {
        let factor = priceMove.factor(side, quantity: taken + quantity, volume: bar.volume)
        return instrument.fillPrice(side, reference * factor)
    }

    /// What an order on `side` can close.
    @inline(__always)
    func closable(_ side: Side) -> Double {
        (ledger.position > 0) == (side == .sell) ? abs(ledger.position) : 0
    }

    /// The quantity an order still has to fill, sized now if it has not been; `nil` if that
    /// ended it.
    private mutating func quantityLeft(_ index: Int, price: Double) -> Double? {
        let basis = sizingBasis(
            working[index].side, reduceOnly: working[index].terms.reduceOnly,
            reference: isAtOpen ? bar.open : price, price: price)
        if working[index].quantity == nil {
            let sized: Result<Double, Rejection>
            if !basis.canOpen, basis.closable == 0 {
                if working[index].closesPosition {
                    finish(index, .cancelled, .nothingToClose)
                    return nil
                }
                sized = .failure(.noPosition)
            } else if working[index].closesPosition {
                sized = checkMinimums(basis.closable, basis, instrument)
            } else {
                sized = bounded(
                    resolveQuantity(working[index].terms, basis, instrument), basis)
            }
            switch sized {
            case .failure(let reason):
                reject(index, reason)
                return nil
            case .success(let quantity): working[index].quantity = quantity
            }
        }
        // What closes the position goes with it: an entry that was on its way may enlarge it.
        if working[index].closesPosition, basis.closable > 0 {
            working[index].quantity = working[index].filledQuantity + basis.closable
        }
        let left = working[index].leavesQuantity ?? 0
        guard !basis.canOpen, left > basis.closable else { return left }
        cut(index, to: basis.closable, .cutToPosition)
        return basis.closable > 0 ? basis.closable : nil
    }

    /// What sizing needs to know, `price` being what one unit will cost.
    @inline(__always)
    func sizingBasis(
        _ side: Side, reduceOnly: Bool, reference: Double, price: Double
    ) -> SizingBasis {
        let equity = equity(at: reference)
        let free = freeCash(at: price) + released(side, price)
        // What rounding leaves of cash that was spent buys nothing: a position of a millionth of
        // a cent would keep its symbol from a real one.
        return SizingBasis(
            equity: equity, freeCash: free > 1e-9 * equity ? free : min(0, free),
            closable: closable(side), price: price, takerFee: fees.taker,
            canOpen: !reduceOnly && canOpen(side), marginRate: marginRate)
    }

    /// How much of an opening quantity the cash still pays for: the first fill was sized by it,
    /// a remainder may have become too dear (rule 9).
    private mutating func affordable(
        _ index: Int, _ quantity: Double, _ closable: Double, price: Double
    ) -> Double {
        let perUnit = price * (marginRate + fees.taker)
        let free =
            freeCash(at: price) + working[index].reserved
            + released(working[index].side, price)
        guard quantity * perUnit > free * (1 + 1e-9) else { return quantity }
        let least = instrument.floorToLot(max(0, free / perUnit))
        cut(index, to: closable + least, .remainderCut)
        return min(quantity, least)
    }

    /// Lowers what an order has left to fill.
    private mutating func cut(_ index: Int, to left: Double, _ reason: OrderReason) {
        working[index].quantity = working[index].filledQuantity + left
        working[index].reason = reason
        if left <= 0 { finish(index, .cancelled, reason) }
    }

    /// Books one execution of one order: ledger, order record, bracket.
    private mutating func book(
        _ index: Int, quantity: Double, _ price: Double, _ reference: Double, _ kind: FillKind
    ) {
        let side = working[index].side
        let liquidity: Liquidity = kind == .restingLimit ? .maker : .taker
        let rate = liquidity == .maker ? fees.maker : fees.taker
        let fill = FillRecord(
            orderID: working[index].id, time: bar.openTime, row: row, side: side,
            liquidity: liquidity, origin: working[index].origin, tag: working[index].terms.tag,
            price: price,
            quantity: quantity, fee: rate * price * quantity,
            slippage: abs(price - reference) * quantity)
        let before = ledger.position
        let wasFlat = before == 0
        let shrinks = closable(side) > 0
        ledger.apply(fill, ambiguous: isAmbiguous)
        if isMargined { marginFollows(fill, from: before) }
        capacity -= quantity
        taken += quantity
        if fees.isTiered { fees.add(price * quantity) }
        counters.fills += 1
        record(fill, index)
        if wasFlat || !shrinks {
            openBracket(index, fill)
        } else if ledger.position == 0 {
            closeBracket(exiting: index)
        }
    }

    mutating func record(_ fill: FillRecord, _ index: Int) {
        let before = working[index].filledQuantity
        let filled = before + fill.quantity
        working[index].averagePrice =
            (working[index].averagePrice * before + fill.price * fill.quantity) / filled
        working[index].filledQuantity = filled
        if collectsUpdates { updates.append(.fill(fill)) }
    }

    /// Ends an order that is filled whole, or notes how far it is.
    private mutating func settle(_ index: Int) {
        guard isAlive(index), let quantity = working[index].quantity else { return }
        let left = max(0, quantity - working[index].filledQuantity)
        let isFilled = left <= 1e-12 * quantity
        working[index].status = isFilled ? .filled : .partiallyFilled
        if working[index].reserved > 0 {
            let price = working[index].terms.price ?? 0
            working[index].reserved = isFilled ? 0 : left * price * (marginRate + fees.taker)
        }
        touch(index)
    }

    // MARK: Brackets

    /// The bracket of an entry becomes that of the position with the entry's first fill, in place
    /// of an earlier one; each fill moves the levels.
    private mutating func openBracket(_ index: Int, _ fill: FillRecord) {
        let request = working[index].terms.bracket
        let isFirst = working[index].filledQuantity <= fill.quantity
        if !request.isEmpty, isFirst || bracket == nil {
            bracket = ActiveBracket(request, opening: fill, atOpen: isAtOpen, isWalked: isWalked)
        }
        bracket?.setLevels(entryPrice: ledger.entryPrice, instrument)
    }

    /// Lays the bracket aside while an order that closes the position is at work.
    mutating func suspendBracket() {
        suspended = bracket ?? suspended
        bracket = nil
    }

    /// After an order that closes the position has ended: the bracket is there again for what is
    /// left of it, unless what ended was the bracket's own order and was refused.
    mutating func resumeBracket(after index: Int) {
        guard suspended != nil, bracket == nil else { return }
        let isOver = ledger.position == 0
        let isSpent = working[index].origin != .strategy && working[index].status == .rejected
        let isClosing = working.contains { $0.closesPosition && !$0.isFinal && !$0.isInTransit }
        if !isOver, !isSpent {
            guard !isClosing else { return }
            bracket = suspended
        }
        suspended = nil
    }

    /// Ends what is left of entries that have begun to fill: the exchange's own exits close the
    /// position that they opened.
    mutating func endBegunEntries() {
        let side: Side = ledger.position > 0 ? .buy : .sell
        for index in working.indices
        where isAlive(index) && working[index].status == .partiallyFilled
            && working[index].side == side
        {
            finish(index, .cancelled, .positionClosed)
        }
    }

    /// Drops the bracket of a position that is flat now, and the rest of the entry it came with.
    private mutating func closeBracket(exiting index: Int) {
        bracket = nil
        suspended = nil
        let exitingID = working[index].id
        for other in working.indices
        where isAlive(other) && working[other].status == .partiallyFilled
            && working[other].id != exitingID
        {
            finish(other, .cancelled, .positionClosed)
        }
    }

    /// A market order of the exchange's own that closes the position.
    mutating func closingOrder(_ origin: OrderOrigin) -> WorkingOrder {
        let side: Side = ledger.position > 0 ? .sell : .buy
        var closing = WorkingOrder(
            id: nextOrderID, origin: origin, terms: OrderTerms(side: side, reduceOnly: true),
            createdTime: bar.openTime)
        nextOrderID += 1
        counters.orders += 1
        ordersChanged = true
        closing.closesPosition = true
        return closing
    }

    /// Closes the position by its bracket's stop; what the volume leaves goes on as market.
    mutating func closeByStop(reference: Double, isTrailing: Bool) {
        suspendBracket()
        endBegunEntries()
        working.append(closingOrder(isTrailing ? .trailingStop : .stopLoss))
        execute(working.count - 1, reference: reference, .market)
    }

    /// Closes the position at its bracket's target; what the volume leaves keeps its bracket.
    mutating func closeAtTarget(_ price: Double) {
        guard capacity > 0 else { return }
        endBegunEntries()
        var order = closingOrder(.takeProfit)
        order.rest(at: price)
        working.append(order)
        let index = working.count - 1
        execute(index, reference: price, .restingLimit)
        guard isAlive(index) else { return }
        let filled = working[index].filledQuantity
        working[index].quantity = filled
        finish(index, filled > 0 ? .filled : .cancelled, .volumeLimit)
    }

    /// Closes what is open at the last close (rule 15), whatever the volume and the minimums.
    mutating func closeAtEnd(_ bar: Bar, row: Int) {
        let last = lastBar(of: bar)
        let isSameBar = row == self.row && last.openTime == self.bar.openTime
        self.bar = last
        self.row = row
        cancel(.endOfData) { _ in true }
        sweep()
        guard ledger.position != 0 else { return }
        bracket = nil
        suspended = nil
        capacity = .infinity
        if !isSameBar { taken = 0 }
        if fees.isTiered { fees.move(to: last.openTime) }
        isAmbiguous = false
        var order = closingOrder(.endOfData)
        order.quantity = abs(ledger.position)
        working.append(order)
        execute(working.count - 1, reference: bar.close, .market)
        sweep()
    }
}
