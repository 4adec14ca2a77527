import LotCore

extension SimulatedExchange {
    /// Takes what a strategy asked for in the callback at the close of a bar.
    ///
    /// - Parameters:
    ///   - commands: In the order they were given.
    ///   - time: The bar's close time (milliseconds since the epoch).
    ///   - close: The bar's close, at which limit orders are sized.
    mutating func accept(_ commands: [OrderCommand], time: Int64, close: Double) {
        for command in commands {
            switch command {
            case .submit(let id, let terms): submit(id, terms, time: time, close: close)
            case .exit(let id, let tag, _): exit(id, tag: tag, time: time)
            case .cancel(let id):
                cancel(.cancelled, sent: time) { $0.id == id }
            case .cancelTag(let tag):
                cancel(.cancelled, sent: time) { $0.terms.tag == tag }
            }
        }
        sweep()
    }

    /// Cancels the working orders that `matches` picks.
    @inline(__always)
    mutating func cancel(_ reason: OrderReason, where matches: (WorkingOrder) -> Bool) {
        for index in working.indices where !working[index].isFinal && matches(working[index]) {
            finish(index, .cancelled, reason)
        }
    }

    /// Takes an order at the close of a bar.
    mutating func submit(_ id: Int, _ terms: OrderTerms, time: Int64, close: Double) {
        var order = WorkingOrder(id: id, origin: .strategy, terms: terms, createdTime: time)
        order.isInTransit = latency > 0
        if fees.isTiered { fees.move(to: time) }
        if terms.type != .market { roundPrices(&order.terms) }
        hasSpecialOrders =
            hasSpecialOrders || terms.timeInForce != .gtc || terms.postOnly
            || terms.type == .stopLimit || terms.type == .trailingStop
        append(order)
        let index = working.count - 1
        if let reason = SimulatedExchange.fault(in: working[index].terms) {
            reject(index, reason)
        } else if terms.type == .limit || terms.type == .stopLimit, canOpen(terms.side) {
            reserve(index, close: close)
        }
    }

    /// Sizes a limit order at its own price and sets its cash aside (rule 9).
    private mutating func reserve(_ index: Int, close: Double) {
        let terms = working[index].terms
        guard let price = terms.price, !terms.reduceOnly else { return }
        let basis = sizingBasis(
            terms.side, reduceOnly: false, reference: close, price: price)
        switch bounded(resolveQuantity(terms, basis, instrument), basis) {
        case .failure(let reason): reject(index, reason)
        case .success(let quantity):
            working[index].quantity = quantity
            let opening = max(0, quantity - basis.closable)
            working[index].reserved = opening * price * (marginRate + fees.taker)
        }
    }

    /// Takes the wish to close the position: cancels entries on its side, sends a market order.
    mutating func exit(_ id: Int, tag: TagID, time: Int64) {
        let held = ledger.position
        cancel(.exit, sent: time) { order in
            order.origin == .strategy && !order.terms.reduceOnly
                && (held == 0 || (order.side == .buy) == (held > 0))
        }
        let terms = OrderTerms(side: held < 0 ? .buy : .sell, reduceOnly: true, tag: tag)
        var order = WorkingOrder(id: id, origin: .strategy, terms: terms, createdTime: time)
        order.closesPosition = true
        order.isInTransit = latency > 0
        append(order)
        // What is on its way may have opened a position by the time this arrives.
        let isWaiting = latency > 0 && working.contains { !$0.isFinal && !$0.terms.reduceOnly }
        if held == 0, !isWaiting { finish(working.count - 1, .cancelled, .nothingToClose) }
    }

    /// Adds an order to the book and tells of it.
    mutating func append(_ order: WorkingOrder) {
        working.append(order)
        counters.orders += 1
        ordersChanged = true
        nextOrderID = max(nextOrderID, order.id + 1)
        if collectsUpdates { updates.append(.order(order)) }
    }

    /// Rounds an order's prices to the tick: limits away from the market, so that they never
    /// become better for the other side, stops against the trader (rule 12).
    @inline(__always)
    private func roundPrices(_ terms: inout OrderTerms) {
        let side = terms.side
        terms.price = terms.price.map { instrument.roundAgainst(side.opposite, $0) }
        terms.stopPrice = terms.stopPrice.map { stop in
            let against = terms.type == .takeProfit ? side.opposite : side
            return instrument.roundAgainst(against, stop)
        }
    }

    /// What is wrong with the terms whatever the account, or `nil`; prices are on the tick.
    static func fault(in terms: OrderTerms) -> Rejection? {
        let amount: Double
        switch terms.size {
        case .equity(let value), .quote(let value), .base(let value), .risk(let value):
            amount = value
        }
        guard amount.isFinite, amount > 0 else { return .invalidSize }
        func isPrice(_ price: Double?) -> Bool { price.map { $0.isFinite && $0 > 0 } ?? false }
        let isSound =
            switch terms.type {
            case .market: true
            case .limit: isPrice(terms.price)
            case .stopMarket, .takeProfit: isPrice(terms.stopPrice)
            case .stopLimit: isPrice(terms.price) && isPrice(terms.stopPrice)
            case .trailingStop: terms.trailingStop.map { $0 > 0 && $0 < 1 } ?? false
            }
        return isSound ? nil : .invalidPrice
    }
}
