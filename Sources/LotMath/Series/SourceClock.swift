import LotCore

/// Which bar of another source is the newest that has closed, at each close of the main bars.
///
/// Both sorts of bars are walked once, with a pointer into each. Not thread-safe: it belongs to one
/// evaluator.
@safe
final class SourceClock: @unchecked Sendable {
    private let main: Bars
    private let other: Bars
    /// The newest closed row at each main row of the newest tile; first that before the tile.
    private let newest: UnsafeMutablePointer<Int64>
    /// Main rows of the newest tile.
    private(set) var tile = 0..<0

    init(main: Bars, other: Bars) {
        self.main = main
        self.other = other
        unsafe newest = .allocate(capacity: tileCapacity + 1)
        unsafe newest.initialize(repeating: -1, count: tileCapacity + 1)
    }

    deinit { unsafe newest.deallocate() }

    /// Rows of the other source that have closed by the close of main row `row`, which is in the
    /// newest tile or the one before it.
    func closed(at row: Int) -> Int {
        precondition(row >= tile.lowerBound - 1 && row < tile.upperBound)
        return unsafe Int(newest[row - tile.lowerBound + 1]) + 1
    }

    /// The address at which `rows[row]` is the newest closed row of the other source at main row
    /// `row`, -1 before the first: for the rows of the newest tile and the one before it.
    @unsafe
    var rows: UnsafePointer<Int64> {
        unsafe UnsafePointer(newest + 1 - tile.lowerBound)
    }

    /// Moves on to the next tile.
    ///
    /// - Parameter count: Main rows after the newest tile, 1...``tileCapacity``.
    /// - Returns: How many of them the tile has: fewer where more than ``tileCapacity`` bars of the
    ///   other source close after the first of them, and 1 at least.
    func advance(_ count: Int) -> Int {
        let first = tile.upperBound
        var closed = closed(at: first - 1)
        unsafe newest[0] = Int64(closed - 1)
        tile = first..<first
        var limit = closed + tileCapacity
        for row in first..<first + count {
            let time = main.closeTime(row)
            while closed < other.count, other.closeTime(closed) <= time { closed += 1 }
            if row == first {
                // What closed before the first row of all is passed over, not kept in the tile.
                limit = first == 0 ? closed + tileCapacity : max(limit, closed)
            } else if closed > limit {
                break
            }
            unsafe newest[row - first + 1] = Int64(closed - 1)
            tile = first..<row + 1
        }
        return tile.count
    }

    /// Makes the newest tile end after `count` rows.
    func shorten(to count: Int) { tile = tile.prefix(count) }
}

/// Another source, as the main bars see it.
struct AlignedSource: Sendable {
    let evaluator: SourceEvaluator
    let clock: SourceClock

    /// The sources of a program besides the main one, in order.
    static func all(
        of program: SeriesProgram, main: Bars, _ sources: SourceBars, history: Int,
        _ failure: FunctionFailure
    ) -> [AlignedSource] {
        program.sources.indices.map { index in
            let source = SourceID(index + 1)
            let own = sources.bars(of: source, in: program)
            return AlignedSource(
                evaluator: SourceEvaluator(
                    program, source, bars: own, history: history, others: [], failure),
                clock: SourceClock(main: main, other: own))
        }
    }

    /// Evaluates what has closed by the main rows of a tile, to which the clock has advanced or
    /// further.
    func follow(_ rows: Range<Int>) {
        clock.shorten(to: rows.count)
        if rows.lowerBound == 0 { evaluator.skip(to: clock.closed(at: 0)) }
        evaluator.advance(to: clock.closed(at: rows.upperBound - 1))
    }
}

/// A node of another source at the main bars: the value of its newest bar that has closed.
struct AlignRunner: TileRunner {
    private let node: NodeID
    private let other: AlignedSource

    init(_ node: NodeID, of other: AlignedSource) {
        self.node = node
        self.other = other
    }

    mutating func run(_ tile: borrowing TileView) {
        let first = other.clock.tile.lowerBound
        let rows = unsafe other.clock.rows + first
        if let words = unsafe tile.outputFlags {
            for word in 0..<((unsafe tile.count + 63) / 64) { unsafe words[word] = 0 }
            for row in 0..<(unsafe tile.count) where unsafe rows[row] >= 0 {
                guard unsafe other.evaluator.flag(node, at: Int(rows[row])) else { continue }
                unsafe words[row / 64] |= 1 << UInt64(row % 64)
            }
        } else {
            let (base, output) = unsafe (other.evaluator.base(node), tile.outputs[0])
            for row in 0..<(unsafe tile.count) {
                unsafe output[row] = rows[row] < 0 ? .nan : base[Int(rows[row])]
            }
        }
    }
}
