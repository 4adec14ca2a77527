import LotCore
import LotTestSupport
import Testing

@testable import LotOptimize

/// Windows cut into what a search sees and what it is tested on.
@Suite struct FoldPlanTests {
    static let day = millisecondsPerDay
    static let hour: Int64 = 3_600_000

    /// 100 days of hours.
    static func plan(_ scheme: ValidationScheme) throws -> FoldPlan {
        try FoldPlan(scheme, window: 0..<100 * day, interval: try #require(Interval("1h")))
    }

    /// Hours of a stretch.
    static func hours(_ segment: Segment) -> Range<Int64> {
        segment.start / hour..<segment.end / hour
    }

    @Test func `walking forward moves on by the test, and nothing is tested twice`() throws {
        let plan = try Self.plan(
            .walkForward(
                train: 30 * Self.day, test: 20 * Self.day, step: 20 * Self.day, isAnchored: false))
        #expect(
            plan.folds.map { Self.hours($0.train[0]) } == [
                0..<720, 480..<1_200, 960..<1_680, 1_440..<2_160,
            ])
        #expect(
            plan.folds.map { Self.hours($0.test[0]) } == [
                720..<1_200, 1_200..<1_680, 1_680..<2_160, 2_160..<2_400,
            ])
        #expect(plan.main == [Segment(0..<100 * Self.day)])
    }

    @Test func `anchored searches begin where the data begin`() throws {
        let plan = try Self.plan(
            .walkForward(
                train: 30 * Self.day, test: 35 * Self.day, step: 35 * Self.day, isAnchored: true))
        #expect(plan.folds.map { Self.hours($0.train[0]) } == [0..<720, 0..<1_560])
    }

    /// Tests of 20 days after 30: the fourth begins on day 90, and the window decides how much of
    /// it there is.
    @Test(arguments: [(10 * 24, 4), (10 * 24 - 1, 3), (20 * 24, 4), (20 * 24 + 1, 4), (0, 3)])
    func `a last test that is half there is kept, one that is less is left out`(
        _ hours: Int, _ folds: Int
    ) throws {
        let end = 90 * Self.day + Int64(hours) * Self.hour
        let plan = try FoldPlan(
            .walkForward(
                train: 30 * Self.day, test: 20 * Self.day, step: 20 * Self.day, isAnchored: false),
            window: 0..<end, interval: try #require(Interval("1h")))
        #expect(plan.folds.count == folds)
        let last = try #require(plan.folds.last?.test.first)
        #expect(last.end == min(end, last.start + 20 * Self.day))
    }

    @Test func `a split keeps the later part back`() throws {
        let plan = try Self.plan(.split(at: 70 * Self.day))
        #expect(plan.main == [Segment(0..<70 * Self.day)])
        #expect(plan.held == [Segment(70 * Self.day..<100 * Self.day)])
    }

    @Test func `no bar is trained on and tested, and purge and embargo are kept free`() throws {
        for (groups, tested) in [(5, 1), (6, 2), (10, 3)] {
            let plan = try Self.plan(
                .crossValidation(
                    groups: groups, tested: tested, purge: 2 * Self.day, embargo: Self.day))
            #expect(plan.folds.count == combinations(groups, tested).count)
            for fold in plan.folds {
                for seen in fold.train {
                    for unseen in fold.test {
                        let before = unseen.start - seen.end
                        let after = seen.start - unseen.end
                        #expect(before >= 2 * Self.day || after >= Self.day)
                    }
                }
            }
            // Every bar is tested equally often.
            var times = [Int](repeating: 0, count: 2_400)
            for fold in plan.folds {
                for segment in fold.test {
                    for hour in Self.hours(segment) { times[Int(hour)] += 1 }
                }
            }
            let wanted = FoldPlan.pathCount(groups: groups, tested: tested)
            #expect(times.allSatisfy { $0 == wanted })
        }
    }

    @Test func `six groups of which two are tested make five paths`() {
        // López de Prado 2018, 12.3: φ = k / N · C(N, k) = 2 / 6 · 15.
        #expect(FoldPlan.pathCount(groups: 6, tested: 2) == 5)
        #expect(combinations(4, 2) == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]])
    }

    @Test func `a window that is too short is refused by the flag's name`() {
        for scheme in [
            ValidationScheme.walkForward(
                train: 200 * Self.day, test: Self.day, step: Self.day, isAnchored: false),
            .split(at: 0), .split(at: 1_000 * Self.day),
            .crossValidation(
                groups: 4, tested: 1, purge: 60 * Self.day, embargo: 60 * Self.day),
        ] {
            let error = #expect(throws: Diagnosis.self) { try Self.plan(scheme) }
            #expect(error?.code == .usage)
            #expect(error?.subject.hasPrefix("--") == true)
        }
    }
}
