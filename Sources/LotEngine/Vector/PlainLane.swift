import LotCore

/// The lane of plain orders: what a sweep does most, in one function from the decision to the fill.
///
/// In a search over spot rules nearly every order is sent at one close and filled whole at the next
/// open, or closes the position at its bracket's stop or target. On its way through
/// ``SimulatedExchange/submit(_:_:time:close:)`` and ``SimulatedExchange/process(_:row:)`` it is
/// written down, looked for by each phase of the bar, and dropped: nobody reads its record. Here
/// the same order is filled without being written down.
///
/// Results are the same bit for bit:
/// - Price, sizing, minimums, capacity and booking are the functions that the exchange itself
///   calls, on the same values; what they leave out is `x - 0`, `x + 0` and `max(0, x)` of x > 0.
///   What a bar does to a bracket is asked in the exchange's order, by
///   ``ActiveBracket/exit(in:touching:_:)``.
/// - Everything is asked before anything is changed. What is not plain (no volume, a fill that the
///   volume or the cash would cut, an exit below the minimums, a bracket whose time is up) is left
///   to the exchange.
/// - Of the exchange's state, the lane leaves alone what each bar begins by setting, and what only
///   records of orders show.
///
/// `SkippingTests` run sweeps against the run of every bar.
extension SimulatedExchange {
    /// Whether orders may take the lane in this run.
    var hasPlainLane: Bool {
        !isMargined && !isWalked && latency == 0 && !fees.isTiered && !priceMove.needsShare
            && !rest.isShared && rest.mayOpen && leg == .long && !keepsOrders && !collectsUpdates
    }

    /// Whether orders with these terms may take the lane.
    func takesLane(_ terms: OrderTerms) -> Bool {
        terms.type == .market && terms.timeInForce == .gtc && !terms.postOnly
            && !terms.reduceOnly && SimulatedExchange.fault(in: terms) == nil
    }

    /// Sends a market order that opens a position, fills it at the open of `row`, or has it refused
    /// there, and takes its bracket through the rest of that bar.
    ///
    /// - Parameters:
    ///   - terms: An order that may take the lane, on the buying side.
    ///   - row: The row after the decision; nothing is at work, and the account is flat.
    ///   - source: The bars.
    /// - Returns: Whether it did; if not, nothing has changed.
    /// - Complexity: O(1).
    @inline(never)
    mutating func buyAtOpen(_ terms: OrderTerms, row: Int, _ source: MarkSource) -> Bool {
        guard ledger.position == 0 else { return false }
        let open = source.open(row)
        let price = fillPrice(.buy, open, .market)
        let basis = sizingBasis(.buy, reduceOnly: false, reference: open, price: price)
        let capacity = barCapacity(volume: source.volume(row))
        let quantity: Double
        switch resolveQuantity(terms, basis, instrument) {
        case .success(let sized): quantity = sized
        case .failure(let reason): return capacity > 0 && refuseLane(reason)
        }
        guard capacity >= quantity,
            quantity * (price * (marginRate + fees.taker)) <= freeCash(at: price) * (1 + 1e-9)
        else { return false }
        let fill = laneFill(
            .buy, .strategy, terms.tag, quantity, price, reference: open, .market, row, source)
        guard !terms.bracket.isEmpty else {
            bookLane(fill)
            return true
        }
        var active = ActiveBracket(terms.bracket, opening: fill, atOpen: true, isWalked: false)
        active.setLevels(entryPrice: price, instrument)
        let exit = active.exit(
            in: source.bar(row), touching: settings.fillOnTouch, instrument)
        if let exit {
            var closing = basis
            (closing.canOpen, closing.closable) = (false, quantity)
            closing.price = fillPrice(.sell, exit.reference, exit.kind)
            guard case .success = checkMinimums(quantity, closing, instrument),
                capacity - quantity >= quantity
            else { return false }
        }
        bookLane(fill)
        if let exit { leave(exit, row, source) } else { bracket = active }
        noteNeeds()
        return true
    }

    /// Sends a market order that closes the long position, and fills it at the open of `row`.
    ///
    /// - Parameters:
    ///   - tag: The order's tag.
    ///   - row: The row after the decision; nothing is at work.
    ///   - source: The bars.
    /// - Returns: Whether it did; if not, nothing has changed.
    /// - Complexity: O(1).
    @inline(never)
    mutating func sellAtOpen(_ tag: TagID, row: Int, _ source: MarkSource) -> Bool {
        guard ledger.position > 0, bracket?.isOver(at: row) != true else { return false }
        let open = source.open(row)
        let price = fillPrice(.sell, open, .market)
        guard let quantity = closingQuantity(open, price, row, source) else { return false }
        bookLane(
            laneFill(.sell, .strategy, tag, quantity, price, reference: open, .market, row, source))
        if bracket != nil {
            bracket = nil
            noteNeeds()
        }
        return true
    }

