import LotCore
import Testing

@testable import LotOptimize

/// What every sampler owes: the same points again, conditions, constraints, failures, an end.
@Suite struct LearningSamplerTests {
    private static let learners = SamplerKind.allCases.filter {
        !SamplerKind.modelFree.contains($0)
    }

    private static let mixed = TestFunction.mixed.space
    private static let bowl = TestFunction.mixed

    @Test(arguments: learners)
    func `a search told again proposes the same points, another seed others`(
        _ kind: SamplerKind
    ) throws {
        func run(_ seed: UInt64) throws -> [Point] {
            let sampler = try kind.make(Self.mixed, seed: seed, targets: 1) {
                $0.coordinates[0] > 2
            }
            return Self.bowl.search(sampler, trials: 120).map(\.point)
        }
        let first = try run(1)
        #expect(try run(1) == first)
        #expect(try run(2) != first)
        #expect(first.count == 120 && first.allSatisfy { $0.coordinates[0] > 2 })
        for point in first {
            #expect(
                Self.mixed.snapped(unit: Self.mixed.unit(point)).coordinates[0]
                    == point.coordinates[0])
            #expect((0.001...10).contains(point.coordinates[2]))
        }
    }

    @Test(arguments: learners)
    func `a learner beats random search`(_ kind: SamplerKind) throws {
        func best(_ kind: SamplerKind) throws -> Double {
            let bests = try (0..<5).map { seed in
                let sampler = try kind.make(Self.mixed, seed: UInt64(seed), targets: 1) { _ in true
                }
                return Self.bowl.search(sampler, trials: 200).map { $0.losses[0] }.min() ?? 9
            }
            return bests.sorted()[2]
        }
        #expect(try best(kind) < best(.random))
    }

    @Test(arguments: learners)
    func `constraints are learnt, and failures shunned`(_ kind: SamplerKind) throws {
        // Only x0 > 3 is allowed; beyond x1 > 0 trials fail. The best is at (3, 0, 0, 0, 0).
        let function = TestFunction(name: "failing", space: TestFunction.sphere.space) { x in
            x[1] > 0 ? [.nan] : TestFunction.sphere.losses(x)
        }
        let sampler = try kind.make(function.space, seed: 3, targets: 1) { _ in true }
        let all = function.search(sampler, trials: 400) { max(0, 3 - $0.coordinates[0]) }
        func good(_ part: ArraySlice<Observation>) -> Int { part.filter(\.isFeasible).count }
        // At random a tenth would be feasible.
        #expect(good(all[200...]) > 60)
    }

    @Test(arguments: [SamplerKind.tpe, .nsga2])
    func `a small space ends after every point was tried once`(_ kind: SamplerKind) throws {
        let space = SearchSpace(dimensions: [
            Dimension(name: "n", kind: .int(0...9, step: 1)), Dimension(name: "f", kind: .bool),
        ])
        let function = TestFunction(name: "line", space: space) { [$0[0]] }
        let sampler = try kind.make(space, seed: 1, targets: 1) { $0.coordinates[0] != 4 }
        let points = function.search(sampler, trials: 500).map(\.point)
        #expect(points.count == 18 && Set(points).count == 18)
    }

    @Test(arguments: learners)
    func `a condition that nothing meets ends the search`(_ kind: SamplerKind) throws {
        var sampler = try kind.make(Self.mixed, seed: 1, targets: 1) { _ in false }
        #expect(sampler.ask(sampler.batch ?? 1) == [])
    }

    @Test func `models of one target refuse two`() {
        for kind in [SamplerKind.tpe, .cmaes] {
            let error = #expect(throws: Diagnosis.self) {
                try kind.make(Self.mixed, seed: 1, targets: 2) { _ in true }
            }
            #expect(error?.hint == "--sampler nsga2")
        }
        let wide = SearchSpace(dimensions: TestFunction.floats(65, 0...1))
        #expect(throws: Diagnosis.self) {
            try SamplerKind.sobol.make(wide, seed: 1, targets: 1) { _ in true }
        }
    }

    @Test func `what TPE remembers does not grow`() {
        var memory = ParzenMemory(seed: 1, limit: 100)
        for number in 0..<3_000 {
            let loss = Double((number * 7_919) % 3_001)
            memory.add(
                Observation(number: number, point: Point([loss]), losses: [loss], violation: 0),
                at: [0.5])
            #expect(memory.good.count == min(50, (15 * (number + 1) + 99) / 100))
        }
        #expect(memory.bad.count == 125)
        let best = memory.good.map { $0.observation.losses[0] }
        #expect(best.max() ?? 99 < 51)
        #expect(memory.bad.suffix(10).map(\.observation.number).allSatisfy { $0 > 2_900 })
    }

    @Test func `scrambled Sobol points stay a net`() throws {
        let space = SearchSpace(dimensions: TestFunction.floats(3, 0...1))
        for seed in [UInt64(1), 2] {
            var sampler = try SobolSampler(space, seed: seed) { _ in true }
            let points = sampler.ask(256)
            for axis in 0..<3 {
                let cells = Set(points.map { Int($0.coordinates[axis] * 256) })
                #expect(cells.count == 256)
            }
            // A (0, 8, 2)-net in the first two: one point in each cell of 16 × 16.
            let squares = points.map {
                Int($0.coordinates[0] * 16) * 16 + Int($0.coordinates[1] * 16)
            }
            #expect(Set(squares).count == 256)
        }
    }
}
