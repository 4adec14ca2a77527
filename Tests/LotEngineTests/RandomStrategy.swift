import LotCore
import LotEngine
import LotMath

/// A random rule strategy: real indicators, conditions of every kind, any bracket and size.
struct RandomStrategy {
    var program: SeriesProgram
    var rules = Rules()
    private var sources: [SourceID] = []

    /// A strategy, with other series if any are named, whose nodes come after those of `program`.
    init(
        canShort: Bool, sources: [SeriesAddress] = [], after program: SeriesProgram = .init(),
        _ random: inout Random
    ) {
        self.program = program
        for address in sources { self.sources.append(self.program.source(address)) }
        // Rare and common conditions both: long stretches to skip, and bars that all matter.
        rules.enterLong = condition(3, &random)
        if random.below(6) > 0 { rules.exitLong = condition(3, &random) }
        if canShort, random.below(2) == 0 {
            if random.below(8) == 0 { rules.enterLong = nil }
            rules.enterShort = condition(3, &random)
            if random.below(6) > 0 { rules.exitShort = condition(3, &random) }
        }
        let scale = random.below(2) == 0 ? 0.01 : 0.1
        func part(_ odds: Int) -> Double? {
            random.below(odds) == 0 ? scale * (0.1 + random.unit()) : nil
        }
        rules.bracket = Bracket(
            stopLoss: part(2), takeProfit: part(3), trailingStop: part(3),
            maxBars: random.below(4) == 0 ? 1 + random.below(60) : nil)
        rules.size = size(&random)
        rules.plots = random.below(3) == 0 ? [("line", number(2, &random))] : []
        align()
    }

    /// What rules read is read at the main bars.
    private mutating func align() {
        rules.enterLong = rules.enterLong.map { program.align($0) }
        rules.exitLong = rules.exitLong.map { program.align($0) }
        rules.enterShort = rules.enterShort.map { program.align($0) }
        rules.exitShort = rules.exitShort.map { program.align($0) }
        rules.plots = rules.plots.map { ($0.name, program.align($0.node)) }
    }

    /// The run's own bars, or half of the time another series.
    private func source(_ random: inout Random) -> SourceID {
        guard !sources.isEmpty, random.below(2) == 0 else { return mainSource }
        return sources[random.below(sources.count)]
    }

    private func size(_ random: inout Random) -> Size {
        switch random.below(5) {
        case 0: .equity(1)
        case 1: .equity(0.05 + random.unit())
        case 2: .quote(10 + 12_000 * random.unit())
        case 3: .base(0.01 + 100 * random.unit())
        default: rules.bracket.stopLoss == nil ? .equity(0.3) : .risk(0.001 + 0.05 * random.unit())
        }
    }

    private mutating func number(_ depth: Int, _ random: inout Random) -> NodeID {
        let close = program.field(.close, of: source(&random))
        switch depth > 0 ? random.below(10) : random.below(4) {
        case 0: return close
        case 1:
            let fields: [PriceField] = [.open, .high, .low, .volume]
            return program.field(fields[random.below(4)], of: source(&random))
        case 2, 3, 4:
            let names = ["sma", "ema", "highest", "lowest"]
            return indicator(
                names[random.below(4)], [Double(2 + random.below(60))], close)
        case 5:
            let kinds: [SeriesOperation] = [.add, .subtract, .multiply, .divide, .maximum]
            return program.apply(
                kinds[random.below(5)],
                [number(depth - 1, &random), number(depth - 1, &random)])
        case 6: return program.apply(.shift(random.below(8)), [number(depth - 1, &random)])
        case 7:
            let percent = program.constant(0.97 + 0.06 * random.unit())
            return program.apply(.multiply, [number(depth - 1, &random), percent])
        case 8: return anyIndicator(&random)
        default: return indicator("atr", [Double(2 + random.below(20))], nil)
        }
    }

    /// A line of any indicator that reads prices, with any parameters.
    private mutating func anyIndicator(_ random: inout Random) -> NodeID {
        let all = IndicatorRegistry.all
        var index = random.below(all.count)
        func readsCondition(_ input: IndicatorInput) -> Bool {
            if case .condition = input { true } else { false }
        }
        while all[index].inputs.contains(where: readsCondition) { index = random.below(all.count) }
        let parameters = all[index].parameters.map { parameter in
            let room = min(parameter.maximum - parameter.minimum, parameter.isWhole ? 30 : 3)
            let value = parameter.minimum + room * random.unit()
            return parameter.isWhole ? value.rounded(.down) : value
        }
        let lines = program.indicator(index, input: program.field(.close), parameters: parameters)
        return lines[random.below(lines.count)]
    }

