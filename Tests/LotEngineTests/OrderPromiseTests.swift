import LotCore
import LotEngine
import Testing

/// What flags and times in force promise, over random orders, settings and bars.
@Suite struct OrderPromiseTests {
    private struct Run {
        var orders: [Order]
        var fills: [Int: [Fill]]
        var counters: RunCounters
    }

    private func run(_ seed: Int) throws -> Run {
        var random = Random(state: UInt64(seed) &+ 410_000)
        let bars = randomBars(250, &random)
        var settings = randomSettings(&random)
        settings.startingCash = 10_000
        let puppet = Puppet(randomActions(UInt64(seed)))
        let outcome = try runBacktest(
            puppet,
            BacktestInput(
                bars: bars, window: 0..<250,
                instrument: Instrument(market: seed % 2 == 0 ? .perp : .spot),
                settings: settings, detail: seed % 3 == 0 ? randomDetail(bars, &random) : nil))
        var fills: [Int: [Fill]] = [:]
        for (_, update) in puppet.updates {
            if case .fill(let fill) = update { fills[fill.orderID, default: []].append(fill) }
        }
        return Run(orders: outcome.orders, fills: fills, counters: outcome.counters)
    }

    @Test(arguments: 0..<120) func `orders keep to their flags and times in force`(
        _ seed: Int
    ) throws {
        let run = try run(seed)
        var expired: [String: Int] = [:]
        for order in run.orders where order.origin == .strategy {
            let fills = run.fills[order.id] ?? []
            if order.status == .expired { expired[order.reason, default: 0] += 1 }
            switch order.request.timeInForce {
            case .gtc: #expect(order.status != .expired)
            case .ioc: #expect(Set(fills.map(\.time)).count <= 1, "\(order)")
            case .fok:
                let isWhole = abs(order.filledQuantity - (order.quantity ?? 0)) < 1e-9
                #expect(order.filledQuantity == 0 || isWhole, "\(order)")
                #expect(Set(fills.map(\.time)).count <= 1, "\(order)")
            }
            let isLimit = [.limit, .stopLimit].contains(order.request.type)
            if order.request.postOnly, isLimit {
                #expect(fills.allSatisfy { $0.liquidity == .maker }, "\(order)")
            }
            for fill in fills where isLimit {
                let price = order.request.price ?? 0
                #expect(order.request.side == .buy ? fill.price <= price : fill.price >= price)
            }
        }
        #expect(run.counters.expirations == expired)
        let refused = run.orders.filter { $0.status == .rejected }.count
        #expect(run.counters.rejections.values.reduce(0, +) == refused)
    }

    @Test func `random orders of these tests meet every reason`() throws {
        var reasons: Set<String> = []
        for seed in 0..<60 { reasons.formUnion(try run(seed).orders.map(\.reason)) }
        for reason in ["ioc_unfilled", "fok_unfilled", "post_only_would_cross", "no_position"] {
            #expect(reasons.contains(reason), "\(reason)")
        }
    }

    @Test(arguments: 0..<60) func `a reduce-only order never makes a position larger`(
        _ seed: Int
    ) throws {
        let run = try run(seed)
        let reducing = Set(run.orders.filter(\.request.reduceOnly).map(\.id))
        let fills = run.fills.values.flatMap(\.self).sorted { $0.time < $1.time }
        var positions: [Int64: Double] = [:]
        var held = 0.0
        for fill in fills {
            held += fill.side.sign * fill.quantity
            positions[fill.time] = held
        }
        // Bars in which nothing but reduce-only orders filled end nearer to zero.
        let byTime = Dictionary(grouping: fills, by: \.time)
        var before = 0.0
        for time in byTime.keys.sorted() {
            let after = positions[time] ?? 0
            if byTime[time]?.allSatisfy({ reducing.contains($0.orderID) }) == true {
                #expect(abs(after) <= abs(before) + 1e-9, "at \(time)")
            }
            before = after
        }
    }
}
