/// Keltner channel: an exponential average of typical prices, and average true ranges around it.
///
/// - Complexity: O(1) a bar.
struct KeltnerChannel: Kernel {
    private var middle: ExponentialMovingAverage
    private var range: AverageTrueRange
    private let lengths: (middle: Int, range: Int)
    private let factor: Double
    /// Bars since the beginning.
    private var seen = 0

    /// A channel of so many ranges; the average over `length` bars, the range over `atrLength`.
    init(length: Int, atrLength: Int, factor: Double) {
        middle = ExponentialMovingAverage(length: length)
        range = AverageTrueRange(length: atrLength)
        lengths = (length, atrLength)
        self.factor = factor
    }

    @inline(__always)
    mutating func step(_ row: PriceRow) -> Lines3 {
        let typical = (row.high + row.low + row.close) / 3
        guard (row.high - row.low + typical).isFinite else {
            self = restarted()
            return .none
        }
        // Both are seeded by the last bars that they need for the first value.
        let first = max(lengths.middle - 1, lengths.range)
        var center = Double.nan
        var width = Double.nan
        if seen > first - lengths.middle { center = middle.step(typical) }
        if seen >= first - lengths.range { width = factor * range.step(row) }
        seen &+= 1
        guard seen > first else { return .none }
        guard (center + width).isFinite else {
            self = restarted()
            return .none
        }
        return Lines3(center + width, center, center - width)
    }

    @inline(never)
    private func restarted() -> KeltnerChannel {
        KeltnerChannel(length: lengths.middle, atrLength: lengths.range, factor: factor)
    }

    static let definition = IndicatorDefinition(
        "keltner", aliases: ["kc"], "Keltner channel.",
        inputs: .prices,
        parameters: [
            .length("length", 20, minimum: 2), .length("atr_length", 10),
            .number("nbdev", 2, minimum: 0, maximum: 1_000),
        ],
        outputs: ["upper", "middle", "lower"],
        warmUp: .largest("length" - 1, "atr_length"), memory: .recurrence,
        formula: """
            `middle = ema((high + low + close) / 3, length)`, the others `nbdev · \
            atr(atr_length)` above and below; both seeded by the bars just before the first \
            value
            """,
        talib: "KC", source: "Keltner 1960; Raschke 1995",
        kernel: { KeltnerChannel(length: Int($0[0]), atrLength: Int($0[1]), factor: $0[2]) })
}
