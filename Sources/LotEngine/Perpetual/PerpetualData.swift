public import LotCore

/// What a run in a perpetual needs besides its bars.
public struct PerpetualData: Sendable {
    /// Funding; `nil` charges none.
    public var funding: FundingSeries?
    /// Bars of the mark price, of any length and any rows; `nil` takes the traded price.
    public var marks: Bars?

    /// Gathers data.
    public init(funding: FundingSeries? = nil, marks: Bars? = nil) {
        self.funding = funding
        self.marks = marks
    }
}

/// A funding payment, placed in the rows of a run.
struct FundingCharge: Sendable, Equatable {
    /// The row in which it falls due.
    var row: Int
    /// When it falls due (milliseconds since the epoch).
    ///
    /// At or before the bar's open it comes before anything else of the bar, else after what
    /// happens at the open; where finer bars are walked, that is the one it falls into.
    var time: Int64
    /// What long positions pay per unit of notional.
    var rate: Double
    /// Mark price that the notional is computed with.
    var price: Double
}

/// The mark price's range in a bar.
struct MarkRange: Sendable, Equatable {
    var open: Double
    var high: Double
    var low: Double

    init(open: Double, high: Double, low: Double) {
        (self.open, self.high, self.low) = (open, high, low)
    }

    /// The traded prices, where there is no mark price.
    init(_ bar: Bar) { (open, high, low) = (bar.open, bar.high, bar.low) }
}

/// Funding and mark prices, laid beside the rows of a run; all runs of a search share one.
final class PerpetualSchedule: Sendable {
    /// Payments in the order of time.
    let charges: [FundingCharge]
    /// Whether mark prices are other than the traded ones.
    let hasMarks: Bool
    private let firstRow: Int
    private let opens: Column<Double>
    private let highs: Column<Double>
    private let lows: Column<Double>

    /// Places funding and marks in the rows `window` of `bars`.
    ///
    /// - Complexity: O(payments · log(rows) + rows with a mark price).
    init(_ data: PerpetualData, _ bars: Bars, window: Range<Int>) {
        firstRow = window.lowerBound
        if let marks = data.marks {
            (opens, highs, lows) = PerpetualSchedule.align(marks, bars, window)
            hasMarks = true
        } else {
            (opens, highs, lows) = (Column([]), Column([]), Column([]))
            hasMarks = false
        }
        charges = PerpetualSchedule.place(data, bars, window)
    }

    /// The mark price's range in a row; only where ``hasMarks``.
    @inline(__always)
    func marks(_ row: Int) -> MarkRange {
        let index = row - firstRow
        return MarkRange(open: opens[index], high: highs[index], low: lows[index])
    }

    /// Mark prices by row; bars without one have the traded prices.
    private static func align(
        _ marks: Bars, _ bars: Bars, _ window: Range<Int>
    ) -> (Column<Double>, Column<Double>, Column<Double>) {
        var next = marks.firstIndex(atOrAfter: bars.openTime[window.lowerBound])
        let isAligned =
            marks.count - next >= window.count
            && window.allSatisfy {
                marks.openTime[next + $0 - window.lowerBound] == bars.openTime[$0]
            }
        if isAligned {
            let rows = next..<next + window.count
            return (marks.open.slice(rows), marks.high.slice(rows), marks.low.slice(rows))
        }
        var columns: ([Double], [Double], [Double]) = ([], [], [])
        for row in window {
            let (start, end) = (bars.openTime[row], bars.closeTime(row))
            while next < marks.count, marks.openTime[next] < start { next += 1 }
            var range = MarkRange(bars[row])
            if next < marks.count, marks.openTime[next] == start {
                range = MarkRange(marks[next])
                next += 1
                // Finer marks than bars: the whole bar's range.
                while next < marks.count, marks.openTime[next] < end {
                    range.high = max(range.high, marks.high[next])
                    range.low = min(range.low, marks.low[next])
                    next += 1
                }
            }
            columns.0.append(range.open)
            columns.1.append(range.high)
            columns.2.append(range.low)
        }
        return (Column(columns.0), Column(columns.1), Column(columns.2))
    }

    /// Payments by row.
    ///
    /// One that is due while no bar is there, in a gap, waits for the next open.
    private static func place(
        _ data: PerpetualData, _ bars: Bars, _ window: Range<Int>
    ) -> [FundingCharge] {
        guard let funding = data.funding else { return [] }
        let (first, last) = (window.lowerBound, window.upperBound - 1)
        var charges: [FundingCharge] = []
        for index in funding.firstIndex(atOrAfter: bars.openTime[first])..<funding.count {
            let time = funding.times[index]
            guard time < bars.closeTime(last) else { break }
            var row = bars.firstIndex(atOrAfter: time + 1) - 1
            if time >= bars.closeTime(row) { row += 1 }
            let price =
                funding.markPrice(index) ?? data.marks.flatMap { tradedPrice(at: time, $0) }
                ?? tradedPrice(at: time, bars) ?? bars.open[row]
            charges.append(
                FundingCharge(
                    row: row, time: time, rate: funding.rates[index], price: price))
        }
        return charges
    }

    /// The price that bars have for a time: the nearer of open and close of the bar that holds it;
    /// `nil` if none does.
    private static func tradedPrice(at time: Int64, _ bars: Bars) -> Double? {
        let row = bars.firstIndex(atOrAfter: time + 1) - 1
        guard row >= 0, time < bars.closeTime(row) else { return nil }
        let isEarly = time - bars.openTime[row] < bars.interval.milliseconds / 2
        return isEarly ? bars.open[row] : bars.close[row]
    }
}
