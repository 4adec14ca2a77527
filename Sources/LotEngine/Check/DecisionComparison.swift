import LotCore

/// Compares what two runs that started at different rows decided once both are in the same state.
///
/// The account of a run that starts later is another one: its first position, its cash. So
/// decisions count from a close on at which both are flat with no order working. A difference
/// after that is excused once if it goes away: a script may remember its last trade, and then
/// the same round trip in both runs makes the memories equal. A difference after that is one.
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

    /// How the comparison ended.
    enum Verdict: Equatable {
        /// The same decisions from this row on.
        case same(from: Int)
        /// The two were never flat at the same close.
        case neverMet
        case differs(RunDifference)
    }

    /// - Complexity: O(rows + orders · log rows).
    func verdict() -> Verdict {
        let meetings = commonFlatRows()
        guard let first = meetings.first else { return .neverMet }
        guard let difference = difference(from: first) else { return .same(from: first) }
        let row = row(difference.time)
        guard let exit = commonRoundTrip(after: row),
            let again = meetings.first(where: { $0 >= exit })
        else { return .differs(difference) }
        if let second = self.difference(from: again) { return .differs(second) }
        return .same(from: again)
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
        for trade in outcome.trades {
            mark((row(trade.entryTime), row(trade.exitTime)))
        }
        for order in outcome.orders where order.origin == .strategy {
            mark((row(order.createdTime), row(order.updatedTime)))
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
    private func difference(from row: Int) -> RunDifference? {
        let since = times[row] + length
        let decisions = [full, late].map { outcome in
            outcome.orders.filter { $0.origin == .strategy && $0.createdTime >= since }
        }
        for index in 0..<max(decisions[0].count, decisions[1].count) {
            let (one, other) = (decisions[0][safe: index], decisions[1][safe: index])
            if let one, let other, one.createdTime == other.createdTime,
                one.symbol == other.symbol, one.request.isSameDecision(other.request)
            {
                continue
            }
            let time = min(one?.createdTime ?? .max, other?.createdTime ?? .max)
            let words = [one, other].map { order in
                order.flatMap { $0.createdTime == time ? RunWords.request($0.request) : nil }
            }
            return RunDifference(time: time, what: "order", expected: words[0], found: words[1])
        }
        return nil
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
