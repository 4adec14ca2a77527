import LotCore
import Testing

@testable import LotMath

/// Metrics against golden values, and where they are undefined.
struct MetricTests {
    static let day = millisecondsPerDay

    static func trade(
        _ profit: Double, _ fraction: Double, side: Side = .buy, hours: Int64 = 1
    ) -> TradeRecord {
        TradeRecord(
            side: side, entryTime: 0, exitTime: hours * 3_600_000, entryRow: 0, exitRow: 1,
            entryPrice: 1, exitPrice: 1, quantity: 1, fees: 0, profit: profit,
            profitFraction: fraction)
    }

    /// Daily closes from a starting cash of 100 and a price of 10.
    static func input(
        equity: [Double], prices: [Double]? = nil, trades: [TradeRecord] = [],
        interval: String = "1d"
    ) throws -> MetricInput {
        let length = try #require(Interval(interval))
        var tracker = EquityTracker(
            startingCash: 100, startTime: 0, startPrice: 10, interval: length)
        for (index, value) in equity.enumerated() {
            tracker.mark(
                time: Int64(index + 1) * length.milliseconds, equity: value,
                price: prices?[index] ?? 10)
        }
        return MetricInput(
            equity: tracker, trades: trades, fees: 0, slippage: 0, counters: RunCounters(),
            windowBars: equity.count, startTime: 0,
            endTime: Int64(equity.count) * length.milliseconds)
    }

    /// Values by key; asking for an unknown key is a mistake of the test.
    struct Found {
        var values: [String: Double?]

        subscript(key: String) -> Double? {
            guard let value = values[key] else { preconditionFailure("no metric \(key)") }
            return value
        }

        func isNear(_ key: String, _ expected: Double, _ tolerance: Double = 1e-12) -> Bool {
            abs((self[key] ?? .nan) - expected) <= tolerance * max(1, abs(expected))
        }
    }

    static func metrics(_ input: MetricInput) -> Found {
        Found(
            values: Dictionary(
                uniqueKeysWithValues: computeMetrics(input).map { ($0.key, $0.value) }))
    }

