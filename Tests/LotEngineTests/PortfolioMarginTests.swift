import LotCore
import LotEngine
import LotMath
import Testing

/// A plain reading of rule 13 for several perpetuals over one cross margin: market orders at
/// opens, liquidations at opens and inside bars; everything else off.
private struct CrossReference {
    struct Done {
        var symbol: Int
        var entryTime: Int64
        var exitTime: Int64
        var exitPrice: Double
        var tag: String
    }

    private struct Position {
        var quantity: Double
        var price: Double
        var time: Int64
    }

    let symbols: [PortfolioSymbol]
    /// Signed quantity to hold from the next open on, by row; 0 leaves.
    let wants: [[Int: Double]]
    let leverage: Double
    let rate: Double
    let fee: Double
    let liquidationFee: Double
    let start: Double
    private(set) var cash: Double
    private var held: [Int: Position] = [:]
    private var marks: [Int: Double] = [:]
    private var pending: [Int: Double] = [:]
    private(set) var done: [Done] = []
    /// How many of the liquidations lay inside a bar whose own prices alone would not have done it.
    private(set) var byOthers = 0

    init(
        _ symbols: [PortfolioSymbol], wants: [[Int: Double]], leverage: Double, rate: Double,
        fee: Double, liquidationFee: Double, cash: Double
    ) {
        self.symbols = symbols
        self.wants = wants
        self.leverage = leverage
        self.rate = rate
        self.fee = fee
        self.liquidationFee = liquidationFee
        start = cash
        self.cash = cash
    }

    mutating func run() {
        let times = Set(
            symbols.flatMap { symbol in symbol.window.map { symbol.bars.openTime[$0] } })
        for time in times.sorted() {
            let rows = symbols.indices.compactMap { index -> (Int, Int)? in
                let row = symbols[index].bars.firstIndex(atOrAfter: time)
                guard symbols[index].window.contains(row),
                    symbols[index].bars.openTime[row] == time
                else { return nil }
                return (index, row)
            }
            for (index, row) in rows { marks[index] = symbols[index].bars.open[row] }
            open(rows, time)
            inside(rows, time)
            close(rows, time)
        }
        let order = done.enumerated().sorted {
            ($0.element.exitTime, $0.element.symbol, $0.offset)
                < ($1.element.exitTime, $1.element.symbol, $1.offset)
        }
        done = order.map(\.element)
    }

    /// Equity less maintenance margin with every position at the prices given.
    private func slack(_ prices: [Int: Double]) -> Double {
        held.reduce(cash) { sum, item in
            let price = prices[item.key] ?? 0
            return sum + item.value.quantity * price - abs(item.value.quantity) * price * rate
        }
    }

    private mutating func open(_ rows: [(Int, Int)], _ time: Int64) {
        let before = Set(held.keys)
        for (index, _) in rows where before.contains(index) {
            if slack(marks) <= 0 { liquidate(index, marks[index] ?? 0, time) }
            if let want = pending[index], want == 0, held[index] != nil {
                leave(index, marks[index] ?? 0, time, fee, "out")
            }
            pending[index] = nil
        }
        for (index, _) in rows where !before.contains(index) {
            let price = marks[index] ?? 0
            let perUnit = price * (1 / leverage + fee)
            if let want = pending[index], want != 0, abs(want) * perUnit <= free {
                cash -= want * price + abs(want) * price * fee
                held[index] = Position(quantity: want, price: price, time: time)
            }
            pending[index] = nil
        }
    }

    /// What new positions may be put up with.
    private var free: Double {
        let free = held.reduce(cash) { sum, item in
            let price = marks[item.key] ?? 0
            return sum + item.value.quantity * price
                - abs(item.value.quantity) * price / leverage
        }
        return free < 1e-9 * start ? 0 : free
    }

    private mutating func inside(_ rows: [(Int, Int)], _ time: Int64) {
        var worst = marks
        for (index, row) in rows {
            guard let position = held[index] else { continue }
            let bars = symbols[index].bars
            worst[index] = position.quantity > 0 ? bars.low[row] : bars.high[row]
        }
        guard slack(worst) <= 0 else { return }
        func loss(_ index: Int) -> Double {
            guard let position = held[index] else { return -.infinity }
            return position.quantity * (position.price - (worst[index] ?? 0))
        }
        let order = rows.map(\.0).filter { held[$0] != nil }
            .sorted { (loss($1), $0) < (loss($0), $1) }
        for index in order where slack(worst) <= 0 {
            guard let position = held[index], let open = marks[index] else { continue }
            var alone = marks
            alone[index] = worst[index]
            if slack(alone) > 0 { byOthers += 1 }
            // The price at which nothing is left to spare, the others at their worst, by halving.
            var (low, high) = (0.0, 10 * open)
            for _ in 0..<200 {
                let middle = (low + high) / 2
                var prices = worst
                prices[index] = middle
                if (slack(prices) < 0) == (position.quantity > 0) {
                    low = middle
                } else {
                    high = middle
                }
            }
            let level = (low + high) / 2
            liquidate(index, position.quantity > 0 ? min(open, level) : max(open, level), time)
        }
    }

