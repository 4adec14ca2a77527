import CKernels

/// What a comparison asks of two numbers.
enum Comparison {
    /// a > b
    case above
    /// a < b
    case below
    /// a > b now, and a ≤ b one bar ago
    case crossesAbove
    /// a < b now, and a ≥ b one bar ago
    case crossesBelow

    /// The same question with the numbers exchanged.
    var swapped: Comparison {
        switch self {
        case .above: .below
        case .below: .above
        case .crossesAbove: .crossesBelow
        case .crossesBelow: .crossesAbove
        }
    }
}

/// How two columns compare over the newest tile, computed once for all comparisons of the pair.
///
/// Not thread-safe: it belongs to one evaluator.
@safe
final class ComparedPair: @unchecked Sendable {
    /// a ≤ b, by bit.
    let notAbove: UnsafeMutablePointer<UInt64>
    /// a ≥ b, by bit.
    let notBelow: UnsafeMutablePointer<UInt64>
    /// Whether the row before the tile had a ≤ b, and a ≥ b, as bit 0.
    private(set) var before: (notAbove: UInt64, notBelow: UInt64) = (0, 0)
    /// Tiles compared so far.
    private(set) var tiles = 0
    private var last: (notAbove: UInt64, notBelow: UInt64) = (0, 0)

    init() {
        let words = tileCapacity / 64
        unsafe notAbove = .allocate(capacity: 2 * words)
        unsafe notAbove.initialize(repeating: 0, count: 2 * words)
        unsafe notBelow = notAbove + words
    }

    deinit { unsafe notAbove.deallocate() }

    /// Compares the next tile.
    func compare(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, count: Int) {
        before = last
        unsafe lot_compare(a, b, count, notAbove, notBelow)
        let (word, bit) = ((count - 1) / 64, UInt64((count - 1) % 64))
        last = unsafe (notAbove[word] >> bit & 1, notBelow[word] >> bit & 1)
        tiles += 1
    }
}

/// The pairs that a program compares, each once whatever the order of its numbers.
struct ComparedPairs {
    private var pairs: [[NodeID]: ComparedPair] = [:]

    /// The runner of a comparison of `inputs[0]` with `inputs[1]`.
    mutating func runner(_ comparison: Comparison, _ inputs: [NodeID]) -> ComparisonRunner {
        let isSwapped = inputs[0] > inputs[1]
        let key = isSwapped ? [inputs[1], inputs[0]] : inputs
        let pair = pairs[key] ?? ComparedPair()
        pairs[key] = pair
        return ComparisonRunner(comparison, pair, isSwapped: isSwapped)
    }
}

/// Compares two numbers row by row; with NaN the answer is no.
struct ComparisonRunner: TileRunner {
    private let comparison: Comparison
    private let pair: ComparedPair
    private let isSwapped: Bool
    private var tiles = 0

    /// A comparison of the two inputs by their `pair`, which may hold them the other way round.
    init(_ comparison: Comparison, _ pair: ComparedPair, isSwapped: Bool) {
        self.comparison = isSwapped ? comparison.swapped : comparison
        self.pair = pair
        self.isSwapped = isSwapped
    }

    mutating func run(_ tile: borrowing TileView) {
        guard let output = unsafe tile.outputFlags else { return }
        if pair.tiles == tiles {
            let (a, b) = unsafe (tile.inputs[isSwapped ? 1 : 0], tile.inputs[isSwapped ? 0 : 1])
            unsafe pair.compare(a, b, count: tile.count)
        }
        tiles += 1
        let words = unsafe (tile.count + 63) / 64
        let (notAbove, notBelow) = unsafe (pair.notAbove, pair.notBelow)
        switch comparison {
        case .above:
            for word in 0..<words { unsafe output[word] = notBelow[word] & ~notAbove[word] }
        case .below:
            for word in 0..<words { unsafe output[word] = notAbove[word] & ~notBelow[word] }
        case .crossesAbove:
            unsafe cross(output, words, now: notBelow, other: notAbove, pair.before.notAbove)
        case .crossesBelow:
            unsafe cross(output, words, now: notAbove, other: notBelow, pair.before.notBelow)
        }
    }

    /// Bits where `now` holds strictly and one bar ago `other` held.
    @inline(__always)
    private func cross(
        _ output: UnsafeMutablePointer<UInt64>, _ words: Int,
        now: UnsafeMutablePointer<UInt64>, other: UnsafeMutablePointer<UInt64>, _ before: UInt64
    ) {
        var carry = before
        for word in 0..<words {
            let held = unsafe other[word]
            unsafe output[word] = now[word] & ~held & (held << 1 | carry)
            carry = held >> 63
        }
    }
}
