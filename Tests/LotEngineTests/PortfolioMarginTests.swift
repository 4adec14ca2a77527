import LotCore
import LotEngine
import LotMath
import Testing

/// Cross margin over several symbols: every position of the account counts inside a bar.
@Suite struct PortfolioMarginTests {
    private let perpetual = Instrument(market: .perp, liquidationFee: 0)

    private var cross: RunSettings {
        var settings = free
        settings.perpetual = PerpetualSettings(leverage: 10, margin: .cross)
        return settings
    }

    private func buys(_ quantity: Double, _ bracket: Bracket = Bracket()) -> (
        AccountView, OrderDesk
    ) -> Void {
        at(0, OrderRequest(.buy, size: .base(quantity), bracket: bracket))
    }

    private func bars(low: Double, close: Double) -> Bars {
        hourly([
            (100, 100, 100, 100), (100, 100, 100, 100), (100, 100, low, close),
            (close, close, close, close),
        ])
    }

    /// The example of rule 13.
    @Test func `two positions that fall in one bar are liquidated for each other`() throws {
        let input = PortfolioInput(
            [
                symbol("A", bars(low: 92, close: 95), perpetual),
                symbol("B", bars(low: 84, close: 96), perpetual),
            ], settings: cross)
        let (outcome, _) = try simulate(input, ["A": buys(400), "B": buys(400)])
        // At the lows: 10,000 − 3,200 − 6,400 = 400, and 368 + 336 = 704 are needed. B loses more:
        // 10,000 − 3,200 − 368 + 400 · (P − 100) = 4 · P at P = 33,568 / 396.
        let trades = outcome.account.trades
        #expect(trades.map(\.exitTag) == ["liquidation", "end_of_data"])
        #expect(trades.map(\.symbol) == [1, 0])
        #expect(close(trades[0].exitPrice, 33_568.0 / 396))
        // A alone would have to fall to 91.14…: it stays.
        #expect(trades[1].exitPrice == 95)
    }

    @Test func `a fall that leaves enough at every low liquidates nothing`() throws {
        let input = PortfolioInput(
            [
                symbol("A", bars(low: 92, close: 95), perpetual),
                symbol("B", bars(low: 85, close: 96), perpetual),
            ], settings: cross)
        let (outcome, _) = try simulate(input, ["A": buys(400), "B": buys(400)])
        #expect(outcome.account.counters.liquidations == 0)
    }

    @Test func `a stop that the bar reaches bounds what its position may lose for others`() throws {
        let input = PortfolioInput(
            [
                symbol("A", bars(low: 92, close: 95), perpetual),
                symbol("B", bars(low: 84, close: 96), perpetual),
            ], settings: cross)
        let (outcome, _) = try simulate(
            input, ["A": buys(400, Bracket(stopLoss: 0.05)), "B": buys(400)])
        // A is out at 95: 10,000 − 2,000 − 6,400 = 1,600 is more than B's 336.
        #expect(outcome.account.counters.liquidations == 0)
        #expect(outcome.account.trades.map(\.exitTag) == ["stop_loss", "end_of_data"])
    }

    @Test func `the two legs of a hedged symbol fall once, not each on its own`() throws {
        var settings = cross
        settings.perpetual.positionMode = .hedge
        let wild = hourly([
            (100, 100, 100, 100), (100, 100, 100, 100), (100, 110, 90, 100), (100, 100, 100, 100),
        ])
        let input = PortfolioInput(
            [symbol("A", wild, perpetual), symbol("B", bars(low: 95, close: 99), perpetual)],
            settings: settings)
        let both = plan([
            0: [
                OrderRequest(.buy, size: .base(300)), OrderRequest(.sell, size: .base(300)),
            ]
        ])
        let (outcome, _) = try simulate(input, ["A": both, "B": buys(200)])
        // A's legs cancel out; each on its own would cost 3,000, and there would be 3,000 less.
        #expect(outcome.account.counters.liquidations == 0)
        #expect(outcome.account.trades.count == 3)
    }

