import LotCore
import LotEngine
import LotMath
import Testing

/// Rule 2 of `docs/execution.md` for several symbols, and what they share.
@Suite struct PortfolioTests {
    private let half = OrderRequest(.buy, size: .equity(0.5))

    @Test func `two symbols share one account's equity and cash`() throws {
        let a = hourly([(100, 100, 100, 100), (100, 110, 100, 110), (110, 110, 110, 110)])
        let b = hourly([(50, 50, 50, 50), (50, 50, 50, 50), (60, 60, 60, 60)])
        let input = PortfolioInput([symbol("B", b), symbol("A", a)], settings: free)
        let (outcome, puppets) = try simulate(input, ["A": at(0, half), "B": at(1, half)])
        // A buys 5,000 / 100 = 50 at the open of bar 1, worth 5,500 at its close: 10,500.
        #expect(puppets[0].seen.map(\.equity) == puppets[1].seen.map(\.equity))
        #expect(puppets[1].seen[1].equity == 10_500)
        #expect(puppets[1].seen[1].cash == 5_000)
        // B wants half of the equity at bar 2's opens, 50 · 110 + 5,000 = 10,500, but 5,000 is
        // the cash: 5,000 / 60.
        #expect(close(outcome.account.trades[1].quantity, 5_000.0 / 60))
        #expect(outcome.account.trades.map(\.symbol) == [0, 1])
        #expect(close(outcome.account.finalEquity, 10_500))
        #expect(close(outcome.symbols[0].profit, 500))
    }

    @Test func `what one symbol sells at an open pays for what another buys there`() throws {
        let flat = hourly([(Double, Double, Double, Double)](repeating: (10, 10, 10, 10), count: 5))
        let input = PortfolioInput([symbol("A", flat), symbol("B", flat)], settings: free)
        // B holds everything; at the close of bar 2 B leaves and A, first by name, enters.
        let (outcome, _) = try simulate(
            input,
            [
                "A": at(2, OrderRequest(.buy)),
                "B": { account, desk in
                    if account.row == 0 { _ = desk.submit(OrderRequest(.buy)) }
                    if account.row == 2 { _ = desk.exit(tag: "out") }
                },
            ])
        #expect(outcome.account.trades.map(\.symbol) == [1, 0])
        #expect(outcome.account.trades.map(\.entryRow) == [1, 3])
        #expect(outcome.account.trades.map(\.quantity) == [1_000, 1_000])
        #expect(outcome.account.counters.rejections.isEmpty)
    }

    @Test func `cash that a stop frees inside a bar pays for nothing in the same bar`() throws {
        let falling = hourly([
            (100, 100, 100, 100), (100, 100, 100, 100), (100, 100, 80, 85), (85, 85, 85, 85),
            (85, 85, 85, 85),
        ])
        let rising = hourly([
            (10, 10, 10, 10), (10, 10, 10, 10), (10, 12, 10, 12), (12, 12, 12, 12),
            (12, 12, 12, 12),
        ])
        let input = PortfolioInput([symbol("A", falling), symbol("B", rising)], settings: free)
        // A is stopped out at 95 inside bar 2; B's buy stop at 11 is reached inside bar 2 too.
        let stop = OrderRequest(.buy, type: .stopMarket, stopPrice: 11)
        let (outcome, _) = try simulate(
            input,
            [
                "A": at(0, OrderRequest(.buy, bracket: Bracket(stopLoss: 0.05))),
                "B": { account, desk in
                    if account.row == 1 { _ = desk.submit(stop) }
                    if account.row == 2 { _ = desk.submit(OrderRequest(.buy)) }
                },
            ])
        #expect(outcome.account.counters.rejections == ["insufficient_cash": 1])
        // One bar later the 9,500 are there.
        let bought = try #require(outcome.account.trades.last)
        #expect(bought.symbol == 1 && bought.entryRow == 3)
        #expect(close(bought.quantity, 9_500.0 / 12))
    }

    @Test func `a limit order's cash is set aside from every symbol`() throws {
        let flat = hourly([(Double, Double, Double, Double)](repeating: (10, 10, 10, 10), count: 4))
        let input = PortfolioInput([symbol("A", flat), symbol("B", flat)], settings: free)
        let limit = OrderRequest(.buy, type: .limit, size: .quote(9_000), price: 9)
        let (outcome, puppets) = try simulate(
            input, ["A": at(0, limit), "B": at(0, OrderRequest(.buy))])
        // B decides after A in the same bar: it sees what is left, and gets no more than that.
        #expect(puppets[0].seen[0].cash == 10_000)
        #expect(puppets[1].seen[0].cash == 1_000)
        #expect(outcome.account.trades.map(\.quantity) == [100])
    }

