import LotCore
import LotEngine
import LotMath
import Testing

@testable import LotOptimize

/// Points that a sampler comes back to: they are one chance to be lucky, not several.
@Suite struct RepeatedPointsTests {
    private static let day = millisecondsPerDay
    private static let days = 64

    /// x from 0 to 10, y from 0 to 10.
    private static let space = SearchSpace(dimensions: [
        Dimension(name: "x", kind: .int(0...10, step: 1)),
        Dimension(name: "y", kind: .int(0...10, step: 1)),
    ])

    /// A trial at a point: the nearer to (5, 5), the larger its Sharpe ratio and its day returns.
    private static func trial(_ number: Int, _ x: Double, _ y: Double) throws -> Trial {
        let objective = try SearchTests.objective()
        let sharpe = 3 - 0.2 * (abs(x - 5) + abs(y - 5))
        var metrics = [Double](repeating: .nan, count: MetricDefinition.search.count)
        metrics[try #require(MetricDefinition.searchIndex(of: "sharpe"))] = sharpe
        let start = Int(x) * 11 + Int(y) * 5
        let returns = (0..<days).map { day -> Double in
            let wave: Int = (day * 37 + start) % 23 - 11
            return sharpe / 1_000 + 0.01 * Double(wave) / 11
        }
        var blocks: [Double] = []
        BlockSums.append(of: returns, to: &blocks)
        return objective.trial(
            number, Point([x, y]), .ran(TrialFinding(metrics: metrics, blocks: blocks)),
            KeptMetrics(objective))
    }

    /// A run of 64 days that the statistics of the best are computed from.
    private static func run() throws -> MetricInput {
        var equity = EquityTracker(
            startingCash: 1_000, startTime: 0, startPrice: 1,
            interval: try #require(Interval("1d")))
        var value = 1_000.0
        for number in 0..<days {
            let wave: Int = number * 37 % 23 - 11
            value *= 1.004 + 0.01 * Double(wave) / 11
            equity.mark(time: Int64(number + 1) * day, equity: value, price: 1)
        }
        return MetricInput(
            equity: equity, trades: [], fees: 0, slippage: 0, counters: RunCounters(),
            windowBars: days, startTime: 0, endTime: Int64(days) * day)
    }

    private static func report(_ points: [(Double, Double)], earlier: Int = 0) throws -> LuckReport
    {
        var log = MemoryLog()
        var tally = TrialTally()
        var tried: Set<Point> = []
        let trials = try points.enumerated().map { number, point in
            try trial(number, point.0, point.1)
        }
        log.append(trials, fold: 0)
        for trial in trials { tally.add(trial, isNew: tried.insert(trial.point).inserted) }
        return try LuckReport(
            best: trials[0], run: try run(), objective: try SearchTests.objective(), space: space,
            tally: tally, earlier: earlier, log: log, seed: 1, threads: 1)
    }

    @Test func `a neighbour that is proposed again counts once`() throws {
        // Around (5, 5) with 3.0: (5, 6) has 2.8, (4, 4) has 2.6; (9, 9) is no neighbour.
        let once = try Self.report([(5, 5), (5, 6), (4, 4), (9, 9)])
        #expect(once.stability.neighbours == 2)
        #expect(abs(once.stability.meanFall - (0.2 / 3 + 0.4 / 3) / 2) < 1e-12)
        let often = try Self.report(
            [(5, 5), (5, 6), (4, 4), (9, 9), (5, 6), (5, 6), (5, 5), (5, 6)])
        #expect(often.stability == once.stability)
    }

    @Test func `what is tried again changes no figure, and both numbers are said`() throws {
        let points = (0..<30).map { number -> (Double, Double) in
            (Double(5 + number % 6), Double(5 + number / 6))
        }
        #expect(Set(points.map { Point([$0.0, $0.1]) }).count == 30)
        let once = try Self.report(points, earlier: 100)
        let again = try Self.report(points + points.prefix(20) + points.prefix(7), earlier: 100)
        #expect(once.trials == 30 && once.points == 30)
        #expect(again.trials == 57 && again.points == 30)
        // The paper's N: 30 points of this study and 100 trials before it.
        #expect(again.deflated.trials == 130)
        #expect(once.chances == "130 trials")
        #expect(again.chances == "157 trials, 130 distinct points")
        #expect(again.verdict.contains { $0.contains("157 trials, 130 distinct points") })
        #expect(again.overfitting?.trials == 30)
        #expect(again.deflated == once.deflated)
        #expect(again.overfitting == once.overfitting)
        #expect(again.stability == once.stability)
        #expect(again.effectiveTrials == once.effectiveTrials)
    }

    @Test(arguments: [SamplerKind.cmaes, .sobol])
    func `a search over few points counts them, resumed or not`(_ kind: SamplerKind) throws {
        let objective = try SearchTests.objective(minTrades: 3)
        var log = MemoryLog()
        var tallies: [TrialTally] = []
        for budget in [70, 200, 200] {
            let sampler = try kind.make(Self.space, seed: 5, targets: 1) { _ in true }
            let loop = SearchLoop(
                sampler, objective, KeptMetrics(objective), over: [Segment(0..<1)],
                keepsBlocks: false)
            var search = StudySearch(
                fold: 0, loop, objective, in: Self.space, budget: budget, leaders: 5)
            try search.resume(from: log)
            tallies.append(
                try search.run(
                    on: FormulaRunner(), keeping: &log, cancel: CancelFlag(), clock: { 0 }
                ) { _ in }.tally)
        }
        var all: [Trial] = []
        try log.trials(fold: 0, from: 0) { (trial: Trial) throws(Diagnosis) in all.append(trial) }
        let ran = all.filter(\.counts)
        #expect(all.count == 200)
        #expect(tallies[1] == tallies[2])
        #expect(tallies[1].ran == ran.count)
        #expect(tallies[1].points == Set(ran.map(\.point)).count)
        #expect(tallies[1].points < tallies[1].ran)
        let tried = all.filter { $0.status != .refused }
        #expect(tallies[1].repeats == tried.count - Set(tried.map(\.point)).count)
    }

    @Test func `bits and hashes tell the same points apart`() {
        let steps = SearchSpace(dimensions: [
            Dimension(name: "x", kind: .int(-3...9, step: 3)),
            Dimension(name: "y", kind: .float(0.1...0.7, step: 0.1, isLogarithmic: false)),
            Dimension(name: "z", kind: .choice(["a", "b", "c"])),
            Dimension(name: "u", kind: .bool),
        ])
        let continuous = SearchSpace(
            dimensions: steps.dimensions + [
                Dimension(name: "v", kind: .float(0...1, step: nil, isLogarithmic: false))
            ])
        var bits = DistinctPoints(steps)
        var hashes = DistinctPoints(continuous)
        var known: Set<Point> = []
        for number in 0..<600 {
            let point = steps.gridPoint(number * number * 31 % 210)
            let isNew = known.insert(point).inserted
            let found = bits.insert(point)
            let hashed = hashes.insert(Point(point.coordinates + [0.5]))
            #expect(found == isNew && hashed == isNew)
        }
        #expect(known.count > 30 && known.count < 210)
        // Damaged records are no reason to stop.
        let damaged = [1e6, -1e6, 1e6].map { bits.insert(Point([$0, 0.1, 0, 0])) }
        #expect(damaged == [true, true, false])
    }
}