    // MARK: Orders against a position

    /// 900 of A and 50 of B from 100; with A at 95 an equity of 5,500 keeps 905, and no cash is
    /// free: 5,500 − 8,550 − 500.
    private func reducing(_ order: OrderRequest, low: Double = 100) throws -> Order {
        let falls = hourly([
            (100, 100, 100, 100), (100, 100, 100, 100), (95, 95, 95, 95), (95, 95, 95, 95),
            (95, 95, 95, 95),
        ])
        let calm = hourly([
            (100, 100, 100, 100), (100, 100, 100, 100), (100, 100, 100, 100),
            (100, 100, low, 100), (100, 100, 100, 100),
        ])
        let input = PortfolioInput(
            [symbol("A", falls, perpetual), symbol("B", calm, perpetual)], settings: cross)
        let (outcome, _) = try simulate(
            input,
            [
                "A": buys(900),
                "B": plan([0: [OrderRequest(.buy, size: .base(50))], 2: [order]]),
            ])
        return try #require(outcome.account.orders.first { $0.request.side == .sell })
    }

    private static let closing = [
        OrderRequest(.sell, size: .base(25)),
        OrderRequest(.sell, size: .base(25), reduceOnly: true),
        // 0.05 · 5,500 and 250 put up at leverage 10.
        OrderRequest(.sell, size: .equity(0.25 / 5.5)),
        OrderRequest(.sell, size: .quote(250)),
        OrderRequest(.sell, type: .limit, size: .base(25), price: 99),
        OrderRequest(.sell, size: .risk(0.0125 / 5.5), bracket: Bracket(stopLoss: 0.005)),
    ]

    @Test(arguments: closing) func `what closes a position needs no free cash`(
        _ order: OrderRequest
    ) throws {
        let done = try reducing(order)
        #expect(done.status == .filled && close(done.filledQuantity, 25), "\(done)")
    }

    @Test func `a stop that protects a position needs no free cash`() throws {
        let order = OrderRequest(.sell, type: .stopMarket, size: .base(50), stopPrice: 99)
        let done = try reducing(order, low: 97)
        #expect(done.status == .filled && done.averagePrice == 99, "\(done)")
        // What would open the other side does.
        let other = try reducing(OrderRequest(.sell, size: .base(51)))
        #expect(other.reason == "insufficient_cash")
    }

    // MARK: All at a time

    /// The tags and the prices at which A and B are left, whichever has the name.
    private func left(
        _ a: PortfolioSymbol, _ b: PortfolioSymbol, swapped: Bool, _ settings: RunSettings,
        _ actA: @escaping (AccountView, OrderDesk) -> Void,
        _ actB: @escaping (AccountView, OrderDesk) -> Void
    ) throws -> (trades: [Trade], equity: Double) {
        var (a, b) = (a, b)
        (a.name, b.name) = swapped ? ("Z", "Y") : ("A", "B")
        let (outcome, _) = try simulate(
            PortfolioInput([a, b], settings: settings), [a.name: actA, b.name: actB])
        let trades = outcome.account.trades
        let sorted = trades.sorted {
            (($0.symbol == 0) != swapped ? 0 : 1) < (($1.symbol == 0) != swapped ? 0 : 1)
        }
        return (sorted, outcome.account.finalEquity)
    }

    private let flat = hourly(
        [(Double, Double, Double, Double)](
            repeating: (100, 100, 100, 100), count: 5))

    private func gap(_ price: Double) -> Bars {
        hourly([
            (100, 100, 100, 100), (100, 100, 100, 100), (price, price, price, price),
            (price, price, price, price), (price, price, price, price),
        ])
    }

