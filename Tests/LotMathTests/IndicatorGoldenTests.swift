import LotCore
import LotMath
import Testing

/// Every indicator against TA-Lib, or plain numpy where TA-Lib lacks it, on 3,000 hours of BTCUSDT
/// (Golden/make_indicators.py).
struct IndicatorGoldenTests {
    /// A column's call and output: `bbands(5,2,2).upper`, `exact stdev(5,1)`.
    struct Call {
        var name: String
        var parameters: [Double]
        var output: Int
        init?(_ title: String) {
            let call = title.split(separator: " ").last.map(String.init) ?? title
            guard let open = call.firstIndex(of: "("), let close = call.firstIndex(of: ")") else {
                return nil
            }
            name = String(call[..<open])
            parameters = call[call.index(after: open)..<close].split(separator: ",")
                .compactMap { Double($0) }
            let line = call[call.index(after: close)...].drop { $0 == "." }
            guard let index = IndicatorRegistry.index(of: name) else { return nil }
            let outputs = IndicatorRegistry.all[index].outputs
            output = line.isEmpty ? 0 : outputs.firstIndex(of: String(line)) ?? -1
        }
    }

    /// Relative to the value, or to what ``scale(of:price:)`` says where values may be near 0.
    ///
    /// Rounding explains 1e-11 at most (measured: 1.2e-11 for stdev(5), where TA-Lib subtracts
    /// squares of prices); any other seed, alignment or smoothing shows above 1e-6.
    static let tolerance = 1e-9

    /// What errors are relative to besides the value itself: the size of the terms that cancel.
    static func scale(of name: String, price: Double) -> Double {
        switch name {
        case "macd", "ao", "apo", "mom", "change", "slope", "true_range": price
        case "variance": price * price * 1e-3
        case "correlation", "cmf", "zscore", "rocp", "rocr", "stochrsi": 1
        case "cci", "cmo", "ppo", "roc", "trix", "stoch", "stochf", "willr", "adx", "dx",
            "adxr", "plus_di", "minus_di", "mfi", "ultosc", "natr", "rsi":
            100
        case "obv", "adl": 1_000
        default: 0
        }
    }

    static func bars() throws -> Bars {
        let rows = try golden("bars.csv").rows
        let bars = rows.map { row in
            let x = row.map { Double($0) ?? .nan }
            return Bar(
                openTime: Int64(row[0]) ?? 0, open: x[1], high: x[2], low: x[3], close: x[4],
                volume: x[5])
        }
        return Bars(interval: Interval.all[6], bars)
    }

    static let files = ["indicators.csv", "more_indicators.csv"]

    @Test(arguments: files)
    func `values are TA-Lib's and begin on its row`(file: String) throws {
        let bars = try Self.bars()
        let (header, rows) = try golden(file, separator: ";")
        #expect(bars.count == 3_000)
        for (column, title) in header.enumerated().dropFirst() {
            let call = try #require(Call(title), "\(title)")
            let values = try evaluateIndicator(call.name, call.parameters, over: bars)
            let line = values[call.output]
            var worst = 0.0
            for row in rows {
                let index = try #require(Int(row[0]))
                guard let expected = Double(row[column]) else {
                    #expect(line[index].isNaN, "\(title) row \(index): TA-Lib has no value")
                    continue
                }
                let scale = max(
                    abs(expected), Self.scale(of: call.name, price: bars.close[index]))
                let error = abs(line[index] - expected)
                worst = max(worst, error.isNaN ? .infinity : scale > 0 ? error / scale : error)
            }
            #expect(worst <= Self.tolerance, "\(title): relative error \(worst)")
        }
    }

    @Test func `the golden files cover every indicator`() throws {
        let titles = try Self.files.flatMap {
            try golden($0, separator: ";").header.dropFirst()
        }
        let covered = Set(titles.compactMap { Call($0)?.name })
        let missing = IndicatorRegistry.all.indices.filter { index in
            !covered.contains { IndicatorRegistry.index(of: $0) == index }
        }
        #expect(missing.map { IndicatorRegistry.all[$0].name } == [])
    }

    @Test func `another name is the same indicator`() {
        #expect(IndicatorRegistry.index(of: "stdev") == IndicatorRegistry.index(of: "stddev"))
        let names = IndicatorRegistry.all.flatMap { [$0.name] + $0.aliases }
        #expect(Set(names).count == names.count)
    }

    @Test(
        arguments: IndicatorRegistry.all.indices.filter {
            IndicatorRegistry.all[$0].memory != .events
        })
    func `the first value comes after the declared warm-up`(index: Int) throws {
        let definition = IndicatorRegistry.all[index]
        let bars = try Self.bars()
        for shortened in [false, true] {
            let parameters = definition.parameters.map {
                shortened ? min($0.maximum, max($0.minimum, 3)) : $0.defaultValue
            }
            let first = definition.warmUp(parameters)
            for line in try evaluateIndicator(definition.name, parameters, over: bars) {
                #expect(line.firstIndex { !$0.isNaN } == first, "\(definition.name)")
                #expect(line[first...].allSatisfy { $0.isFinite }, "\(definition.name)")
            }
        }
    }

    @Test func `wrong names and parameters are refused`() {
        #expect(throws: IndicatorError.unknown(name: "smaa")) {
            try evaluateIndicator("smaa", over: [1])
        }
        #expect(throws: IndicatorError.tooManyParameters(name: "sma", count: 2, limit: 1)) {
            try evaluateIndicator("sma", [2, 3], over: [1])
        }
        for value in [0, 2.5, -1, .nan, 100_001] {
            #expect(throws: IndicatorError.self) {
                try evaluateIndicator("sma", [value], over: [1])
            }
        }
        #expect(
            IndicatorError.unknown(name: "smaa").diagnosis.message
                == "smaa: no indicator has this name; did you mean sma?")
    }
}
