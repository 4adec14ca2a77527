import LotCore
import LotMath
import Testing

/// Simple averages of one series are computed side by side, block by block.
struct MovingAverageTests {
    static let short = [1, 2, 3, 5, 20, 63, 64, 65, 200, 510, 511, 512]
    static let long = [2, 7, 513, 1_000, 1_023, 1_024, 1_025, 4_000]

    /// Bars with bad values here and there: whole blocks between them, and blocks with one.
    static func bars(_ values: String) -> Bars {
        var bars = randomBars(13_003, seed: 5, dirt: values == "dirty")
        var odd: [(row: Int, value: Double)] = []
        switch values {
        case "a bad value here and there":
            odd = [(2_047, .nan), (4_096, .infinity), (5_632, -.infinity), (8_100, .nan)]
        case "absurd":
            odd = [(3, 1e9), (150, 1e12), (4_095, -1e300), (4_096, 1e300), (9_000, 1e8)]
        default: break
        }
        for (row, value) in odd { bars = spoilt(bars, at: row, value) }
        return bars
    }

    /// Values of every node, in tiles of so many rows.
    static func numbers(_ program: SeriesProgram, _ bars: Bars, _ tile: Int) -> [[Double]] {
        run(program, bars) { tile }.numbers
    }

    @Test(
        arguments: ["clean", "dirty", "a bad value here and there", "absurd"], [short, long])
    func `averages side by side give the bits of one step after the other`(
        values: String, lengths: [Int]
    ) throws {
        let sma = try #require(IndicatorRegistry.index(of: "sma"))
        var program = SeriesProgram()
        var nodes: [NodeID] = []
        // A stored column, and a series of which an evaluator keeps the newest values only.
        let close = program.field(.close)
        for input in [close, program.apply(.add, [close, program.field(.volume)])] {
            for length in lengths {
                nodes += program.indicator(sma, input: input, parameters: [Double(length)])
            }
        }
        nodes += program.indicator(sma, input: nodes[1], parameters: [7])
        let bars = Self.bars(values)
        let streaming = Self.numbers(program, bars, 1)
        var random = SeededNumbers(7)
        let runs = [
            Self.numbers(program, bars, tileCapacity), Self.numbers(program, bars, 1_536),
            Self.numbers(program, bars, 512), Self.numbers(program, bars, 1_000),
            run(program, bars) { 1 + Int(random.unit() * Double(tileCapacity - 1)) }.numbers,
        ]
        for node in nodes.map({ Int($0) }) {
            for numbers in runs {
                #expect(same(numbers[node], streaming[node]), "node \(node)")
            }
            #expect(values == "dirty" || streaming[node].last?.isFinite == true)
        }
    }

    @Test func `an average does not depend on others beside it`() throws {
        let bars = Self.bars("a bad value here and there")
        let sma = try #require(IndicatorRegistry.index(of: "sma"))
        func averages(_ lengths: [Int]) -> [[Double]] {
            var program = SeriesProgram()
            let close = program.field(.close)
            let nodes = lengths.map {
                program.indicator(sma, input: close, parameters: [Double($0)])[0]
            }
            let numbers = Self.numbers(program, bars, tileCapacity)
            return nodes.map { numbers[Int($0)] }
        }
        let all = Self.short + Self.long
        for (length, together) in zip(all, averages(all)) {
            #expect(same(averages([length])[0], together), "length \(length)")
        }
    }

    /// MACD reads averages of its own; those of other series and lengths do not touch it.
    @Test func `macd beside averages of the same series`() throws {
        let sma = try #require(IndicatorRegistry.index(of: "sma"))
        let macd = try #require(IndicatorRegistry.index(of: "macd"))
        var program = SeriesProgram()
        let close = program.field(.close)
        var nodes: [NodeID] = []
        for (fast, slow, signal) in [(12.0, 26.0, 9.0), (60, 7, 1), (3, 500, 40)] {
            nodes += program.indicator(macd, input: close, parameters: [fast, slow, signal])
            nodes += program.indicator(sma, input: close, parameters: [fast])
        }
        for values in ["clean", "dirty", "absurd"] {
            let bars = Self.bars(values)
            let streaming = Self.numbers(program, bars, 1)
            let batch = Self.numbers(program, bars, tileCapacity)
            #expect(nodes.allSatisfy { same(batch[Int($0)], streaming[Int($0)]) }, "\(values)")
        }
    }

    /// Against sums in which every rounding error is kept (Neumaier, 1974), near and far from rows
    /// at which sums begin anew.
    @Test(arguments: [2, 5, 20, 200, 512, 3_000])
    func `an average is the mean of its window to the last digits`(length: Int) throws {
        let values = randomBars(8_000, seed: 31).close.array
        let sma = try evaluateIndicator("sma", [Double(length)], over: values)[0]
        for row in stride(from: length - 1, to: values.count, by: 7) {
            var (sum, lost) = (0.0, 0.0)
            for value in values[(row - length + 1)...row] {
                let next = sum + value
                lost += abs(sum) >= abs(value) ? (sum - next) + value : (value - next) + sum
                sum = next
            }
            let mean = (sum + lost) / Double(length)
            #expect(abs(sma[row] - mean) <= 2e-15 * mean, "row \(row)")
        }
    }

    @Test func `running sums do not drift over a million values`() throws {
        var random = SeededNumbers(8)
        let values = (0..<1_000_000).map { _ in 1e5 * random.unit() }
        let sma = try evaluateIndicator("sma", [100], over: values)[0]
        for row in stride(from: 999_000, to: 1_000_000, by: 37) {
            let exact = values[(row - 99)...row].reduce(0, +) / 100
            #expect(abs(sma[row] - exact) <= 1e-13 * exact)
        }
    }

    /// A bar without volume as the anchor, and after it volumes far beyond: none may put off the
    /// fresh sums that the next needs.
    @Test func `sums are fresh in time though all values are far from the anchor`() throws {
        var random = SeededNumbers(12)
        var values = [Double](repeating: 0, count: 20)
        values += (0..<3_000).map { _ in 1e15 * random.unit() }
        values += (0..<6_000).map { _ in 2e6 + random.unit() }
        let sma = try evaluateIndicator("sma", [20], over: values)[0]
        for row in 4_200..<values.count {
            let exact = values[(row - 19)...row].reduce(0, +) / 20
            #expect(abs(sma[row] - exact) <= 1e-13 * exact, "row \(row)")
        }
    }
}
