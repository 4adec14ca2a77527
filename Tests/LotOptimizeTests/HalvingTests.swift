import LotCore
import LotEngine
import LotMath
import Testing

@testable import LotOptimize

/// Successive halving as a search.
@Suite struct HalvingTests {
    /// What a point is worth depends on how much of the data it has seen: early winners fade.
    private struct FadingRunner: TrialRunner {
        /// The stretches of every call.
        static func length(_ segments: [Segment]) -> Int64 {
            segments.reduce(0) { $0 + $1.end - $1.start } / millisecondsPerDay
        }

        func run(
            _ points: [Point], over segments: [Segment], keepsBlocks: Bool, cancel: CancelFlag,
            progress: @escaping @Sendable (Int) -> Void
        ) throws(Diagnosis) -> [TrialOutcome?] {
            points.map { point in
                let (x, y) = (point.coordinates[0], point.coordinates[1])
                if x > 97 { return .failed("x is too large") }
                var metrics = [Double](repeating: .nan, count: MetricDefinition.search.count)
                let days = Double(FadingRunner.length(segments))
                metrics[MetricDefinition.searchIndex(of: "sharpe") ?? 0] = x - y * days / 100
                metrics[MetricDefinition.searchIndex(of: "trades") ?? 0] = days
                return .ran(
                    TrialFinding(metrics: metrics, blocks: keepsBlocks ? [days] : []))
            }
        }

        func measure(
            _ point: Point, over segment: Segment, from start: AccountStart
        ) throws(Diagnosis) -> MetricInput {
            throw Diagnosis(.internalError, kind: "test", subject: "", reason: "is not asked for")
        }
    }

    private static let day = millisecondsPerDay

    private static func trials(
        cuts: [Int] = [], candidates: Int = 81
    ) throws -> ([Trial], SearchOutcome) {
        let plan = try SuccessiveHalving(candidates: candidates, subject: "--halving")
        let objective = try SearchTests.objective(minTrades: 270)
        var log = MemoryLog()
        var outcome: SearchOutcome?
        for cut in cuts + [plan.runs] {
            let sampler = try SamplerKind.random.make(SearchTests.space, seed: 5, targets: 1) { _ in
                true
            }
            let loop = SearchLoop(
                HalvingSampler(plan, around: sampler), objective, KeptMetrics(objective),
                over: [Segment(0..<270 * day)], keepsBlocks: true)
            var search = StudySearch(
                fold: 0, loop, objective, in: SearchTests.space, budget: cut, leaders: 5,
                lastRung: plan.rungs.count - 1)
            try search.resume(from: log)
            outcome = try search.run(
                on: FadingRunner(), keeping: &log, cancel: CancelFlag(), clock: { 0 }
            ) { _ in }
        }
        var all: [Trial] = []
        try log.trials(fold: 0, from: 0) { (trial: Trial) throws(Diagnosis) in all.append(trial) }
        return (all, try #require(outcome))
    }

    @Test func `a third goes on to three times the data, and only the last round is ranked`() throws
    {
        let (all, outcome) = try Self.trials()
        #expect((0..<4).map { rung in all.count { $0.rung == rung } } == [81, 27, 9, 3])
        let place = try #require(KeptMetrics(SearchTests.objective()).place(of: "trades"))
        for (rung, days) in [10.0, 30, 90, 270].enumerated() {
            let trials = all.filter { $0.rung == rung && $0.counts }
            #expect(trials.allSatisfy { $0.metrics[place] == days })
            // 270 trades over all of the data are ten in the first 27th of it.
            #expect(trials.allSatisfy { $0.status == .feasible })
            #expect(trials.allSatisfy { $0.blocks.isEmpty == (rung < 3) })
        }
        for rung in 0..<3 {
            let trials = all.filter { $0.rung == rung && $0.counts }
            let values = trials.map { $0.values[0] }.sorted(by: >)
            let next = Set(all.filter { $0.rung == rung + 1 }.map(\.point))
            let worst = values[next.count - 1]
            #expect(trials.filter { $0.values[0] > worst }.allSatisfy { next.contains($0.point) })
        }
        #expect(outcome.isComplete)
        #expect(outcome.tally.ran + outcome.tally.failed == 81)
        #expect(outcome.tally.whole == 3 && outcome.tally.feasible == 3)
        #expect(outcome.tally.runs == all.count { $0.counts })
        #expect(outcome.leaders.trials.count == 3)
        #expect(outcome.leaders.trials.allSatisfy { $0.rung == 3 })
    }

    @Test func `rounds that are interrupted are the same`() throws {
        let (whole, outcome) = try Self.trials()
        let (cut, resumed) = try Self.trials(cuts: [1, 80, 81, 82, 108, 119])
        #expect(whole.map(\.point) == cut.map(\.point))
        #expect(whole.map(\.rung) == cut.map(\.rung))
        #expect(outcome.tally == resumed.tally)
        #expect(outcome.leaders.trials.map(\.number) == resumed.leaders.trials.map(\.number))
    }

    @Test func `a space with fewer points is halved in the same way`() throws {
        // 101 times 101 points, of which 20,000 are asked for.
        let (all, outcome) = try Self.trials(candidates: 20_000)
        #expect(all.count { $0.rung == 0 } == 101 * 101)
        #expect(all.count { $0.rung == 1 } == 101 * 101 / 3)
        #expect(outcome.isComplete)
    }

    @Test func `the beginning of stretches ends at midnight`() {
        let day = Self.day
        let stretches = [Segment(0..<10 * day), Segment(20 * day..<40 * day + 5)]
        func beginning(_ share: Double) -> [Segment] {
            Segment.beginning(of: stretches, share: share)
        }
        #expect(beginning(1) == stretches)
        #expect(beginning(0.1) == [Segment(0..<3 * day)])
        #expect(beginning(0.5) == [stretches[0], Segment(20 * day..<25 * day)])
        #expect(beginning(0.001) == [Segment(0..<day)])
        // A stretch that begins inside a day: at least to the first midnight.
        let odd = [Segment(day / 2..<30 * day)]
        #expect(Segment.beginning(of: odd, share: 0.001) == [Segment(day / 2..<day)])
    }
}
