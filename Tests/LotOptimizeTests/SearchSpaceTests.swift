import LotCore
import LotOptimize
import Testing

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
