import LotCore

/// Compares a run with one over the same bars cut off at a row: everything up to there must be
/// the same to the last bit.
struct PastComparison {
    /// The run over all bars.
    let full: BacktestOutcome
    /// The run that ended before ``end``.
    let cut: BacktestOutcome
    /// Open and close of the cut run's last bar.
    private let lastOpen: Int64
    private let lastClose: Int64

    /// Compares two runs over `bars`, of which the cut one has not seen row `end`.
    init(full: BacktestOutcome, cut: BacktestOutcome, bars: Bars, end: Int) {
        self.init(
            full: full, cut: cut, lastOpen: bars.openTime[end - 1],
            lastClose: bars.closeTime(end - 1))
    }

    /// Compares two runs of which the cut one ended with the bar between two times.
    init(full: BacktestOutcome, cut: BacktestOutcome, lastOpen: Int64, lastClose: Int64) {
        self.full = full
        self.cut = cut
        self.lastOpen = lastOpen
        self.lastClose = lastClose
    }

    /// What differs first; `nil` if nothing does.
    ///
    /// - Complexity: O(orders + trades + equity points + log lines).
    func firstDifference() -> RunDifference? {
        RunDifference.first([orders(), trades(), equity(), log()])
    }

    /// Orders that the strategy sent up to the last close, and those of the exchange inside the
    /// bars; how they ended is compared where they had ended by then.
    private func orders() -> RunDifference? {
        let expected = full.orders.filter { order in
            order.origin == .strategy
                ? order.createdTime <= lastClose
                : order.origin != .endOfData && order.createdTime < lastClose
        }
        // What `on_stop` sends comes after the decisions of the last bar.
        let found = cut.orders.filter { $0.origin != .endOfData }
        for index in 0..<max(expected.count, found.count) {
            let (one, other) = (expected[safe: index], found[safe: index])
            if let other, one == nil, other.createdTime == lastClose { return nil }
            guard let one, let other, isSame(one, other) else {
                return RunDifference(
                    time: min(one?.createdTime ?? .max, other?.createdTime ?? .max),
                    what: "order", expected: one.map(RunWords.order),
                    found: other.map(RunWords.order))
            }
        }
        return nil
    }

    private func isSame(_ one: Order, _ other: Order) -> Bool {
        if one.status.isFinal, one.updatedTime <= lastOpen { return one == other }
        return one.id == other.id && one.origin == other.origin
            && one.request.asked == other.request.asked && one.createdTime == other.createdTime
    }

    /// Trades that had been closed; the cut run may have one more, closed at its end.
    private func trades() -> RunDifference? {
        let expected = full.trades.filter { $0.exitTime <= lastOpen }
        for index in 0..<max(expected.count, cut.trades.count) {
            let (one, other) = (expected[safe: index], cut.trades[safe: index])
            // Inside the last bar too, where finer bars are walked.
            if let other, one == nil, other.exitTime >= lastOpen { continue }
            if let one, let other, one == other { continue }
            return RunDifference(
                time: min(one?.entryTime ?? .max, other?.entryTime ?? .max), what: "trade",
                expected: one.map(RunWords.trade), found: other.map(RunWords.trade))
        }
        return nil
    }

    /// Equity at closes that both curves have; the cut run's last point is after its closing.
    private func equity() -> RunDifference? {
        var index = 0
        let curve = full.equity.curve
        for point in cut.equity.curve.dropLast() {
            while index < curve.count, curve[index].time < point.time { index += 1 }
            guard index < curve.count, curve[index].time == point.time else { continue }
            if curve[index] != point {
                return RunDifference(
                    time: point.time, what: "equity", expected: "\(curve[index].equity)",
                    found: "\(point.equity)")
            }
        }
        return nil
    }

    /// Printed lines; only the last bar of the cut run may be followed by those of `on_stop`.
    private func log() -> RunDifference? {
        let (expected, found) = (full.notes.log, cut.notes.log)
        for index in 0..<max(expected.count, found.count) {
            let (one, other) = (expected[safe: index], found[safe: index])
            if let one, let other, one == other { continue }
            if one?.time ?? .max >= lastClose, other?.time ?? .max >= lastClose { return nil }
            return RunDifference(
                time: min(one?.time ?? .max, other?.time ?? .max), what: "log",
                expected: one.map { "\"\($0.text)\"" }, found: other.map { "\"\($0.text)\"" })
        }
        return nil
    }
}

extension OrderRequest {
    /// What was asked for: the trigger of a trailing stop moves by itself.
    var asked: OrderRequest {
        var asked = self
        if type == .trailingStop { asked.stopPrice = nil }
        return asked
    }
}

extension Array {
    /// The element, or `nil` beyond the end.
    subscript(safe index: Int) -> Element? { index < count ? self[index] : nil }
}
