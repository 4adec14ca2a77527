import LotCore
import LotEngine
import LotMath
import Testing

@testable import LotOptimize

/// A runner whose result is a function of the point.
struct FormulaRunner: TrialRunner {
    /// Points after which it asks to stop.
    var stopsAfter = Int.max
    let flag = CancelFlag()

    func run(
        _ points: [Point], over segments: [Segment], keepsBlocks: Bool, cancel: CancelFlag,
        progress: @escaping @Sendable (Int) -> Void
    ) throws(Diagnosis) -> [TrialOutcome?] {
        points.enumerated().map { index, point in
            guard index < stopsAfter else { return nil }
            let (x, y) = (point.coordinates[0], point.coordinates[1])
            if x == y { return .refused("x is y") }
            if x > 95 { return .failed("x is too large") }
            var metrics = [Double](repeating: .nan, count: MetricDefinition.search.count)
            metrics[MetricDefinition.searchIndex(of: "sharpe") ?? 0] =
                10 - (x - 30) * (x - 30) / 100 - abs(y - 60) / 10
            metrics[MetricDefinition.searchIndex(of: "trades") ?? 0] = x
            return .ran(TrialFinding(metrics: metrics))
        }
    }

    func measure(
        _ point: Point, over segment: Segment, from start: AccountStart
    ) throws(Diagnosis) -> MetricInput {
        throw Diagnosis(.internalError, kind: "test", subject: "", reason: "is not asked for")
    }
}

/// The loop of a search, and what it remembers.
@Suite struct SearchTests {
    static let space = SearchSpace(dimensions: [
        Dimension(name: "x", kind: .int(0...100, step: 1)),
        Dimension(name: "y", kind: .int(0...100, step: 1)),
    ])

    static func objective(minTrades: Int = 0) throws -> Objective {
        let names = MetricDefinition.search.map(\.key)
        let target = try LotOptimize.Expression("sharpe", names: names, subject: "--target")
        return Objective(
            targets: [Target(target, isMaximised: true)], minTrades: minTrades)
    }

    static func search(_ kind: SamplerKind, budget: Int) throws -> StudySearch {
        let objective = try objective(minTrades: 10)
        let sampler = try kind.make(space, seed: 5, targets: 1) { _ in true }
        let loop = SearchLoop(
            sampler, objective, KeptMetrics(objective), over: [Segment(0..<1)],
            keepsBlocks: false)
        return StudySearch(
            fold: 0, loop, objective, in: space, budget: budget, leaders: 5)
    }

    /// All trials of a search that is cut and resumed after `cuts` trials each.
    static func trials(
        _ kind: SamplerKind, budget: Int, cuts: [Int] = []
    ) throws -> ([Trial], SearchOutcome) {
        var log = MemoryLog()
        var outcome: SearchOutcome?
        for cut in cuts + [budget] {
            var search = try search(kind, budget: cut)
            try search.resume(from: log)
            outcome = try search.run(
                on: FormulaRunner(), keeping: &log, cancel: CancelFlag(), clock: { 0 }
            ) { _ in }
        }
        var all: [Trial] = []
        try log.trials(fold: 0, from: 0) { (trial: Trial) throws(Diagnosis) in all.append(trial) }
        return (all, try #require(outcome))
    }

    @Test(arguments: SamplerKind.allCases)
    func `a search that is interrupted tries what an undisturbed one tries`(
        _ kind: SamplerKind
    ) throws {
        let (whole, outcome) = try Self.trials(kind, budget: 300)
        let (cut, resumed) = try Self.trials(kind, budget: 300, cuts: [1, 7, 100, 101, 256])
        #expect(whole.map(\.point) == cut.map(\.point))
        #expect(whole.map(\.number) == Array(0..<300))
        #expect(outcome.leaders.trials.map(\.number) == resumed.leaders.trials.map(\.number))
        #expect(outcome.tally == resumed.tally)
        #expect(outcome.isComplete && resumed.isComplete)
    }

    @Test func `the best are feasible first, then by value, then by number`() throws {
        let (all, outcome) = try Self.trials(.grid, budget: 101 * 101)
        #expect(outcome.leaders.best?.point.coordinates == [30, 60])
        let sorted = all.filter(\.counts).sorted {
            (try? Self.objective(minTrades: 10).isBetter($0, $1)) ?? false
        }
        #expect(outcome.leaders.trials.map(\.number) == sorted.prefix(5).map(\.number))
        #expect(outcome.tally.refused == 101)
        #expect(outcome.tally.failed == 5 * 101 - 5)
        #expect(outcome.tally.firstFailure == "x is too large")
        // Trades below ten: x from 0 to 9.
        #expect(outcome.tally.ran - outcome.tally.feasible == 10 * 101 - 10)
    }

    @Test func `what was not run is proposed again`() throws {
        let objective = try Self.objective()
        let sampler = try SamplerKind.random.make(Self.space, seed: 5, targets: 1) { _ in true }
        var loop = SearchLoop(
            sampler, objective, KeptMetrics(objective), over: [Segment(0..<1)],
            keepsBlocks: false)
        let first = try loop.run(50, on: FormulaRunner(stopsAfter: 20), cancel: CancelFlag())
        #expect(first.count == 20 && loop.next == 20)
        let rest = try loop.run(30, on: FormulaRunner(), cancel: CancelFlag())
        let (whole, _) = try Self.trials(.random, budget: 50)
        #expect((first + rest).map(\.point) == whole.map(\.point))
    }

    @Test func `a record of another search is not taken for this one`() throws {
        var log = MemoryLog()
        log.append(
            [
                Trial(number: 0, point: Point([99, 99]), status: .feasible, values: [1])
            ], fold: 0)
        guard let kind = SamplerKind.allCases.first(where: { !SamplerKind.modelFree.contains($0) })
        else { return }
        var search = try Self.search(kind, budget: 10)
        #expect(throws: Diagnosis.self) { try search.resume(from: log) }
    }

    @Test func `a large study keeps the block sums of a sample that fits`() {
        #expect((0..<1_000).allSatisfy { TrialSample.keeps($0, of: 100_000, seed: 0) })
        for count in [100_001, 300_000, 1_000_000] {
            let kept = (0..<count).count { TrialSample.keeps($0, of: count, seed: 0) }
            #expect(kept <= TrialSample.limit && kept > TrialSample.limit * 97 / 100)
        }
        let trial = Trial(
            number: 5, point: Point([1]), status: .feasible, values: [1], blocks: [1, 2])
        #expect(trial.sampled(of: 100_000).blocks == [1, 2])
        let sampled = (0..<1_000).map { number in
            var one = trial
            one.number = number
            return one.sampled(of: 1_000_000)
        }
        #expect(
            sampled.count { !$0.blocks.isEmpty }
                == (0..<1_000).count { TrialSample.keeps($0, of: 1_000_000, seed: 0) })
        #expect(sampled.contains { $0.blocks.isEmpty })
    }

    @Test func `batches grow towards two seconds and stay within bounds`() {
        var batch = BatchSize()
        // Nobody knows yet how long a trial takes: a batch that is killed should not be long.
        #expect(batch.size == 16)
        batch.took(0.1, for: 16)
        #expect(batch.size == 64)
        batch.took(0.1, for: 64)
        #expect(batch.size == 256)
        batch.took(100, for: 256)
        #expect(batch.size == 64)
        for _ in 0..<20 { batch.took(1_000, for: 100) }
        #expect(batch.size == 16)
        for _ in 0..<20 { batch.took(0.001, for: 100) }
        #expect(batch.size == 4_096)
    }
}
