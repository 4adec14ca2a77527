import LotCore
import LotMath

/// Lowest and highest prices of each ``blockLength`` bars of a tile: what tells whole blocks in
/// which nothing can happen from those that must be looked at bar by bar; and whether its times are
/// regular.
///
/// One instance serves a thread: 8 KiB, filled once a tile and shared by all sets.
@safe
final class TileExtremes {
    /// Bars of a block.
    static let blockLength = 16

    private static let capacity = tileCapacity / blockLength
    private let values: UnsafeMutablePointer<Double>
    private(set) var rows = 0..<0
    /// Open time of row 0 if no bar of the tile is missing: then each row's is known without
    /// reading it, and a column less goes through the caches.
    private(set) var origin: Int64?

    init() {
        precondition(TileExtremes.blockLength == Column<Double>.blockLength)
        unsafe values = .allocate(capacity: 4 * TileExtremes.capacity)
        unsafe values.initialize(repeating: .nan, count: 4 * TileExtremes.capacity)
    }

    deinit { unsafe values.deallocate() }

    /// Computes the blocks of `rows`, at most ``tileCapacity`` of them.
    ///
    /// - Parameters:
    ///   - rows: The rows; blocks are counted from the first.
    ///   - bars: Their bars.
    ///   - ranges: Whether highs and lows will be asked for; else only closes are read.
    /// - Complexity: O(rows).
    func fill(_ rows: Range<Int>, _ bars: Bars, ranges: Bool) {
        precondition(rows.count <= tileCapacity)
        self.rows = rows
        origin = bars.regularOrigin(of: rows)
        let capacity = TileExtremes.capacity
        if ranges {
            // The highest of the lows and the lowest of the highs are written over below.
            unsafe bars.low.blockRanges(
                of: rows, lowest: values + 2 * capacity, highest: values + capacity)
            unsafe bars.high.blockRanges(
                of: rows, lowest: values, highest: values + 3 * capacity)
        }
        unsafe bars.close.blockRanges(of: rows, lowest: values, highest: values + capacity)
    }

    /// The block that holds a row.
    @inline(__always)
    func block(of row: Int) -> Int { (row &- rows.lowerBound) / TileExtremes.blockLength }

    /// The row after a block's last.
    @inline(__always)
    func end(of block: Int) -> Int {
        min(rows.upperBound, rows.lowerBound &+ (block &+ 1) &* TileExtremes.blockLength)
    }

    /// Whether rows of a block are all that it has.
    @inline(__always)
    func holds(_ block: Int, in part: Range<Int>) -> Bool {
        part.lowerBound == rows.lowerBound &+ block &* TileExtremes.blockLength
            && part.upperBound == end(of: block)
    }

    /// Lowest close of a block.
    @inline(__always)
    func lowestClose(_ block: Int) -> Double { unsafe values[block] }

    /// Highest close of a block.
    @inline(__always)
    func highestClose(_ block: Int) -> Double { unsafe values[TileExtremes.capacity &+ block] }

    /// Lowest and highest close of the blocks that hold rows, at least one.
    ///
    /// - Complexity: O(blocks).
    @inline(__always)
    func closes(of rows: Range<Int>) -> (lowest: Double, highest: Double) {
        let (first, last) = (block(of: rows.lowerBound), block(of: rows.upperBound &- 1))
        var (low, high) = unsafe (values[first], values[TileExtremes.capacity &+ first])
        var block = first &+ 1
        while block <= last {
            let (bottom, top) = unsafe (values[block], values[TileExtremes.capacity &+ block])
            low = bottom < low ? bottom : low
            high = top > high ? top : high
            block &+= 1
        }
        return (low, high)
    }

    /// Lowest low of a block.
    @inline(__always)
    func lowest(_ block: Int) -> Double { unsafe values[2 &* TileExtremes.capacity &+ block] }

    /// Highest high of a block.
    @inline(__always)
    func highest(_ block: Int) -> Double { unsafe values[3 &* TileExtremes.capacity &+ block] }
}
