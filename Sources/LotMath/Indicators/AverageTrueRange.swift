/// Average true range, smoothed as by Wilder.
///
/// `tr[i] = max(high − low, |high − close[i − 1]|, |low − close[i − 1]|)`, from the second bar on.
/// Seed: the mean of the first `length` true ranges; then `atr += (tr − atr) / length`. A bar with
/// a price that is not finite gives NaN, and the average begins again after it.
///
/// - Complexity: O(1) a bar.
/// - SeeAlso: TA-Lib, function ATR (unstable period 0); Wilder, "New Concepts in Technical Trading
///   Systems", 1978, section III.
struct AverageTrueRange: BarKernel {
    private let length: Int
    private let share: Double
    private var ranges = 0
    private var state = 0.0
    private var lastClose = Double.nan

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
        guard ranges >= length else { return seed(range) }
        state += (range - state) * share
        guard state.isFinite else { return restart() }
        return state
    }

    @inline(never)
    private mutating func seed(_ range: Double) -> Double {
        guard range.isFinite else { return restart() }
        state += range
        ranges += 1
        guard ranges == length else { return .nan }
        state /= Double(length)
        return state.isFinite ? state : restart()
    }

    @inline(never)
    private mutating func restart() -> Double {
        ranges = 0
        state = 0
        return .nan
    }

    static let definition = IndicatorDefinition.bars(
        "atr", "Wilder's average true range.",
        parameters: [.length("length", 14)],
        warmUp: { Int($0[0]) },
        kernel: { AverageTrueRange(length: Int($0[0])) })
}