    /// Takes the bracket of the long position through a bar.
    ///
    /// - Parameters:
    ///   - row: A row after the entry's; nothing else is at work.
    ///   - source: The bars.
    /// - Returns: Whether it did; if not, nothing has changed.
    /// - Complexity: O(1).
    @inline(never)
    mutating func runBracket(row: Int, _ source: MarkSource) -> Bool {
        guard var active = bracket, !active.isOver(at: row) else { return bracket == nil }
        let exit = active.exit(
            in: source.bar(row), touching: settings.fillOnTouch, instrument)
        guard let exit else {
            bracket = active
            return true
        }
        let price = fillPrice(.sell, exit.reference, exit.kind)
        guard closingQuantity(exit.reference, price, row, source) != nil else { return false }
        leave(exit, row, source)
        noteNeeds()
        return true
    }

    /// Closes the position by its bracket; that the exchange would has been asked.
    private mutating func leave(_ exit: BracketExit, _ row: Int, _ source: MarkSource) {
        bracket = nil
        if exit.isAmbiguous { counters.ambiguousBars += 1 }
        let price = fillPrice(.sell, exit.reference, exit.kind)
        bookLane(
            laneFill(
                .sell, exit.origin, 0, abs(ledger.position), price, reference: exit.reference,
                exit.kind, row, source), ambiguous: exit.isAmbiguous)
    }

    /// The quantity of an order that closes the long position at `price`; `nil` if it would not be
    /// filled whole in the bar.
    @inline(__always)
    private mutating func closingQuantity(
        _ reference: Double, _ price: Double, _ row: Int, _ source: MarkSource
    ) -> Double? {
        let basis = sizingBasis(.sell, reduceOnly: true, reference: reference, price: price)
        guard case .success(let quantity) = checkMinimums(basis.closable, basis, instrument),
            barCapacity(volume: source.volume(row)) >= quantity
        else { return nil }
        return quantity
    }

    /// The fill of a whole order.
    @inline(__always)
    private func laneFill(
        _ side: Side, _ origin: OrderOrigin, _ tag: TagID, _ quantity: Double, _ price: Double,
        reference: Double, _ kind: FillKind, _ row: Int, _ source: MarkSource
    ) -> FillRecord {
        let isMaker = kind == .restingLimit
        return FillRecord(
            orderID: nextOrderID, time: source.openTime(row), row: row, side: side,
            liquidity: isMaker ? .maker : .taker, origin: origin, tag: tag, price: price,
            quantity: quantity, fee: (isMaker ? fees.maker : fees.taker) * price * quantity,
            slippage: abs(price - reference) * quantity)
    }

    /// Counts an order that is refused when it is sized: those of an account that has lost all but
    /// the least lot, for the rest of the run.
    private mutating func refuseLane(_ reason: Rejection) -> Bool {
        reasons.add(reason)
        nextOrderID += 1
        counters.orders += 1
        return true
    }

    /// Books the fill of a whole order that is written down nowhere else.
    @inline(__always)
    private mutating func bookLane(_ fill: FillRecord, ambiguous: Bool = false) {
        ledger.apply(fill, ambiguous: ambiguous)
        nextOrderID += 1
        counters.orders += 1
        counters.fills += 1
    }
}

extension BracketExit {
    /// How its order fills.
    @inline(__always)
    var kind: FillKind { origin == .takeProfit ? .restingLimit : .market }
}

extension RuleRun {
    /// Carries out decisions and brackets by the lane, from `row` on as far as it can.
    ///
    /// Rules that only buy act in one way: flat they enter, long they leave.
    /// - Parameters:
    ///   - row: A row to be visited, with nothing at work but a bracket; the bars before it have
    ///     been processed.
    ///   - end: The end of the tile; a decision at its last row is left to the exchange.
    ///   - masks: The rows on which the account acts.
    ///   - source: The bars.
    /// - Returns: The next row to be visited, or `end`, and whether its bar has been processed, so
    ///   that only the decision is left.
    func runLane(
        from row: Int, _ end: Int, _ masks: RuleMasks, _ source: MarkSource
    ) -> (row: Int, isProcessed: Bool) {
        var row = row
        guard runBracket(row, source) else { return (row, false) }
        while true {
            let (cash, position) = (exchange.ledger.cash, exchange.ledger.position)
            if position == 0 {
                row = masks.next(.flat, from: row, before: end)
                guard row + 1 < end, exchange.buyAtOpen(decision.buy, row: row + 1, source) else {
                    return (row, true)
                }
                row += 1
                let isRefused = exchange.ledger.position == 0 && exchange.ledger.cash == cash
                if !isRefused { mark(before: row, cash, position, source) }
                continue
            }
            let acts = masks.next(.long, from: row, before: end)
            if acts == row {
                guard row + 1 < end, exchange.sellAtOpen(decision.exitLong, row: row + 1, source)
                else { return (row, true) }
                row += 1
                mark(before: row, cash, position, source)
                continue
            }
            row = exchange.firstTouch(row + 1..<acts, source)
            guard row < end else { return (end, true) }
            guard runBracket(row, source) else { return (row, false) }
        }
    }

    /// Takes the bracket through a row, if there is one.
    ///
    /// - Returns: Whether that could be done without the exchange.
    @inline(__always)
    private func runBracket(_ row: Int, _ source: MarkSource) -> Bool {
        guard exchange.bracket != nil else { return true }
        let (cash, position) = (exchange.ledger.cash, exchange.ledger.position)
        guard exchange.runBracket(row: row, source) else { return false }
        if exchange.ledger.position != position { mark(before: row, cash, position, source) }
        return true
    }
}
