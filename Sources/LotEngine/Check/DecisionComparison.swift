import LotCore

/// Compares what two runs that started at different rows decided once both are in the same state.
///
/// The account of a run that starts later is another one: its first position, its cash. So
/// decisions count from a close on at which both are flat with no order working. Two things excuse
/// a difference after that. What the exchange did to the same order in only one of the runs (no
/// cash was left for it, more than the volume gave): from the next close on at which both are flat
/// they must decide the same. And once after each beginning, a difference that goes away: a script
/// may remember its last trade, and then the same round trip in both runs makes the memories equal.
struct DecisionComparison {
    /// Open times of the bars, by row: of several symbols, each time at which any has one.
    let times: Column<Int64>
    /// Length of a bar in milliseconds.
    let length: Int64
    /// The run over all bars.
    let full: BacktestOutcome
    /// The run that began at row ``start``.
    let late: BacktestOutcome
    let start: Int
    let end: Int
    var words = RunWords()

    /// How the comparison ended.
    enum Verdict: Equatable {
        /// The same decisions from this row on.
        case same(from: Int)
        /// The two were never flat at the same close.
        case neverMet
        case differs(RunDifference)
    }

    /// A difference, and whether the exchange had treated the runs differently before it.
    private struct Found {
        var difference: RunDifference
        var isOfAccount: Bool
    }

    /// - Complexity: O(rows + orders · log rows), and O(orders) for each excused difference.
    func verdict() -> Verdict {
        let meetings = commonFlatRows()
        guard let first = meetings.first else { return .neverMet }
        var (from, met, mayRemember) = (first, first, true)
        while let found = difference(from: from) {
            let next = row(found.difference.time)
            if found.isOfAccount {
                // The row that decided counts: where both are flat there, it must be the same.
                guard let again = meetings.first(where: { $0 >= next - 1 }) else { break }
                (from, mayRemember) = (again, true)
                continue
            }
            guard mayRemember, let exit = commonRoundTrip(after: next),
                let again = meetings.first(where: { $0 >= exit })
            else { return .differs(found.difference) }
            (from, met, mayRemember) = (again, again, false)
        }
        return .same(from: met)
    }

    /// Rows at whose close, before anything is decided, neither run has a position or an order.
    private func commonFlatRows() -> [Int] {
        let (one, other) = (busy(full), busy(late))
        return (start..<end).filter { one[$0 - start] == 0 && other[$0 - start] == 0 }
    }

    /// For each row from ``start`` on, how many positions and orders an outcome has there.
    private func busy(_ outcome: BacktestOutcome) -> [Int] {
        var changes = [Int](repeating: 0, count: end - start + 1)
        func mark(_ rows: (first: Int, end: Int)) {
            let first = max(rows.first, start)
            let end = min(rows.end, self.end)
            guard first < end else { return }
            changes[first - start] += 1
            changes[end - start] -= 1
        }
        // What the end of a symbol's data ended was still there at its last close.
        let ends = Set(
            outcome.orders.filter { $0.origin == .endOfData }
                .map { [$0.updatedTime, Int64($0.symbol)] })
        for trade in outcome.trades {
            let isEnded = ends.contains([trade.exitTime, Int64(trade.symbol)])
            mark((row(trade.entryTime), row(trade.exitTime) + (isEnded ? 1 : 0)))
        }
        for order in outcome.orders where order.origin == .strategy {
            let isEnded = order.reason == OrderReason.endOfData.text
            mark((row(order.createdTime), row(order.updatedTime) + (isEnded ? 1 : 0)))
        }
        var total = 0
        return changes.dropLast().map { change in
            total += change
            return total
        }
    }

