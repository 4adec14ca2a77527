/// The newest confirmed pivot: a value above its neighbours on both sides.
///
/// A pivot is known when the rows on its right have come, and not before: the value changes so many
/// rows after the pivot itself.
///
/// - Complexity: O(1) a row amortised; memory O(left + right).
struct Pivot: Kernel {
    private var candidates: DelayLine
    private var older: DelayLine
    private var before: WindowMaximum
    private var after: WindowMaximum
    private let sign: Double
    private let right: Double
    private var price = Double.nan
    private var age = Double.nan

    /// Above (`sign` 1) or below (-1) so many rows on each side, at least 1.
    init(left: Int, right: Int, sign: Double) {
        candidates = DelayLine(bars: right, initial: .nan)
        older = DelayLine(bars: 1, initial: .nan)
        before = WindowMaximum(length: left)
        after = WindowMaximum(length: right)
        self.sign = sign
        self.right = Double(right)
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Lines2 {
        let signed = value * sign
        let candidate = candidates.push(signed)
        let left = before.step(older.push(candidate))
        let newer = after.step(signed)
        age += 1
        if candidate > left, candidate > newer { (price, age) = (candidate * sign, right) }
        return Lines2(price, age)
    }

    static let definition = IndicatorDefinition(
        "pivot_high", "Newest confirmed pivot high.",
        parameters: [.length("left", 2), .length("right", 2)],
        outputs: ["price", "age"],
        warmUp: 0, memory: .events,
        formula: """
            `price`: the newest value above all of the `left` rows before and the `right` rows \
            after it, from the row on at which the last of these closed; `age`: rows since the \
            pivot, so it is `right` where one was just confirmed; NaN before the first
            """,
        talib: "FRACTAL (where it is confirmed)", source: "Williams 1995",
        kernel: { Pivot(left: Int($0[0]), right: Int($0[1]), sign: 1) })

    static let low = IndicatorDefinition(
        "pivot_low", "Newest confirmed pivot low.",
        parameters: [.length("left", 2), .length("right", 2)],
        outputs: ["price", "age"],
        warmUp: 0, memory: .events,
        formula: "as `pivot_high`, of values below their neighbours",
        talib: "FRACTAL (where it is confirmed)", source: "Williams 1995",
        kernel: { Pivot(left: Int($0[0]), right: Int($0[1]), sign: -1) })
}
