public import LotCore
import LotMath

/// A made-up result of a run, the same for the same seed, for tests of everything that renders.
///
/// The equity curve adds up with the trades, and the metrics are those of both; only the Calmar
/// ratio is left undefined, so that there is one that is.
public enum SyntheticRun {
    /// Makes up a result.
    ///
    /// - Parameters:
    ///   - bars: Hourly bars, at least 2.
    ///   - tradeEvery: Bars between two entries; 0 for none.
    ///   - seed: Decides every number.
    /// - Returns: A result whose equity, trades and orders agree.
    public static func result(bars: Int = 8_760, tradeEvery: Int = 36, seed: UInt64 = 7)
        -> RunResult
    {
        var random = SplitMix(seed)
        let closes = walk(bars, &random)
        let start = 1_672_531_200_000 as Int64
        var trades: [Trade] = []
        var orders: [Order] = []
        var equity: [EquityPoint] = []
        var cash = 10_000.0
        var peak = cash
        var open: (row: Int, quantity: Double)?
        for row in 0..<bars {
            let time = start + Int64(row) * 3_600_000
            if let entry = open, row - entry.row > tradeEvery / 2 || row == bars - 1 {
                let trade = trade(entry.row, row, entry.quantity, closes, start, row == bars - 1)
                cash += trade.profit
                trades.append(trade)
                orders.append(order(orders.count + 1, .sell, trade.quantity, closes[row], time))
                open = nil
            } else if open == nil, tradeEvery > 0, row % tradeEvery == 0, row < bars - 1 {
                let quantity = (cash / closes[row] * 1e5).rounded(.down) / 1e5
                open = (row, quantity)
                orders.append(order(orders.count + 1, .buy, quantity, closes[row], time))
            }
            let held = open.map { $0.quantity * (closes[row] - closes[$0.row]) } ?? 0
            peak = max(peak, cash + held)
            equity.append(
                EquityPoint(
                    time: time + 3_600_000, equity: cash + held,
                    drawdown: 1 - (cash + held) / peak, position: open?.quantity ?? 0,
                    close: closes[row]))
        }
        return assemble(bars, start, trades, orders, equity, closes)
    }

    private static func walk(_ count: Int, _ random: inout SplitMix) -> [Double] {
        var price = 28_000.0
        return (0..<count).map { row in
            let drift = row % 2_400 < 1_500 ? 0.0004 : -0.0005
            price *= 1 + drift + (random.unit() - 0.5) * 0.016
            return (price * 100).rounded() / 100
        }
    }

    private static func trade(
        _ entry: Int, _ exit: Int, _ quantity: Double, _ closes: [Double], _ start: Int64,
        _ isLast: Bool
    ) -> Trade {
        let cost = quantity * closes[entry]
        let fees = (cost + quantity * closes[exit]) * 0.001
        let profit = quantity * (closes[exit] - closes[entry]) - fees
        return Trade(
            side: .buy, entryTime: start + Int64(entry) * 3_600_000,
            exitTime: start + Int64(exit) * 3_600_000, entryRow: entry, exitRow: exit,
            entryPrice: closes[entry], exitPrice: closes[exit], quantity: quantity, fees: fees,
            profit: profit, profitFraction: profit / cost, entryTag: "cross_up",
            exitTag: isLast ? "end_of_data" : entry % 5 == 0 ? "stop_loss" : "cross_down",
            isAmbiguous: entry % 11 == 0)
    }

    private static func order(
        _ id: Int, _ side: Side, _ quantity: Double, _ price: Double, _ time: Int64
    ) -> Order {
        var order = Order(
            id: id, origin: .strategy, request: OrderRequest(side, tag: "cross"),
            createdTime: time)
        order.quantity = quantity
        order.filledQuantity = quantity
        order.averagePrice = price
        order.status = .filled
        return order
    }

