import LotCore

/// The two legs of a hedged symbol: two exchanges over one account, which the symbol's strategy
/// sees as one desk.
struct HedgedLegs {
    let long: PortfolioLeg
    let short: PortfolioLeg
    /// What the strategy sees of the two; ``look(at:)`` brings it up to date.
    let view = HedgeView()

    /// The long leg, then the short one: the order in which they act.
    var both: [PortfolioLeg] { [long, short] }

    /// Both positions together.
    var net: Double { long.exchange.ledger.position + short.exchange.ledger.position }

    /// What both hold, whatever their side.
    var gross: Double {
        abs(long.exchange.ledger.position) + abs(short.exchange.ledger.position)
    }

    // MARK: What the strategy sees

    /// What the strategy sees of both with the price at `price`: the net position, and of the only
    /// leg that is held its entry.
    func look(
        at price: Double
    ) -> (position: Double, entryPrice: Double, entryRow: Int, profit: Double) {
        view.long = HedgedLegs.look(long, price)
        view.short = HedgedLegs.look(short, price)
        let only: HedgeView.Leg? =
            view.short.size == 0 ? view.long : view.long.size == 0 ? view.short : nil
        return (
            net, only?.entryPrice ?? 0,
            only?.entryRow ?? min(view.long.entryRow, view.short.entryRow),
            view.long.profit + view.short.profit
        )
    }

    private static func look(_ leg: PortfolioLeg, _ price: Double) -> HedgeView.Leg {
        let ledger = leg.exchange.ledger.summary(at: price)
        var view = HedgeView.Leg()
        (view.size, view.entryPrice) = (ledger.position, ledger.entryPrice)
        (view.entryRow, view.profit) = (ledger.entryRow, ledger.profit)
        return view
    }

    /// Works out where each leg would be liquidated.
    func lookForLiquidation(_ account: SharedAccount) {
        for leg in both { account.tell(leg) }
        view.long.liquidationPrice = long.exchange.liquidationPrice()
        view.short.liquidationPrice = short.exchange.liquidationPrice()
    }

    /// Whether anything happened that the strategy has not been told.
    var hasUpdates: Bool {
        !long.exchange.updates.isEmpty || !short.exchange.updates.isEmpty
    }

    /// Takes what happened since the strategy was last told, the long leg's first.
    func takeUpdates(_ tags: TagTable) -> [OrderUpdate] {
        [(long, PositionSide.long), (short, .short)].flatMap { leg, side in
            let updates = leg.exchange.updates.map { $0.record(tags, side) }
            leg.exchange.updates.removeAll(keepingCapacity: true)
            return updates
        }
    }

    /// The orders at work on both legs, by number; `nil` if nothing changed since it was asked.
    func takeWorking() -> [WorkingOrder]? {
        guard long.exchange.ordersChanged || short.exchange.ordersChanged else { return nil }
        var working = long.exchange.working.array.map { $0.on(.long) }
        working += short.exchange.working.array.map { $0.on(.short) }
        long.exchange.ordersChanged = false
        short.exchange.ordersChanged = false
        return working.sorted { $0.id < $1.id }
    }

    // MARK: What it asks for

    /// Hands over what the strategy asked for at a close, each command to the legs that it is for.
    func take(
        _ commands: [OrderCommand], _ account: inout SharedAccount, time: Int64, close: Double
    ) {
        for var command in commands {
            for leg in legs(of: command) {
                account.use(leg) { $0.accept([command], time: time, close: close) }
                // Where one wish closes both legs, the second order has a number of its own.
                guard case .exit(_, let tag, nil) = command else { continue }
                command = .exit(id: account.nextOrderID, tag: tag)
            }
        }
    }

    /// The legs that a command is for.
    private func legs(of command: OrderCommand) -> [PortfolioLeg] {
        switch command {
        case .submit(_, let terms):
            let side = terms.positionSide ?? (terms.side == .buy ? .long : .short)
            return [side == .long ? long : short]
        case .exit(_, _, let side):
            if let side { return [side == .long ? long : short] }
            let held = both.filter(\.isHeld)
            return held.isEmpty ? [long] : held
        case .cancel, .cancelTag: return [long, short]
        }
    }

    // MARK: What is left

    /// The orders of both, the long leg's first.
    func orders(_ tags: TagTable) -> [Order] {
        long.exchange.finished.map { $0.record(tags).on(.long) }
            + short.exchange.finished.map { $0.record(tags).on(.short) }
    }
}

extension WorkingOrder {
    /// The order, marked as one of a leg.
    fileprivate func on(_ side: PositionSide) -> WorkingOrder {
        var order = self
        order.terms.positionSide = side
        return order
    }
}

extension Order {
    /// The order, marked as one of a leg.
    fileprivate func on(_ side: PositionSide) -> Order {
        var order = self
        order.request.positionSide = side
        return order
    }
}

extension ExchangeUpdate {
    /// The public update, its order marked as one of a leg.
    fileprivate func record(_ tags: TagTable, _ side: PositionSide) -> OrderUpdate {
        guard case .order(let order) = self else { return record(tags) }
        return .order(order.record(tags).on(side))
    }
}
