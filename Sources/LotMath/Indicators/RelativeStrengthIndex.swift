/// Relative strength index: the share of gains in all changes, 0 … 100, smoothed as by Wilder.
///
/// With gain and loss the positive and negative part of `x[i] − x[i − 1]`: both averages start as
/// the mean of the first `length` changes, then `avg += (new − avg) / length`, and
/// `rsi = 100 · gain / (gain + loss)`; 0 where there was no change at all, as in TA-Lib. A value
/// that is not finite gives NaN, and the index begins again with the next one.
///
/// - Complexity: O(1) a value.
/// - SeeAlso: TA-Lib, function RSI (unstable period 0); Wilder, "New Concepts in Technical Trading
///   Systems", 1978, section VI.
struct RelativeStrengthIndex: UnaryKernel {
    private let length: Int
    private let share: Double
    private var changes = -1
    private var last = 0.0
    private var gain = 0.0
    private var loss = 0.0

    /// An index over `length` changes, at least 2.
    init(length: Int) {
        self.length = length
        share = 1 / Double(length)
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let change = value - last
        last = value
        guard changes >= length else { return seed(value, change) }
        gain += ((change > 0 ? change : 0) - gain) * share
        loss += ((change < 0 ? -change : 0) - loss) * share
        let total = gain + loss
        guard change.isFinite, total.isFinite else { return restart(value) }
        return total > 0 ? 100 * (gain / total) : 0
    }

    @inline(never)
    private mutating func seed(_ value: Double, _ change: Double) -> Double {
        guard value.isFinite, changes < 0 || change.isFinite else { return restart(value) }
        changes += 1
        guard changes > 0 else { return .nan }
        if change > 0 { gain += change } else { loss -= change }
        guard changes == length else { return .nan }
        gain /= Double(length)
        loss /= Double(length)
        let total = gain + loss
        guard total.isFinite else { return restart(value) }
        return total > 0 ? 100 * (gain / total) : 0
    }

    /// Begins again; a finite `value` (after an overflow) is the first of the new beginning.
    @inline(never)
    private mutating func restart(_ value: Double) -> Double {
        changes = value.isFinite ? 0 : -1
        gain = 0
        loss = 0
        return .nan
    }

    static let definition = IndicatorDefinition.unary(
        "rsi", "Wilder's relative strength index, 0 to 100.",
        parameters: [.length("length", 14, minimum: 2)],
        warmUp: { Int($0[0]) },
        kernel: { RelativeStrengthIndex(length: Int($0[0])) })
}
