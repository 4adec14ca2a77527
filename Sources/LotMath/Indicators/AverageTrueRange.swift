/// Average true range, smoothed as by Wilder.
///
/// `tr[i] = max(high − low, |high − close[i − 1]|, |low − close[i − 1]|)`, from the second bar on.
/// Seed: the mean of the first `length` true ranges; then `atr += (tr − atr) / length`. A bar with
/// a price that is not finite gives NaN, and the average begins again after it.
///
/// - Complexity: O(1) a bar.
/// - SeeAlso: TA-Lib, function ATR (unstable period 0); Wilder, "New Concepts in Technical Trading
///   Systems", 1978.
struct AverageTrueRange: BarKernel {
    private let length: Int
    let share: Double
    private var ranges = 0
    /// The sum of the seed, then the average.
    var state = 0.0
    var lastClose = Double.nan

    /// Whether ``state`` is the average.
    var isSeeded: Bool { ranges >= length }

    /// An average over `length` ranges, at least 1.
    init(length: Int) {
        self.length = length
        share = 1 / Double(length)
    }

    @inline(__always)
    mutating func step(_ row: PriceRow) -> Double {
        let top = row.high > lastClose ? row.high : lastClose
        let bottom = row.low < lastClose ? row.low : lastClose
        // The last term is NaN if a price is not finite: the comparisons may have passed over it.
        let range = top - bottom + (row.high - row.low + row.close) * 0
        lastClose = row.close
        guard ranges >= length else {
            (ranges, state) = seeded(range)
            return ranges == length ? state : .nan
        }
        let next = (range - state) * share + state
        guard next.isFinite else {
            (ranges, state) = (0, 0)
            return .nan
        }
        state = next
        return next
    }

    /// Returns `ranges` and `state` after a range of the seed.
    @inline(never)
    private func seeded(_ range: Double) -> (Int, Double) {
        let sum = state + range
        guard sum.isFinite else { return (0, 0) }
        return ranges + 1 == length ? (length, sum / Double(length)) : (ranges + 1, sum)
    }

    static let definition = IndicatorDefinition(
        "atr", "Average true range.",
        inputs: .prices, parameters: [.length("length", 14)],
        warmUp: "length", memory: .recurrence,
        formula: """
            Wilder's average of `true_range`, `atr += (range − atr) / length`; seed: mean of the \
            first `length` ranges
            """,
        talib: "ATR", source: "Wilder 1978",
        kernel: { AverageTrueRange(length: Int($0[0])) })
}
