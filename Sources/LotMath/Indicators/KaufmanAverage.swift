/// Kaufman's adaptive moving average: fast while the price goes somewhere, slow while it does not.
///
/// - Complexity: O(1) a value; memory O(length).
struct KaufmanAverage: UnaryKernel {
    private var line: DelayLine
    private var path: WindowSum
    private var last = Double.nan
    private var state = Double.nan

    /// Efficiency over `length` changes, at least 2.
    init(length: Int) {
        line = DelayLine(bars: length, initial: .nan)
        path = WindowSum(length: length)
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let old = line.push(value)
        let before = last
        last = value
        let way = path.step(abs(value - before))
        let (slow, fast) = (2.0 / 31, 2.0 / 3)
        let direct = abs(value - old)
        // The way is a sum that may be rounded below the direct distance.
        let efficiency = way > direct ? direct / way : 1
        let share = efficiency * (fast - slow) + slow
        let start = state.isFinite ? state : before
        state = way.isNaN ? .nan : (value - start) * (share * share) + start
        return state.isFinite ? state : .nan
    }

    static let definition = IndicatorDefinition(
        "kama", "Kaufman's adaptive moving average.",
        parameters: [.length("length", 30, minimum: 2)],
        warmUp: "length", memory: .recurrence,
        formula: """
            `avg += (x − avg) · s²`, `s = e · (2/3 − 2/31) + 2/31`, e the efficiency `|x − \
            x[length]| / sum of |changes|` over `length` changes (1 where nothing moved); seed: \
            the value before the first
            """,
        talib: "KAMA", source: "Kaufman 1995",
        kernel: { KaufmanAverage(length: Int($0[0])) })
}
