import LotCore
import LotMath

/// Where the last digit of a number decides.
///
/// Two evaluations that begin at different rows agree to a relative 1e-9 once they have settled,
/// not to the last bit. Where two numbers are equal but for that, one evaluation may say "above"
/// and the other "not above": a script that compares them does nothing wrong.
enum LastDigit {
    /// Whether two evaluations of a program, which have settled, see numbers in another order.
    ///
    /// Looked at are the declared numbers, the prices of the bars and whole numbers, at `row` and
    /// the row before: what a script compares when it decides at the close of `row`. Numbers that
    /// are equal in both evaluations are no reason: declaring them excuses nothing.
    ///
    /// - Parameters:
    ///   - program: The strategy's series.
    ///   - stored: The bars from row 0.
    ///   - later: The same from row `start` on.
    ///   - start: The later first row.
    ///   - row: The row that is looked at.
    ///   - first: The first row at which the numbers have settled.
    /// - Returns: Whether two numbers, or a declared condition, differ in what they say.
    /// - Throws: What a function of the script does wrong.
    /// - Complexity: O(row · nodes).
    static func decides(
        _ program: SeriesProgram, _ stored: StoredSources, _ later: StoredSources, start: Int,
        row: Int, since first: Int
    ) throws(Diagnosis) -> Bool {
        let full = SeriesEvaluator(program, bars: stored.bars, stored.others)
        let late = SeriesEvaluator(program, bars: later.bars, later.others)
        try advance(full, before: row - 1)
        try advance(late, before: row - 1 - start)
        try advance(full, before: row + 1)
        try advance(late, before: row + 1 - start)
        let oldest = max(first, full.tileStart, start + late.tileStart, row - 1)
        var pairs: [(Double, Double)] = []
        for row in oldest...max(oldest, row) {
            if SettlingTime.conditionsDiffer(full, late, row: row, start: start) { return true }
            let bars = stored.bars
            let prices = [bars.open[row], bars.high[row], bars.low[row], bars.close[row]]
            pairs += prices.map { ($0, $0) }
            for (index, node) in program.nodes.enumerated() where !node.operation.isCondition {
                let id = NodeID(index)
                pairs.append((full.value(id, at: row), late.value(id, at: row - start)))
            }
        }
        return areInAnotherOrder(pairs)
    }

    private static func advance(
        _ evaluator: SeriesEvaluator, before row: Int
    ) throws(Diagnosis) {
        while evaluator.rows < row {
            try evaluator.advanceChecked(min(tileCapacity, row - evaluator.rows))
        }
    }

    /// Whether the first of the pairs stand to each other, or to a whole number, in another way
    /// than the second.
    static func areInAnotherOrder(_ pairs: [(Double, Double)]) -> Bool {
        // Whoever is in order pairwise is in order; the others have a neighbour that is not.
        let sorted = pairs.filter { !$0.0.isNaN && !$0.1.isNaN }.sorted { $0.0 < $1.0 }
        func differ(_ one: (Double, Double), _ other: (Double, Double)) -> Bool {
            (one.0 < other.0) != (one.1 < other.1) || (one.0 > other.0) != (one.1 > other.1)
        }
        return zip(sorted, sorted.dropFirst()).contains { differ($0, $1) }
            || sorted.contains { pair in
                let whole = pair.0.rounded()
                return differ(pair, (whole, whole))
            }
    }
}

/// Compares two runs, with and without the bars before a cut, past the places where the last digit
/// of a number decides.
///
/// A difference that begins at such a place counts against nobody. Both runs then begin anew after
/// it, with equal accounts and nothing in `ctx.state`, and are compared again: what differs for
/// another reason is found there. All times are open times of bars.
struct StartComparison {
    /// The first bar at whose close the runs are compared.
    let first: Int64
    /// The last from which on there is enough left to compare.
    let latest: Int64
    /// From here on every declared condition is the same in both.
    let conditions: Int64
    /// Length of a bar in milliseconds.
    let length: Int64

    /// Most places that are passed over: with more, too much hangs on digits that mean nothing.
    static let mostPlaces = 16

    /// Compares.
    ///
    /// - Parameters:
    ///   - isSettled: Whether the numbers agree at all: else nothing is passed over.
    ///   - difference: What differs first between the runs that decide from a bar on.
    ///   - hangs: Whether the decision at a close hangs on a last digit.
    /// - Returns: How it ended, and the number of places that were passed over.
    /// - Throws: What a run throws.
    func verdict(
        isSettled: Bool, difference: (Int64) throws(Diagnosis) -> RunDifference?,
        hangs: (Int64) throws(Diagnosis) -> Bool
    ) throws(Diagnosis) -> (CheckFinding.Verdict, places: Int) {
        var (from, places) = (first, 0)
        while let found = try difference(from) {
            guard isSettled else { return (.differs(found), places) }
            if try hangs(found.time) {
                places += 1
                // What lies before it has been compared.
                if found.time > latest { break }
                from = found.time
            } else if conditions > from, found.time <= conditions {
                // What a declared condition said may be remembered: begin after the last of them.
                places += 1
                from = conditions
            } else {
                return (.differs(found), places)
            }
            if from > latest || places > StartComparison.mostPlaces {
                return (.notJudged("decisions hang on the last digit of numbers"), places)
            }
        }
        return (.same(from: from + length), places)
    }
}
