import LotCore

/// Compares two runs over the same window whose rows are numbered from different first rows.
///
/// Series that have settled agree to a relative 1e-9, so numbers may differ in their last digits.
struct RunShift {
    /// Number of rows that the second run's data begin later.
    let rows: Int
    /// Length of a bar in milliseconds.
    let length: Int64
    var words = RunWords()

    /// What differs first; `nil` if nothing does.
    ///
    /// - Complexity: O(orders + trades).
    func difference(_ one: BacktestOutcome, _ other: BacktestOutcome) -> RunDifference? {
        RunDifference.first([orders(one.orders, other.orders), trades(one.trades, other.trades)])
    }

    private func orders(_ one: [Order], _ other: [Order]) -> RunDifference? {
        for index in 0..<max(one.count, other.count) {
            let (left, right) = (one[safe: index], other[safe: index])
            if let left, let right, isSame(left, right) { continue }
            return words.difference(left, right, at: parting(left, right))
        }
        return nil
    }

    /// When two orders part: where one of them is sent, or ends, and the other is not.
    private func parting(_ one: Order?, _ other: Order?) -> Int64 {
        guard let one, let other, one.createdTime == other.createdTime,
            one.request.side == other.request.side, one.request.tag == other.request.tag,
            one.updatedTime != other.updatedTime
        else { return min(one?.createdTime ?? .max, other?.createdTime ?? .max) }
        let first = one.updatedTime < other.updatedTime ? one : other
        // A strategy cancels at the close of the bar that its order's record names by its open.
        return first.isCalledOff ? first.updatedTime + length : first.updatedTime
    }

    private func isSame(_ one: Order, _ other: Order) -> Bool {
        let (left, right) = (one.request, other.request)
        return one.createdTime == other.createdTime && one.updatedTime == other.updatedTime
            && one.origin == other.origin && one.status == other.status
            && one.reason == other.reason && left.side == right.side && left.type == right.type
            && left.tag == right.tag && isClose(left.price, right.price)
            && isClose(left.asked.stopPrice, right.asked.stopPrice)
            && isClose(one.quantity, other.quantity)
            && isClose(one.filledQuantity, other.filledQuantity)
            && isClose(one.averagePrice, other.averagePrice)
    }

    private func trades(_ one: [Trade], _ other: [Trade]) -> RunDifference? {
        for index in 0..<max(one.count, other.count) {
            let (left, right) = (one[safe: index], other[safe: index])
            if let left, let right, isSame(left, right) { continue }
            return words.difference(left, right)
        }
        return nil
    }

    private func isSame(_ one: Trade, _ other: Trade) -> Bool {
        one.side == other.side && one.entryTime == other.entryTime
            && one.exitTime == other.exitTime && one.entryRow == other.entryRow + rows
            && isClose(one.quantity, other.quantity) && isClose(one.entryPrice, other.entryPrice)
            && isClose(one.exitPrice, other.exitPrice)
    }
}