    private static func assemble(
        _ count: Int, _ start: Int64, _ trades: [Trade], _ orders: [Order],
        _ equity: [EquityPoint], _ closes: [Double]
    ) -> RunResult {
        let times = equity.map(\.time)
        var counters = RunCounters()
        counters.ambiguousBars = trades.count { $0.isAmbiguous }
        counters.missingBars = 1
        counters.orders = orders.count
        counters.fills = orders.count
        counters.rejections = ["below min_notional": 3, "no free cash": 1]
        counters.exposedBars = equity.count { $0.position != 0 }
        let (input, bars) = input(start, trades, equity, counters)
        let details = computeDetails(input, trades: trades, curve: equity, bars: bars)
        let metrics = computeMetrics(input, details).map {
            $0.key == "calmar" ? MetricValue("calmar", nil) : $0
        }
        let gap = Gap(from: start + 500 * 3_600_000, to: start + 501 * 3_600_000, bars: 1)
        return RunResult(
            strategy: StrategyIdentity(
                name: "sma_cross", file: "strategies/sma_cross.lua",
                hashes: ["sma_cross.lua": String(repeating: "5c", count: 32)],
                parameters: [
                    NamedParameter("fast", .int(20)), NamedParameter("slow", .int(50)),
                    NamedParameter("stop", .float(0.05)), NamedParameter("mode", .choice("long")),
                ], form: "events"),
            data: DataIdentity(
                address: address, digest: String(repeating: "a1", count: 32), firstTime: start,
                lastTime: start + Int64(count - 1) * 3_600_000, bars: count,
                decisionBars: max(0, count - 50),
                gaps: [gap]),
            instrument: Instrument(
                tickSize: DecimalStep("0.01"), lotSize: DecimalStep("0.00001"), minNotional: 5),
            settings: RunSettings(seed: 7), engineVersion: "0.1.0", counters: counters,
            metrics: metrics, details: details, trades: trades, orders: orders, equity: equity,
            plots: [
                PlotLine(name: "fast", times: times, values: average(closes, 20)),
                PlotLine(name: "slow", times: times, values: average(closes, 50)),
            ],
            log: [
                LogLine(time: nil, text: "warm-up is 50 bars"),
                LogLine(time: start, text: "first bar"),
            ],
            warnings: ["the exchange's rules are not known for 2023; today's were used"])
    }

    private static var address: SeriesAddress {
        do {
            return try SeriesAddress(parsing: "test:GENUSDT:1h")
        } catch {
            preconditionFailure("a fixed address that does not parse: \(error)")
        }
    }

    private static func average(_ values: [Double], _ length: Int) -> [Double] {
        var sum = 0.0
        return values.indices.map { index in
            sum += values[index] - (index >= length ? values[index - length] : 0)
            return index + 1 < length ? .nan : sum / Double(length)
        }
    }

    /// What statistics are computed from: bars that move a little around their closes.
    private static func input(
        _ start: Int64, _ trades: [Trade], _ equity: [EquityPoint], _ counters: RunCounters
    ) -> (input: MetricInput, bars: Bars) {
        guard let hour = Interval("1h") else { preconditionFailure("a fixed interval") }
        let bars = Bars(
            interval: hour,
            equity.map {
                Bar(
                    openTime: $0.time - 3_600_000, open: $0.close, high: $0.close * 1.004,
                    low: $0.close * 0.995, close: $0.close, volume: 1)
            })
        var tracker = EquityTracker(
            startingCash: 10_000, startTime: start, startPrice: equity.first?.close ?? 1,
            interval: hour)
        for point in equity {
            tracker.mark(time: point.time, equity: point.equity, price: point.close)
        }
        let input = MetricInput(
            equity: tracker, trades: trades.map(\.record),
            fees: trades.reduce(0) { $0 + $1.fees }, slippage: 12.34, counters: counters,
            windowBars: equity.count, startTime: start,
            endTime: start + Int64(equity.count) * 3_600_000)
        return (input, bars)
    }
}

/// SplitMix64: a small seeded generator for made-up data.
///
/// - SeeAlso: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
public struct SplitMix: Sendable {
    private var state: UInt64

    /// Starts from a seed.
    public init(_ seed: UInt64) {
        state = seed
    }

    /// Returns the next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Returns a number in `[0, 1)`.
    public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
