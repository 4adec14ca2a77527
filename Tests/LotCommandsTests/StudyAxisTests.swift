import LotOptimize
import Testing

@testable import LotCommands
@testable import LotReport

/// The labels of a parameter's axis on a study's page.
struct StudyAxisTests {
    private func labels(_ kind: DimensionKind) -> [String] {
        Dimension(name: "p", kind: kind).axis.ticks.map(\.label)
    }

    @Test func `whole numbers have whole labels, round ones where there are many`() {
        #expect(labels(.int(5...50, step: 5)) == ["10", "20", "30", "40", "50"])
        #expect(labels(.int(5...50, step: 1)) == ["10", "20", "30", "40", "50"])
        #expect(labels(.int(1...4, step: 1)) == ["1", "2", "3", "4"])
        // Of the round numbers only 70 is among 63, 70, 77 …: every second from the first.
        #expect(labels(.int(63...133, step: 7)) == ["63", "77", "91", "105", "119", "133"])
        #expect(labels(.int(0...1_000_000_000, step: 1)).count < 9)
    }

    @Test func `numbers of a range have round labels, logarithmic ones by powers of ten`() {
        let isLog = DimensionKind.float(0.001...0.2, step: nil, isLogarithmic: true)
        #expect(
            labels(isLog) == ["0.001", "0.002", "0.005", "0.01", "0.02", "0.05", "0.1", "0.2"])
        #expect(
            labels(.float(0.1...0.9, step: 0.05, isLogarithmic: false))
                == ["0.2", "0.4", "0.6", "0.8"])
        // Equal ratios have equal lengths.
        let ticks = Dimension(name: "p", kind: isLog).axis.ticks
        #expect(abs((ticks[3].place - ticks[0].place) - (ticks[6].place - ticks[3].place)) < 1e-12)
    }

    @Test func `an axis has a column and labels for any number`() {
        let axis = StudyAxis("x", cells: 20, ticks: [])
        #expect(
            [-.infinity, -1, 0.5, 1, 1e300, .infinity].map(axis.cell) == [0, 0, 10, 19, 19, 19])
        #expect((0..<20).contains(axis.cell(.nan)))
        let least = Double.leastNonzeroMagnitude
        for (low, high) in [
            (1_000 * least, 1), (least, 2 * least), (1e-200, 1e200), (1, 1.0.nextUp),
        ] {
            for isLog in [true, false] {
                let numbers = StudyAxis.roundNumbers(low, high, isLogarithmic: isLog)
                #expect(numbers.count < 9)
            }
        }
        #expect(StudyAxis.roundNumbers(-1.7e308, 1.7e308, isLogarithmic: false).count == 2)
    }

    @Test func `choices and flags have their names`() {
        #expect(labels(.choice(["up", "down"])) == ["up", "down"])
        #expect(labels(.bool) == ["false", "true"])
        let names = (0..<20).map { "choice\($0)" }
        #expect(labels(.choice(names)) == stride(from: 0, to: 20, by: 3).map { names[$0] })
        #expect(labels(.choice(["a very long name of a choice"])) == ["a very long…"])
    }
}
