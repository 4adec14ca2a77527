public import LotCore

/// Points that fill the space evenly: a Sobol sequence, scrambled by the seed.
///
/// Every block of 2ᵏ points has one in each of 2ᵏ equal slices of every dimension, so 1,024 points
/// say more of a space than 1,024 random ones. Owen's scrambling keeps that and makes the points
/// uniform; each seed is another net. Steps of a range snap to their values, so a small countable
/// space is proposed the same point more than once: there `grid` and `random` serve better.
///
/// - SeeAlso: Sobol, "On the distribution of points in a cube", 1967; Joe and Kuo 2008
///   (direction numbers); Owen, "Randomly permuted (t,m,s)-nets", 1995, by the hash of Burley,
///   "Practical hash-based Owen scrambling", Journal of Computer Graphics Techniques 9(4), 2020.
public struct SobolSampler: Sampler {
    private let space: SearchSpace
    private let filter: PointFilter
    private let directions: [[UInt32]]
    /// One for each dimension; empty leaves the sequence as it is.
    private let scrambles: [UInt32]
    private var next = 0

    /// A sequence of a seed.
    ///
    /// - Throws: A ``Diagnosis`` (64) for more than 64 dimensions.
    public init(
        _ space: SearchSpace, seed: UInt64, _ filter: @escaping PointFilter
    ) throws(Diagnosis) {
        let count = space.dimensions.count
        guard count <= SobolDirections.mostDimensions else {
            throw Diagnosis(
                .usage, kind: "usage", subject: "--sampler",
                reason: "sobol takes at most \(SobolDirections.mostDimensions) parameters, "
                    + "the space has \(count)", hint: "--sampler random")
        }
        self.space = space
        self.filter = filter
        directions = (0..<count).map(SobolDirections.numbers)
        var random = Xoshiro256(seed: seed)
        scrambles = (0..<count).map { _ in UInt32(truncatingIfNeeded: random.next()) }
    }

    /// It never needs to be told.
    public var batch: Int? { nil }

    /// Different points of the sequence fall on one where every parameter has steps.
    public var mayRepeat: Bool { space.dimensions.allSatisfy { $0.count != nil } }

    /// The next points, at most `limit`; the sequence ends after 2³².
    public mutating func ask(_ limit: Int) -> [Point] {
        var points: [Point] = []
        // A condition that next to nothing meets must end, not run through 2³² points.
        var misses = 0
        while points.count < limit, misses < 100_000, let point = propose() {
            if filter(point) {
                points.append(point)
                misses = 0
            } else {
                misses += 1
            }
        }
        return points
    }

    /// Learns nothing.
    public mutating func tell(_ observations: [Observation]) {}

    /// Jumps to a trial.
    ///
    /// - Complexity: O(`number`): the conditions decide which points have numbers.
    public mutating func skip(to number: Int) -> Bool {
        next = 0
        return ask(number).count == number
    }

    private mutating func propose() -> Point? {
        guard next < 1 << 32 else { return nil }
        defer { next += 1 }
        let unit = directions.indices.map { dimension in
            let raw = Self.raw(next, directions[dimension])
            return (Double(Self.scrambled(raw, scrambles[dimension])) + 0.5) * 0x1p-32
        }
        return space.snapped(unit: unit)
    }

    /// A coordinate of point `index` of the plain sequence, in units of 2⁻³²; Gray code order.
    static func raw(_ index: Int, _ directions: [UInt32]) -> UInt32 {
        var gray = index ^ (index >> 1)
        var result: UInt32 = 0
        while gray != 0 {
            result ^= directions[gray.trailingZeroBitCount]
            gray &= gray - 1
        }
        return result
    }

    /// Owen's nested scrambling: whether a bit is turned depends on the seed and the higher bits.
    static func scrambled(_ value: UInt32, _ seed: UInt32) -> UInt32 {
        var bits = reversed(value)
        bits ^= bits &* 0x3d20_adea
        bits &+= seed
        bits &*= (seed >> 16) | 1
        bits ^= bits &* 0x0552_6c56
        bits ^= bits &* 0x53a2_2864
        return reversed(bits)
    }

    private static func reversed(_ value: UInt32) -> UInt32 {
        var bits = value.byteSwapped
        bits = (bits & 0x0f0f_0f0f) << 4 | (bits >> 4) & 0x0f0f_0f0f
        bits = (bits & 0x3333_3333) << 2 | (bits >> 2) & 0x3333_3333
        return (bits & 0x5555_5555) << 1 | (bits >> 1) & 0x5555_5555
    }
}
