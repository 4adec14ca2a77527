/// Tells points that were met before from new ones.
///
/// A bit a point for spaces of up to ``bitLimit`` points, at most 8 MiB; beyond it hashes, 16 to 32
/// bytes for each point that was met (``SeenPoints``).
struct DistinctPoints: Sendable {
    /// Most points of a space that have a bit each.
    static let bitLimit = 1 << 26

    /// Bytes that telling points of a space apart takes when so many trials are met.
    static func bytes(_ space: SearchSpace, trials: Int) -> Int {
        guard let count = space.gridCount, count <= bitLimit else { return trials * 32 }
        return count / 8
    }

    private let dimensions: [Dimension]
    /// A bit for each point of the space in the order of ``SearchSpace/gridPoint(_:)``; empty where
    /// hashes are kept.
    private var bits: [UInt64] = []
    private var seen = SeenPoints()

    /// Knows no point yet.
    init(_ space: SearchSpace) {
        dimensions = space.dimensions
        if let count = space.gridCount, count <= DistinctPoints.bitLimit {
            bits = [UInt64](repeating: 0, count: (count + 63) / 64)
        }
    }

    /// Remembers a point of the space; whether it is new.
    ///
    /// - Complexity: O(dimensions).
    mutating func insert(_ point: Point) -> Bool {
        guard !bits.isEmpty else { return seen.insert(point) }
        var index = 0
        for (dimension, value) in zip(dimensions, point.coordinates) {
            let (count, place) = (dimension.count ?? 1, dimension.index(of: value))
            // Damaged records hold anything.
            guard place >= 0, place < count else { return seen.insert(point) }
            index = index * count + place
        }
        let mask = UInt64(1) << UInt64(index % 64)
        let isNew = bits[index / 64] & mask == 0
        bits[index / 64] |= mask
        return isNew
    }
}
