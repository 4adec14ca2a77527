import LotCore

/// The points that were proposed, as hashes of 64 bits: 16 bytes a point, a million in 32 MB.
///
/// A backtest gives the same result twice, so that a learner need not ask for it again. Two points
/// with one hash (odds of one in 10⁷ among a million) would cost the second its trial.
struct SeenPoints: Sendable {
    private var hashes: Set<UInt64> = []

    /// How many.
    var count: Int { hashes.count }

    func contains(_ point: Point) -> Bool { hashes.contains(Self.hash(point)) }

    /// Remembers a point; whether it is new.
    @discardableResult
    mutating func insert(_ point: Point) -> Bool { hashes.insert(Self.hash(point)).inserted }

    private static func hash(_ point: Point) -> UInt64 {
        point.coordinates.reduce(0x9e37_79b9_7f4a_7c15) { hash, coordinate in
            Xoshiro256.mix(hash &* 31 ^ Xoshiro256.mix(coordinate.bitPattern))
        }
    }
}

extension SearchSpace {
    /// A random point that is allowed and, where one is left, was not proposed before.
    ///
    /// - Returns: `nil` when 10,000 draws find none that is allowed, or every point was proposed.
    func drawn(
        _ filter: PointFilter, unlike seen: SeenPoints, _ random: inout Xoshiro256
    ) -> Point? {
        if let gridCount, seen.count >= gridCount { return nil }
        for _ in 0..<RandomSampler.draws {
            let point = snapped(unit: dimensions.map { _ in random.unit() })
            if filter(point), !seen.contains(point) { return point }
        }
        // Nearly everything that is allowed was proposed: look through what can be counted.
        guard let gridCount, gridCount <= 1_000_000 else { return nil }
        let start = random.below(gridCount)
        for step in 0..<gridCount {
            let point = gridPoint((start + step) % gridCount)
            if filter(point), !seen.contains(point) { return point }
        }
        return nil
    }
}
