import LotCore
import Testing

@testable import LotOptimize

/// Spaces, and the samplers that need no model.
@Suite struct SearchSpaceTests {
    static let space = SearchSpace(dimensions: [
        Dimension(name: "fast", kind: .int(5...50, step: 5)),
        Dimension(name: "mode", kind: .choice(["up", "down", "both"])),
        Dimension(name: "stop", kind: .float(0.1...0.3, step: 0.1, isLogarithmic: false)),
        Dimension(name: "hedge", kind: .bool),
    ])

    @Test func `a grid has every combination once, the last parameter fastest`() {
        let count = Self.space.gridCount
        #expect(count == 10 * 3 * 3 * 2)
        let points = (0..<(count ?? 0)).map { Self.space.gridPoint($0) }
        #expect(Set(points).count == 180)
        #expect(points[0].coordinates == [5, 0, 0.1, 0])
        #expect(points[1].coordinates == [5, 0, 0.1, 1])
        #expect(points[179].coordinates[0...1] == [50, 2])
        #expect(Self.space.text(points[3], 2) == "0.2")
        let words = Self.space.dimensions.indices.map { Self.space.text(points[179], $0) }
        #expect(words[0] == "50" && words[1] == "both" && words[3] == "true")
    }

    @Test func `a step that does not divide the range ends before it`() {
        let odd = Dimension(name: "n", kind: .int(5...50, step: 10))
        #expect(odd.count == 5)
        let tenth = Dimension(name: "x", kind: .float(0...1, step: 0.1, isLogarithmic: false))
        #expect(tenth.count == 11)
        let third = Dimension(name: "x", kind: .float(0...1, step: 0.3, isLogarithmic: false))
        #expect(third.count == 4)
    }

    @Test(arguments: [
        DimensionKind.int(Int.min...Int.max, step: 1), .int(0...Int.max, step: 1),
        .float(0...1e19, step: 1, isLogarithmic: false),
        .float(0...1e12, step: 1e-9, isLogarithmic: false),
        .float(-1e308...1e308, step: 1, isLogarithmic: false),
        .float(1e-300...1e300, step: 1e-300, isLogarithmic: true),
    ])
    func `ranges of more values than can be told apart are known, and nothing traps`(
        kind: DimensionKind
    ) {
        let wide = Dimension(name: "x", kind: kind)
        #expect(wide.isTooWide)
        #expect(wide.count == Dimension.countLimit)
        let space = SearchSpace(dimensions: [wide])
        #expect(space.gridCount == nil)
        for unit in [0, 0.3, 1] {
            let point = space.snapped(unit: [unit])
            #expect(point.coordinates[0].isFinite)
            #expect(space.unit(point)[0].isFinite)
        }
        #expect(!Dimension(name: "x", kind: .int(0...100, step: 1)).isTooWide)
    }

    @Test(arguments: [
        DimensionKind.float(1e-200...1e200, step: nil, isLogarithmic: true),
        .float(-1.7e308...1.7e308, step: nil, isLogarithmic: false),
    ])
    func `a range whose width is no number has its places all the same`(kind: DimensionKind) {
        let space = SearchSpace(dimensions: [Dimension(name: "x", kind: kind)])
        for unit in [0, 0.25, 0.5, 0.75, 1] {
            let place = space.unit(space.snapped(unit: [unit]))[0]
            #expect(abs(place - unit) < 1e-9, "\(unit)")
        }
    }

    @Test func `a record that holds no number of the space traps nowhere`() {
        for value in [Double.nan, .infinity, -1e300, 1e300] {
            var seen = DistinctPoints(Self.space)
            let point = Point([value, value, value, value])
            let isNew = seen.insert(point)
            #expect(isNew)
            for place in Self.space.dimensions.indices {
                #expect(!Self.space.text(point, place).isEmpty)
            }
        }
    }

    @Test func `every point keeps its place through the unit cube`() {
        var space = Self.space
        space.dimensions.append(
            Dimension(name: "decay", kind: .float(1e-4...1, step: nil, isLogarithmic: true)))
        #expect(space.gridCount == nil)
        for place in stride(from: 0.0, through: 1.0, by: 0.0625) {
            let point = space.snapped(unit: [place, place, place, place, place])
            #expect(
                space.snapped(unit: space.unit(point)).coordinates.dropLast()
                    == point.coordinates.dropLast())
            #expect(abs(space.unit(point)[4] - place) < 1e-12)
        }
        #expect(space.snapped(unit: [0, 0, 0, 0, 0.5]).coordinates[4] == 0.01)
    }

    @Test func `a grid of something endless is refused by the parameter's name`() {
        let space = SearchSpace(dimensions: [
            Dimension(name: "decay", kind: .float(0...1, step: nil, isLogarithmic: false))
        ])
        let error = #expect(throws: Diagnosis.self) { try space.requireGrid() }
        #expect(error?.message.contains("decay") == true)
    }

    @Test(arguments: SamplerKind.modelFree)
    func `a sampler that needs no answers jumps to any trial`(_ kind: SamplerKind) throws {
        func make() throws -> any Sampler {
            try kind.make(Self.space, seed: 3, targets: 1) { $0.coordinates[3] == 1 }
        }
        var whole = try make()
        let points = whole.ask(60)
        #expect(points.count == 60)
        #expect(points.allSatisfy { $0.coordinates[3] == 1 })
        for start in [0, 1, 17, 59] {
            var later = try make()
            let isThere = later.skip(to: start)
            #expect(isThere)
            let rest = later.ask(60 - start)
            #expect(rest == Array(points[start...]))
        }
        var pieces = try make()
        let parts = [13, 1, 46].flatMap { pieces.ask($0) }
        #expect(parts == points)
    }

    @Test func `seeds differ, and one seed is one search`() throws {
        func points(_ seed: UInt64) throws -> [Point] {
            var sampler = try SamplerKind.random.make(Self.space, seed: seed, targets: 1) { _ in
                true
            }
            return sampler.ask(40)
        }
        #expect(try points(1) == points(1))
        #expect(try points(1) != points(2))
    }

    @Test func `a grid ends, and conditions that nothing meets leave nothing`() throws {
        var grid = try SamplerKind.grid.make(Self.space, seed: 0, targets: 1) { _ in true }
        let all = grid.ask(1_000)
        #expect(all.count == 180)
        let more = grid.ask(1)
        #expect(more.isEmpty)
        var never = try SamplerKind.random.make(Self.space, seed: 0, targets: 1) { _ in false }
        let none = never.ask(1)
        #expect(none.isEmpty)
    }
}
