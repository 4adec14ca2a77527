import LotTestSupport
import Testing

@testable import LotReport

@Suite struct ThinningTests {
    @Test func `a short line stays whole`() {
        #expect(Thinning.indices([3, 1, 2]) == [0, 1, 2])
        #expect(Thinning.indices([]).isEmpty)
    }

    @Test(arguments: [2_001, 8_760, 35_064, 1_051_200])
    func `a long line keeps its ends and every extreme`(count: Int) {
        var random = SplitMix(UInt64(count))
        var values = (0..<count).map { _ in random.unit() }
        values[count / 3] = -5
        values[count / 2] = 9
        let kept = Thinning.indices(values)
        #expect(kept.count <= 2_000)
        #expect(kept.first == 0)
        #expect(kept.last == count - 1)
        #expect(kept.contains(count / 3))
        #expect(kept.contains(count / 2))
        #expect(zip(kept, kept.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func `a hole in a line stays a hole`() {
        var values = [Double](repeating: 1, count: 10_000)
        for index in 4_000..<5_000 { values[index] = .nan }
        let kept = Thinning.indices(values)
        #expect(kept.contains { !values[$0].isFinite })
    }

    @Test(arguments: [
        (0 as Int64, 86_400_000 as Int64), (1_672_531_200_000, 1_704_067_200_000),
        (1_500_000_000_000, 1_750_000_000_000), (1_700_000_000_000, 1_700_000_060_000),
        (0, 2_000_000_000_000),
    ])
    func `an axis has a handful of round times`(first: Int64, last: Int64) {
        let ticks = TimeTicks.between(first, last)
        #expect((2...12).contains(ticks.count))
        #expect(ticks.allSatisfy { $0.time >= first && $0.time <= last && !$0.label.isEmpty })
    }
}
