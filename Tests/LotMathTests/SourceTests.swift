import LotCore
import LotMath
import Testing

/// Bars of one interval between two times, some of them missing.
func sourceBars(
    _ name: String, from start: Int64, count: Int, seed: UInt64, missing: Double = 0
) throws -> Bars {
    let interval = try #require(Interval(name))
    var random = SeededNumbers(seed)
    var price = 100.0
    var bars: [Bar] = []
    for index in 0..<count {
        let open = price
        price *= 1 + (random.unit() - 0.5) * 0.02
        let isMissing = random.unit() < missing
        guard !isMissing else { continue }
        bars.append(
            Bar(
                openTime: start + Int64(index) * interval.milliseconds, open: open,
                high: max(open, price) + random.unit(), low: min(open, price) - random.unit(),
                close: price, volume: random.unit() * 10))
    }
    return Bars(interval: interval, bars)
}

func sourceAddress(_ text: String) throws -> SeriesAddress {
    try SeriesAddress(parsing: "test:" + text)
}

/// Values of nodes at every main row, in tiles of the lengths given; a condition is 1 or 0.
func run(
    _ program: SeriesProgram, _ bars: Bars, _ sources: SourceBars, tiles: () -> Int
) -> [[Double]] {
    let evaluator = SeriesEvaluator(program, bars: bars, sources)
    var values = [[Double]](repeating: [], count: program.nodes.count)
    while evaluator.rows < bars.count {
        evaluator.advance(tiles())
        for (index, node) in program.nodes.enumerated() {
            let id = NodeID(index)
            for row in evaluator.tileStart..<evaluator.rows {
                values[index].append(
                    node.operation.isCondition
                        ? evaluator.flag(id, at: row) ? 1 : 0 : evaluator.value(id, at: row))
            }
        }
    }
    return values
}

/// Series of other symbols and intervals at the main bars.
@Suite struct SourceTests {
    private let hour: Int64 = 3_600_000

    /// Hours from 00:00 whose close is their number.
    private func hours(_ numbers: [Int]) throws -> Bars {
        let interval = try #require(Interval("1h"))
        return Bars(
            interval: interval,
            numbers.map {
                let value = Double($0)
                return Bar(
                    openTime: Int64($0) * hour, open: value, high: value, low: value,
                    close: value, volume: 1)
            })
    }

    private func fours(_ numbers: [Int]) throws -> Bars {
        let interval = try #require(Interval("4h"))
        return Bars(
            interval: interval,
            numbers.map {
                let value = Double($0) * 10
                return Bar(
                    openTime: Int64($0) * 4 * hour, open: value, high: value, low: value,
                    close: value, volume: 1)
            })
    }

    @Test func `a bar is visible at the close it closes with, and not one bar earlier`() throws {
        var program = SeriesProgram()
        let h4 = program.source(try sourceAddress("BTCUSDT:4h"))
        let close = program.align(program.field(.close, of: h4))
        let above = program.align(
            program.apply(.above, [program.field(.close, of: h4), program.constant(5)]))
        // The 4h bar 0 covers 00:00 to 04:00: it closes with hour 3, bar 1 with hour 7.
        let sources = SourceBars([try sourceAddress("BTCUSDT:4h"): try fours([0, 1, 2])])
        let values = run(program, try hours(Array(0...9)), sources) { tileCapacity }
        let none = Double.nan
        #expect(same(values[Int(close)], [none, none, none, 0, 0, 0, 0, 10, 10, 10]))
        #expect(values[Int(above)] == [0, 0, 0, 0, 0, 0, 0, 1, 1, 1])
    }

    @Test func `of a finer series the newest bar that has closed is seen`() throws {
        var program = SeriesProgram()
        let h1 = program.source(try sourceAddress("BTCUSDT:1h"))
        let close = program.align(program.field(.close, of: h1))
        let before = program.align(program.apply(.shift(1), [program.field(.close, of: h1)]))
        let sources = SourceBars([try sourceAddress("BTCUSDT:1h"): try hours(Array(2...12))])
        let values = run(program, try fours([0, 1, 2]), sources) { 1 }
        #expect(values[Int(close)] == [3, 7, 11])
        #expect(values[Int(before)] == [2, 6, 10])
    }