    @Test func `keys are unique and in the order of the values`() throws {
        let keys = MetricDefinition.keys
        #expect(Set(keys).count == keys.count)
        let input = try Self.input(equity: [])
        #expect(computeMetrics(input).map(\.key) == keys)
        #expect(
            Array(MetricDefinition.all.prefix(MetricDefinition.search.count))
                == MetricDefinition.search)
        #expect(ReportMetrics.values(input, RunDetails()).count == ReportMetrics.definitions.count)
        #expect(MetricDefinition.named("sharpe")?.unit == .ratio)
        #expect(MetricDefinition.named("sharp") == nil)
    }

    @Test func `without bars and trades the ratios are undefined`() throws {
        let found = Self.metrics(try Self.input(equity: []))
        let defined = Set(found.values.filter { $0.value != nil }.keys)
        #expect(
            defined == [
                "start_time", "end_time", "duration", "equity_final", "equity_peak", "profit",
                "fees", "slippage", "total_return", "max_drawdown", "trades", "long_trades",
                "short_trades", "wins", "losses", "max_win_streak", "max_loss_streak",
                "ambiguous_bars", "missing_bars", "conflicts", "rejected_orders",
                "volume_limited_fills", "funding", "traded_volume", "gross_profit", "gross_loss",
                "long_profit", "short_profit", "ambiguous_profit", "closed_max_drawdown",
                "liquidations",
            ])
        #expect(found["equity_final"] == 100 && found["total_return"] == 0)
    }

    @Test func `one day has a return but no ratio`() throws {
        let found = Self.metrics(try Self.input(equity: [110], prices: [11]))
        // 110 / 100 − 1; the first close is the last.
        #expect(found.isNear("total_return", 0.1, 1e-15))
        #expect(found["buy_hold_return"] == 0)
        for key in ["annual_return", "annual_volatility", "cagr", "sharpe", "sortino", "beta"] {
            #expect(found[key] == nil, "\(key)")
        }
    }

    @Test func `a flat curve has no ratio, and no drawdown to average`() throws {
        let found = Self.metrics(try Self.input(equity: [Double](repeating: 100, count: 60)))
        #expect(found["annual_volatility"] == 0 && found["max_drawdown"] == 0)
        #expect(found["annual_return"] == 0 && found["cagr"] == 0)
        for key in [
            "sharpe", "sortino", "calmar", "avg_drawdown", "max_drawdown_duration", "beta", "alpha",
        ] {
            #expect(found[key] == nil, "\(key)")
        }
    }

    @Test func `constant growth is no variation`() throws {
        // 1 % a day for 60 days: only rounding differs from day to day.
        var equity = 100.0
        let curve = (0..<60).map { _ -> Double in
            equity *= 1.01
            return equity
        }
        let found = Self.metrics(try Self.input(equity: curve))
        #expect(found["sharpe"] == nil && found["annual_volatility"] == 0)
        // 1.01^365 − 1 = 36.78343433…
        #expect(found.isNear("annual_return", 36.783_434_332, 1e-6))
    }

    @Test func `ratios of a curve worked by hand`() throws {
        // Returns +10 %, −10 %, +10 %, −10 %: mean 0, squares 4 · 0.01, s = √(0.04 / 3).
        let found = Self.metrics(try Self.input(equity: [110, 99, 108.9, 98.01]))
        let volatility = (0.04 / 3 * 365).squareRoot()
        #expect(found.isNear("annual_volatility", volatility, 1e-12))
        #expect(found.isNear("sharpe", 0))
        // One episode from 110 on, never recovered: 1 − 98.01 / 110 = 0.109.
        #expect(found.isNear("max_drawdown", 0.109, 1e-12))
        #expect(found.isNear("avg_drawdown", 0.109, 1e-12))
        #expect(found["max_drawdown_duration"] == Double(3 * Self.day))
    }

    @Test func `growth is not extrapolated from less than 30 days`() throws {
        let curve = (1...30).map { 100 + Double($0) }
        let short = Self.metrics(try Self.input(equity: Array(curve.prefix(29))))
        let long = Self.metrics(try Self.input(equity: curve))
        for key in ["annual_return", "cagr"] {
            #expect(short[key] == nil, "\(key)")
            // 1.3^(365 / 30) − 1 = 23.34…
            #expect(long.isNear(key, 23.342, 0.001), "\(key)")
        }
        #expect(short["sharpe"] != nil)
    }

    @Test func `a lost account has no ratios`() throws {
        let curve = (0..<40).map { $0 < 20 ? 100 - Double($0) : -1 }
        let found = Self.metrics(try Self.input(equity: curve))
        for key in ["annual_return", "cagr", "sharpe", "sortino", "calmar", "beta", "alpha"] {
            #expect(found[key] == nil, "\(key)")
        }
        // 1 − (−1 / 100): more than all was lost.
        #expect(found["max_drawdown"] == 1.01)
    }

    @Test func `holding the asset has beta 1 and alpha near 0`() throws {
        var random = SeededNumbers(14)
        var price = 10.0
        let prices = (0..<200).map { _ -> Double in
            price *= 1 + (random.unit() - 0.5) * 0.1
            return price
        }
        let found = Self.metrics(
            try Self.input(equity: prices.map { $0 * 10 }, prices: prices))
        #expect(found.isNear("beta", 1, 1e-12))
        let total = found["total_return"] ?? .nan
        let hold = found["buy_hold_return"] ?? .nan
        #expect(found.isNear("alpha", total - hold, 1e-9))
    }

    @Test func `weekly bars are annualised by 365 sevenths`() throws {
        let found = Self.metrics(try Self.input(equity: [110, 99, 108.9], interval: "1w"))
        // Returns ±10 %: mean 1/30, s² = (2 · (2/30)² + (4/30)²) / 2 = 0.04 / 3.
        let expected = (0.04 / 3).squareRoot() * (365.0 / 7).squareRoot()
        #expect(found.isNear("annual_volatility", expected, 1e-12))
    }

    @Test func `one winning trade has no factor, quality or Kelly`() throws {
        let found = Self.metrics(try Self.input(equity: [110], trades: [Self.trade(10, 0.1)]))
        #expect(found["win_rate"] == 1 && found["best_trade"] == 0.1)
        #expect(found["worst_trade"] == 0.1 && found["max_win_streak"] == 1)
        for key in ["profit_factor", "sqn", "kelly"] {
            #expect(found[key] == nil, "\(key)")
        }
    }

    @Test func `trades worked by hand`() throws {
        let trades = [
            Self.trade(20, 0.2), Self.trade(10, 0.1, hours: 3), Self.trade(-10, -0.1),
            Self.trade(0, 0, side: .sell), Self.trade(-5, -0.05), Self.trade(-5, -0.05),
        ]
        let found = Self.metrics(try Self.input(equity: [110], trades: trades))
        let expected: [String: Double] = [
            "trades": 6, "long_trades": 5, "short_trades": 1, "wins": 2, "losses": 3,
            "win_rate": 1.0 / 3, "max_win_streak": 2, "max_loss_streak": 2,
            "profit_factor": 30.0 / 20, "expectancy": 0.1 / 6,
            // W − (1 − W) / (0.15 / (0.2 / 3)) = 1/3 − 2/3 · 4/9.
            "kelly": 1.0 / 3 - 2.0 / 3 * 4 / 9,
            "max_trade_duration": 3 * 3_600_000, "avg_trade_duration": 8.0 / 6 * 3_600_000,
        ]
        for (key, value) in expected {
            #expect(found.isNear(key, value), "\(key)")
        }
    }

    @Test func `a trade that lost all has no geometric mean`() throws {
        let trades = [Self.trade(-100, -1), Self.trade(10, 0.1)]
        let found = Self.metrics(try Self.input(equity: [10], trades: trades))
        #expect(found["avg_trade"] == nil)
        #expect(found["expectancy"] == -0.45)
    }

    @Test(arguments: 0..<200)
    func `no metric is ever infinite or NaN`(seed: Int) throws {
        var random = SeededNumbers(UInt64(seed) &* 7_919)
        let odd: [Double] = [0, -1, 1e-300, 1e300, .nan, .infinity, 100, 100]
        let count = Int(random.unit() * 50)
        let curve = (0..<count).map { _ in
            random.unit() < 0.2 ? odd[Int(random.unit() * 8)] : 100 * random.unit()
        }
        let prices = (0..<count).map { _ in
            random.unit() < 0.2 ? odd[Int(random.unit() * 8)] : 10 * random.unit()
        }
        let trades = (0..<Int(random.unit() * 5)).map { _ in
            Self.trade(odd[Int(random.unit() * 8)], odd[Int(random.unit() * 8)])
        }
        let values = computeMetrics(
            try Self.input(equity: curve, prices: prices, trades: trades))
        #expect(values.allSatisfy { $0.value?.isFinite ?? true })
    }
}
