import LotCore
import LotMath
import Testing

@testable import LotOptimize

/// The best trials of a search, on what was held back from it.
@Suite struct HeldTrialTests {
    private func trial(_ number: Int, _ x: Double, _ status: TrialStatus = .feasible) -> Trial {
        Trial(
            number: number, point: Point([x, 60]), status: status, values: [Double(number)])
    }

    @Test func `each is tested, one that goes wrong is undefined, others are left out`() throws {
        let trials = [
            trial(7, 30), trial(3, 99), trial(4, 60), trial(5, 40, .infeasible), trial(6, 40),
        ]
        let tested = try HeldTrial.test(
            trials, over: [Segment(0..<1)], SearchTests.objective(), on: FormulaRunner())
        #expect(tested.map(\.number) == [7, 3, 4, 6])
        #expect(tested.map(\.inSample) == [7, 3, 4, 6])
        // 10 − (x − 30)² / 100 − |y − 60| / 10; above 95 the script goes wrong; x = y is refused.
        #expect(tested[0].outOfSample == 10)
        #expect(tested[1].outOfSample.isNaN)
        #expect(tested[2].outOfSample.isNaN)
        #expect(tested[3].outOfSample == 9)
    }

    @Test func `the best fifty are tested, and none where nothing is held back`() throws {
        let trials = (0..<80).map { trial($0, 30) }
        let objective = try SearchTests.objective()
        let tested = try HeldTrial.test(
            trials, over: [Segment(0..<1)], objective, on: FormulaRunner())
        #expect(tested.map(\.number) == Array(0..<50))
        #expect(try HeldTrial.test(trials, over: [], objective, on: FormulaRunner()).isEmpty)
    }
}
