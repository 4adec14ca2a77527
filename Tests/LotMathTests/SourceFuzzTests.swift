import LotCore
import LotMath
import Testing

/// An expression over several sources, evaluated by its meaning: whole columns, no tiles.
private indirect enum Expression {
    case field(PriceField, Int)
    case constant(Double)
    case binary(SeriesOperation, Expression, Expression)
    case unary(SeriesOperation, Expression)
    case average(Expression, Int)

    /// A random expression; a condition if asked for.
    static func random(
        _ depth: Int, condition: Bool, sources: Int, _ random: inout SeededNumbers
    ) -> Expression {
        func pick(_ count: Int) -> Int { Int(random.unit() * Double(count)) }
        func part(_ condition: Bool) -> Expression {
            .random(depth - 1, condition: condition, sources: sources, &random)
        }
        if condition {
            let compares: [SeriesOperation] = [.above, .below, .crossesAbove, .crossesBelow]
            switch depth > 1 ? pick(6) : 0 {
            case 3: return .binary(.and, part(true), part(true))
            case 4: return .binary(.or, part(true), part(true))
            case 5: return .unary(pick(2) == 0 ? .not : .shiftCondition(pick(5)), part(true))
            default: return .binary(compares[pick(4)], part(false), part(false))
            }
        }
        switch depth > 0 ? pick(7) : pick(2) {
        case 1 where pick(3) == 0: return .constant(90 + Double(pick(20)))
        case 2, 3:
            let operations: [SeriesOperation] = [
                .add, .subtract, .multiply, .divide, .maximum, .minimum,
            ]
            return .binary(operations[pick(6)], part(false), part(false))
        case 4: return .unary(.shift(pick(6)), part(false))
        case 5: return .average(part(false), 1 + pick(12))
        case 6: return .unary(.number, part(true))
        default: return .field(PriceField.allCases[pick(5)], pick(sources))
        }
    }

    /// The node of a program.
    func node(_ program: inout SeriesProgram, average: Int) -> NodeID {
        switch self {
        case .field(let field, let source): return program.field(field, of: SourceID(source))
        case .constant(let value): return program.constant(value)
        case .binary(let operation, let a, let b):
            let left = a.node(&program, average: average)
            return program.apply(operation, [left, b.node(&program, average: average)])
        case .unary(let operation, let a):
            return program.apply(operation, [a.node(&program, average: average)])
        case .average(let a, let length):
            let input = a.node(&program, average: average)
            return program.indicator(average, input: input, parameters: [Double(length)])[0]
        }
    }
}

/// A column of one source; conditions are 1 and 0.
private struct PlainColumn {
    /// `nil` for a constant.
    var source: Int?
    var values: [Double]
    var isCondition = false
}

/// The bars of a case, and what expressions mean over them.
private struct PlainMarket {
    let bars: [Bars]

    func column(_ expression: Expression) throws -> PlainColumn {
        switch expression {
        case .field(let field, let source):
            let own = bars[source]
            let column: [Double] = (0..<own.count).map { row in
                switch field {
                case .open: own.open[row]
                case .high: own.high[row]
                case .low: own.low[row]
                case .close: own.close[row]
                case .volume: own.volume?[row] ?? .nan
                case .openTime: Double(own.openTime[row])
                }
            }
            return PlainColumn(source: source, values: column)
        case .constant(let value): return PlainColumn(source: nil, values: [value])
        case .binary(let operation, let a, let b):
            return combine(operation, try column(a), try column(b))
        case .unary(let operation, let a): return shifted(operation, try column(a))
        case .average(let a, let length):
            let input = spread(try column(a))
            let values = try evaluateIndicator("sma", [Double(length)], over: input.values)[0]
            return PlainColumn(source: input.source, values: values)
        }
    }

    /// The column at the main bars: for each close the last bar that had closed, looked for anew.
    func aligned(_ column: PlainColumn) -> PlainColumn {
        let column = spread(column)
        guard let source = column.source, source != 0 else { return column }
        let (main, own) = (bars[0], bars[source])
        let missing = column.isCondition ? 0 : Double.nan
        let values: [Double] = (0..<main.count).map { row in
            let time = main.closeTime(row)
            let closed = own.firstIndex(atOrAfter: time - own.interval.milliseconds + 1)
            return closed > 0 ? column.values[closed - 1] : missing
        }
        return PlainColumn(source: 0, values: values, isCondition: column.isCondition)
    }

    /// A constant as a column of the main bars.
    private func spread(_ column: PlainColumn, to source: Int = 0) -> PlainColumn {
        guard column.source == nil else { return column }
        var result = column
        result.source = source
        result.values = [Double](repeating: column.values[0], count: bars[source].count)
        return result
    }

    private func shifted(_ operation: SeriesOperation, _ column: PlainColumn) -> PlainColumn {
        var result = spread(column)
        let values = result.values
        switch operation {
        case .shift(let count):
            for row in values.indices {
                result.values[row] = row >= count ? values[row - count] : .nan
            }
        case .shiftCondition(let count):
            for row in values.indices {
                result.values[row] = row >= count ? values[row - count] : 0
            }
        case .not: result.values = values.map { 1 - $0 }
        default: result.isCondition = false
        }
        return result
    }

