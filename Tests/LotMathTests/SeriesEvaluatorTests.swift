import LotCore
import LotMath
import Testing

/// Tiles, history, and what NaN means to each operator.
struct SeriesEvaluatorTests {
    /// A program with every operator and every indicator, shifts across tile borders included.
    static func everything() -> SeriesProgram {
        var program = SeriesProgram()
        let close = program.field(.close)
        var numbers = PriceField.allCases.map { program.field($0) } + [program.constant(100)]
        for index in IndicatorRegistry.all.indices {
            let parameters = IndicatorRegistry.all[index].parameters.map(\.defaultValue)
            let inputs = IndicatorPropertyTests.inputs(IndicatorRegistry.all[index], &program)
            numbers += program.indicator(index, inputs: inputs, parameters: parameters)
        }
        let operations: [SeriesOperation] = [
            .add, .subtract, .multiply, .divide, .maximum, .minimum,
        ]
        for (index, operation) in operations.enumerated() {
            numbers.append(program.apply(operation, [numbers[index + 6], numbers[index]]))
        }
        for bars in [0, 1, 63, 64, 65, 4_095, 4_096, 6_000] {
            numbers.append(program.apply(.shift(bars), [numbers[bars % 17 + 6]]))
        }
        var conditions: [NodeID] = []
        for (index, operation) in [
            SeriesOperation.above, .below, .crossesAbove, .crossesBelow,
        ].enumerated() {
            conditions.append(program.apply(operation, [close, numbers[6 + index]]))
        }
        conditions.append(program.apply(.and, [conditions[0], conditions[1]]))
        conditions.append(program.apply(.or, [conditions[2], conditions[3]]))
        conditions.append(program.apply(.not, [conditions[5]]))
        for bars in [0, 1, 63, 64, 65, 4_096] {
            conditions.append(program.apply(.shiftCondition(bars), [conditions[0]]))
        }
        return program
    }

    @Test(arguments: [false, true])
    func `any tiles give the same bits`(dirt: Bool) {
        let program = Self.everything()
        let bars = randomBars(13_000, seed: 11, dirt: dirt)
        let whole = run(program, bars) { tileCapacity }
        let single = run(program, bars) { 1 }
        var random = SeededNumbers(3)
        let uneven = run(program, bars) { Int(random.unit() * 4_096) + 1 }
        let short = run(program, bars) { Int(random.unit() * 130) + 1 }
        for node in program.nodes.indices {
            for other in [single, uneven, short] {
                #expect(same(whole.numbers[node], other.numbers[node]), "node \(node)")
                #expect(whole.flags[node] == other.flags[node], "node \(node)")
            }
        }
    }

    @Test(arguments: [1, 777, 4_096])
    func `history is kept across tiles`(length: Int) {
        let program = Self.everything()
        let bars = randomBars(10_300, seed: 12)
        let whole = run(program, bars) { tileCapacity }
        let evaluator = SeriesEvaluator(program, bars: bars)
        var random = SeededNumbers(4)
        while evaluator.rows < bars.count {
            evaluator.advance(length)
            guard random.unit() < Double(length) / 500 || evaluator.rows == bars.count else {
                continue
            }
            let oldest = max(0, evaluator.tileStart - seriesHistory)
            for (node, kind) in program.nodes.enumerated() where !kind.operation.isCondition {
                for row in [oldest, (oldest + evaluator.rows) / 2, evaluator.rows - 1] {
                    let value = evaluator.value(NodeID(node), at: row)
                    #expect(same(value, whole.numbers[node][row]), "node \(node) row \(row)")
                }
            }
        }
    }

