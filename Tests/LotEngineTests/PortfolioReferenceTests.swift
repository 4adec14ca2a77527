import LotCore
import LotEngine
import LotMath
import Testing

/// A slow, straightforward reading of rule 2 for several symbols: market orders at opens, a stop,
/// sizes by the account's equity, a cap on positions; everything else off.
private struct PortfolioReference {
    struct Done: Equatable {
        var symbol: Int
        var entryTime: Int64
        var exitTime: Int64
        var quantity: Double
        var entryPrice: Double
        var exitPrice: Double
    }

    struct Position {
        var quantity: Double
        var price: Double
        var time: Int64
    }

    let symbols: [PortfolioSymbol]
    let wants: [[Int: Bool]]
    let size: Double
    let stop: Double
    let slip: Double
    let fee: Double
    let most: Int
    var cash: Double
    private var held: [Int: Position] = [:]
    private var prices: [Int: Double] = [:]
    private var pending: [Int: Bool] = [:]
    private var done: [Done] = []

    init(
        _ symbols: [PortfolioSymbol], wants: [[Int: Bool]], size: Double, stop: Double,
        slip: Double, fee: Double, most: Int?, cash: Double
    ) {
        self.symbols = symbols
        self.wants = wants
        self.size = size
        self.stop = stop
        self.slip = slip
        self.fee = fee
        self.most = most ?? .max
        self.cash = cash
    }

    /// - Returns: Trades in the order of their exits.
    mutating func run() -> [Done] {
        let times = Set(
            symbols.flatMap { symbol in symbol.window.map { symbol.bars.openTime[$0] } })
        for time in times.sorted() {
            let rows = symbols.indices.compactMap { index -> (Int, Int)? in
                let bars = symbols[index].bars
                let row = bars.firstIndex(atOrAfter: time)
                guard symbols[index].window.contains(row), bars.openTime[row] == time else {
                    return nil
                }
                return (index, row)
            }
            open(rows, time)
            for (index, row) in rows {
                guard let position = held[index] else { continue }
                let level = position.price * (1 - stop)
                if symbols[index].bars.low[row] <= level { sell(index, level, time) }
            }
            close(rows, time)
        }
        return done.enumerated().sorted {
            ($0.element.exitTime, $0.element.symbol, $0.offset)
                < ($1.element.exitTime, $1.element.symbol, $1.offset)
        }.map(\.element)
    }

    /// Those that hold something first, then the others, each in name order.
    private mutating func open(_ rows: [(Int, Int)], _ time: Int64) {
        for (index, row) in rows { prices[index] = symbols[index].bars.open[row] }
        let before = Set(held.keys)
        for (index, row) in rows where before.contains(index) {
            let open = symbols[index].bars.open[row]
            if pending[index] == false { sell(index, open, time) }
            if let position = held[index], open <= position.price * (1 - stop) {
                sell(index, open, time)
            }
            pending[index] = nil
        }
        for (index, _) in rows where !before.contains(index) {
            if pending[index] == true, held.count < most { buy(index, time) }
            pending[index] = nil
        }
    }

    private mutating func close(_ rows: [(Int, Int)], _ time: Int64) {
        for (index, row) in rows {
            if let want = wants[index][row], want == (held[index] == nil) { pending[index] = want }
        }
        for (index, row) in rows {
            prices[index] = symbols[index].bars.close[row]
            guard row + 1 == symbols[index].window.upperBound else { continue }
            sell(index, symbols[index].bars.close[row], time)
            pending[index] = nil
        }
    }

    private mutating func buy(_ index: Int, _ time: Int64) {
        var equity = cash
        for (other, position) in held { equity += position.quantity * (prices[other] ?? 0) }
        let price = (prices[index] ?? 0) * (1 + slip)
        let quantity = min(size * equity, cash) / (price * (1 + fee))
        guard quantity > 1e-7 else { return }
        cash -= quantity * price * (1 + fee)
        held[index] = Position(quantity: quantity, price: price, time: time)
    }

    private mutating func sell(_ index: Int, _ reference: Double, _ time: Int64) {
        guard let position = held[index] else { return }
        let price = reference * (1 - slip)
        cash += position.quantity * price * (1 - fee)
        done.append(
            Done(
                symbol: index, entryTime: position.time, exitTime: time,
                quantity: position.quantity, entryPrice: position.price, exitPrice: price))
        held[index] = nil
    }
}

@Suite struct PortfolioReferenceTests {
    @Test(arguments: 0..<250) func `the engine agrees with a plain reading of the rules`(
        _ seed: Int
    ) throws {
        var random = Random(state: UInt64(seed) &+ 410_000)
        let symbols = randomSymbols(2 + random.below(4), bars: 180, .spot, &random).map { symbol in
            var symbol = symbol
            symbol.instrument = Instrument()
            return symbol
        }
        var settings = RunSettings(slippage: .basisPoints(3), volumeLimit: nil)
        settings.maxOpenPositions = random.below(2) == 0 ? 1 + random.below(3) : nil
        let input = PortfolioInput(
            symbols.map { symbol in
                var symbol = symbol
                let bars = symbol.bars
                symbol.bars = Bars(
                    interval: bars.interval,
                    (0..<bars.count).map { row in
                        var bar = bars[row]
                        bar.volume = 1
                        return bar
                    })
                return symbol
            }, settings: settings)
        let size = [0.2, 0.5, 1.0][random.below(3)]
        let stop = 0.005 + 0.03 * random.unit()
        let wants = input.symbols.map { symbol in
            var plan: [Int: Bool] = [:]
            for row in symbol.window where random.below(4) == 0 {
                plan[row] = random.below(2) == 0
            }
            return plan
        }
        var reference = PortfolioReference(
            input.symbols, wants: wants, size: size, stop: stop, slip: 0.0003, fee: 0.001,
            most: settings.maxOpenPositions, cash: settings.startingCash)
        let puppets = wants.map { plan in
            Puppet { account, desk in
                guard let want = plan[account.row], want == (account.position == 0) else {
                    return
                }
                if want {
                    let bracket = Bracket(stopLoss: stop)
                    _ = desk.submit(OrderRequest(.buy, size: .equity(size), bracket: bracket))
                } else {
                    _ = desk.exit(tag: "")
                }
            }
        }
        let outcome = try runPortfolio(puppets, input)
        let expected = reference.run()
        let trades = outcome.account.trades
        #expect(trades.count == expected.count)
        for (trade, wanted) in zip(trades, expected) {
            #expect(trade.symbol == wanted.symbol)
            #expect(trade.entryTime == wanted.entryTime && trade.exitTime == wanted.exitTime)
            #expect(abs(trade.quantity - wanted.quantity) <= 1e-7 * wanted.quantity)
            #expect(abs(trade.entryPrice - wanted.entryPrice) <= 1e-9 * wanted.entryPrice)
            #expect(abs(trade.exitPrice - wanted.exitPrice) <= 1e-9 * wanted.exitPrice)
        }
        #expect(abs(outcome.account.finalEquity - reference.cash) <= 1e-7 * reference.cash)
    }
}
