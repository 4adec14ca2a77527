import LotCore
import LotMath

/// How long the series of a program depend on where the stored data begin.
///
/// An average over a window forgets what left the window; a recursive one (ema, rsi, atr, macd)
/// never quite does, and a sum over all bars never. Measured rather than tabulated: the program is
/// evaluated from two first rows, and its values are compared.
enum SettlingTime {
    /// Relative distance below which two values are the same.
    static let tolerance = 1e-9

    /// The first row from which on every series is the same whether the data begin at row 0 or at
    /// `start`.
    ///
    /// - Parameters:
    ///   - program: The strategy's series.
    ///   - bars: The bars from row 0.
    ///   - start: The later first row.
    ///   - end: The row at which the comparison ends.
    /// - Returns: A row in `start...end`; `end` if the series differ until then.
    /// - Complexity: O(rows · nodes).
    static func settledRow(
        _ program: SeriesProgram, _ bars: Bars, start: Int, end: Int
    ) -> Int {
        let full = SeriesEvaluator(program, bars: bars)
        let late = SeriesEvaluator(program, bars: bars.slice(start..<bars.count))
        while full.rows < start { full.advance(min(tileCapacity, start - full.rows)) }
        var settled = start
        // Values that pass through zero are compared with the size they have had elsewhere.
        var scales = [Double](repeating: 0, count: program.nodes.count)
        while full.rows < end {
            let first = full.rows
            let count = min(tileCapacity, end - first)
            full.advance(count)
            late.advance(count)
            for row in first..<full.rows
            where differs(full, late, row: row, start: start, &scales) {
                settled = row + 1
            }
        }
        return settled
    }

    private static func differs(
        _ full: SeriesEvaluator, _ late: SeriesEvaluator, row: Int, start: Int,
        _ scales: inout [Double]
    ) -> Bool {
        var found = false
        for (index, node) in full.program.nodes.enumerated() {
            let id = NodeID(index)
            switch node.operation {
            case .field, .constant: continue
            case _ where node.operation.isCondition:
                if full.flag(id, at: row) != late.flag(id, at: row - start) { found = true }
            default:
                let (one, other) = (full.value(id, at: row), late.value(id, at: row - start))
                if one.isFinite { scales[index] = max(scales[index], abs(one)) }
                if one == other || one.isNaN && other.isNaN { continue }
                // A NaN on one side only is never close.
                if !(abs(one - other) <= tolerance * scales[index]) { found = true }
            }
        }
        return found
    }
}
