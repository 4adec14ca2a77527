import LotCore
import LotMath
import Testing

/// The expression graph.
struct SeriesProgramTests {
    @Test func `equal expressions are one node`() throws {
        var program = SeriesProgram()
        let sma = try #require(IndicatorRegistry.index(of: "sma"))
        let close = program.field(.close)
        let a = program.indicator(sma, input: close, parameters: [20])
        let b = program.indicator(sma, input: program.field(.close), parameters: [20])
        #expect(a == b)
        let c = program.indicator(sma, input: close, parameters: [21])
        #expect(a != c)
        let open = program.field(.open)
        #expect(program.indicator(sma, input: open, parameters: [20]) != a)
        let x = program.apply(.crossesAbove, [a[0], c[0]])
        let y = program.apply(.crossesAbove, [b[0], c[0]])
        #expect(x == y)
        #expect(program.apply(.crossesAbove, [c[0], a[0]]) != x)
        #expect(program.constant(30) == program.constant(30))
        // close, sma 20, sma 21, open, sma of open, two crossings, 30.
        #expect(program.nodes.count == 8)
    }

    @Test func `the outputs of an indicator are one evaluation`() throws {
        var program = SeriesProgram()
        let bands = try #require(IndicatorRegistry.index(of: "bbands"))
        let close = program.field(.close)
        let lines = program.indicator(bands, input: close, parameters: [20, 2, 2])
        #expect(lines == [1, 2, 3])
        #expect(program.indicator(bands, input: close, parameters: [20, 2, 2]) == lines)
        #expect(program.nodes.count == 4)
    }

    @Test func `inputs come before what reads them`() throws {
        var program = SeriesProgram()
        let atr = try #require(IndicatorRegistry.index(of: "atr"))
        let range = program.indicator(atr, input: nil, parameters: [14])[0]
        let close = program.field(.close)
        let stop = program.apply(.subtract, [close, range])
        _ = program.apply(.below, [program.field(.low), stop])
        for (index, node) in program.nodes.enumerated() {
            #expect(node.inputs.allSatisfy { $0 < index })
        }
    }

    @Test func `warm-ups add up along the graph`() throws {
        var program = SeriesProgram()
        let sma = try #require(IndicatorRegistry.index(of: "sma"))
        let rsi = try #require(IndicatorRegistry.index(of: "rsi"))
        let close = program.field(.close)
        let average = program.indicator(sma, input: close, parameters: [20])[0]
        let strength = program.indicator(rsi, input: average, parameters: [14])[0]
        let shifted = program.apply(.shift(3), [strength])
        let cross = program.apply(.crossesBelow, [shifted, program.constant(70)])
        let delayed = program.apply(.shiftCondition(2), [program.apply(.not, [cross])])
        // 20 − 1; + 14; + 3; + 1 for the bar before; + 2.
        let expected = [(average, 19), (strength, 33), (shifted, 36), (cross, 37), (delayed, 39)]
        for (node, warmUp) in expected { #expect(program.warmUps[Int(node)] == warmUp) }
        #expect(program.warmUp == 39)
    }

    @Test func `an empty program has nothing to wait for`() {
        let program = SeriesProgram()
        #expect(program.warmUp == 0)
        let evaluator = SeriesEvaluator(program, bars: randomBars(10, seed: 1))
        evaluator.advance()
        #expect(evaluator.rows == 10)
        evaluator.advance()
        #expect(evaluator.rows == 10 && evaluator.tileStart == 0)
    }
}
