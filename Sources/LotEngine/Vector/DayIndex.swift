import LotCore

/// The rows of a window at which a new UTC day begins: bars belong to the day in which they close.
///
/// For intervals of a day or more every row begins one.
///
/// - Complexity: O(days · log(bars of a day)) time, 8 B a day; not O(bars).
struct DayIndex: Sendable {
    /// Rows that begin a day, rising; the first is the window's first.
    let starts: [Int]

    init(_ bars: Bars, window: Range<Int>) {
        guard bars.interval.milliseconds < millisecondsPerDay else {
            starts = Array(window)
            return
        }
        var starts: [Int] = []
        var row = window.lowerBound
        while row < window.upperBound {
            starts.append(row)
            // A bar that closes at midnight belongs to the day that ends.
            let day = DayIndex.floorDay(bars.closeTime(row) - 1)
            let end = (day + 1) * millisecondsPerDay
            row = DayIndex.firstRow(closingAfter: end, from: row + 1, bars, window)
        }
        self.starts = starts
    }

    /// The first row of the window from `first` on that closes after `time`: where it is if no bar
    /// is missing, else by doubling steps, then halving.
    private static func firstRow(
        closingAfter time: Int64, from first: Int, _ bars: Bars, _ window: Range<Int>
    ) -> Int {
        if first < window.upperBound {
            let rest = time - bars.closeTime(first)
            let guess = first + Int(rest / bars.interval.milliseconds) + 1
            if rest >= 0, guess < window.upperBound, bars.closeTime(guess - 1) <= time,
                bars.closeTime(guess) > time
            {
                return guess
            }
        }
        var (low, step) = (first, 1)
        while low + step < window.upperBound, bars.closeTime(low + step) <= time {
            low += step
            step *= 2
        }
        var high = min(window.upperBound, low + step)
        while low < high {
            let middle = low + (high - low) / 2
            if bars.closeTime(middle) <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func floorDay(_ time: Int64) -> Int64 {
        let day = time / millisecondsPerDay
        return time % millisecondsPerDay < 0 ? day - 1 : day
    }
}
