import LotCore

/// The lane of plain market orders: what a sweep does most, in one function from the decision to
/// the fill.
///
/// In a search over spot rules without brackets nearly every order is sent at one close and filled
/// whole at the next open. On its way through ``SimulatedExchange/submit(_:_:time:close:)`` and
/// ``SimulatedExchange/process(_:row:)`` it is written down, looked for by each phase of the bar,
/// and dropped: nobody reads its record. Here the same order is filled without being written down.
///
/// Results are the same bit for bit:
/// - Price, sizing, minimums, capacity and booking are the functions that the exchange itself
///   calls, on the same values; what they leave out is `x - 0`, `x + 0` and `max(0, x)` of x > 0.
/// - Everything is asked before anything is changed. What is not plain (no volume, a fill that the
///   volume or the cash would cut, an order below the minimums) is left to the exchange.
/// - Of the exchange's state, the lane leaves alone what each bar begins by setting, and what only
///   records of orders show.
///
/// `SkippingTests` run sweeps against the run of every bar.
extension SimulatedExchange {
    /// Whether market orders may take the lane in this run.
    var hasMarketLane: Bool {
        !isMargined && !isWalked && latency == 0 && !fees.isTiered && !priceMove.needsShare
            && !rest.isShared && rest.mayOpen && leg == .long && !keepsOrders && !collectsUpdates
    }

    /// Whether orders with these terms may take the lane.
    func takesLane(_ terms: OrderTerms) -> Bool {
        terms.type == .market && terms.timeInForce == .gtc && !terms.postOnly
            && !terms.reduceOnly && terms.bracket.isEmpty
            && SimulatedExchange.fault(in: terms) == nil
    }

    /// Sends a market order that opens a position, and fills it at the open of `row`.
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
        guard case .success(let quantity) = resolveQuantity(terms, basis, instrument),
            barCapacity(volume: source.volume(row)) >= quantity,
            quantity * (price * (marginRate + fees.taker)) <= freeCash(at: price) * (1 + 1e-9)
        else { return false }
        bookLane(.buy, terms.tag, quantity, price, open, row, source)
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
        guard ledger.position > 0 else { return false }
        let open = source.open(row)
        let price = fillPrice(.sell, open, .market)
        let basis = sizingBasis(.sell, reduceOnly: true, reference: open, price: price)
        guard case .success(let quantity) = checkMinimums(basis.closable, basis, instrument),
            barCapacity(volume: source.volume(row)) >= quantity
        else { return false }
        bookLane(.sell, tag, quantity, price, open, row, source)
        return true
    }

    /// Books the fill of a whole order that is written down nowhere else.
    private mutating func bookLane(
        _ side: Side, _ tag: TagID, _ quantity: Double, _ price: Double, _ open: Double,
        _ row: Int, _ source: MarkSource
    ) {
        let fill = FillRecord(
            orderID: nextOrderID, time: source.openTime(row), row: row,
            side: side, liquidity: .taker, origin: .strategy, tag: tag, price: price,
            quantity: quantity, fee: fees.taker * price * quantity,
            slippage: abs(price - open) * quantity)
        ledger.apply(fill)
        nextOrderID += 1
        counters.orders += 1
        counters.fills += 1
    }
}

extension RuleRun {
    /// Carries out decisions by the lane: at `row`, and at the rows that follow from each fill.
    ///
    /// - Parameters:
    ///   - row: A row on which the account acts, with nothing at work. Rules that only buy act in
    ///     one way: flat they enter, long they leave.
    ///   - end: The end of the tile; a decision at its last row is left to the exchange.
    ///   - masks: The rows on which the account acts.
    ///   - source: The bars.
    /// - Returns: The next row on which the account acts that has not been carried out, or `end`.
    func runLane(
        from row: Int, _ end: Int, _ masks: RuleMasks, _ source: MarkSource
    ) -> Int {
        var row = row
        while row + 1 < end {
            let (cash, position) = (exchange.ledger.cash, exchange.ledger.position)
            let isFilled =
                position == 0
                ? exchange.buyAtOpen(decision.buy, row: row + 1, source)
                : exchange.sellAtOpen(decision.exitLong, row: row + 1, source)
            guard isFilled else { return row }
            mark(before: row + 1, cash, position, source)
            row = masks.next(position == 0 ? .long : .flat, from: row + 1, before: end)
        }
        return row
    }
}
