import LotCore
import LotMath
import Testing

/// What holds for every indicator, whatever the data.
struct IndicatorPropertyTests {
    /// The nearest rank of a whole percentage, in whole numbers: ⌈p · n / 100⌉.
    @Test(arguments: [3, 30, 100, 250])
    func `a percentile is the value at its rank`(length: Int) throws {
        var random = SeededNumbers(9)
        let values = (0..<300).map { _ in random.unit() }
        let sorted = values[(300 - length)...].sorted()
        for percent in 0...100 {
            let rank = max(1, (percent * length + 99) / 100)
            let found = try evaluateIndicator(
                "percentile", [Double(length), Double(percent)], over: values)[0]
            #expect(found[299] == sorted[rank - 1], "\(percent) % of \(length)")
        }
    }

    /// The averages of gains and losses shrink alike, each with rounding of its own.
    @Test(arguments: 1...20)
    func `the stochastic of an index that stands still is 0`(seed: UInt64) throws {
        var random = SeededNumbers(seed)
        var values = (0..<200).map { _ in 20_000 + 100 * random.unit() }
        values += [Double](repeating: values[199], count: 100)
        let lines = try evaluateIndicator("stochrsi", [14, 5, 3], over: values)
        // The window of 5 holds nothing but the index of the standing price from row 204 on.
        for row in 204..<300 { #expect(lines[0][row] == 0) }
        for row in 206..<300 { #expect(abs(lines[1][row]) < 1e-12) }
    }

    /// Parameters to try: the defaults, the smallest, and an odd set.
    static func variants(_ definition: IndicatorDefinition) -> [[Double]] {
        [
            definition.parameters.map(\.defaultValue),
            definition.parameters.map { max($0.minimum, $0.isWhole ? 1 : 0.5) },
            definition.parameters.enumerated().map {
                $1.isWhole ? Double(7 + 4 * $0) : min($1.maximum, 1.5)
            },
        ]
    }

    /// Any nodes of the kinds that an indicator reads: columns, sums, and conditions.
    static func inputs(
        _ definition: IndicatorDefinition, _ program: inout SeriesProgram
    ) -> [NodeID] {
        let close = program.field(.close)
        let first = program.field(.open)
        var series = [close, program.apply(.add, [first, program.field(.volume)])][...]
        return definition.inputs.map { input in
            switch input {
            case .column(let column): program.field(column)
            case .series: series.popFirst() ?? first
            case .level: first
            case .condition: program.apply(.above, [close, first])
            }
        }
    }

    @Test(arguments: IndicatorRegistry.all.indices)
    func `batch and streaming agree to the last bit`(index: Int) {
        let definition = IndicatorRegistry.all[index]
        for (seed, dirt) in [(1, false), (2, true), (3, true)] {
            let bars = randomBars(1_500, seed: UInt64(seed), dirt: dirt)
            for parameters in Self.variants(definition) {
                var program = SeriesProgram()
                let nodes = program.indicator(
                    index, inputs: Self.inputs(definition, &program), parameters: parameters)
                var random = SeededNumbers(UInt64(seed))
                let batch = run(program, bars) { tileCapacity }
                let streaming = run(program, bars) { 1 }
                let tiles = run(program, bars) { 1 + Int(random.unit() * 200) }
                for node in nodes.map({ Int($0) }) {
                    #expect(
                        same(batch.numbers[node], streaming.numbers[node])
                            && same(batch.numbers[node], tiles.numbers[node]),
                        "\(definition.name) \(parameters)")
                }
            }
        }
    }

    /// Stretches of a tile run side by side from guessed states: here with memories from a few
    /// bars to more than a stretch, over clean tiles, in which nothing is stepped through.
    @Test(
        arguments: ["sma", "ema", "rma", "rsi", "atr"],
        [2, 3, 14, 50, 200, 340, 700, 2_500])
    func `stretches side by side give the bits of one step after the other`(
        name: String, length: Int
    ) throws {
        let index = try #require(IndicatorRegistry.index(of: name))
        var program = SeriesProgram()
        let nodes = program.indicator(
            index, inputs: Self.inputs(IndicatorRegistry.all[index], &program),
            parameters: [Double(length)])
        let node = Int(try #require(nodes.first))
        let bars = randomBars(13_003, seed: UInt64(length))
        let streaming = run(program, bars) { 1 }
        #expect(same(run(program, bars) { tileCapacity }.numbers[node], streaming.numbers[node]))
        var random = SeededNumbers(7)
        let tiles = run(program, bars) { 1 + Int(random.unit() * Double(tileCapacity - 1)) }
        #expect(same(tiles.numbers[node], streaming.numbers[node]))
        #expect(streaming.numbers[node].last?.isFinite == true)
    }

    /// Those that read two bars only have a test of their own.
    @Test(
        arguments: IndicatorRegistry.all.indices.filter {
            [.window, .recurrence].contains(IndicatorRegistry.all[$0].memory)
        })
    func `a bad value is forgotten after the warm-up`(index: Int) throws {
        let definition = IndicatorRegistry.all[index]
        for bad in [Double.nan, .infinity, -.infinity] {
            for parameters in Self.variants(definition) {
                let warmUp = definition.warmUp(parameters)
                let clean = randomBars(400, seed: 9)
                let all = try evaluateIndicator(
                    definition.name, parameters, over: spoilt(clean, at: 200, bad))
                let fresh = try evaluateIndicator(
                    definition.name, parameters, over: clean.slice(201..<400))
                for (line, restarted) in zip(all, fresh) {
                    // Bars 200 … 200 + warm-up have no value, then it is as if begun at 201.
                    #expect(
                        line[200...min(399, 200 + warmUp)].allSatisfy { $0.isNaN },
                        "\(definition.name) \(parameters)")
                    for row in (201 + warmUp)..<400 {
                        let expected = restarted[row - 201]
                        #expect(
                            abs(line[row] - expected) <= 1e-9 * max(1, abs(expected)),
                            "\(definition.name) \(parameters) row \(row)")
                    }
                }
            }
        }
    }

