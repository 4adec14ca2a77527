/// Chande's momentum oscillator, with Wilder's averages of the changes.
///
/// - Complexity: O(1) a value.
struct ChandeMomentum: UnaryKernel {
    private var gains: ExponentialMovingAverage
    private var losses: ExponentialMovingAverage
    private var last = Double.nan

    /// Averages over `length` changes, at least 2.
    init(length: Int) {
        gains = ExponentialMovingAverage(wilder: length)
        losses = gains
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let change = value - last
        last = value
        let gain = gains.step((abs(change) + change) * 0.5)
        let loss = losses.step((abs(change) - change) * 0.5)
        let total = gain + loss
        return total == 0 ? 0 : 100 * ((gain - loss) / total)
    }

    static let definition = IndicatorDefinition(
        "cmo", "Chande's momentum oscillator, −100 … 100.",
        parameters: [.length("length", 14, minimum: 2)],
        warmUp: "length", memory: .recurrence,
        formula: """
            `100 · (gain − loss) / (gain + loss)`, the averages of `rsi`; 0 where there is neither
            """,
        talib: "CMO", source: "Chande and Kroll 1994",
        kernel: { ChandeMomentum(length: Int($0[0])) })
}