    private mutating func indicator(
        _ name: String, _ parameters: [Double], _ input: NodeID?
    ) -> NodeID {
        guard let index = IndicatorRegistry.index(of: name) else {
            preconditionFailure("no indicator \(name)")
        }
        let source = input.map { program.nodes[Int($0)].source } ?? sources.last ?? mainSource
        return program.indicator(index, input: input, of: source, parameters: parameters)[0]
    }

    private mutating func condition(_ depth: Int, _ random: inout Random) -> NodeID {
        let comparisons: [SeriesOperation] = [.above, .below, .crossesAbove, .crossesBelow]
        switch depth > 0 ? random.below(8) : 0 {
        case 5:
            let kinds: [SeriesOperation] = [.and, .or]
            return program.apply(
                kinds[random.below(2)],
                [condition(depth - 1, &random), condition(depth - 1, &random)])
        case 6: return program.apply(.not, [condition(depth - 1, &random)])
        case 7:
            return program.apply(
                .shiftCondition(random.below(5)), [condition(depth - 1, &random)])
        default:
            let own = program.field(.close)
            let close = random.below(2) == 0 ? own : number(1, &random)
            return program.apply(comparisons[random.below(4)], [close, number(2, &random)])
        }
    }
}

/// Random settings of every kind that a run can have.
func randomSettings(_ random: inout Random) -> RunSettings {
    let fees = [0, 0.0004, 0.001, 0.01]
    return RunSettings(
        startingCash: random.below(8) == 0 ? 50 : 10_000,
        makerFee: random.below(6) == 0 ? -0.0002 : fees[random.below(4)],
        takerFee: fees[random.below(4)],
        feeTiers: random.below(4) == 0 ? someFeeTiers : nil,
        slippage: randomSlippage(&random),
        volumeLimit: random.below(3) == 0 ? nil : 0.01 + 0.5 * random.unit(),
        fillOnTouch: random.below(2) == 0, intrabar: random.below(3) == 0 ? .ohlc : .worst,
        latency: random.below(4) == 0 ? [250, 90_000, 7_200_000][random.below(3)] : 0)
}

/// Fees that the trading of these tests reaches.
let someFeeTiers = try? FeeTiers("0:0.0008/0.001,20000:0.0004/0.0008,200000:-0.0001/0.0005")

/// A random model of slippage.
func randomSlippage(_ random: inout Random) -> Slippage {
    switch random.below(6) {
    case 0, 1: .none
    case 2: .halfSpread(20 * random.unit())
    case 3: .volumeShare(limit: 0.01 + 0.5 * random.unit(), impact: 0.3 * random.unit())
    default: .basisPoints(20 * random.unit())
    }
}

/// Random finer bars that make up `bars`: some are missing, some leave the range of their bar.
func randomDetail(_ bars: Bars, _ random: inout Random) -> Bars? {
    let divisors = Interval.all.filter {
        let count = bars.interval.milliseconds / $0.milliseconds
        return bars.interval.milliseconds % $0.milliseconds == 0 && (2...24).contains(count)
    }
    guard !divisors.isEmpty else { return nil }
    let interval = divisors[random.below(divisors.count)]
    let count = Int(bars.interval.milliseconds / interval.milliseconds)
    var rows: [Bar] = []
    for index in 0..<bars.count where random.below(20) > 0 {
        rows += fineBars(of: bars[index], count, interval, &random)
        if random.below(50) == 0 { rows[rows.count - 1].high *= 1.1 }
        if random.below(50) == 0 { rows.removeLast() }
    }
    return Bars(interval: interval, rows, hasVolume: bars.volume != nil)
}

/// Bars that make up one: its open, extremes and close, and its volume unevenly.
private func fineBars(
    of bar: Bar, _ count: Int, _ interval: Interval, _ random: inout Random
) -> [Bar] {
    let (high, low) = (random.below(count), random.below(count))
    var price = bar.open
    return (0..<count).map { index in
        let isLast = index == count - 1
        let end = isLast ? bar.close : bar.low + (bar.high - bar.low) * random.unit()
        var fine = Bar(
            openTime: bar.openTime + Int64(index) * interval.milliseconds, open: price,
            high: max(price, end), low: min(price, end), close: end,
            volume: random.below(6) == 0 ? 0 : 2 * bar.volume / Double(count) * random.unit())
        if index == high { fine.high = bar.high }
        if index == low { fine.low = bar.low }
        price = end
        return fine
    }
}