    @Test(arguments: [false, true]) func `funding of all comes before a liquidation of any`(
        _ swapped: Bool
    ) throws {
        // At 78 A leaves 1,200, and 312 + 300 are needed; B owes 300 · 100 · 0.02.
        var b = symbol("B", flat, perpetual)
        b.perpetual = PerpetualData(
            funding: FundingSeries([(newYear + 2 * 3_600_000, 0.02)]))
        let (trades, equity) = try left(
            symbol("A", gap(78), perpetual), b, swapped: swapped, cross,
            { account, desk in
                if account.row == 0 { _ = desk.submit(OrderRequest(.buy, size: .base(400))) }
                if account.row == 1 { _ = desk.exit(tag: "out") }
            }, buys(300))
        // A, which has lost most, is sold at 78: 600 are left, more than B's 300.
        #expect(trades.map(\.exitTag) == ["liquidation", "end_of_data"])
        #expect(trades[0].exitPrice == 78 && equity == 600)
    }

    @Test(arguments: [false, true]) func `at an open what has lost most is liquidated first`(
        _ swapped: Bool
    ) throws {
        // 10,000 − 400 · 24.2 = 320 are left, 303.2 + 30 needed: without A's there is enough.
        let (trades, equity) = try left(
            symbol("A", gap(75.8), perpetual), symbol("B", flat, perpetual), swapped: swapped,
            cross, buys(400), buys(30))
        #expect(trades.map(\.exitTag) == ["liquidation", "end_of_data"])
        #expect(close(equity, 320))
    }

    @Test(arguments: [false, true]) func `funding of all comes before any order at an open`(
        _ swapped: Bool
    ) throws {
        var b = symbol("B", flat, perpetual)
        b.perpetual = PerpetualData(
            funding: FundingSeries([(newYear + 2 * 3_600_000, 0.02)]))
        var settings = free
        settings.perpetual = PerpetualSettings(leverage: 1)
        let (trades, _) = try left(
            symbol("A", flat, perpetual), b, swapped: swapped, settings,
            plan([
                0: [OrderRequest(.buy, size: .base(1))],
                1: [OrderRequest(.buy, size: .equity(0.3))],
            ]), buys(50))
        // 0.3 · (10,000 − 100) / 100, and the one of before.
        #expect(close(trades[0].quantity, 30.7))
    }

    @Test(arguments: [false, true]) func `funding inside a bar comes before any liquidation in it`(
        _ swapped: Bool
    ) throws {
        // At the lows 10,000 − 9,680 − 50 = 270 are left and 303.2 + 99.5 needed; A gets 150.
        var a = symbol("A", bars(low: 75.8, close: 100), perpetual)
        a.perpetual = PerpetualData(
            funding: FundingSeries([(newYear + 5 * 1_800_000, -0.00375)]))
        let (trades, equity) = try left(
            a, symbol("B", bars(low: 99.5, close: 100), perpetual), swapped: swapped, cross,
            buys(400), buys(100))
        #expect(trades.map(\.exitTag) == ["end_of_data", "end_of_data"])
        #expect(close(equity, 10_150))
    }

    // MARK: A second reading

    private func random(_ seed: Int, _ random: inout Random) -> (
        input: PortfolioInput, reference: CrossReference,
        decide: (_ leg: Int, _ row: Int, _ held: Double) -> CrossAct?
    ) {
        let isHedged = seed % 3 == 0
        let rate = [0.004, 0.01][random.below(2)]
        let leverage = [10.0, 20, 50][random.below(3)]
        let fewest = isHedged ? 1 : 2
        var payments: [String: [Int64: Double]] = [:]
        let symbols = randomSymbols(fewest + random.below(3), bars: 150, .perp, &random).map {
            var symbol = $0
            symbol.instrument = Instrument(market: .perp, liquidationFee: 0.005)
            // Every bar trades, so that every market order fills at its open.
            symbol.bars = Bars(
                interval: symbol.bars.interval,
                (0..<symbol.bars.count).map { row in
                    var bar = symbol.bars[row]
                    bar.volume = 1_000
                    return bar
                })
            var own: [Int64: Double] = [:]
            for row in symbol.window where random.below(5) == 0 {
                let time = symbol.bars.openTime[row] + Int64(random.below(2) * 1_200_000)
                own[time] = 0.01 * (random.unit() - 0.5)
            }
            payments[symbol.name] = own
            symbol.perpetual = PerpetualData(
                funding: FundingSeries(
                    own.sorted { $0.key < $1.key }.map { (time: $0.key, rate: $0.value) }))
            return symbol
        }
        var settings = RunSettings(slippage: .none, volumeLimit: nil)
        settings.perpetual = PerpetualSettings(
            leverage: leverage, margin: .cross, positionMode: isHedged ? .hedge : .oneWay,
            maintenanceRate: rate)
        let input = PortfolioInput(symbols, settings: settings)
        let reference = CrossReference(
            input.symbols, payments: input.symbols.map { payments[$0.name] ?? [:] },
            isHedged: isHedged, leverage: leverage, rate: rate, fee: 0.001,
            liquidationFee: 0.005, cash: 10_000)
        let plans = acts(input.symbols, isHedged, leverage, &random)
        return (input, reference, { leg, row, held in plans[leg]?[row]?(held) })
    }

