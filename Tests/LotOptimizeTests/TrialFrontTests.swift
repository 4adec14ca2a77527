import LotCore
import LotMath
import Testing

@testable import LotOptimize

@Suite struct TrialFrontTests {
    private func objective(_ directions: [Bool]) throws -> Objective {
        let names = ["sharpe", "max_drawdown", "trades"]
        return Objective(
            targets: try zip(names, directions).map {
                Target(
                    try Expression(
                        $0, names: MetricDefinition.search.map(\.key), subject: "--target"),
                    isMaximised: $1)
            })
    }

    private func trial(_ number: Int, _ values: [Double], isFeasible: Bool = true) -> Trial {
        Trial(
            number: number, point: Point([Double(number)]),
            status: isFeasible ? .feasible : .infeasible, values: values)
    }

    @Test func `it is the front of the samplers, whatever the order of the trials`() throws {
        let objective = try objective([true, false, true])
        var random = Xoshiro256(seed: 7, stream: 0)
        let trials = (0..<300).map { number in
            trial(
                number, (0..<3).map { _ in Double(random.below(12)) }, isFeasible: number % 7 != 0)
        }
        let places = ParetoFront.of(
            trials.map { trial in
                var seen = objective.observation(trial)
                if trial.status != .feasible { seen.violation = 1 }
                return seen
            })
        let expected = Set(places.map { trials[$0].values })
        for order in [trials, trials.reversed()] {
            var front = TrialFront(objective)
            for trial in order { front.add(trial) }
            #expect(Set(front.trials.map(\.values)) == expected)
            #expect(front.trials.count == expected.count)
            let first = front.trials.map { $0.values[0] }
            #expect(first == first.sorted(by: >))
        }
    }

    @Test func `with one target there is none`() throws {
        var front = TrialFront(try objective([true]))
        front.add(trial(0, [1]))
        #expect(front.trials.isEmpty)
    }
}

@Suite struct LeaderboardTests {
    @Test func `a point that is tried again stands once, with its first trial`() throws {
        let target = Target(
            try Expression(
                "sharpe", names: MetricDefinition.search.map(\.key), subject: "--target"),
            isMaximised: true)
        var board = Leaderboard(Objective(targets: [target]), size: 3)
        for (number, value) in [1.0, 3, 3, 2, 3, 1].enumerated() {
            board.add(
                Trial(
                    number: number, point: Point([value]), status: .feasible, values: [value]))
        }
        #expect(board.trials.map(\.number) == [1, 3, 0])
    }
}
