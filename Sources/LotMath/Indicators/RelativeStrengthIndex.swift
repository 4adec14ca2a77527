/// Relative strength index: the share of gains in all changes, 0 … 100, smoothed as by Wilder.
///
/// With gain and loss the positive and negative part of `x[i] − x[i − 1]`: both averages start as
/// the mean of the first `length` changes, then `avg += (new − avg) / length`, and
/// `rsi = 100 · gain / (gain + loss)`; 0 where there was no change at all, as in TA-Lib. A value
/// that is not finite gives NaN, and the index begins again with the next one.
///
/// - Complexity: O(1) a value.
/// - SeeAlso: TA-Lib, function RSI (unstable period 0); Wilder, "New Concepts in Technical Trading
///   Systems", 1978.
struct RelativeStrengthIndex: UnaryKernel {
    private let length: Int
    let share: Double
    private var changes = -1
    var last = 0.0
    var gain = 0.0
    var loss = 0.0

    /// Whether ``gain`` and ``loss`` are averages.
    var isSeeded: Bool { changes >= length }

    /// An index over `length` changes, at least 2.
    init(length: Int) {
        self.length = length
        share = 1 / Double(length)
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let change = value - last
        last = value
        if changes >= length {
            // The positive and the negative part, exactly and without a branch.
            gain = ((abs(change) + change) * 0.5 - gain) * share + gain
            loss = ((abs(change) - change) * 0.5 - loss) * share + loss
        } else {
            (changes, gain, loss) = seeded(change)
            guard changes == length else { return .nan }
        }
        let total = gain + loss
        guard total.isFinite else {
            // A finite value (after an overflow) is the first of the new beginning.
            (changes, gain, loss) = (value.isFinite ? 0 : -1, 0, 0)
            return .nan
        }
        return total > 0 ? 100 * (gain / total) : 0
    }

    /// Returns `changes`, `gain` and `loss` after a change of the seed, or the first value.
    @inline(never)
    private func seeded(_ change: Double) -> (Int, Double, Double) {
        guard changes >= 0, change.isFinite else { return (last.isFinite ? 0 : -1, 0, 0) }
        let gains = gain + (change > 0 ? change : 0)
        let losses = loss - (change < 0 ? change : 0)
        guard changes + 1 == length else { return (changes + 1, gains, losses) }
        return (length, gains / Double(length), losses / Double(length))
    }

    static let definition = IndicatorDefinition(
        "rsi", "Relative strength index, 0 … 100.",
        parameters: [.length("length", 14, minimum: 2)],
        warmUp: "length", memory: .recurrence,
        formula: """
            `100 · gain / (gain + loss)`, 0 where there is neither: Wilder's averages of the \
            changes up and down, `avg += (new − avg) / length`; seed: their means over the first \
            `length` changes
            """,
        talib: "RSI", source: "Wilder 1978",
        kernel: { RelativeStrengthIndex(length: Int($0[0])) })
}
