import LotCore
import Testing

@testable import LotMath

/// An account that lost all: what it still says, and what it does not.
struct RuinTests {
    /// Falls to `left` on day 40 of 100, after a good first month, while the price doubles.
    private func ruined(_ left: Double, trades: [TradeRecord] = []) throws -> MetricInput {
        let equity = (1...100).map { $0 < 40 ? 100 + Double($0) : left }
        let prices = (1...100).map { day in
            let wave = Double(day % 3) / 5
            return 10 + Double(day) / 10 - wave
        }
        return try MetricTests.input(equity: equity, prices: prices, trades: trades)
    }

    private func details(_ input: MetricInput) throws -> RunDetails {
        let bar = Bar(openTime: 0, open: 10, high: 10, low: 10, close: 10, volume: 1)
        let bars = Bars(interval: try #require(Interval("1d")), [bar])
        return computeDetails(input, trades: [], curve: [], bars: bars)
    }

    @Test func `the month of ruin is the worst, and after it nothing moves`() throws {
        let input = try ruined(0)
        let months = try details(input).rows(.month).map(\.growth)
        // 31 days up to 131; 139 and then nothing in February; two months of nothing.
        #expect(months.count == 4 && months.allSatisfy(\.isFinite))
        #expect(abs(months[0] - 0.31) < 1e-12)
        #expect(months[1] == -1 && months[2] == 0 && months[3] == 0)
        let values = ReportMetrics.values(input, try details(input))
        let worst = try #require(
            ReportMetrics.definitions.firstIndex { $0.key == "worst_month" })
        #expect(values[worst] == -1)
        #expect(abs(values[worst - 1] - 0.31) < 1e-12)
    }

    @Test func `buying and holding does not depend on the account`() throws {
        let (ruined, sound) = (try details(try ruined(0)), try details(try ruined(50)))
        #expect(ruined.holding == sound.holding)
        #expect(ruined.holding.sharpe > 0 && ruined.holding.annualReturn > 0)
    }

    @Test(arguments: [0, 5e-11, -5e-11, 9e-8])
    func `what rounding leaves is nothing`(left: Double) throws {
        var trade = MetricTests.trade(left - 100, -1)
        trade.exitTime = 39 * MetricTests.day + 1
        let found = MetricTests.metrics(try ruined(left, trades: [trade]))
        for key in ["sharpe", "sortino", "psr", "closed_sharpe", "closed_sortino", "beta"] {
            #expect(found[key] == nil, "\(key)")
        }
        #expect(found["closed_max_drawdown"] == 1)
    }

    @Test func `a run without a loss has no value at risk below zero`() throws {
        let found = MetricTests.metrics(try MetricTests.input(equity: [100, 100, 100]))
        #expect(found["value_at_risk"]?.sign == .plus)
        #expect(found["conditional_value_at_risk"]?.sign == .plus)
    }
}
