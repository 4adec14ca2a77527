import LotMath
import Testing

@testable import LotOptimize

@Suite struct EfficiencyTests {
    private func values(_ total: Double, days: Double) throws -> [Double] {
        var values = [Double](repeating: .nan, count: MetricDefinition.search.count)
        values[try #require(MetricDefinition.searchIndex(of: "total_return"))] = total
        values[try #require(MetricDefinition.searchIndex(of: "duration"))] = days * 86_400_000
        return values
    }

    private func fold(_ seen: (Double, Double), _ unseen: (Double, Double)) throws -> FoldResult {
        FoldResult(
            fold: Fold(number: 1, train: [], test: []), best: nil,
            inSample: try values(seen.0, days: seen.1),
            outOfSample: try values(unseen.0, days: unseen.1))
    }

    @Test func `one percent in 30 days after ten in 180 is 60 percent`() throws {
        let found = OutOfSample.efficiency([try fold((0.1, 180), (0.01, 30))])
        #expect(abs(found - 0.6) < 1e-12)
    }

    @Test func `one good month does not count as a year of such months`() throws {
        // 10 % in 180 days each; 34 % once, then -17 %: 17 % in 60 days over 20 % in 360 is 5.1.
        let found = OutOfSample.efficiency([
            try fold((0.1, 180), (0.34, 30)), try fold((0.1, 180), (-0.17, 30)),
        ])
        #expect(abs(found - 5.1) < 1e-12)
    }

    @Test func `without a gain in sample, or where one is undefined, there is none`() throws {
        #expect(OutOfSample.efficiency([try fold((-0.1, 180), (0.1, 30))]).isNaN)
        #expect(OutOfSample.efficiency([try fold((0.1, 180), (.nan, 30))]).isNaN)
    }
}
