import LotCore
import LotMath

/// What series are computed from: a run's bars, from the first stored row, and other series.
struct StoredSources {
    let bars: Bars
    let others: SourceBars

    init(_ bars: Bars, _ others: SourceBars) {
        self.bars = bars
        self.others = others
    }
}

/// How long the series of a program depend on where the stored data begin.
///
/// An average over a window forgets what left the window; a recursive one (ema, rsi, atr, macd)
/// never quite does, and a sum over all bars never. Measured rather than tabulated: the program is
/// evaluated from two first rows, and its values are compared.
enum SettlingTime {
    /// Relative distance below which two values are the same.
    static let tolerance = 1e-9

    /// The first rows from which on nothing depends on where the data begin any more.
    struct Rows {
        /// Every number is the same from here on.
        var numbers: Int
        /// Every condition too, and what is counted by them: these may still differ at a bar where
        /// the last digit decides, and as long as it is counted after it.
        var conditions: Int
    }

    /// Finds from when on the series are the same whether the data begin at row 0 or at `start`.
    ///
    /// - Parameters:
    ///   - program: The strategy's series.
    ///   - stored: The bars from row 0.
    ///   - later: The same from row `start` on.
    ///   - start: The later first row.
    ///   - end: The row at which the comparison ends.
    /// - Returns: Rows in `start...end`; `end` for what differs until then.
    /// - Throws: What a function of the script does wrong.
    /// - Complexity: O(rows · nodes).
    static func settledRows(
        _ program: SeriesProgram, _ stored: StoredSources, _ later: StoredSources, start: Int,
        end: Int
    ) throws(Diagnosis) -> Rows {
        let full = SeriesEvaluator(program, bars: stored.bars, stored.others)
        let late = SeriesEvaluator(program, bars: later.bars, later.others)
        while full.rows < start { try full.advanceChecked(min(tileCapacity, start - full.rows)) }
        var settled = Rows(numbers: start, conditions: start)
        // Values that pass through zero are compared with the size they have had elsewhere.
        var scales = [Double](repeating: 0, count: program.nodes.count)
        let counting = countingNodes(program)
        while full.rows < end {
            try full.advanceChecked(min(tileCapacity, end - full.rows))
            // The tiles of two runs may differ where another series has more bars than this one.
            while start + late.rows < full.rows {
                let first = start + late.rows
                try late.advanceChecked(full.rows - first)
                for row in first..<start + late.rows {
                    let differ = numbersDiffer(full, late, row: row, start: start, &scales)
                    if differ.contains(where: { !counting[$0] }) { settled.numbers = row + 1 }
                    if !differ.isEmpty || conditionsDiffer(full, late, row: row, start: start) {
                        settled.conditions = row + 1
                    }
                }
            }
        }
        settled.conditions = max(settled.conditions, settled.numbers)
        return settled
    }

    /// By node, whether its numbers hang on conditions or on which of two series is larger.
    private static func countingNodes(_ program: SeriesProgram) -> [Bool] {
        var counting: [Bool] = []
        for node in program.nodes {
            var counts = node.operation.isCondition || node.inputs.contains { counting[Int($0)] }
            if case .indicator(let index, _, _) = node.operation {
                counts = counts || IndicatorRegistry.all[index].name == "crossings"
            }
            counting.append(counts)
        }
        return counting
    }

    /// The nodes whose numbers differ at a row of both newest tiles.
    private static func numbersDiffer(
        _ full: SeriesEvaluator, _ late: SeriesEvaluator, row: Int, start: Int,
        _ scales: inout [Double]
    ) -> [Int] {
        var found: [Int] = []
        for (index, node) in full.program.nodes.enumerated() {
            switch node.operation {
            // A condition as a number is a condition.
            case .field, .constant, .number, .align: continue
            case _ where node.operation.isCondition: continue
            default: break
            }
            let id = NodeID(index)
            let (one, other) = (full.value(id, at: row), late.value(id, at: row - start))
            if one.isFinite { scales[index] = max(scales[index], abs(one)) }
            if one == other || one.isNaN && other.isNaN { continue }
            // A NaN on one side only is never close.
            if !(abs(one - other) <= tolerance * scales[index]) { found.append(index) }
        }
        return found
    }

    /// Whether a condition says something else at a row of both newest tiles.
    static func conditionsDiffer(
        _ full: SeriesEvaluator, _ late: SeriesEvaluator, row: Int, start: Int
    ) -> Bool {
        full.program.nodes.indices.contains { index in
            full.program.nodes[index].operation.isCondition
                && full.flag(NodeID(index), at: row) != late.flag(NodeID(index), at: row - start)
        }
    }
}
