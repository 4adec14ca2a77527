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
            case .submit(let id, let request): submit(id, request, time: time, close: close)
            case .exit(let id, let tag): exit(id, tag: tag, time: time)
            case .cancel(let id):
                cancel(reason: "cancelled") { $0.id == id }
            case .cancelTag(let tag):
                cancel(reason: "cancelled") { $0.request.tag == tag }
            }
        }
        sweep()
    }

    /// Cancels the working orders that `matches` picks.
    mutating func cancel(reason: String, where matches: (Order) -> Bool) {
        for index in working.indices
        where !working[index].order.status.isFinal && matches(working[index].order) {
            finish(index, .cancelled, reason)
        }
    }

    private mutating func submit(
        _ id: Int, _ request: OrderRequest, time: Int64, close: Double
    ) {
        var order = WorkingOrder(
            order: Order(id: id, origin: .strategy, request: request, createdTime: time))
        roundPrices(&order.order.request)
        append(order)
        let index = working.count - 1
        if let reason = SimulatedExchange.fault(in: request) {
            reject(index, reason)
        } else if request.type == .limit, request.side == .buy || allowsShort {
            reserve(index, close: close)
        }
    }

    /// Sizes a limit order at its own price and sets its cash aside (rule 9).
    private mutating func reserve(_ index: Int, close: Double) {
        let order = working[index].order
        guard let price = order.request.price, !order.request.reduceOnly else { return }
        let basis = sizingBasis(order.request, reference: close, price: price)
        switch resolveQuantity(order.request, basis, instrument) {
        case .failure(let reason): reject(index, reason)
        case .success(let quantity):
            working[index].order.quantity = quantity
            let opening = max(0, quantity - basis.closable)
            working[index].reserved = opening * price * (1 + settings.takerFee)
        }
    }

    private mutating func exit(_ id: Int, tag: String, time: Int64) {
        let held = ledger.position
        cancel(reason: "exit") { order in
            order.origin == .strategy && !order.request.reduceOnly
                && (held == 0 || (order.request.side == .buy) == (held > 0))
        }
        let request = OrderRequest(
            held < 0 ? .buy : .sell, reduceOnly: true, tag: tag)
        var order = WorkingOrder(
            order: Order(id: id, origin: .strategy, request: request, createdTime: time))
        order.closesPosition = true
        append(order)
        if held == 0 { finish(working.count - 1, .cancelled, "nothing to close") }
    }

    /// Adds an order to the book and tells of it.
    mutating func append(_ order: WorkingOrder) {
        working.append(order)
        counters.orders += 1
        ordersChanged = true
        nextOrderID = max(nextOrderID, order.order.id + 1)
        if collectsUpdates { updates.append(.order(order.order)) }
    }

    /// Rounds an order's prices to the tick: limits away from the market, so that they never
    /// become better for the other side, stops against the trader (rule 12).
    private func roundPrices(_ request: inout OrderRequest) {
        let side = request.side
        request.price = request.price.map { instrument.roundAgainst(side.opposite, $0) }
        request.stopPrice = request.stopPrice.map { stop in
            let against = request.type == .takeProfit ? side.opposite : side
            return instrument.roundAgainst(against, stop)
        }
    }

    /// What is wrong with a request whatever the account, or `nil`.
    private static func fault(in request: OrderRequest) -> Rejection? {
        let amount: Double
        switch request.size {
        case .equity(let value), .quote(let value), .base(let value), .risk(let value):
            amount = value
        }
        guard amount.isFinite, amount > 0 else { return .invalidSize }
        let price: Double? =
            switch request.type {
            case .market: 1
            case .limit: request.price
            case .stopMarket, .takeProfit: request.stopPrice
            }
        guard let price, price.isFinite, price > 0 else { return .invalidPrice }
        return nil
    }
}
