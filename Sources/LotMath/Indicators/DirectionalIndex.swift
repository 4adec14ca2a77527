/// Directional movement index: how far one direction outweighs the other.
///
/// - Complexity: O(1) a bar.
struct DirectionalIndex: BarKernel {
    private var movement: DirectionalMovement
    private var last = 0.0

    /// Movement over `length` bars, at least 2.
    init(length: Int) { movement = DirectionalMovement(length: length) }

    @inline(__always)
    mutating func step(_ row: PriceRow) -> Double {
        guard movement.step(row) else {
            last = 0
            return .nan
        }
        last = movement.index ?? last
        return last
    }

    static let definition = IndicatorDefinition(
        "dx", "Directional movement index, 0 … 100.",
        inputs: .prices, parameters: [.length("length", 14, minimum: 2)],
        warmUp: "length", memory: .recurrence,
        formula: """
            `100 · |plus_di − minus_di| / (plus_di + minus_di)`; where both are 0, the value before
            """,
        talib: "DX", source: "Wilder 1978",
        kernel: { DirectionalIndex(length: Int($0[0])) })
}

/// Average directional movement index.
///
/// - Complexity: O(1) a bar.
struct AverageDirectionalIndex: BarKernel {
    private var movement: DirectionalMovement
    private let length: Int
    private let share: Double
    private var seen = 0
    private var state = 0.0

    /// Movement and its average over `length` bars, at least 2.
    init(length: Int) {
        movement = DirectionalMovement(length: length)
        self.length = length
        share = Double(length)
    }

    @inline(__always)
    mutating func step(_ row: PriceRow) -> Double {
        guard movement.step(row) else {
            (seen, state) = (0, 0)
            return .nan
        }
        let index = movement.index
        if seen >= length {
            if let index { state = (state * (share - 1) + index) / share }
            return state
        }
        seen &+= 1
        state += index ?? 0
        guard seen == length else { return .nan }
        state /= share
        return state
    }

    static let definition = IndicatorDefinition(
        "adx", "Average directional movement index, 0 … 100.",
        inputs: .prices, parameters: [.length("length", 14, minimum: 2)],
        warmUp: 2 * "length" - 1, memory: .recurrence,
        formula: """
            Wilder's average of `dx`; seed: mean of its first `length` values; a bar at which \
            `plus_di` and `minus_di` are both 0 leaves it as it is
            """,
        talib: "ADX", source: "Wilder 1978",
        kernel: { AverageDirectionalIndex(length: Int($0[0])) })
}

/// Average directional movement rating: the mean of the index now and some bars ago.
///
/// - Complexity: O(1) a bar; memory O(length).
struct DirectionalRating: BarKernel {
    private var average: AverageDirectionalIndex
    private var line: DelayLine

    /// Movement and its average over `length` bars, at least 2.
    init(length: Int) {
        average = AverageDirectionalIndex(length: length)
        line = DelayLine(bars: length - 1, initial: .nan)
    }

    @inline(__always)
    mutating func step(_ row: PriceRow) -> Double {
        let index = average.step(row)
        return (index + line.push(index)) / 2
    }

    static let definition = IndicatorDefinition(
        "adxr", "Average directional movement rating, 0 … 100.",
        inputs: .prices, parameters: [.length("length", 14, minimum: 2)],
        warmUp: 3 * "length" - 2, memory: .recurrence,
        formula: "`(adx + adx[length − 1]) / 2`",
        talib: "ADXR", source: "Wilder 1978",
        kernel: { DirectionalRating(length: Int($0[0])) })
}