    @Test(
        arguments: IndicatorRegistry.all.indices.filter {
            IndicatorRegistry.all[$0].memory == .ends
        })
    func `a change misses only the bars that read the bad value`(index: Int) throws {
        let bars = spoilt(randomBars(400, seed: 9), at: 200)
        let line = try evaluateIndicator(IndicatorRegistry.all[index].name, [10], over: bars)[0]
        #expect(line.indices.filter { $0 >= 10 && line[$0].isNaN } == [200, 210])
    }

    /// `highest` and the windows forget exactly; so do the recursive ones, since they begin again.
    @Test(arguments: ["ema", "rsi", "atr", "macd", "highest", "lowest", "donchian"])
    func `a restart is exact`(name: String) throws {
        let clean = randomBars(400, seed: 5).close.array
        var dirty = clean
        dirty[100] = .nan
        let all = try evaluateIndicator(name, over: dirty)
        let fresh = try evaluateIndicator(name, over: Array(clean[101...]))
        for (line, restarted) in zip(all, fresh) {
            #expect(same(Array(line[101...]), restarted))
        }
    }

    /// Indicators whose values do not change when all prices are multiplied by a number.
    static let withoutUnit: Set<String> = [
        "rsi", "roc", "rocp", "rocr", "trix", "ppo", "stoch", "stochf", "stochrsi", "cmo", "cci",
        "willr", "ultosc", "mfi", "adx", "adxr", "dx", "plus_di", "minus_di", "aroon", "aroonosc",
        "natr", "obv", "adl", "cmf", "zscore", "rank", "correlation", "crossings", "bars_since",
    ]

    /// Multiplying by a power of two changes no digit.
    ///
    /// So a coin at 0.00000001 is treated like one at 10,000.
    @Test(arguments: IndicatorRegistry.all.indices)
    func `prices of any size give the same digits`(index: Int) throws {
        let definition = IndicatorRegistry.all[index]
        let bars = randomBars(300, seed: 4)
        let scale = 0x1p-60
        func scaled(_ column: Column<Double>) -> Column<Double> {
            Column(column.array.map { $0 * scale })
        }
        let small = Bars(
            interval: bars.interval, openTime: bars.openTime, open: scaled(bars.open),
            high: scaled(bars.high), low: scaled(bars.low), close: scaled(bars.close),
            volume: bars.volume)
        let a = try evaluateIndicator(definition.name, over: bars)
        let b = try evaluateIndicator(definition.name, over: small)
        for (output, name) in definition.outputs.enumerated() {
            let factor =
                Self.withoutUnit.contains(definition.name) || ["age", "trend"].contains(name)
                ? 1 : definition.name == "variance" ? scale * scale : scale
            #expect(same(a[output].map { $0 * factor }, b[output]), "\(definition.name)")
        }
    }

