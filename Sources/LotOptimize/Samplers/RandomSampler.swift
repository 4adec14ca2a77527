/// Points at random, each independent of the others.
public struct RandomSampler: Sampler {
    private let space: SearchSpace
    private let seed: UInt64
    private let filter: PointFilter
    private var next = 0

    /// Draws for one point before the conditions are said to be met by none.
    static let draws = 10_000

    /// A sampler of a seed.
    public init(_ space: SearchSpace, seed: UInt64, _ filter: @escaping PointFilter) {
        self.space = space
        self.seed = seed
        self.filter = filter
    }

    /// It never needs to be told.
    public var batch: Int? { nil }

    /// The next points, at most `limit`.
    public mutating func ask(_ limit: Int) -> [Point] {
        var points: [Point] = []
        while points.count < limit, let point = point(next) {
            points.append(point)
            next += 1
        }
        return points
    }

    /// Learns nothing.
    public mutating func tell(_ observations: [Observation]) {}

    /// Jumps to a trial.
    public mutating func skip(to number: Int) -> Bool {
        next = number
        return true
    }

    /// The point of a number: it depends on the seed and the number alone.
    private func point(_ number: Int) -> Point? {
        var random = SplitMix(seed: seed ^ SplitMix.mixed(UInt64(number) &+ 1))
        for _ in 0..<RandomSampler.draws {
            let point = space.snapped(unit: space.dimensions.map { _ in random.unit() })
            if filter(point) { return point }
        }
        return nil
    }
}

/// A generator whose numbers are a hash of a counter.
///
/// G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
struct SplitMix: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A number in 0 ..< 1 with 53 random bits.
    mutating func unit() -> Double {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Double(SplitMix.mixed(state) >> 11) * 0x1p-53
    }

    /// The finaliser of the generator: every bit depends on every bit.
    static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
