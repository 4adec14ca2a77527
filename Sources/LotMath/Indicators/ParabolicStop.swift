/// Parabolic stop and reverse: a stop that follows a trend ever faster, and turns with it.
///
/// - Complexity: O(1) a bar.
struct ParabolicStop: Kernel {
    private let acceleration: Double
    private let maximum: Double
    /// Bars since the beginning, as far as they matter: 0, 1 or 2.
    private var seen = 0
    private var isLong = true
    private var stop = 0.0
    private var extreme = 0.0
    private var speed = 0.0
    private var last: (high: Double, low: Double) = (0, 0)

    /// A stop that gains `acceleration` with each new extreme, up to `maximum`.
    init(acceleration: Double, maximum: Double) {
        self.acceleration = min(acceleration, maximum)
        self.maximum = maximum
    }

    @inline(__always)
    mutating func step(_ row: RangeRow) -> Double {
        guard seen == 2, (row.high - row.low + stop).isFinite else { return begin(row) }
        let (high, low) = (row.high, row.low)
        let before = last
        last = (high, low)
        if isLong ? low <= stop : high >= stop {
            isLong.toggle()
            let turned = limit(extreme, before, row)
            extreme = isLong ? high : low
            speed = acceleration
            stop = limit(turned + speed * (extreme - turned), before, row)
            return turned
        }
        let current = stop
        if isLong ? high > extreme : low < extreme {
            extreme = isLong ? high : low
            speed = min(speed + acceleration, maximum)
        }
        stop = limit(stop + speed * (extreme - stop), before, row)
        return current
    }

    /// Keeps a stop out of the ranges of the last two bars.
    @inline(__always)
    private func limit(
        _ stop: Double, _ before: (high: Double, low: Double), _ row: RangeRow
    ) -> Double {
        isLong ? min(stop, before.low, row.low) : max(stop, before.high, row.high)
    }

    /// The first two bars decide the direction; a bar that is not finite begins again.
    @inline(never)
    private mutating func begin(_ row: RangeRow) -> Double {
        guard (row.high - row.low).isFinite else {
            seen = 0
            return .nan
        }
        let before = last
        last = (row.high, row.low)
        guard seen == 1 else {
            seen = 1
            return .nan
        }
        let (up, down) = (row.high - before.high, before.low - row.low)
        isLong = !(down > 0 && up < down)
        extreme = isLong ? row.high : row.low
        stop = isLong ? before.low : before.high
        speed = acceleration
        seen = 2
        return step(row)
    }

    static let definition = IndicatorDefinition(
        "psar", aliases: ["sar"], "Parabolic stop and reverse.",
        inputs: .range,
        parameters: [
            .number("acceleration", 0.02, minimum: 0, maximum: 100),
            .number("maximum", 0.2, minimum: 0, maximum: 100),
        ],
        warmUp: 1, memory: .recurrence,
        formula: """
            `stop += a · (extreme − stop)`, kept out of the last two bars; a grows by \
            `acceleration` with each new extreme, up to `maximum`; a bar that touches the stop \
            turns the direction, and the stop begins at the extreme; begins short if the second \
            bar fell more than it rose
            """,
        talib: "SAR", source: "Wilder 1978",
        kernel: { ParabolicStop(acceleration: $0[0], maximum: $0[1]) })
}
