import LotCore
import LotEngine
import LotMath
import Testing

/// SplitMix64 (Steele, Lea, Flood 2014), for reproducible random tests.
struct Random {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number in [0, 1).
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// A random walk with gaps, spikes and bars without volume.
func randomBars(_ count: Int, _ random: inout Random) -> Bars {
    var price = 100.0
    var rows: [(Double, Double, Double, Double)] = []
    var volume: [Double] = []
    for _ in 0..<count {
        let open = price * (1 + 0.02 * (random.unit() - 0.5))
        let close = open * (1 + 0.04 * (random.unit() - 0.5))
        let high = max(open, close) * (1 + 0.02 * random.unit())
        let low = min(open, close) * (1 - 0.02 * random.unit())
        func cents(_ value: Double) -> Double { (value * 100).rounded() / 100 }
        rows.append((cents(open), cents(high), cents(low), cents(close)))
        volume.append(random.below(20) == 0 ? 0 : 200 * random.unit())
        price = close
    }
    return hourly(rows, volume: volume)
}

/// Sends random orders of every kind.
func randomActions(_ seed: UInt64) -> (AccountView, OrderDesk) -> Void {
    { account, desk in
        // The decision depends on the row alone, so that runs can be compared bar by bar.
        var random = Random(state: seed &+ UInt64(account.row) &* 7_919)
        guard random.below(3) == 0 else { return }
        let side: Side = random.below(2) == 0 ? .buy : .sell
        let type = OrderType.allCases[random.below(OrderType.allCases.count)]
        let level = 100 * (0.9 + 0.2 * random.unit())
        let bracket = Bracket(
            stopLoss: random.below(2) == 0 ? 0.005 + 0.02 * random.unit() : nil,
            takeProfit: random.below(2) == 0 ? 0.005 + 0.02 * random.unit() : nil,
            trailingStop: random.below(3) == 0 ? 0.01 + 0.02 * random.unit() : nil,
            maxBars: random.below(4) == 0 ? 1 + random.below(10) : nil)
        let size: Size =
            switch random.below(3) {
            case 0: .equity(random.unit() + 0.01)
            case 1: .quote(3_000 * random.unit() + 1)
            default: .base(20 * random.unit() + 0.01)
            }
        switch random.below(10) {
        case 0: _ = desk.exit(tag: "exit")
        case 1: desk.cancel(id: 1 + random.below(desk.nextOrderID))
        default:
            _ = desk.submit(
                OrderRequest(
                    side, type: type, size: size,
                    price: level * (type == .stopLimit ? 0.98 + 0.04 * random.unit() : 1),
                    stopPrice: level,
                    trailingStop: type == .trailingStop ? 0.002 + 0.03 * random.unit() : nil,
                    timeInForce: random.below(2) == 0
                        ? .gtc : TimeInForce.allCases[random.below(3)],
                    postOnly: random.below(4) == 0, reduceOnly: random.below(4) == 0,
                    bracket: bracket, tag: "t"))
        }
    }
}

@Suite struct LedgerPropertyTests {
    private func settings(_ seed: UInt64) -> RunSettings {
        let models: [Slippage] = [
            .none, .basisPoints(5), .none, .halfSpread(7), .none,
            .volumeShare(limit: 0.3, impact: 0.2),
        ]
        return RunSettings(
            makerFee: seed % 3 == 0 ? -0.0001 : 0.0005, takerFee: 0.001,
            feeTiers: seed % 7 == 0 ? someFeeTiers : nil, slippage: models[Int(seed % 6)],
            volumeLimit: seed % 4 == 0 ? nil : 0.05, fillOnTouch: seed % 5 == 0,
            intrabar: seed / 2 % 3 == 0 ? .ohlc : .worst,
            latency: seed / 3 % 4 == 0 ? 4_000_000 : 0)
    }