    @Test func `no more positions are opened than allowed`() throws {
        let flat = hourly([(Double, Double, Double, Double)](repeating: (10, 10, 10, 10), count: 6))
        var settings = free
        settings.maxOpenPositions = 1
        let input = PortfolioInput(
            [symbol("A", flat), symbol("B", flat), symbol("C", flat)], settings: settings)
        let tenth = OrderRequest(.buy, size: .equity(0.1))
        let (outcome, _) = try simulate(
            input,
            [
                "A": { account, desk in
                    if account.row == 0 { _ = desk.submit(tenth) }
                    // A second buy of the same symbol is no new position.
                    if account.row == 1 { _ = desk.submit(tenth) }
                    if account.row == 3 { _ = desk.exit(tag: "") }
                },
                "B": at(0, tenth), "C": at(3, tenth),
            ])
        #expect(outcome.account.counters.rejections == ["max_open_positions": 1])
        #expect(outcome.account.trades.map(\.symbol) == [0, 2])
        #expect(outcome.account.trades[0].quantity == 200)
        #expect(outcome.mostPositions == 1)
    }

    @Test func `a symbol without a bar counts at its last close and does nothing`() throws {
        let a = hourly([(10, 10, 10, 10), (10, 10, 10, 10), (10, 12, 10, 12), (12, 12, 12, 12)])
        let whole = hourly([
            (10, 10, 10, 10), (10, 15, 10, 15), (99, 99, 99, 99), (20, 20, 20, 20),
        ])
        let gapped = Bars(interval: whole.interval, [whole[0], whole[1], whole[3]])
        let input = PortfolioInput([symbol("A", a), symbol("B", gapped)], settings: free)
        let (outcome, puppets) = try simulate(input, ["B": at(0, OrderRequest(.buy))])
        #expect(puppets[1].seen.map(\.row) == [0, 1, 2])
        // 1,000 of B: 10,000, 15,000, still 15,000 without a bar, 20,000.
        #expect(puppets[0].seen.map(\.equity) == [10_000, 15_000, 15_000, 20_000])
        #expect(outcome.bars == 4)
        // Half of 10,000 in each: A 500 at 10 grows to 12, B 500 at 10 to 20.
        #expect(outcome.account.equity.curve.map(\.close) == [10_000, 12_500, 13_500, 16_000])
    }

    @Test func `a symbol whose bars end is closed there and frees its cash`() throws {
        let long = hourly([(Double, Double, Double, Double)](repeating: (10, 10, 10, 10), count: 5))
        let short = hourly([(10, 10, 10, 10), (10, 10, 10, 10), (8, 8, 8, 8)])
        let input = PortfolioInput([symbol("A", short), symbol("B", long)], settings: free)
        let (outcome, puppets) = try simulate(
            input, ["A": at(0, OrderRequest(.buy)), "B": at(2, OrderRequest(.buy))])
        #expect(outcome.account.trades.map(\.exitTag) == ["end_of_data", "end_of_data"])
        #expect(outcome.account.trades[0].exitTime == newYear + 2 * 3_600_000)
        // B decided while A still held everything; its order filled after A had been closed.
        #expect(puppets[1].seen[2].cash == 0 && puppets[1].seen[3].cash == 0)
        #expect(outcome.account.trades[1].quantity == 800)
    }

    @Test func `a symbol that begins later is bought by the benchmark when it begins`() throws {
        let early = hourly([(10, 10, 10, 10), (10, 10, 10, 10), (10, 20, 10, 20)])
        let late = hourly([(5, 5, 5, 5), (5, 10, 5, 10)], start: newYear + 3_600_000)
        let input = PortfolioInput([symbol("A", early), symbol("B", late)], settings: free)
        let (outcome, _) = try simulate(input, [:])
        #expect(outcome.account.equity.curve.map(\.close) == [10_000, 10_000, 20_000])
        #expect(outcome.account.equity.curve.allSatisfy { $0.equity == 10_000 })
        #expect(outcome.symbols.map(\.holdingGrowth) == [2, 2])
    }

    @Test func `what happened in a bar is told as of the closes before it`() throws {
        let a = hourly([(10, 10, 10, 10), (10, 10, 10, 10), (10, 10, 10, 10)])
        let b = hourly([(10, 10, 10, 10), (10, 10, 10, 10), (10, 90, 10, 90)])
        var told: [Double] = []
        let input = PortfolioInput([symbol("A", a), symbol("B", b)], settings: free)
        let watcher = Watcher(at(1, half)) { told.append($0.equity) }
        let holder = Puppet(at(0, half))
        _ = try runPortfolio([watcher, holder], input)
        // A's order fills at the open of bar 2, in which B rises from 10 to 90.
        #expect(!told.isEmpty && told.allSatisfy { $0 == 10_000 })
    }
}

/// A puppet that shows the account with which it is told of updates.
private final class Watcher: Strategy {
    let program = SeriesProgram()
    let wantsUpdates = true
    let conflicts = 0
    private let act: (AccountView, OrderDesk) -> Void
    private let told: (AccountView) -> Void
    private var desk: OrderDesk?

    init(
        _ act: @escaping (AccountView, OrderDesk) -> Void,
        _ told: @escaping (AccountView) -> Void
    ) {
        self.act = act
        self.told = told
    }

    func start(_ context: StrategyContext) { desk = context.desk }
    func tileChanged() {}
    func onStop(_ account: AccountView) {}
    func onBar(_ account: AccountView) { if let desk { act(account, desk) } }
    func onUpdates(_ updates: [OrderUpdate], _ account: AccountView) { told(account) }
}
