import LotCore
import Testing

@testable import LotOptimize

/// How data are held back, in words.
@Suite struct SchemeTextTests {
    private static let day = millisecondsPerDay

    @Test func `lengths are said as they are given`() {
        func walk(_ train: Int64, _ test: Int64, _ step: Int64, anchored: Bool = false) -> String {
            ValidationScheme.walkForward(train: train, test: test, step: step, isAnchored: anchored)
                .text
        }
        let day = Self.day
        #expect(walk(180 * day, 30 * day, 30 * day) == "walk-forward 180d/30d")
        #expect(walk(180 * day, 30 * day, 10 * day) == "walk-forward 180d/30d/10d")
        #expect(walk(14 * day, day / 2, day / 2, anchored: true) == "walk-forward 14d/12h anchored")
        #expect(walk(36 * day / 24, 90 * 60_000, 90 * 60_000) == "walk-forward 36h/1h 30m")
        // 1 % of two years of 365 days is 7.3 days.
        #expect(
            ValidationScheme.crossValidation(
                groups: 6, tested: 2, purge: day, embargo: 730 * day / 100
            ).text == "6 groups, 2 held back, purge 1d, embargo 7d 7h 12m")
        #expect(
            ValidationScheme.crossValidation(groups: 5, tested: 1, purge: 0, embargo: 1).text
                == "5 groups, 1 held back, purge 0, embargo 1ms")
        #expect(ValidationScheme.split(at: 365 * day).text == "split at 1971-01-01T00:00Z")
        #expect(ValidationScheme.none.text == "none")
    }

    @Test func `no two lengths have the same words`() {
        var texts: Set<String> = []
        var count = 0
        for days in [0, 1, 6, 7, 8] {
            for rest: Int64 in [0, 1, 999, 1_000, 59_000, 60_000, 3_599_999, 3_600_000, 7_200_001] {
                texts.insert(ValidationScheme.length(Int64(days) * Self.day + rest))
                count += 1
            }
        }
        #expect(texts.count == count)
    }
}
