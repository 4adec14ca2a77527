import LotMath

/// The conditions of one rule set over a tile as 64-bit words, and the next bar on which they mean
/// something.
///
/// Row `tileStart + i` is bit `i % 64` of word `i / 64`. One instance serves the sets of a thread,
/// one after the other: 2 KiB, and nothing is allocated per tile.
@safe
final class RuleMasks {
    /// The state of an account, which decides what conditions make it act.
    enum State: Int {
        /// Acts on an entry.
        case flat
        /// Acts on its exit and on an entry to the other side.
        case long
        /// Acts on its exit and on an entry to the other side.
        case short
    }

    private static let capacity = tileCapacity / 64
    private let words: UnsafeMutablePointer<UInt64>
    private let none: UnsafeMutablePointer<UInt64>
    /// The conditions, in the order of the bits of ``RuleBits``.
    private var conditions:
        (
            UnsafePointer<UInt64>, UnsafePointer<UInt64>, UnsafePointer<UInt64>,
            UnsafePointer<UInt64>
        )
    private var tileStart = 0
    private var wordCount = 0

    init() {
        let capacity = RuleMasks.capacity
        unsafe words = .allocate(capacity: 4 * capacity)
        unsafe words.initialize(repeating: 0, count: 4 * capacity)
        unsafe none = words + 3 * capacity
        let empty = unsafe UnsafePointer(none)
        unsafe conditions = unsafe (empty, empty, empty, empty)
    }

    deinit { unsafe words.deallocate() }

    /// Takes the conditions of `rules` over a tile.
    ///
    /// - Parameters:
    ///   - rules: A rule set whose nodes are in the program that was evaluated.
    ///   - tile: The conditions of the program, which stay while the masks are in use.
    ///   - rows: Rows of the tile that may decide; on others nothing holds.
    /// - Returns: The number of those rows on which the conditions contradict each other.
    func load(_ rules: Rules, _ tile: ConditionTile, rows: Range<Int>) -> Int {
        let empty = unsafe UnsafePointer(none)
        unsafe conditions = unsafe (
            rules.enterLong.map { unsafe tile.words(of: $0) } ?? empty,
            rules.exitLong.map { unsafe tile.words(of: $0) } ?? empty,
            rules.enterShort.map { unsafe tile.words(of: $0) } ?? empty,
            rules.exitShort.map { unsafe tile.words(of: $0) } ?? empty
        )
        tileStart = tile.start
        let (low, high) = (rows.lowerBound - tileStart, rows.upperBound - tileStart)
        wordCount = max(0, (high + 63) / 64)
        var conflicts = 0
        for word in 0..<wordCount {
            let live = RuleMasks.bits(low - word * 64, high - word * 64)
            conflicts &+= combine(word, live: live)
        }
        return conflicts
    }

    /// The conditions that hold at a row of the tile, whether it may decide or not.
    @inline(__always)
    func bits(_ row: Int) -> RuleBits {
        let (word, bit) = ((row - tileStart) >> 6, UInt64((row - tileStart) & 63))
        var held = unsafe conditions.0[word] >> bit & 1
        held |= unsafe (conditions.1[word] >> bit & 1) << 1
        held |= unsafe (conditions.2[word] >> bit & 1) << 2
        held |= unsafe (conditions.3[word] >> bit & 1) << 3
        return RuleBits(rawValue: UInt8(truncatingIfNeeded: held))
    }

    /// The first row from `first` on, below `end`, on which an account in `state` acts; else `end`.
    ///
    /// - Complexity: O(words between).
    @inline(__always)
    func next(_ state: State, from first: Int, before end: Int) -> Int {
        guard first < end else { return end }
        let mask = unsafe words + state.rawValue * RuleMasks.capacity
        var word = (first - tileStart) >> 6
        guard word < wordCount else { return end }
        var bits = unsafe mask[word] & (~0 << UInt64((first - tileStart) & 63))
        while bits == 0 {
            word &+= 1
            guard word < wordCount else { return end }
            bits = unsafe mask[word]
        }
        return min(end, tileStart &+ word &* 64 &+ bits.trailingZeroBitCount)
    }

    /// Fills one word of each state's mask; returns its number of contradictions.
    @inline(__always)
    private func combine(_ word: Int, live: UInt64) -> Int {
        let (enterLong, exitLong) = unsafe (conditions.0[word], conditions.1[word])
        let (enterShort, exitShort) = unsafe (conditions.2[word], conditions.3[word])
        let wantsLong = enterLong & ~(exitLong | enterShort)
        let wantsShort = enterShort & ~(exitShort | enterLong)
        unsafe words[word] = (wantsLong | wantsShort) & live
        unsafe words[RuleMasks.capacity + word] = (exitLong | wantsShort) & live
        unsafe words[2 * RuleMasks.capacity + word] = (exitShort | wantsLong) & live
        let conflict = (enterLong & (exitLong | enterShort) | enterShort & exitShort) & live
        return conflict == 0 ? 0 : conflict.nonzeroBitCount
    }

    /// A word whose bits `low..<high` are set, as far as it has them.
    @inline(__always)
    private static func bits(_ low: Int, _ high: Int) -> UInt64 {
        guard low < 64, high > 0, low < high else { return 0 }
        let from: UInt64 = low <= 0 ? ~0 : ~0 << UInt64(low)
        return high >= 64 ? from : from & ((1 << UInt64(high)) - 1)
    }
}
