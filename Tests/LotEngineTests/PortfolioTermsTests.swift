import LotCore
import LotEngine
import LotMath
import Testing

/// What each symbol of an account has of its own: fees, leverage, plotted lines; and what is the
/// account's: the tier of its fees.
@Suite struct PortfolioTermsTests {
    private let flat = [(Double, Double, Double, Double)](repeating: (100, 100, 100, 100), count: 6)

    private func terms(_ maker: Double, _ taker: Double, leverage: Double = 1) -> SymbolTerms {
        var settings = RunSettings(makerFee: maker, takerFee: taker)
        settings.perpetual.leverage = leverage
        return SymbolTerms(settings)
    }

    @Test func `each symbol pays its own fees`() throws {
        var (a, b) = (symbol("A", hourly(flat)), symbol("B", hourly(flat)))
        a.terms = terms(0, 0.001)
        b.terms = terms(0, 0.002)
        let buy = at(0, OrderRequest(.buy, size: .base(10)))
        let (outcome, _) = try simulate(
            PortfolioInput([a, b], settings: free), ["A": buy, "B": buy])
        // 10 · 100 in and out: 0.1 % of 2,000, and 0.2 %.
        #expect(outcome.symbols.map(\.fees) == [2, 4])
        #expect(close(outcome.account.finalEquity, 9_994))
    }

    @Test func `each symbol has its own leverage`() throws {
        let perpetual = Instrument(market: .perp, liquidationFee: 0)
        var (a, b) = (
            symbol("A", hourly(flat), perpetual), symbol("B", hourly(flat), perpetual)
        )
        a.terms = terms(0, 0, leverage: 2)
        b.terms = terms(0, 0, leverage: 10)
        let buy = at(0, OrderRequest(.buy, size: .quote(1_000)))
        let (outcome, puppets) = try simulate(
            PortfolioInput([a, b], settings: free), ["A": buy, "B": buy])
        // 1,000 are put up in each: 20 units at leverage 2, 100 at 10.
        #expect(outcome.account.trades.map(\.quantity) == [20, 100])
        #expect(puppets[0].seen[1].cash == 8_000)
    }

    @Test func `the tier of the fees is the account's`() throws {
        let tiers = try FeeTiers("0:0.001/0.002,2000:0.0005/0.001")
        var settings = free
        settings.feeTiers = tiers
        guard let day = Interval("1d") else { return }
        let bars = Bars(
            interval: day,
            (0..<6).map { row in
                Bar(
                    openTime: newYear + Int64(row) * 86_400_000, open: 100, high: 100, low: 100,
                    close: 100, volume: 1_000_000)
            })
        // A trades 1,000 in and 1,000 out on days 1 and 2; B buys on day 3: 2,000 were traded by
        // the account, though nothing by B.
        let input = PortfolioInput(
            [symbol("A", bars), symbol("B", bars)], settings: settings)
        let (outcome, _) = try simulate(
            input,
            [
                "A": { account, desk in
                    if account.row == 0 { _ = desk.submit(OrderRequest(.buy, size: .base(10))) }
                    if account.row == 1 { _ = desk.exit(tag: "") }
                },
                "B": { account, desk in
                    if account.row == 2 { _ = desk.submit(OrderRequest(.buy, size: .base(10))) }
                },
            ])
        #expect(outcome.symbols.map(\.fees) == [4, 2])
    }

    @Test func `lines that rules plot are kept for each symbol, however bars are visited`() throws {
        for seed in 0..<20 {
            var random = Random(state: UInt64(seed) &+ 710_000)
            let symbols = randomSymbols(3, bars: 300, .spot, &random)
            let input = PortfolioInput(symbols, settings: RunSettings(volumeLimit: nil))
            let strategies = symbols.map { _ in
                var strategy = RandomStrategy(canShort: false, &random)
                let close = strategy.program.field(.close)
                strategy.rules.plots = [("close", close)]
                return strategy
            }
            func fresh() -> [any Strategy] {
                strategies.map { RuleStrategy($0.rules, program: $0.program) }
            }
            let one = try runPortfolio(fresh(), input).account.notes.plots
            let other = try runPortfolio(fresh(), input, path: .everyBar).account.notes.plots
            #expect(one == other)
            #expect(one.map(\.symbol) == [0, 1, 2])
            for line in one {
                let bars = input.symbols[line.symbol].bars
                let row = bars.firstIndex(atOrAfter: line.times[0] - 3_600_000)
                #expect(line.values[0] == bars.close[row])
            }
        }
    }
}