    @Test func `in a hole the last bar before it stays, and a hole of the main bars is jumped`()
        throws
    {
        var program = SeriesProgram()
        let h4 = program.source(try sourceAddress("BTCUSDT:4h"))
        let close = program.align(program.field(.close, of: h4))
        let sources = SourceBars([try sourceAddress("BTCUSDT:4h"): try fours([0, 2, 3])])
        let values = run(program, try hours([3, 6, 7, 8, 10, 11, 16]), sources) { 3 }
        #expect(values[Int(close)] == [0, 0, 0, 0, 0, 20, 30])
    }

    @Test func `what is made of one source happens in its bars, of two in the main bars`() throws {
        var program = SeriesProgram()
        let h4 = program.source(try sourceAddress("BTCUSDT:4h"))
        let (own, main) = (program.field(.close, of: h4), program.field(.close))
        let twice = program.apply(.add, [own, program.constant(2)])
        #expect(program.nodes[Int(twice)].source == h4)
        let mixed = program.apply(.subtract, [main, twice])
        #expect(program.nodes[Int(mixed)].source == mainSource)
        #expect(program.apply(.subtract, [main, program.align(twice)]) == mixed)
        #expect(program.align(mixed) == mixed)
        let other = program.source(try sourceAddress("ETHUSDT:1h"))
        let ratio = program.apply(.divide, [own, program.field(.close, of: other)])
        #expect(program.nodes[Int(ratio)].source == mainSource)
        #expect(program.source(try sourceAddress("BTCUSDT:4h")) == h4)
        #expect(program.field(.close, of: h4) == own)
        #expect(program.text(of: mixed) == "(close - (BTCUSDT:4h.close + 2))")
    }

    @Test func `the first decision waits for every source`() throws {
        var program = SeriesProgram()
        let sma = try #require(IndicatorRegistry.index(of: "sma"))
        let h4 = program.source(try sourceAddress("BTCUSDT:4h"))
        let average = program.indicator(
            sma, input: program.field(.close, of: h4), parameters: [3])[0]
        let cross = program.apply(.crossesAbove, [program.field(.close), average])
        let sources = SourceBars([try sourceAddress("BTCUSDT:4h"): try fours([0, 1, 2, 3])])
        let bars = try hours(Array(0...20))
        // Bar 2 of 4h closes at 12:00 with hour 11; the crossing needs the hour before too.
        let ready = program.readyRows(over: bars, sources)
        #expect(ready[Int(average)] == 11)
        #expect(ready[Int(cross)] == 12)
        #expect(program.firstRow(over: bars, sources) == 12)
        let short = SourceBars([try sourceAddress("BTCUSDT:4h"): try fours([0, 1])])
        #expect(program.firstRow(over: bars, short) >= bars.count)
    }

    @Test func `history of a source is kept, over a jump of many bars too`() throws {
        var program = SeriesProgram()
        let minute = program.source(try sourceAddress("BTCUSDT:1m"))
        let close = program.field(.close, of: minute)
        let twice = program.apply(.add, [close, close])
        let minutes = try sourceBars("1m", from: 0, count: 60_000, seed: 3)
        // Days 8, 9, then a hole of twenty days, then 30 to 41: 28,800 minutes at once.
        let day = 24 * hour
        let interval = try #require(Interval("1d"))
        let days = Bars(
            interval: interval,
            ([8, 9] + Array(30...41)).map {
                Bar(openTime: $0 * day, open: 1, high: 1, low: 1, close: 1, volume: 1)
            })
        let sources = SourceBars([try sourceAddress("BTCUSDT:1m"): minutes])
        let evaluator = SeriesEvaluator(program, bars: days, sources)
        while evaluator.rows < days.count {
            evaluator.advance()
            for row in max(0, evaluator.tileStart - 1)..<evaluator.rows {
                let newest = try #require(evaluator.newestRow(of: minute, at: row))
                #expect(minutes.closeTime(newest) == min(days.closeTime(row), 60_000 * 60_000))
                for back in [0, 1, 4_095, 4_096, 4_999] {
                    let value = unsafe evaluator.base(twice)[newest - back]
                    #expect(value == 2 * minutes.close[newest - back], "\(row) \(back)")
                }
            }
        }
    }

    @Test func `what has closed and what is cut away`() throws {
        let address = try sourceAddress("BTCUSDT:4h")
        let sources = SourceBars([address: try fours([0, 1, 2])])
        #expect(sources.closed(by: 8 * hour).byAddress[address]?.count == 2)
        #expect(sources.closed(by: 8 * hour - 1).byAddress[address]?.count == 1)
        #expect(sources.opened(since: 4 * hour).byAddress[address]?.count == 2)
        #expect(sources.opened(since: 4 * hour + 1).byAddress[address]?.count == 1)
    }
}
