import Foundation
import LotCore
import LotMath

/// A seeded stream of numbers: SplitMix64 (Steele, Lea and Flood, 2014).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// A number in `0..<1`.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// Two numbers are the same: equal bits, or both NaN (whose payload the processor chooses).
func same(_ a: Double, _ b: Double) -> Bool {
    a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
}

/// Row by row the same.
func same(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { same($0, $1) }
}

/// Random walk around 100; with `dirt`, one price in twenty is NaN or infinite, and some repeat.
func randomBars(_ count: Int, seed: UInt64, dirt: Bool = false) -> Bars {
    var random = SeededNumbers(seed)
    var price = 100.0
    func dirty(_ value: Double, _ random: inout SeededNumbers) -> Double {
        guard dirt, random.unit() < 0.05 else { return value }
        return [.nan, .infinity, -.infinity, 0][Int(random.unit() * 4)]
    }
    let bars = (0..<count).map { row in
        let open = price
        if random.unit() > 0.2 { price *= 1 + (random.unit() - 0.5) * 0.02 }
        let high = max(open, price) * (1 + random.unit() * 0.005)
        let low = min(open, price) * (1 - random.unit() * 0.005)
        return Bar(
            openTime: Int64(row) * 60_000, open: dirty(open, &random),
            high: dirty(high, &random), low: dirty(low, &random),
            close: dirty(price, &random), volume: dirty(random.unit() * 10, &random))
    }
    return Bars(interval: Interval.all[1], bars)
}

/// The bars with NaN, or another value, in all columns of one row.
func spoilt(_ bars: Bars, at row: Int, _ bad: Double = .nan) -> Bars {
    func spoil(_ column: Column<Double>) -> Column<Double> {
        var values = column.array
        values[row] = bad
        return Column(values)
    }
    return Bars(
        interval: bars.interval, openTime: bars.openTime, open: spoil(bars.open),
        high: spoil(bars.high), low: spoil(bars.low), close: spoil(bars.close),
        volume: bars.volume.map(spoil))
}

/// Bars whose four prices are `values`.
func flatBars(_ values: [Double]) -> Bars {
    Bars(
        interval: Interval.all[1],
        values.enumerated().map {
            Bar(
                openTime: Int64($0) * 60_000, open: $1, high: $1, low: $1, close: $1,
                volume: 1)
        })
}

/// A golden file: header and rows of fields.
func golden(_ name: String, separator: Character = ",") throws -> (
    header: [String], rows: [[String]]
) {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
    let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    let lines = text.split(separator: "\n").map {
        $0.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
    return (lines.first ?? [], Array(lines.dropFirst()))
}

/// Every number and condition of `program` over `bars`, in tiles of the lengths given.
func run(
    _ program: SeriesProgram, _ bars: Bars, tiles: () -> Int
) -> (numbers: [[Double]], flags: [[Bool]]) {
    let evaluator = SeriesEvaluator(program, bars: bars)
    var numbers = [[Double]](repeating: [], count: program.nodes.count)
    var flags = [[Bool]](repeating: [], count: program.nodes.count)
    while evaluator.rows < bars.count {
        evaluator.advance(tiles())
        for (index, node) in program.nodes.enumerated() {
            for row in evaluator.tileStart..<evaluator.rows {
                if node.operation.isCondition {
                    flags[index].append(evaluator.flag(NodeID(index), at: row))
                } else {
                    numbers[index].append(evaluator.value(NodeID(index), at: row))
                }
            }
        }
    }
    return (numbers, flags)
}
