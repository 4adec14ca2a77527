/// Sums of day returns in blocks of consecutive days: what combinatorial cross-validation keeps.
///
/// The returns are r of `docs/metrics.md`: equity from one UTC day's close to the next.
public enum BlockSums {
    /// Blocks of a study's window: 16, which have 12,870 halves.
    public static let count = 16

    /// Days in each block: block b has the days from ⌊b·n/blocks⌋ to before ⌊(b+1)·n/blocks⌋, so
    /// that lengths differ by one day at most.
    ///
    /// - Parameters:
    ///   - days: n, the number of day returns.
    ///   - blocks: How many blocks.
    /// - Returns: A length for each block, oldest first.
    public static func lengths(days: Int, blocks: Int = count) -> [Int] {
        (0..<blocks).map { ($0 + 1) * days / blocks - $0 * days / blocks }
    }

    /// Appends Σr of each block, then Σr² of each block; sums run in order of days.
    ///
    /// - Complexity: O(days); allocates nothing where `sums` has the room.
    public static func append(
        of returns: [Double], blocks: Int = count, to sums: inout [Double]
    ) {
        let (first, days) = (sums.count, returns.count)
        for _ in 0..<2 * blocks { sums.append(0) }
        for block in 0..<blocks {
            var (sum, square) = (0.0, 0.0)
            for day in block * days / blocks..<(block + 1) * days / blocks {
                sum += returns[day]
                square += returns[day] * returns[day]
            }
            sums[first + block] = sum
            sums[first + blocks + block] = square
        }
    }
}

extension MetricEvaluator {
    /// The day returns of the newest run; empty once its equity was 0 or less.
    ///
    /// They are r of `docs/metrics.md`. A copy is shared until the next run is evaluated.
    public var dayReturns: [Double] { days.returns }

    /// Days of the newest run: what ``BlockSums/lengths(days:blocks:)`` takes.
    ///
    /// It is the same for all runs of a study's window, also for those that lost everything.
    public var dayCount: Int { days.drawdowns.count }

    /// Appends the 16 block sums Σr, then the 16 block sums Σr², of the newest run; all are not a
    /// number once its equity was 0 or less.
    ///
    /// - Complexity: O(days); allocates nothing where `sums` has room for 32 more.
    public func appendBlockSums(to sums: inout [Double]) {
        guard days.returns.count == days.drawdowns.count else {
            for _ in 0..<2 * BlockSums.count { sums.append(.nan) }
            return
        }
        BlockSums.append(of: days.returns, to: &sums)
    }
}
