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
    var average: ExponentialMovingAverage
    var lastClose = Double.nan

    /// An average over `length` ranges, at least 1.
    init(length: Int) { average = ExponentialMovingAverage(wilder: length) }

    @inline(__always)
    mutating func step(_ row: PriceRow) -> Double {
        let top = row.high > lastClose ? row.high : lastClose
        let bottom = row.low < lastClose ? row.low : lastClose
        // The last term is NaN if a price is not finite: the comparisons may have passed over it.
        let range = top - bottom + (row.high - row.low + row.close) * 0
        lastClose = row.close
        return average.step(range)
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
