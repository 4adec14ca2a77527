public import LotCore

/// Finer bars that a run's bars are walked in where something can happen (`--detail`).
struct DetailBars: Sendable {
    private let fine: Bars
    /// Length of a finer bar in milliseconds.
    let length: Int64
    private let count: Int

    /// Finer bars for bars of an interval that is a multiple of theirs.
    init(_ fine: Bars, in interval: Interval) {
        self.fine = fine
        length = fine.interval.milliseconds
        count = Int(interval.milliseconds / length)
    }

    /// The rows of the finer bars that make up `bar`; `nil` unless all are stored and none leaves
    /// its range, so that a bar in which nothing can happen has no finer bar in which it could.
    ///
    /// - Complexity: O(log n + finer bars of a bar).
    func rows(of bar: Bar) -> Range<Int>? {
        let first = fine.firstIndex(atOrAfter: bar.openTime)
        let last = first + count - 1
        guard last < fine.count, fine.openTime[first] == bar.openTime,
            fine.openTime[last] == bar.openTime + Int64(count - 1) * length
        else { return nil }
        for row in first...last where fine.high[row] > bar.high || fine.low[row] < bar.low {
            return nil
        }
        return first..<last + 1
    }

    /// A finer bar; its volume is NaN where there is no volume column.
    func bar(_ row: Int) -> Bar {
        Bar(
            openTime: fine.openTime[row], open: fine.open[row], high: fine.high[row],
            low: fine.low[row], close: fine.close[row], volume: fine.volume?[row] ?? .nan)
    }
}

/// How many bars of a window have not all of their finer bars, or some that leave their range:
/// those are taken whole.
///
/// - Complexity: O(bars · log(finer bars) + finer bars).
public func countIncompleteBars(_ fine: Bars, in bars: Bars, _ window: Range<Int>) -> Int {
    let detail = DetailBars(fine, in: bars.interval)
    return window.count { detail.rows(of: bars[$0]) == nil }
}

extension SimulatedExchange {
    /// When the finer bar under way closes.
    var detailClose: Int64 { bar.openTime + (detail?.length ?? 0) }

    /// Takes the finer bars of the bar that begins, of which the first is the next to be run.
    ///
    /// - Returns: The bar to run first.
    mutating func firstBar(of bar: Bar) -> Bar {
        guard let rows = detail?.rows(of: bar) else {
            detailRows = 0..<0
            return bar
        }
        detailRows = rows.dropFirst()
        return detail?.bar(rows.lowerBound) ?? bar
    }

    /// The bar in which a bar ends: the last of its finer ones, or itself where it is taken whole.
    func lastBar(of bar: Bar) -> Bar {
        guard let detail, let rows = detail.rows(of: bar) else { return bar }
        return detail.bar(rows.upperBound - 1)
    }

    /// Runs the finer bars that are left of the bar under way.
    mutating func processDetail() {
        while let row = detailRows.first {
            if working.isEmpty, bracket == nil, !isMargined || ledger.position == 0 { break }
            detailRows = detailRows.dropFirst()
            guard let next = detail?.bar(row) else { break }
            start(next)
            processOpen()
            endBar()
        }
    }
}