/// Random settings of a perpetual: any leverage, both margin modes, with and without a table.
func randomPerpetual(_ random: inout Random) -> PerpetualSettings {
    PerpetualSettings(
        leverage: [1, 2, 3, 10, 25, 50][random.below(6)],
        margin: random.below(2) == 0 ? .isolated : .cross,
        maintenanceRate: random.below(3) == 0 ? nil : 0.001 + 0.015 * random.unit())
}

/// Random funding every few hours, a payment here and there missing or off the bars' times, and
/// now and then a mark price beside the traded one.
func randomPerpetualData(_ bars: Bars, _ random: inout Random) -> PerpetualData {
    var data = PerpetualData()
    if random.below(5) > 0 {
        var payments: [(time: Int64, rate: Double)] = []
        var time = bars.openTime[0] - 3_600_000
        let step = [3_600_000, 4 * 3_600_000, 8 * 3_600_000][random.below(3)] as Int64
        while time < bars.closeTime(bars.count - 1) + step {
            payments.append((time, 0.004 * (random.unit() - 0.4)))
            time += step + (random.below(10) == 0 ? 60_000 * Int64(random.below(300)) : 0)
        }
        data.funding = FundingSeries(payments)
    }
    if random.below(3) == 0 {
        var rows: [Bar] = []
        for row in 0..<bars.count where random.below(50) > 0 {
            var bar = bars[row]
            let factor = 1 + 0.01 * (random.unit() - 0.5)
            bar.open *= factor
            bar.close *= factor
            bar.high *= factor * (1 + 0.002 * random.unit())
            bar.low *= factor * (1 - 0.002 * random.unit())
            rows.append(bar)
        }
        data.marks = Bars(interval: bars.interval, rows)
    }
    return data
}

/// A table with a step that positions of these tests reach.
let someTiers = [
    MaintenanceTier(notionalFloor: 0, rate: 0.004, deduction: 0, maxLeverage: 50),
    MaintenanceTier(notionalFloor: 20_000, rate: 0.01, deduction: 120, maxLeverage: 25),
    MaintenanceTier(notionalFloor: 100_000, rate: 0.05, deduction: 4_120, maxLeverage: 5),
]

/// A random instrument: with and without steps and minimums.
func randomInstrument(_ market: Market, _ random: inout Random) -> Instrument {
    let ticks = [nil, "0.01", "0.05", "1"]
    let lots = [nil, "0.001", "0.1", "1"]
    return Instrument(
        market: market, tickSize: ticks[random.below(4)].flatMap { DecimalStep($0) },
        lotSize: lots[random.below(4)].flatMap { DecimalStep($0) },
        minQuantity: random.below(4) == 0 ? 0.5 : nil,
        minNotional: random.below(3) == 0 ? 10 : nil,
        maintenanceTiers: market == .perp && random.below(2) == 0 ? someTiers : [],
        liquidationFee: random.below(2) == 0 ? 0.005 : nil)
}

/// Random bars of a random interval, some of them missing, some without volume.
func randomMarket(_ count: Int, _ random: inout Random) -> Bars {
    let names = ["1m", "5m", "1h", "4h", "1d", "3d"]
    guard let interval = Interval(names[random.below(names.count)]) else {
        preconditionFailure("an interval")
    }
    let swing = random.below(2) == 0 ? 0.002 : 0.03
    let drift = (random.unit() - 0.5) * swing * 0.2
    var (price, time) = (100.0, newYear + 60_000 * Int64(random.below(3)) * 7)
    func cents(_ value: Double) -> Double { max(0.01, (value * 100).rounded() / 100) }
    var rows: [Bar] = []
    for _ in 0..<count {
        let open = price * (1 + 0.3 * swing * (random.unit() - 0.5))
        let close = open * (1 + drift + swing * (random.unit() - 0.5))
        let high = max(open, close) * (1 + 0.5 * swing * random.unit())
        let low = min(open, close) * (1 - 0.5 * swing * random.unit())
        rows.append(
            Bar(
                openTime: time, open: cents(open), high: cents(high), low: cents(low),
                close: cents(close), volume: random.below(30) == 0 ? 0 : 400 * random.unit()))
        time += interval.milliseconds * (random.below(100) == 0 ? Int64(2 + random.below(40)) : 1)
        price = min(1_000, max(10, close))
    }
    return Bars(interval: interval, rows, hasVolume: random.below(5) > 0)
}
