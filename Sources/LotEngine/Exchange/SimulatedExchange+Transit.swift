import LotCore

/// Orders and cancellations on their way to the exchange (`--latency`; `docs/execution.md`, rule
/// 17).
extension SimulatedExchange {
    /// Lets arrive what was sent at least the latency before the open at `time`.
    ///
    /// A cancellation that arrives together with its order comes first: the order never works.
    mutating func takeArrivals(_ time: Int64) {
        for index in working.indices where !working[index].isFinal {
            if working[index].cancelTime <= time {
                finish(index, .cancelled, working[index].cancelReason)
            } else if working[index].isInTransit, working[index].createdTime <= time - latency {
                working[index].isInTransit = false
                if working[index].closesPosition, ledger.position != 0 {
                    working[index].terms.side = ledger.position > 0 ? .sell : .buy
                }
            }
        }
    }

    /// Cancels the working orders that `matches` picks, as a strategy asks for it at `time`: at
    /// once, or when the wish has arrived.
    @inline(__always)
    mutating func cancel(
        _ reason: OrderReason, sent time: Int64, where matches: (WorkingOrder) -> Bool
    ) {
        guard latency > 0 else { return cancel(reason, where: matches) }
        for index in working.indices where !working[index].isFinal && matches(working[index]) {
            guard working[index].cancelTime > time + latency else { continue }
            working[index].cancelTime = time + latency
            working[index].cancelReason = reason
        }
    }
}