    /// What each leg does after a close, by what it holds.
    private func acts(
        _ symbols: [PortfolioSymbol], _ isHedged: Bool, _ leverage: Double,
        _ random: inout Random
    ) -> [Int: [Int: (Double) -> CrossAct?]] {
        var plans: [Int: [Int: (Double) -> CrossAct?]] = [:]
        for (index, symbol) in symbols.enumerated() {
            for side in isHedged ? [0, 1] : [0] {
                for row in symbol.window where random.below(3) == 0 {
                    let isShort = isHedged ? side == 1 : random.below(2) == 0
                    let sign = isShort ? -1.0 : 1
                    let part = 0.6 * random.unit()
                    let quantity = sign * 10_000 * leverage * part / symbol.bars.close[row]
                    let (isShare, kind) = (random.below(3) == 0, random.below(12))
                    plans[2 * index + side, default: [:]][row] = { held in
                        if held == 0 { return isShare ? .share(sign * part) : .enter(quantity) }
                        switch kind {
                        case 0, 1: return .leave
                        case 2: return .trim(-held * part)
                        case 3: return .reduce(2_000 * part)
                        default: return nil
                        }
                    }
                }
            }
        }
        return plans
    }

    @Test func `the engine agrees with a plain reading of the rules`() throws {
        var (liquidations, byOthers, trades, paid, parts) = (0, 0, 0, 0, 0)
        for seed in 0..<450 {
            var source = Random(state: UInt64(seed) &+ 510_000)
            let (input, plain, decide) = random(seed, &source)
            var reference = plain
            let strategies = input.symbols.indices.map { CrossStrategy($0, decide) }
            let outcome = try runPortfolio(strategies, input)
            reference.run(decide)
            let found = outcome.account.trades
            #expect(found.count == reference.done.count, "seed \(seed)")
            for (trade, wanted) in zip(found, reference.done) {
                let isSame =
                    trade.symbol == wanted.leg / 2 && trade.entryTime == wanted.entryTime
                    && trade.exitTime == wanted.exitTime && trade.exitTag == wanted.tag
                #expect(isSame, "seed \(seed): \(trade) for \(wanted)")
                #expect(abs(trade.exitPrice - wanted.exitPrice) <= 1e-7 * wanted.exitPrice)
            }
            #expect(abs(outcome.account.finalEquity - reference.cash) <= 1e-5, "seed \(seed)")
            #expect(outcome.account.finalEquity > -1e-6, "seed \(seed)")
            liquidations += outcome.account.counters.liquidations
            byOthers += reference.byOthers
            trades += found.count
            paid += reference.paid
            parts += reference.parts
        }
        #expect(liquidations > 300, "\(liquidations)")
        #expect(byOthers > 50, "\(byOthers)")
        #expect(trades > 1_500, "\(trades)")
        #expect(paid > 1_000 && parts > 200, "\(paid), \(parts)")
    }
}
