public import LotCore

/// A made-up result of a run, the same for the same seed, for tests of everything that renders.
///
/// The equity curve adds up with the trades; the metrics are plausible numbers, not computed.
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
        _ bars: Int, _ start: Int64, _ trades: [Trade], _ orders: [Order],
        _ equity: [EquityPoint], _ closes: [Double]
    ) -> RunResult {
        let times = equity.map(\.time)
        var counters = RunCounters()
        counters.ambiguousBars = trades.count { $0.isAmbiguous }
        counters.missingBars = 1
        counters.orders = orders.count
        counters.fills = orders.count
        counters.rejections = ["below min_notional": 3, "no free cash": 1]
        let gap = Gap(from: start + 500 * 3_600_000, to: start + 501 * 3_600_000, bars: 1)
        return RunResult(
            strategy: StrategyIdentity(
                name: "sma_cross", file: "strategies/sma_cross.lua",
                hashes: ["strategies/sma_cross.lua": String(repeating: "5c", count: 32)],
                parameters: [
                    NamedParameter("fast", .int(20)), NamedParameter("slow", .int(50)),
                    NamedParameter("stop", .float(0.05)), NamedParameter("mode", .choice("long")),
                ], form: "events"),
            data: DataIdentity(
                address: address, digest: String(repeating: "a1", count: 32), firstTime: start,
                lastTime: start + Int64(bars - 1) * 3_600_000, bars: bars, decisionBars: bars - 50,
                gaps: [gap]),
            instrument: Instrument(
                tickSize: DecimalStep("0.01"), lotSize: DecimalStep("0.00001"), minNotional: 5),
            settings: RunSettings(seed: 7), engineVersion: "0.1.0", counters: counters,
            metrics: metrics(trades, equity), trades: trades, orders: orders, equity: equity,
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

    private static func metrics(_ trades: [Trade], _ equity: [EquityPoint]) -> [MetricValue] {
        let final = equity.last?.equity ?? 0
        let first = equity.first
        let last = equity.last
        let wins = trades.count { $0.profit > 0 }
        return [
            MetricValue("start_time", (first?.time).map(Double.init)),
            MetricValue("end_time", (last?.time).map(Double.init)),
            MetricValue("duration", 31_536_000_000), MetricValue("exposure_time", 0.51),
            MetricValue("equity_final", final),
            MetricValue("equity_peak", equity.map(\.equity).max()),
            MetricValue("profit", final - 10_000),
            MetricValue("fees", trades.reduce(0) { $0 + $1.fees }),
            MetricValue("slippage", 12.34), MetricValue("total_return", final / 10_000 - 1),
            MetricValue("buy_hold_return", (last?.close ?? 0) / (first?.close ?? 1) - 1),
            MetricValue("annual_return", 0.1234), MetricValue("annual_volatility", 0.4321),
            MetricValue("cagr", 0.1234), MetricValue("sharpe", 0.87),
            MetricValue("sortino", 1.21), MetricValue("calmar", nil),
            MetricValue("alpha", -0.021), MetricValue("beta", 0.48),
            MetricValue("max_drawdown", equity.map(\.drawdown).max()),
            MetricValue("avg_drawdown", 0.031),
            MetricValue("max_drawdown_duration", 7_776_000_000),
            MetricValue("avg_drawdown_duration", 345_600_000),
            MetricValue("trades", Double(trades.count)), MetricValue("wins", Double(wins)),
            MetricValue("win_rate", trades.isEmpty ? nil : Double(wins) / Double(trades.count)),
            MetricValue("best_trade", trades.map(\.profitFraction).max()),
            MetricValue("worst_trade", trades.map(\.profitFraction).min()),
            MetricValue("avg_trade", 0.0021), MetricValue("profit_factor", 1.18),
            MetricValue("sqn", 0.9), MetricValue("kelly", 0.07),
            MetricValue("ambiguous_bars", Double(trades.count { $0.isAmbiguous })),
            MetricValue("missing_bars", 1), MetricValue("conflicts", 0),
            MetricValue("rejected_orders", 4), MetricValue("volume_limited_fills", 0),
        ]
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
