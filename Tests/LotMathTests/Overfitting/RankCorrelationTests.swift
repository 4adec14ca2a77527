import Testing

@testable import LotMath

@Suite struct RankCorrelationTests {
    @Test func `ties share their rank, as in scipy`() {
        // scipy.stats.spearmanr([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]).statistic
        let found = rankCorrelation([(1, 5), (2, 6), (3, 7), (4, 8), (5, 7)])
        #expect(abs(found - 0.820_782_681_668_123_3) < 1e-15)
    }

    @Test func `only the order counts`() {
        let rising = (1...20).map { (Double($0), Double($0 * $0 * $0)) }
        #expect(rankCorrelation(rising) == 1)
        #expect(rankCorrelation(rising.map { ($0.0, -$0.1) }) == -1)
    }

    @Test func `too few pairs, equal ones and values that are none have none`() {
        #expect(rankCorrelation([(1, 1), (2, 2)]).isNaN)
        #expect(rankCorrelation([(1, 1), (1, 2), (1, 3)]).isNaN)
        #expect(rankCorrelation([(1, 1), (2, 2), (3, .nan), (4, 3)]) == 1)
        #expect(rankCorrelation([(1, 1), (2, 2), (.infinity, 3)]).isNaN)
    }
}