    @Test(arguments: [
        ("sma", [0.1]), ("ema", [0.1]), ("wma", [0.1]), ("highest", [0.1]), ("lowest", [0.1]),
        ("stdev", [0]), ("rsi", [0]), ("roc", [0]), ("atr", [0]), ("macd", [0, 0, 0]),
        ("bbands", [0.1, 0.1, 0.1]), ("donchian", [0.1, 0.1, 0.1]),
    ])
    func `a flat series gives exact values`(name: String, expected: [Double]) throws {
        let flat = [Double](repeating: 0.1, count: 3_000)
        for (line, value) in zip(try evaluateIndicator(name, over: flat), expected) {
            let first = try #require(line.firstIndex { !$0.isNaN })
            // The seed of an EMA is a sum of equal numbers: off by its rounding.
            #expect(
                line[first...].allSatisfy {
                    abs($0 - value) <= (name == "ema" || name == "macd" ? 1e-15 : 0)
                })
        }
    }

    @Test(arguments: [2, 5, 20])
    func `a market that stands still has no deviation`(length: Int) throws {
        var values = randomBars(1_000, seed: 40).close.array
        for row in 700..<800 { values[row] = 0.1 }
        let size = [Double(length)]
        let deviation = try evaluateIndicator("stdev", size, over: values)[0]
        let bands = try evaluateIndicator("bbands", size, over: values)
        let averages = try ["sma", "wma"].map { try evaluateIndicator($0, size, over: values)[0] }
        for row in (699 + length)..<800 {
            #expect(deviation[row] == 0)
            #expect(bands.allSatisfy { $0[row] == 0.1 })
            #expect(averages.allSatisfy { abs($0[row] - 0.1) <= 1e-13 })
        }
        #expect(deviation[698 + length] > 0 && deviation[800] > 0)
    }

    @Test(arguments: [1, 2, 3, 5, 64, 257])
    func `running windows equal the windows themselves`(length: Int) throws {
        for dirt in [false, true] {
            let bars = randomBars(1_000, seed: 77, dirt: dirt)
            let x = bars.close.array
            let size = Double(length)
            let highest = try evaluateIndicator("highest", [size], over: bars)[0]
            let lowest = try evaluateIndicator("lowest", [size], over: bars)[0]
            let sma = try evaluateIndicator("sma", [size], over: bars)[0]
            let wma = try evaluateIndicator("wma", [size], over: bars)[0]
            for row in x.indices {
                let window = x[max(0, row - length + 1)...row]
                guard window.count == length, window.allSatisfy({ $0.isFinite }) else {
                    for line in [highest, lowest, sma, wma] { #expect(line[row].isNaN) }
                    continue
                }
                #expect(highest[row] == window.max())
                #expect(lowest[row] == window.min())
                let mean = window.reduce(0, +) / size
                #expect(abs(sma[row] - mean) <= 1e-12 * max(1, abs(mean)))
                let weighted = zip(1..., window).reduce(0) { $0 + Double($1.0) * $1.1 }
                let expected = weighted / (size * (size + 1) / 2)
                #expect(abs(wma[row] - expected) <= 1e-12 * max(1, abs(expected)))
            }
        }
    }

    @Test func `the deviation keeps its digits far from zero`() throws {
        // 1e9 + 0 and 1e9 + 2 in turn: the population deviation is 1, exactly.
        let values = (0..<2_000).map { 1e9 + Double($0 % 2) * 2 }
        let deviation = try evaluateIndicator("stdev", [10], over: values)[0]
        #expect(deviation[9...].allSatisfy { $0 == 1 })
    }

    @Test(arguments: ["sma", "wma", "stdev", "bbands"])
    func `absurd values do no lasting harm to a window`(name: String) throws {
        var values = randomBars(1_200, seed: 21).close.array
        values[100] = 1e300
        values[101] = -1.7e308
        values[102] = 1.7e308
        let clean = try evaluateIndicator(name, [5], over: Array(values[103...]))
        let spoilt = try evaluateIndicator(name, [5], over: values)
        for (a, b) in zip(clean, spoilt) {
            // Sums of values are fresh when the last of them has left, at row 107; others at the
            // latest 256 values after that.
            for row in (name == "sma" ? 107 : 363)..<1_200 {
                // A variance near 0 keeps 1e-15 of its terms, the deviation the root of that.
                #expect(abs(a[row - 103] - b[row]) <= 1e-6, "row \(row)")
            }
        }
    }

    @Test func `one number of deviations is for both bands`() throws {
        let values = (0..<50).map { Double($0 % 7) }
        let one = try evaluateIndicator("bbands", [20, 2.5], over: values)
        let both = try evaluateIndicator("bbands", [20, 2.5, 2.5], over: values)
        #expect(one.map { $0[49] } == both.map { $0[49] })
    }
}
