import LotCore
import LotEngine
import LotMath

/// A symbol over bars, all of them in the run.
func symbol(_ name: String, _ bars: Bars, _ instrument: Instrument = Instrument())
    -> PortfolioSymbol
{
    PortfolioSymbol(name: name, bars: bars, window: 0..<bars.count, instrument: instrument)
}

/// Runs a puppet for each symbol, in the input's order.
func simulate(
    _ input: PortfolioInput, _ act: [String: (AccountView, OrderDesk) -> Void]
) throws -> (PortfolioOutcome, [Puppet]) {
    let puppets = input.symbols.map { Puppet(act[$0.name] ?? { _, _ in }) }
    return (try runPortfolio(puppets, input), puppets)
}

/// Random symbols of one interval: different starts and ends, gaps, bars without volume.
func randomSymbols(
    _ count: Int, bars length: Int, _ market: Market, _ random: inout Random
) -> [PortfolioSymbol] {
    let names = ["ETH", "BTC", "SOL", "ADA", "XRP"]
    return (0..<count).map { index in
        let source = randomBars(length, &random)
        let first = random.below(3) == 0 ? random.below(length / 2) : 0
        let end = random.below(4) == 0 ? length - random.below(length / 3) : length
        let gap = random.below(2) == 0 ? random.below(length) : length
        let kept = (first..<end).filter { row in
            row < gap || row > gap + 5 || row == first || row == end - 1
        }
        let bars = Bars(interval: source.interval, kept.map { source[$0] })
        let start = random.below(3) == 0 ? random.below(bars.count / 3) : 0
        return PortfolioSymbol(
            name: names[index], bars: bars, window: start..<bars.count,
            instrument: randomInstrument(market, &random))
    }
}

/// What two runs over several symbols have differently.
func differences(_ a: PortfolioOutcome, _ b: PortfolioOutcome) -> [String] {
    var found = accountDifferences(a.account, b.account)
    func check(_ name: String, _ same: Bool) { if !same { found.append(name) } }
    check("curve", a.account.equity.curve == b.account.equity.curve)
    check("day closes", a.account.equity.tracker.closes == b.account.equity.tracker.closes)
    check("names", a.symbols.map(\.name) == b.symbols.map(\.name))
    check("profits", a.symbols.map(\.profit) == b.symbols.map(\.profit))
    check("falls", a.symbols.map(\.deepestFall) == b.symbols.map(\.deepestFall))
    check("holding", a.symbols.map(\.holdingGrowth) == b.symbols.map(\.holdingGrowth))
    check("symbols' counters", a.symbols.map(\.counters) == b.symbols.map(\.counters))
    check("first decision", a.account.firstDecisionRow == b.account.firstDecisionRow)
    check("bars", a.bars == b.bars && a.mostPositions == b.mostPositions)
    return found
}

/// What two accounts have differently, the benchmark and the exposure aside.
func accountDifferences(_ a: BacktestOutcome, _ b: BacktestOutcome) -> [String] {
    var found: [String] = []
    func check(_ name: String, _ same: Bool) { if !same { found.append(name) } }
    check("trades", a.trades == b.trades)
    check("orders", a.orders == b.orders)
    let (one, other) = (a.equity.curve, b.equity.curve)
    check("times", one.map(\.time) == other.map(\.time))
    check("equity", one.map(\.equity) == other.map(\.equity))
    check("drawdown", one.map(\.drawdown) == other.map(\.drawdown))
    let (left, right) = (a.equity.tracker, b.equity.tracker)
    check("day equity", left.closes.map(\.equity) == right.closes.map(\.equity))
    check("peak", left.peak == right.peak)
    check("maximum drawdown", left.maxDrawdown == right.maxDrawdown)
    check("final equity", a.finalEquity == b.finalEquity)
    check("fees", a.fees == b.fees)
    check("slippage", a.slippage == b.slippage)
    check("counters", a.counters == b.counters)
    return found
}
