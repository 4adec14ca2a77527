import Testing

@testable import LotOptimize

/// Tests put into paths.
@Suite struct TestPathTests {
    private func part(_ fold: Int, _ time: Range<Int64>) -> TestPath.Part {
        TestPath.Part(
            fold: fold, trial: fold * 10, point: Point([Double(fold)]), segment: Segment(time))
    }

    /// Four groups of ten, two of them held back at a time: the example of Lopez de Prado's 12.3
    /// with N = 4, k = 2 has 2/4 * 6 = 3 paths.
    @Test func `combinatorial tests make k of N times C paths, each over everything`() {
        let tests = combinations(4, 2).enumerated().flatMap { index, held in
            held.map { part(index + 1, Int64($0) * 10..<Int64($0) * 10 + 10) }
        }
        let paths = TestPath.parts(tests)
        #expect(paths.count == FoldPlan.pathCount(groups: 4, tested: 2))
        // Folds hold back 01, 02, 03, 12, 13, 23.
        #expect(paths.map { $0.map(\.fold) } == [[1, 1, 2, 3], [2, 4, 4, 5], [3, 5, 6, 6]])
        for path in paths {
            #expect(path.map(\.segment.start) == [0, 10, 20, 30])
            #expect(path.map(\.segment.end) == [10, 20, 30, 40])
        }
        // Every test is in one path.
        #expect(paths.reduce(0) { $0 + $1.count } == tests.count)
    }

    @Test func `a test ends where the next one begins`() {
        let paths = TestPath.parts([part(1, 0..<20), part(2, 10..<30), part(3, 20..<35)])
        #expect(paths.count == 1)
        #expect(
            paths[0].map(\.segment) == [Segment(0..<10), Segment(10..<20), Segment(20..<35)])
    }

    @Test func `the median path is the worse of two, and undefined ones are the worst`() {
        #expect(TestPath.median([]) == nil)
        #expect(TestPath.median([-1]) == 0)
        #expect(TestPath.median([-1, -3, -2]) == 2)
        #expect(TestPath.median([-1, -3, -2, -4]) == 2)
        #expect(TestPath.median([.nan, -3, -2]) == 2)
        #expect(TestPath.median([-2, -2, -2]) == 1)
    }

    @Test func `the spread of figures over paths`() throws {
        let spread = try #require(PathSpread([3, -1, 2, 0]))
        #expect(spread.least == -1 && spread.median == 1 && spread.greatest == 3)
        #expect(spread.mean == 1 && spread.negativeShare == 0.25)
        // Squares of 2, -2, 1, -1 add up to 10, over three.
        #expect(spread.deviation == (10.0 / 3).squareRoot())
        #expect(PathSpread([1])?.deviation == nil)
        #expect(PathSpread([]) == nil && PathSpread([.nan]) == nil)
    }
}
