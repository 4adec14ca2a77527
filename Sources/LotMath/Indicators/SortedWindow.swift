/// The last `length` values in order of size.
///
/// - Complexity: O(log length) to find a place, and a move of the values between the old place and
///   the new one; memory O(length).
struct SortedWindow: Sendable {
    private let ring: Slots
    private let sorted: Slots
    private var next = 0
    private var count = 0

    /// A window of `length` values, at least 1.
    init(length: Int) {
        ring = Slots(count: length, initial: 0)
        sorted = Slots(count: length, initial: 0)
    }

    /// Number of values it holds when it is full.
    var length: Int { ring.count }

    /// Whether the last `length` values were all finite.
    @inline(__always)
    var isFull: Bool { count == ring.count }

    /// The value at `place` in order of size, 0 for the smallest.
    @inline(__always)
    subscript(place: Int) -> Double { sorted[place] }

    /// Number of values below this one.
    @inline(__always)
    func below(_ value: Double) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low &+ high) / 2
            if sorted[middle] < value { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// Takes the next value; one that is not finite empties the window.
    @inline(__always)
    mutating func push(_ value: Double) {
        guard value.isFinite else {
            (next, count) = (0, 0)
            return
        }
        // The place that is free: of the value that leaves, or one more at the end.
        var hole = count
        if isFull { hole = below(ring[next]) } else { count &+= 1 }
        ring[next] = value
        next &+= 1
        if next == ring.count { next = 0 }
        while hole > 0, sorted[hole &- 1] > value {
            sorted[hole] = sorted[hole &- 1]
            hole &-= 1
        }
        while hole &+ 1 < count, sorted[hole &+ 1] < value {
            sorted[hole] = sorted[hole &+ 1]
            hole &+= 1
        }
        sorted[hole] = value
    }
}

/// The value below which a percentage of a window lies.
struct Percentile: UnaryKernel {
    private var window: SortedWindow
    private let place: Int

    /// The percentile `percent`, 0 … 100, of `length` values, at least 1.
    init(length: Int, percent: Double) {
        window = SortedWindow(length: length)
        place = max(1, Percentile.rank(percent, of: length)) - 1
    }

    /// The least whole number that is not below `percent` of `length`, where a product that is
    /// whole but for its rounding is whole: 7 % of 100 is 7, not 8.
    private static func rank(_ percent: Double, of length: Int) -> Int {
        let exact = percent * Double(length) / 100
        let whole = exact.rounded()
        return Int(abs(exact - whole) <= 4 * exact.ulp ? whole : exact.rounded(.up))
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        window.push(value)
        return window.isFull ? window[min(place, window.length - 1)] : .nan
    }

    static let definition = IndicatorDefinition(
        "percentile", "Percentile of a window, by nearest rank.",
        parameters: [
            .length("length", 30), .number("percentile", 50, minimum: 0, maximum: 100),
        ],
        warmUp: "length" - 1, memory: .window,
        formula: """
            of the last `length` values in order of size, the one at place `⌈percentile / 100 · \
            length⌉`, at least the first
            """,
        talib: "PERCENTILE",
        kernel: { Percentile(length: Int($0[0]), percent: $0[1]) })
}

/// How many of the values before lie below this one, in percent.
struct PercentRank: UnaryKernel {
    private var window: SortedWindow

    /// Among `length` values before, at least 1.
    init(length: Int) { window = SortedWindow(length: length) }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let isKnown = window.isFull && value.isFinite
        let rank = 100 * Double(window.below(value)) / Double(window.length)
        window.push(value)
        return isKnown ? rank : .nan
    }

    static let definition = IndicatorDefinition(
        "rank", aliases: ["percentrank"], "Percent rank, 0 … 100.",
        parameters: [.length("length", 100)],
        warmUp: "length", memory: .window,
        formula: "percentage of the `length` values before this one that are below it",
        talib: "PERCENTRANK",
        kernel: { PercentRank(length: Int($0[0])) })
}
