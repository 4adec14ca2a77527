/// Supertrend: a band of true ranges that only tightens, and the side of it that the price is on.
///
/// - Complexity: O(1) a bar.
struct Supertrend: Kernel {
    private var average: AverageTrueRange
    private let factor: Double
    private var isBegun = false
    private var isUp = true
    private var upper = 0.0
    private var lower = 0.0
    private var lastClose = 0.0

    /// Bands of so many average ranges, over `length` bars, at least 2.
    init(length: Int, multiplier: Double) {
        average = AverageTrueRange(length: length)
        factor = multiplier
    }

    @inline(__always)
    mutating func step(_ row: PriceRow) -> Lines2 {
        let width = factor * average.step(row)
        let middle = (row.high + row.low) / 2
        let (top, bottom) = (middle + width, middle - width)
        let before = lastClose
        lastClose = row.close
        guard (top - bottom).isFinite else {
            isBegun = false
            return .none
        }
        if isBegun {
            if top < upper || before > upper { upper = top }
            if bottom > lower || before < lower { lower = bottom }
            isUp = isUp ? !(row.close < lower) : row.close > upper
        } else {
            (upper, lower, isUp, isBegun) = (top, bottom, true, true)
        }
        return Lines2(isUp ? lower : upper, isUp ? 1 : -1)
    }

    static let definition = IndicatorDefinition(
        "supertrend", "Supertrend.",
        inputs: .prices,
        parameters: [
            .length("length", 10, minimum: 2), .number("multiplier", 3, minimum: 0, maximum: 1_000),
        ],
        outputs: ["supertrend", "trend"],
        warmUp: "length", memory: .recurrence,
        formula: """
            bands `(high + low) / 2 ± multiplier · atr(length)`; the upper one falls only, the \
            lower one rises only, until the close before was beyond it; `trend` is 1 \
            (`supertrend`: the lower band) until a close below, −1 (the upper band) until a \
            close above; begins with 1
            """,
        talib: "SUPERTREND", source: "Seban 2009",
        kernel: { Supertrend(length: Int($0[0]), multiplier: $0[1]) })
}
