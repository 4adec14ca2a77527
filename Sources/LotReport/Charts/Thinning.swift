/// Leaves out points that no screen could show, without losing an extreme.
enum Thinning {
    /// Chooses at most `limit` of `values`.
    ///
    /// A value that is not a number is kept where it starts a hole, so that the line breaks there.
    /// - Parameters:
    ///   - values: The line, oldest first.
    ///   - limit: Most indices wanted; at least 8.
    /// - Returns: Indices in rising order: the first, the last, and the smallest and the largest
    ///   of each of equally long buckets.
    /// - Complexity: O(n).
    static func indices(_ values: [Double], limit: Int = 2_000) -> [Int] {
        guard values.count > limit else { return Array(values.indices) }
        // Up to three of each bucket: smallest, largest, start of a hole; and the two ends.
        let buckets = max(1, (limit - 2) / 3)
        var kept = [0]
        kept.reserveCapacity(limit)
        for bucket in 0..<buckets {
            let start = bucket * values.count / buckets
            let end = (bucket + 1) * values.count / buckets
            for index in extremes(values, start..<end) where index > kept[kept.count - 1] {
                kept.append(index)
            }
        }
        if kept[kept.count - 1] != values.count - 1 { kept.append(values.count - 1) }
        return kept
    }

    private static func extremes(_ values: [Double], _ range: Range<Int>) -> [Int] {
        var smallest: Int?
        var largest: Int?
        var hole: Int?
        for index in range {
            guard values[index].isFinite else {
                if hole == nil { hole = index }
                continue
            }
            if smallest.map({ values[index] < values[$0] }) ?? true { smallest = index }
            if largest.map({ values[index] > values[$0] }) ?? true { largest = index }
        }
        return [smallest, largest, hole].compactMap { $0 }.sorted()
    }
}
