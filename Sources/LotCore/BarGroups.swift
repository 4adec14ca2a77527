extension Interval {
    /// Whether bars of this length are made of whole bars of `finer`, edges included.
    ///
    /// A week is made of days, of 12 hours or of minutes, but not of 3 days.
    public func isMultiple(of finer: Interval) -> Bool {
        milliseconds > finer.milliseconds && milliseconds % finer.milliseconds == 0
            && (gridOrigin - finer.gridOrigin) % finer.milliseconds == 0
    }

    /// The open time of the bar that `time` is in, milliseconds since the epoch.
    public func openTime(of time: Int64) -> Int64 {
        let (quotient, remainder) = (time - gridOrigin).quotientAndRemainder(
            dividingBy: milliseconds)
        return (remainder < 0 ? quotient - 1 : quotient) * milliseconds + gridOrigin
    }
}

/// The bars that one coarser bar is made of.
public struct BarGroup: Sendable, Equatable {
    /// Open time of the coarser bar.
    public let openTime: Int64
    /// Its parts.
    public let rows: Range<Int>
    /// Whether no part is missing.
    public let isComplete: Bool
}

/// Bars in groups that make coarser ones, oldest first.
///
/// A group that the bars begin in the middle of, or that has not ended with them, is no group: of
/// these nobody knows yet what they will be. A group in between may lack parts, and says so.
public struct BarGroups: Sequence, IteratorProtocol, Sendable {
    private let times: Column<Int64>
    private let step: Int64
    private let coarse: Interval
    private let parts: Int
    private var position = 0

    /// Groups the bars with these open times.
    ///
    /// - Parameters:
    ///   - times: Open times of the bars, strictly rising, on the grid of `interval`.
    ///   - interval: Length of the bars.
    ///   - coarse: Length of the coarser bars, a multiple; see ``Interval/isMultiple(of:)``.
    public init(_ times: Column<Int64>, of interval: Interval, to coarse: Interval) {
        precondition(coarse.isMultiple(of: interval), "\(coarse) is not made of \(interval)")
        self.times = times
        step = interval.milliseconds
        self.coarse = coarse
        parts = Int(coarse.milliseconds / interval.milliseconds)
        guard times.count > 0, times[0] != coarse.openTime(of: times[0]) else { return }
        position = end(from: 0)
    }

    /// The first row that is not in the group of row `first`.
    private func end(from first: Int) -> Int {
        let limit = coarse.openTime(of: times[first]) + coarse.milliseconds
        var row = first + 1
        while row < times.count, times[row] < limit { row += 1 }
        return row
    }

    /// The next group.
    ///
    /// - Complexity: O(parts).
    public mutating func next() -> BarGroup? {
        guard position < times.count else { return nil }
        let first = position
        let openTime = coarse.openTime(of: times[first])
        position = end(from: first)
        let hasEnded = times[position - 1] + step == openTime + coarse.milliseconds
        guard position < times.count || hasEnded else { return nil }
        return BarGroup(
            openTime: openTime, rows: first..<position, isComplete: position - first == parts)
    }
}

/// What becomes of a coarser bar when some of its parts are missing.
public enum IncompleteBars: Sendable {
    /// It is missing too: a bar that knows only part of its time is not what it says it is.
    case leaveOut
    /// It is made of the parts there are.
    case keep
}

extension Bars {
    /// Returns coarser bars made of these: first open, highest high, lowest low, last close, and
    /// the sum of the volumes (as ``DecimalSum``).
    ///
    /// A bar that has not ended with the last of these bars, and one that they begin in the middle
    /// of, is never made. So the result for a prefix is a prefix of the result: no bar changes when
    /// more are known.
    /// - Parameters:
    ///   - coarse: A multiple of ``interval``; see ``Interval/isMultiple(of:)``.
    ///   - incomplete: What becomes of a bar with missing parts.
    /// - Returns: The coarser bars; none if not one has ended.
    /// - Complexity: O(n).
    public func resampled(
        to coarse: Interval, incomplete: IncompleteBars = .leaveOut
    ) -> Bars {
        var result: [Bar] = []
        result.reserveCapacity(
            count / Int(max(1, coarse.milliseconds / interval.milliseconds)) + 1)
        for group in BarGroups(openTime, of: interval, to: coarse)
        where group.isComplete || incomplete == .keep {
            var bar = self[group.rows.lowerBound]
            bar.openTime = group.openTime
            bar.close = close[group.rows.upperBound - 1]
            var sum = DecimalSum()
            for row in group.rows {
                bar.high = max(bar.high, high[row])
                bar.low = min(bar.low, low[row])
                if let volume { sum.add(volume[row]) }
            }
            bar.volume = sum.value
            result.append(bar)
        }
        return Bars(interval: coarse, result, hasVolume: volume != nil)
    }
}