    private func combine(
        _ operation: SeriesOperation, _ a: PlainColumn, _ b: PlainColumn
    ) -> PlainColumn {
        var (a, b) = (a, b)
        if let one = a.source, let other = b.source, one != other {
            (a, b) = (aligned(a), aligned(b))
        }
        let source = a.source ?? b.source ?? 0
        (a, b) = (spread(a, to: source), spread(b, to: source))
        let values = a.values.indices.map { row -> Double in
            let (x, y) = (a.values[row], b.values[row])
            let (lastX, lastY) = row > 0 ? (a.values[row - 1], b.values[row - 1]) : (.nan, .nan)
            switch operation {
            case .add: return x + y
            case .subtract: return x - y
            case .multiply: return x * y
            case .divide: return x / y
            case .maximum: return x.isNaN || y.isNaN ? .nan : max(x, y)
            case .minimum: return x.isNaN || y.isNaN ? .nan : min(x, y)
            case .above: return x > y ? 1 : 0
            case .below: return x < y ? 1 : 0
            case .crossesAbove: return x > y && lastX <= lastY ? 1 : 0
            case .crossesBelow: return x < y && lastX >= lastY ? 1 : 0
            case .and: return x * y
            default: return max(x, y)
            }
        }
        return PlainColumn(
            source: source, values: values, isCondition: operation.isCondition)
    }
}

/// Random expressions over three sources: the evaluator against their meaning.
@Suite struct SourceFuzzTests {
    /// A main series and two others: coarser and finer, earlier and later, shorter and longer.
    private func market(_ seed: Int) throws -> PlainMarket {
        var random = SeededNumbers(UInt64(seed) + 900)
        let day: Int64 = 86_400_000
        let sets = [
            ["15m", "1h", "5m"], ["1h", "4h", "1h"], ["4h", "1d", "30m"], ["1m", "15m", "3m"],
            ["1d", "1w", "15m"],
        ]
        let names = sets[seed % sets.count]
        // Some of the markets are longer than a tile.
        let span = (seed % 7 == 0 ? 5_000 : 300) * (Interval(names[0])?.milliseconds ?? 1)
        return PlainMarket(
            bars: try names.enumerated().map { index, name in
                let interval = try #require(Interval(name))
                let begins = index == 0 ? 0 : Int64(random.unit() * 3) * span / 5
                let shift = begins / 7 / day * 7 * day
                let length = span * Int64(3 + random.unit() * 4) / 5
                return try sourceBars(
                    name, from: 4 * day + 7 * day + shift,
                    count: min(12_000, max(1, Int(length / interval.milliseconds))),
                    seed: UInt64(seed * 3 + index), missing: random.unit() < 0.5 ? 0.05 : 0)
            })
    }

    private func addresses(_ market: PlainMarket) throws -> [SeriesAddress] {
        try (1..<market.bars.count).map {
            try sourceAddress("S\($0)USDT:\(market.bars[$0].interval)")
        }
    }

    private func program(
        _ expressions: [Expression], _ addresses: [SeriesAddress]
    ) throws -> (SeriesProgram, [NodeID]) {
        var program = SeriesProgram()
        for address in addresses { _ = program.source(address) }
        let average = try #require(IndicatorRegistry.index(of: "sma"))
        let nodes = expressions.map { expression in
            let node = expression.node(&program, average: average)
            return program.align(node)
        }
        return (program, nodes)
    }

    private func expressions(_ seed: Int) -> [Expression] {
        var random = SeededNumbers(UInt64(seed) + 77)
        return (0..<6).map {
            .random(1 + $0 % 4, condition: $0 % 2 == 0, sources: 3, &random)
        }
    }

    @Test(arguments: 0..<40) func `every expression means what it says`(_ seed: Int) throws {
        let market = try market(seed)
        let (addresses, expressions) = (try addresses(market), expressions(seed))
        let (program, nodes) = try program(expressions, addresses)
        let sources = SourceBars(
            Dictionary(uniqueKeysWithValues: zip(addresses, market.bars.dropFirst())))
        let bars = market.bars[0]
        var random = SeededNumbers(UInt64(seed))
        let found = [
            run(program, bars, sources) { tileCapacity }, run(program, bars, sources) { 1 },
            run(program, bars, sources) { 1 + Int(random.unit() * 700) },
        ]
        for (expression, node) in zip(expressions, nodes) {
            let wanted = market.aligned(try market.column(expression)).values
            for values in found {
                #expect(same(values[Int(node)], wanted), "\(program.text(of: node))")
            }
        }
        for values in found.dropFirst() {
            for node in program.nodes.indices { #expect(same(values[node], found[0][node])) }
        }
    }

    @Test(arguments: 0..<20) func `bars that have not closed change nothing`(_ seed: Int) throws {
        let market = try market(seed)
        let addresses = try addresses(market)
        let (program, _) = try program(expressions(seed), addresses)
        let bars = market.bars[0]
        let cut = bars.count * 2 / 3
        let time = bars.closeTime(cut)
        // The same until then; afterwards every price is another.
        let changed = market.bars.map { own in
            Bars(
                interval: own.interval,
                (0..<own.count).map { row in
                    var bar = own[row]
                    guard own.closeTime(row) > time else { return bar }
                    bar.open += 31
                    bar.high += 77
                    bar.low -= 11
                    bar.close -= 5
                    return bar
                })
        }
        func sources(_ bars: [Bars]) -> SourceBars {
            SourceBars(Dictionary(uniqueKeysWithValues: zip(addresses, bars.dropFirst())))
        }
        let one = run(program, bars, sources(market.bars)) { tileCapacity }
        let other = run(program, changed[0], sources(changed)) { tileCapacity }
        let known = run(program, bars.slice(0..<cut + 1), sources(market.bars).closed(by: time)) {
            tileCapacity
        }
        for node in program.nodes.indices {
            let past = Array(one[node].prefix(cut + 1))
            #expect(same(past, Array(other[node].prefix(cut + 1))))
            #expect(same(past, known[node]))
        }
    }
}
