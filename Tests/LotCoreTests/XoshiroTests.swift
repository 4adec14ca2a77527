import Testing

@testable import LotCore

/// The generator against its authors' program, and what is built on it.
struct XoshiroTests {
    @Test func `the numbers of the reference program`() {
        // xoshiro256starstar.c with the state 1, 2, 3, 4 (also the vectors of rand_xoshiro).
        var random = Xoshiro256(state: (1, 2, 3, 4))
        let expected: [UInt64] = [
            11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360,
            607_988_272_756_665_600, 16_172_922_978_634_559_625, 8_476_171_486_693_032_832,
            10_595_114_339_597_558_777, 2_904_607_092_377_533_576,
        ]
        #expect(expected.map { _ in random.next() } == expected)
    }

    @Test func `a seed is spread by SplitMix64`() {
        // splitmix64.c from 0 gives these four words first: they are the state.
        var seeded = Xoshiro256(seed: 0)
        var stated = Xoshiro256(
            state: (
                0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f,
                0xf88b_b8a8_724c_81ec
            ))
        for _ in 0..<10 { #expect(seeded.next() == stated.next()) }
    }

    @Test func `a whole number below a bound is even, and the bound is never reached`() {
        var random = Xoshiro256(seed: 3)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[random.below(7)] += 1 }
        // A count has mean 10,000 and deviation 93: five of them.
        #expect(counts.allSatisfy { abs($0 - 10_000) < 465 })
        #expect(random.below(1) == 0)
    }

    @Test func `streams of neighbouring seeds and numbers have nothing in common`() {
        var seen = Set<UInt64>()
        for seed in 0..<20 as Range<UInt64> {
            for stream in 0..<20 {
                var random = Xoshiro256(seed: seed, stream: stream)
                for _ in 0..<20 { seen.insert(random.next()) }
            }
        }
        #expect(seen.count == 20 * 20 * 20)
    }
}
