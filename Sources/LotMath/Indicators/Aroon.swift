/// Rows since the largest value of a window; of equal values the newest counts.
///
/// - Complexity: O(1) a value amortised, by a queue of the values that are not yet outdone; memory
///   O(length).
struct RowsSinceHighest: Sendable {
    private let values: Slots
    private let places: Slots
    private var first = 0
    private var count = 0
    /// Rows so far, as a number that fits a slot exactly.
    private var row = 0.0
    private var finite = 0

    /// A window of `length` values, at least 1.
    init(length: Int) {
        values = Slots(count: length, initial: 0)
        places = Slots(count: length, initial: 0)
    }

    /// Takes the next value; NaN until as many finite values in a row were seen as the window has.
    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        row += 1
        let size = values.count
        guard value.isFinite else {
            (count, finite) = (0, 0)
            return .nan
        }
        finite &+= 1
        if count > 0, places[first] <= row - Double(size) {
            first = first &+ 1 == size ? 0 : first &+ 1
            count &-= 1
        }
        while count > 0, values[place(count &- 1)] <= value { count &-= 1 }
        let end = place(count)
        values[end] = value
        places[end] = row
        count &+= 1
        return finite >= size ? row - places[first] : .nan
    }

    @inline(__always)
    private func place(_ index: Int) -> Int {
        let place = first &+ index
        return place < values.count ? place : place &- values.count
    }
}

/// Aroon: how recent the extremes of a window are, 0 … 100.
///
/// - Complexity: O(1) a bar amortised; memory O(length).
struct Aroon: Kernel {
    private var lows: RowsSinceHighest
    private var highs: RowsSinceHighest
    private let length: Double

    /// A window of `length` bars and one, `length` at least 2.
    init(length: Int) {
        lows = RowsSinceHighest(length: length + 1)
        highs = RowsSinceHighest(length: length + 1)
        self.length = Double(length)
    }

    @inline(__always)
    mutating func step(_ row: RangeRow) -> Lines2 {
        let down = 100 * ((length - lows.step(-row.low)) / length)
        let up = 100 * ((length - highs.step(row.high)) / length)
        return (down + up).isNaN ? .none : Lines2(down, up)
    }

    static let definition = IndicatorDefinition(
        "aroon", "Aroon, 0 … 100.",
        inputs: .range, parameters: [.length("length", 14, minimum: 2)],
        outputs: ["down", "up"],
        warmUp: "length", memory: .window,
        formula: """
            `100 · (length − bars since the lowest low) / length`, and the same since the \
            highest high, of the last `length + 1` bars; of equal ones the newest counts
            """,
        talib: "AROON", source: "Chande 1995",
        kernel: { Aroon(length: Int($0[0])) })
}

/// Aroon up less Aroon down.
///
/// - Complexity: O(1) a bar amortised; memory O(length).
struct AroonOscillator: Kernel {
    private var aroon: Aroon

    /// A window of `length` bars and one, `length` at least 2.
    init(length: Int) { aroon = Aroon(length: length) }

    @inline(__always)
    mutating func step(_ row: RangeRow) -> Double {
        let lines = aroon.step(row)
        return lines.second - lines.first
    }

    static let definition = IndicatorDefinition(
        "aroonosc", "Aroon oscillator, −100 … 100.",
        inputs: .range, parameters: [.length("length", 14, minimum: 2)],
        warmUp: "length", memory: .window,
        formula: "`up − down` of `aroon`",
        talib: "AROONOSC", source: "Chande 1995",
        kernel: { AroonOscillator(length: Int($0[0])) })
}
