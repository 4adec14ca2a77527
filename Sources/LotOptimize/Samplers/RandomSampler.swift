import LotCore

/// Points at random, each value of a parameter as likely as another.
///
/// Where every parameter can be counted, no point comes twice: the grid's numbers in a shuffled
/// order that needs no memory (``Permutation``). In a continuum point `i` is a function of the seed
/// and `i` alone.
///
/// - SeeAlso: Bergstra and Bengio, "Random search for hyper-parameter optimization", Journal of
///   Machine Learning Research 13, 2012.
public struct RandomSampler: Sampler {
    private let space: SearchSpace
    private let seed: UInt64
    private let filter: PointFilter
    private let order: Permutation?
    /// The next point of the continuum, or the next place of the order.
    private var next = 0

    /// Draws for one point before the conditions are said to be met by none.
    static let draws = 10_000
    /// The same for places of an order: a condition may allow few points of many.
    private static let misses = 1_000_000

    /// A sampler of a seed.
    public init(_ space: SearchSpace, seed: UInt64, _ filter: @escaping PointFilter) {
        self.space = space
        self.seed = seed
        self.filter = filter
        order = space.gridCount.map { Permutation(count: $0, seed: seed) }
    }

    /// It never needs to be told.
    public var batch: Int? { nil }

    /// The next points, at most `limit`.
    public mutating func ask(_ limit: Int) -> [Point] {
        var points: [Point] = []
        while points.count < limit, let point = propose() { points.append(point) }
        return points
    }

    /// Learns nothing.
    public mutating func tell(_ observations: [Observation]) {}

    /// Jumps to a trial.
    ///
    /// - Complexity: O(1) in a continuum, else O(`number`): conditions decide which points have
    ///   numbers.
    public mutating func skip(to number: Int) -> Bool {
        guard order != nil else {
            next = number
            return true
        }
        next = 0
        for _ in 0..<number where propose() == nil { return false }
        return true
    }

    private mutating func propose() -> Point? {
        guard let order else { return drawn() }
        var misses = 0
        while next < order.count, misses < RandomSampler.misses {
            let point = space.gridPoint(order[next])
            next += 1
            if filter(point) { return point }
            misses += 1
        }
        return nil
    }

    private mutating func drawn() -> Point? {
        var random = Xoshiro256(seed: seed, stream: next)
        for _ in 0..<RandomSampler.draws {
            let point = space.snapped(unit: space.dimensions.map { _ in random.unit() })
            if filter(point) {
                next += 1
                return point
            }
        }
        return nil
    }
}

/// A shuffled order of `0..<count` that needs no memory: place `i` is computed from the seed.
///
/// Four rounds of a Feistel network over the smallest even number of bits that holds `count`;
/// a result beyond it goes through the network again (cycle walking), fewer than four times on
/// average.
///
/// - SeeAlso: Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002.
struct Permutation: Sendable {
    /// How many numbers it orders.
    let count: Int
    private let half: UInt64
    private let mask: UInt64
    private let keys: [UInt64]

    init(count: Int, seed: UInt64) {
        self.count = count
        var half: UInt64 = 1
        while half < 31, (1 << (2 * half)) < count { half += 1 }
        self.half = half
        mask = (1 << half) - 1
        var random = Xoshiro256(seed: seed)
        keys = (0..<4).map { _ in random.next() }
    }

    /// The number at a place, from 0 to `count` − 1.
    subscript(place: Int) -> Int {
        var value = UInt64(place)
        repeat {
            var left = value >> half
            var right = value & mask
            for key in keys {
                (left, right) = (right, left ^ (Xoshiro256.mix(right ^ key) & mask))
            }
            value = left << half | right
        } while value >= UInt64(count)
        return Int(value)
    }
}