    /// No worse than where nothing is left of the account, the others at the bar's open.
    private mutating func liquidate(_ index: Int, _ reference: Double, _ time: Int64) {
        guard let position = held[index] else { return }
        let others = held.filter { $0.key != index }.reduce(cash) { sum, item in
            sum + item.value.quantity * (marks[item.key] ?? 0)
        }
        let last = max(0, -others / position.quantity)
        var price = reference
        if last > 0 { price = position.quantity > 0 ? max(price, last) : min(price, last) }
        let cost = abs(position.quantity) * price * liquidationFee
        let left = max(0, others + position.quantity * price)
        leave(index, price, time, min(cost, left) / (abs(position.quantity) * price), "liquidation")
    }

    private mutating func leave(
        _ index: Int, _ price: Double, _ time: Int64, _ rate: Double, _ tag: String
    ) {
        guard let position = held[index] else { return }
        cash += position.quantity * price - abs(position.quantity) * price * rate
        done.append(
            Done(
                symbol: index, entryTime: position.time, exitTime: time, exitPrice: price,
                tag: tag))
        held[index] = nil
    }

    private mutating func close(_ rows: [(Int, Int)], _ time: Int64) {
        for (index, row) in rows {
            if let want = wants[index][row], (want == 0) == (held[index] != nil) {
                pending[index] = want
            }
        }
        for (index, row) in rows {
            let price = symbols[index].bars.close[row]
            marks[index] = price
            guard row + 1 == symbols[index].window.upperBound else { continue }
            leave(index, price, time, fee, "end_of_data")
            pending[index] = nil
        }
    }
}

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

    /// Random quantities to hold, by row.
    private func quantities(
        _ symbol: PortfolioSymbol, _ leverage: Double, _ random: inout Random
    ) -> [Int: Double] {
        var plan: [Int: Double] = [:]
        for row in symbol.window where random.below(3) == 0 {
            let size = 10_000 * leverage * 0.6 * random.unit() / symbol.bars.close[row]
            plan[row] = random.below(6) == 0 ? 0 : random.below(2) == 0 ? size : -size
        }
        return plan
    }

    @Test func `the engine agrees with a plain reading of the rules`() throws {
        var (liquidations, byOthers, trades) = (0, 0, 0)
        for seed in 0..<300 {
            var random = Random(state: UInt64(seed) &+ 510_000)
            let rate = [0.004, 0.01][random.below(2)]
            let leverage = [10.0, 20, 50][random.below(3)]
            let instrument = Instrument(market: .perp, liquidationFee: 0.005)
            let symbols = randomSymbols(2 + random.below(3), bars: 150, .perp, &random).map {
                var symbol = $0
                symbol.instrument = instrument
                return symbol
            }
            var settings = RunSettings(slippage: .none, volumeLimit: nil)
            settings.perpetual = PerpetualSettings(
                leverage: leverage, margin: .cross, maintenanceRate: rate)
            let input = PortfolioInput(
                symbols.map { symbol in
                    var symbol = symbol
                    // Every bar trades, so that every market order fills at its open.
                    symbol.bars = Bars(
                        interval: symbol.bars.interval,
                        (0..<symbol.bars.count).map { row in
                            var bar = symbol.bars[row]
                            bar.volume = 1_000
                            return bar
                        })
                    return symbol
                }, settings: settings)
            let wants = input.symbols.map { quantities($0, leverage, &random) }
            var reference = CrossReference(
                input.symbols, wants: wants, leverage: leverage, rate: rate, fee: 0.001,
                liquidationFee: 0.005, cash: 10_000)
            let puppets = wants.map { plan in
                Puppet { account, desk in
                    guard let want = plan[account.row], (want == 0) == (account.position != 0)
                    else { return }
                    if want == 0 {
                        _ = desk.exit(tag: "out")
                    } else {
                        _ = desk.submit(
                            OrderRequest(want > 0 ? .buy : .sell, size: .base(abs(want))))
                    }
                }
            }
            let outcome = try runPortfolio(puppets, input)
            reference.run()
            let found = outcome.account.trades
            #expect(found.count == reference.done.count, "seed \(seed)")
            for (trade, wanted) in zip(found, reference.done) {
                let isSame =
                    trade.symbol == wanted.symbol && trade.entryTime == wanted.entryTime
                    && trade.exitTime == wanted.exitTime && trade.exitTag == wanted.tag
                #expect(isSame, "seed \(seed): \(trade) for \(wanted)")
                #expect(abs(trade.exitPrice - wanted.exitPrice) <= 1e-7 * wanted.exitPrice)
            }
            #expect(abs(outcome.account.finalEquity - reference.cash) <= 1e-5, "seed \(seed)")
            #expect(outcome.account.finalEquity > -1e-6, "seed \(seed)")
            liquidations += outcome.account.counters.liquidations
            byOthers += reference.byOthers
            trades += found.count
        }
        #expect(liquidations > 200, "\(liquidations)")
        #expect(byOthers > 50, "\(byOthers)")
        #expect(trades > 1_000, "\(trades)")
    }
}
