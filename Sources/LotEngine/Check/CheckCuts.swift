import LotCore

/// Where a run is cut to be checked: chosen by its length and its trades alone, so that the same
/// run is always cut at the same rows.
struct CheckCuts {
    /// Rows that a cut run ends before, rising.
    let ends: [Int]
    /// Rows that a run starts at, rising.
    let starts: [Int]

    /// Fewest rows of a window that is worth cutting at the start.
    static let leastRows = 60

    /// Chooses cuts for an outcome over `window`.
    ///
    /// Ends: fractions of the window, one row around the evaluator's tile boundaries, the first
    /// decision, the last bar but one, and around and inside trades: what is most likely to give
    /// away that a decision knew what came next.
    init(_ outcome: BacktestOutcome, window: Range<Int>, tile: Int) {
        let rows = window.count
        var ends = [outcome.firstDecisionRow + 1, outcome.firstDecisionRow + 2]
        for (part, whole) in [(1, 7), (2, 5), (1, 2), (5, 7)] {
            ends.append(window.lowerBound + rows * part / whole + 1)
        }
        let boundary = (window.lowerBound + rows / 2) / tile * tile
        ends += [boundary - 1, boundary, boundary + 1, window.upperBound - 1]
        let trades = outcome.trades
        for part in 1...3 where !trades.isEmpty {
            let trade = trades[trades.count * part / 4]
            ends += [trade.entryRow, trade.entryRow + 1, trade.exitRow, trade.exitRow + 1]
            ends.append((trade.entryRow + trade.exitRow) / 2 + 1)
        }
        self.ends = Set(ends)
            .filter { $0 > window.lowerBound + 1 && $0 < window.upperBound }.sorted()
        let starts = [1, 2, 3].map { window.lowerBound + rows * $0 / 5 + 2 * $0 - 1 }
        self.starts = rows < CheckCuts.leastRows ? [] : starts
    }
}