    /// The operators by their definition, one row at a time.
    @Test func `operators mean what they say`() {
        var program = SeriesProgram()
        let a = program.field(.open)
        let b = program.field(.close)
        let numbers: [(SeriesOperation, (Double, Double) -> Double)] = [
            (.add, { $0 + $1 }), (.subtract, { $0 - $1 }), (.multiply, { $0 * $1 }),
            (.divide, { $0 / $1 }),
            (.maximum, { $0.isNaN || $1.isNaN ? .nan : Swift.max($0, $1) }),
            (.minimum, { $0.isNaN || $1.isNaN ? .nan : Swift.min($0, $1) }),
        ]
        let nodes = numbers.map { program.apply($0.0, [a, b]) }
        let above = program.apply(.above, [a, b])
        let below = program.apply(.below, [a, b])
        let up = program.apply(.crossesAbove, [a, b])
        let down = program.apply(.crossesBelow, [a, b])
        let notAbove = program.apply(.not, [above])
        let both = program.apply(.and, [notAbove, program.apply(.not, [below])])
        let either = program.apply(.or, [above, below])
        let delayed = program.apply(.shiftCondition(2), [above])
        let values: [Double] = [1, 2, 3, .nan, .infinity, -.infinity, 2, 2]
        var random = SeededNumbers(6)
        let bars = Bars(
            interval: Interval.all[1],
            (0..<5_000).map {
                let x = values[Int(random.unit() * 8)]
                let y = values[Int(random.unit() * 8)]
                return Bar(
                    openTime: Int64($0), open: x, high: 0, low: 0, close: y, volume: 0)
            })
        let found = run(program, bars) { 1_000 }
        for row in 0..<bars.count {
            let (x, y) = (bars.open[row], bars.close[row])
            for (index, node) in nodes.enumerated() {
                #expect(same(found.numbers[Int(node)][row], numbers[index].1(x, y)))
            }
            let (lastX, lastY) = row > 0 ? (bars.open[row - 1], bars.close[row - 1]) : (.nan, .nan)
            let known = ![x, y, lastX, lastY].contains { $0.isNaN }
            #expect(found.flags[Int(above)][row] == (x > y))
            #expect(found.flags[Int(notAbove)][row] == !(x > y))
            #expect(found.flags[Int(both)][row] == (!(x > y) && !(x < y)))
            #expect(found.flags[Int(either)][row] == (x > y || x < y))
            #expect(found.flags[Int(up)][row] == (known && x > y && lastX <= lastY))
            #expect(found.flags[Int(down)][row] == (known && x < y && lastX >= lastY))
            let earlier = row >= 2 && bars.open[row - 2] > bars.close[row - 2]
            #expect(found.flags[Int(delayed)][row] == earlier)
        }
    }

    @Test func `a comparison with NaN is false and its negation true`() {
        var program = SeriesProgram()
        let close = program.field(.close)
        let missing = program.apply(.shift(1), [close])
        let above = program.apply(.above, [close, missing])
        let below = program.apply(.below, [close, missing])
        let neither = program.apply(.not, [program.apply(.or, [above, below])])
        let found = run(program, flatBars([5])) { 1 }
        #expect(found.flags[Int(above)] == [false])
        #expect(found.flags[Int(below)] == [false])
        #expect(found.flags[Int(neither)] == [true])
    }

    @Test func `a missing volume column reads as NaN`() {
        var program = SeriesProgram()
        let volume = program.field(.volume)
        let twice = program.apply(.add, [volume, volume])
        let bars = Bars(
            interval: Interval.all[1], (0..<3).map { randomBars(3, seed: 1)[$0] }, hasVolume: false)
        let found = run(program, bars) { 2 }
        #expect(found.numbers[Int(volume)].allSatisfy { $0.isNaN })
        #expect(found.numbers[Int(twice)].allSatisfy { $0.isNaN })
    }

    @Test func `later bars do not change earlier values`() {
        let program = Self.everything()
        let bars = randomBars(6_000, seed: 30)
        let changed = randomBars(6_000, seed: 31)
        let spliced = Bars(
            interval: bars.interval, (0..<6_000).map { $0 < 5_000 ? bars[$0] : changed[$0] })
        let a = run(program, bars) { tileCapacity }
        let b = run(program, spliced) { tileCapacity }
        for (node, kind) in program.nodes.enumerated() {
            if kind.operation.isCondition {
                #expect(a.flags[node].prefix(5_000) == b.flags[node].prefix(5_000))
            } else {
                let firstA = Array(a.numbers[node].prefix(5_000))
                #expect(same(firstA, Array(b.numbers[node].prefix(5_000))))
            }
        }
    }
}
