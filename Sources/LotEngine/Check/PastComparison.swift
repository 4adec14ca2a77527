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
    private let words: RunWords

    /// Compares two runs over `bars`, of which the cut one has not seen row `end`.
    init(
        full: BacktestOutcome, cut: BacktestOutcome, bars: Bars, end: Int,
        words: RunWords = RunWords()
    ) {
        self.init(
            full: full, cut: cut, lastOpen: bars.openTime[end - 1],
            lastClose: bars.closeTime(end - 1), words: words)
    }

    /// Compares two runs of which the cut one ended with the bar between two times.
    init(
        full: BacktestOutcome, cut: BacktestOutcome, lastOpen: Int64, lastClose: Int64,
        words: RunWords = RunWords()
    ) {
        self.words = words
        self.full = full
        self.cut = cut
        self.lastOpen = lastOpen
        self.lastClose = lastClose
    }

    /// What differs first; `nil` if nothing does.
    ///
    /// - Complexity: O(orders + trades + equity points + log lines).
    func firstDifference() -> RunDifference? {
        RunDifference.first([orders(), trades(.buy), trades(.sell), equity(), log()])
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
                return words.difference(
                    one, other, at: min(one?.createdTime ?? .max, other?.createdTime ?? .max))
            }
        }
        return nil
    }

    private func isSame(_ one: Order, _ other: Order) -> Bool {
        if one.status.isFinal, one.updatedTime <= lastOpen { return one == other }
        return one.id == other.id && one.origin == other.origin
            && one.asked == other.asked && one.createdTime == other.createdTime
    }

    /// Trades of one side that had been closed; the cut run may have one more, closed at its end.
    ///
    /// Of one side, since of two legs the one that was closed at the end may stand before a trade
    /// of the other.
    private func trades(_ side: Side) -> RunDifference? {
        let expected = full.trades.filter { $0.side == side && $0.exitTime <= lastOpen }
        let found = cut.trades.filter { $0.side == side }
        for index in 0..<max(expected.count, found.count) {
            let (one, other) = (expected[safe: index], found[safe: index])
            // Inside the last bar too, where finer bars are walked.
            if let other, one == nil, other.exitTime >= lastOpen { continue }
            if let one, let other, one == other { continue }
            return words.difference(one, other)
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

extension Order {
    /// What was asked for: what closes the position gets its side when it arrives.
    var asked: OrderRequest {
        var asked = request.asked
        if closesPosition { asked.side = .sell }
        return asked
    }
}

extension Array {
    /// The element, or `nil` beyond the end.
    subscript(safe index: Int) -> Element? { index < count ? self[index] : nil }
}