    private func instrument(_ seed: UInt64) -> Instrument {
        Instrument(
            market: seed % 2 == 0 ? .perp : .spot,
            tickSize: seed % 3 == 0 ? nil : DecimalStep("0.01"),
            lotSize: seed % 3 == 1 ? nil : DecimalStep("0.001"),
            minNotional: seed % 5 == 0 ? 10 : nil)
    }

    @Test(arguments: 0..<200) func `money adds up for random orders`(_ seed: Int) throws {
        var random = Random(state: UInt64(seed))
        let bars = randomBars(400, &random)
        let settings = settings(UInt64(seed))
        let result = try simulate(
            bars, settings, instrument(UInt64(seed)), randomActions(UInt64(seed)))
        let profits = result.trades.reduce(0) { $0 + $1.profit }
        #expect(abs(result.finalEquity - (10_000 + profits)) < 1e-6)
        let fees = result.trades.reduce(0) { $0 + $1.fees }
        #expect(abs(result.fees - fees) < 1e-6)
        let gross = result.trades.reduce(0) {
            $0 + $1.side.sign * $1.quantity * ($1.exitPrice - $1.entryPrice)
        }
        #expect(abs(gross - fees - profits) < 1e-6)
        #expect(result.orders.allSatisfy { $0.status.isFinal })
    }

    @Test(arguments: 0..<100) func `spot never holds less than nothing, nor owes cash`(
        _ seed: Int
    ) throws {
        var random = Random(state: UInt64(seed) &+ 5_000)
        let bars = randomBars(300, &random)
        let act = randomActions(UInt64(seed))
        var lowest = (position: 0.0, cash: 0.0)
        _ = try simulate(bars, settings(UInt64(seed)), Instrument()) { account, desk in
            lowest.position = min(lowest.position, account.position)
            lowest.cash = min(lowest.cash, account.cash)
            act(account, desk)
        }
        #expect(lowest.position == 0)
        #expect(lowest.cash > -1e-6)
    }

    @Test(arguments: 0..<50) func `no fill is outside its bar but for slippage and rounding`(
        _ seed: Int
    ) throws {
        var random = Random(state: UInt64(seed) &+ 9_000)
        let bars = randomBars(300, &random)
        var settings = settings(UInt64(seed))
        settings.slippage = .none
        let puppet = Puppet(randomActions(UInt64(seed)))
        _ = try runBacktest(
            puppet,
            BacktestInput(
                bars: bars, window: 0..<300, instrument: Instrument(), settings: settings))
        for case (_, .fill(let fill)) in puppet.updates where fill.origin != .takeProfit {
            let bar = bars[fill.row]
            let slack = fill.liquidity == .maker ? Double.infinity : 1e-9
            #expect(
                fill.price <= bar.high + slack && fill.price >= bar.low - slack,
                "\(fill) in \(bar)")
        }
    }

    @Test(arguments: 0..<30) func `future bars change nothing that was decided before`(
        _ seed: Int
    ) throws {
        var random = Random(state: UInt64(seed) &+ 13_000)
        let bars = randomBars(300, &random)
        let cut = 100 + random.below(150)
        let other = randomBars(300, &random)
        let mixed = Bars(
            interval: bars.interval, (0..<300).map { $0 < cut ? bars[$0] : other[$0] })
        func views(_ bars: Bars) throws -> [AccountView] {
            let puppet = Puppet(randomActions(UInt64(seed)))
            _ = try runBacktest(
                puppet,
                BacktestInput(
                    bars: bars, window: 0..<300, instrument: instrument(UInt64(seed)),
                    settings: settings(UInt64(seed))))
            return Array(puppet.seen.prefix(cut))
        }
        #expect(try views(bars) == views(mixed))
    }

    @Test func `the same run gives the same bytes`() throws {
        var random = Random(state: 1)
        let bars = randomBars(500, &random)
        let first = try simulate(bars, settings(1), instrument(1), randomActions(1))
        let second = try simulate(bars, settings(1), instrument(1), randomActions(1))
        #expect(first.trades == second.trades)
        #expect(first.orders == second.orders)
        #expect(first.equity.curve == second.equity.curve)
    }
}