    /// The first row that opens at `time` or later.
    private func row(_ time: Int64) -> Int {
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The first order of the strategy that only one of the runs sent at the close of `row` or
    /// later.
    private func difference(from row: Int) -> Found? {
        let since = times[row] + length
        let decisions = [full, late].map { outcome in
            outcome.orders.filter { $0.origin == .strategy && $0.createdTime >= since }
        }
        var parted = closedInOne(since: since)
        for index in 0..<max(decisions[0].count, decisions[1].count) {
            let (one, other) = (decisions[0][safe: index], decisions[1][safe: index])
            if let one, let other, one.createdTime == other.createdTime,
                one.symbol == other.symbol, one.asked.isSameDecision(other.asked)
            {
                parted = min(parted, DecisionComparison.parting(one, other))
                continue
            }
            let time = min(one?.createdTime ?? .max, other?.createdTime ?? .max)
            let texts = [one, other].map { order in
                order.flatMap { $0.createdTime == time ? words.request(of: $0) : nil }
            }
            let difference = RunDifference(
                time: time, what: "order", expected: texts[0], found: texts[1])
            return Found(difference: difference, isOfAccount: parted < time)
        }
        return nil
    }

    /// When the exchange ended one of two equal orders and not the other; never, if it treated
    /// them alike, or if the strategy called one of them off first.
    private static func parting(_ one: Order, _ other: Order) -> Int64 {
        guard
            one.status != other.status || one.reason != other.reason
                || one.updatedTime != other.updatedTime
        else { return .max }
        let ended = [one, other].filter { !$0.isCalledOff }.map(\.updatedTime).min() ?? .max
        return ended <= min(one.updatedTime, other.updatedTime) ? ended : .max
    }

    /// When the exchange first closed a position, by a bracket or a liquidation, in only one of the
    /// runs, or took longer for it or filled less in one of them.
    private func closedInOne(since: Int64) -> Int64 {
        let closings = [full, late].map { outcome in
            Set(
                outcome.orders
                    .filter { $0.origin != .strategy && $0.createdTime >= since }
                    .map { order in
                        Closing(
                            time: order.createdTime, end: order.updatedTime,
                            symbol: order.symbol, origin: order.origin, reason: order.reason)
                    })
        }
        return closings[0].symmetricDifference(closings[1]).map(\.time).min() ?? .max
    }

    private struct Closing: Hashable {
        var time: Int64
        var end: Int64
        var symbol: Int
        var origin: OrderOrigin
        var reason: String
    }

    /// The exit row of the first trade after `row` that both runs made.
    private func commonRoundTrip(after row: Int) -> Int? {
        let since = row < times.count ? times[row] : .max
        func trip(_ trade: Trade) -> [Int64] {
            [trade.entryTime, trade.exitTime, Int64(trade.symbol)]
        }
        let trips = Set(late.trades.filter { $0.entryTime >= since }.map(trip))
        let common = full.trades.first { $0.entryTime >= since && trips.contains(trip($0)) }
        return common.map { self.row($0.exitTime) }
    }
}

extension Order {
    /// Whether the strategy cancelled it.
    var isCalledOff: Bool {
        status == .cancelled
            && [OrderReason.cancelled.text, OrderReason.exit.text].contains(reason)
    }
}

extension OrderRequest {
    /// Whether another request says the same, amounts of money aside: those follow the account.
    fileprivate func isSameDecision(_ other: OrderRequest) -> Bool {
        side == other.side && type == other.type && tag == other.tag
            && size.isSameDecision(other.size) && isClose(price, other.price)
            && isClose(asked.stopPrice, other.asked.stopPrice)
            && isClose(trailingStop, other.trailingStop) && postOnly == other.postOnly
            && timeInForce == other.timeInForce && reduceOnly == other.reduceOnly
            && isClose(bracket.stopLoss, other.bracket.stopLoss)
            && isClose(bracket.takeProfit, other.bracket.takeProfit)
            && isClose(bracket.trailingStop, other.bracket.trailingStop)
            && bracket.maxBars == other.bracket.maxBars
    }
}

extension Size {
    fileprivate func isSameDecision(_ other: Size) -> Bool {
        switch (self, other) {
        case (.equity(let one), .equity(let two)), (.risk(let one), .risk(let two)):
            isClose(one, two)
        case (.quote, .quote), (.base, .base): true
        default: false
        }
    }
}

/// Whether two numbers are the same but for the last digits: series that have settled agree to a
/// relative 1e-9, not to the last bit.
func isClose(_ one: Double?, _ other: Double?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return one == other || (one.isNaN && other.isNaN)
        || abs(one - other) <= 1e-7 * max(abs(one), abs(other))
}
