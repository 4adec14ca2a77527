/// The generator xoshiro256**: 64 random bits a step from a seed, the same on every machine.
///
/// Period 2²⁵⁶ − 1, equidistributed in four dimensions; not for secrets. Everything random in the
/// project comes from here, and every seed is recorded with the result that it decided.
///
/// - Complexity: O(1) a number, about a nanosecond.
/// - SeeAlso: Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM
///   Transactions on Mathematical Software 47(4), 2021, and their reference program
///   xoshiro256starstar.c (prng.di.unimi.it), whose numbers the tests hold.
public struct Xoshiro256: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// Starts from a state, not all 0.
    init(state: (UInt64, UInt64, UInt64, UInt64)) { self.state = state }

    /// Fills the state by SplitMix64 from `seed`, as the authors advise.
    public init(seed: UInt64) {
        var mixer = seed
        func next() -> UInt64 {
            mixer &+= Self.step
            return Self.mix(mixer)
        }
        state = (next(), next(), next(), next())
    }

    /// One of many generators of a seed, for numbered pieces of work that any thread may do.
    ///
    /// The seed is mixed before the number is added, so that neighbouring seeds do not share
    /// streams, and the number is spread, so that neighbouring streams do not share states.
    ///
    /// - Parameters:
    ///   - seed: Equal seeds give equal generators.
    ///   - stream: The piece's number.
    public init(seed: UInt64, stream: Int) {
        let number = UInt64(bitPattern: Int64(stream))
        self.init(seed: Self.mix(Self.mix(seed &+ Self.step) ^ Self.mix(number)))
    }

    /// 2⁶⁴ over the golden ratio, odd.
    private static let step: UInt64 = 0x9e37_79b9_7f4a_7c15

    /// SplitMix64's finisher: a bijection in which every bit decides every other.
    ///
    /// - SeeAlso: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
    public static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        let product = state.1 &* 5
        let result = ((product << 7) | (product >> 57)) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = (state.3 << 45) | (state.3 >> 19)
        return result
    }

    /// A multiple of 2⁻⁵³ in [0, 1).
    public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A whole number in `0..<bound`, each with the same probability.
    ///
    /// - Parameter bound: At least 1.
    /// - Returns: The number.
    /// - SeeAlso: Lemire, "Fast random integer generation in an interval", ACM Transactions on
    ///   Modeling and Computer Simulation 29(1), 2019.
    public mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "a bound of at least 1")
        let range = UInt64(bound)
        var product = next().multipliedFullWidth(by: range)
        if product.low < range {
            let rejected = (0 &- range) % range
            while product.low < rejected { product = next().multipliedFullWidth(by: range) }
        }
        return Int(product.high)
    }

    /// Nearly normal, mean 0, variance 1: twelve uniforms less 6 (Irwin-Hall), so that no
    /// logarithm or cosine of a mathematics library decides the last bit; never beyond ±6.
    public mutating func normal() -> Double {
        var sum = 0.0
        for _ in 0..<3 {
            let bits = next()
            for part in 0..<4 { sum += Double((bits >> (part * 16)) & 0xffff) }
        }
        // Each part is uniform on 0...65,535, mean 32,767.5; the sum is an exact integer.
        return (sum - 12 * 32_767.5) / 65_536
    }
}
