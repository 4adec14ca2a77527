import LotCore
import LotEngine
import LotMath
import Testing

/// What must hold for any portfolio.
@Suite struct PortfolioPropertyTests {
    private func settings(_ random: inout Random) -> RunSettings {
        var settings = randomSettings(&random)
        settings.maxOpenPositions = random.below(3) == 0 ? 1 + random.below(3) : nil
        return settings
    }

    private func market(_ seed: Int) -> Market { seed % 2 == 0 ? .spot : .perp }

    @Test(arguments: 0..<150) func `a portfolio of one symbol is that symbol's run`(
        _ seed: Int
    ) throws {
        var random = Random(state: UInt64(seed) &+ 310_000)
        let bars = randomBars(60 + random.below(400), &random)
        let first = random.below(3) == 0 ? random.below(30) : 0
        var one = PortfolioSymbol(
            name: "BTC", bars: bars, window: first..<bars.count,
            instrument: randomInstrument(market(seed), &random))
        if seed % 4 == 1 { one = detailed([one], seed)[0] }
        let settings = randomSettings(&random)
        let single = BacktestInput(
            bars: bars, window: one.window, instrument: one.instrument, settings: settings,
            detail: one.detail)
        let input = PortfolioInput([one], settings: settings)
        let rules = RandomStrategy(canShort: market(seed) == .perp, &random)
        func strategy() -> any Strategy {
            seed % 3 == 0
                ? Puppet(randomActions(UInt64(seed)))
                : RuleStrategy(rules.rules, program: rules.program)
        }
        let alone = try runBacktest(strategy(), single)
        let together = try runPortfolio([strategy()], input)
        #expect(accountDifferences(together.account, alone).isEmpty)
        #expect(together.account.firstDecisionRow + first == alone.firstDecisionRow)
        let visiting = try runPortfolio([strategy()], input, path: .everyBar)
        #expect(accountDifferences(visiting.account, alone).isEmpty)
    }

    /// The symbols with finer bars, which have a sequence of random numbers of their own.
    private func detailed(_ symbols: [PortfolioSymbol], _ seed: Int) -> [PortfolioSymbol] {
        var random = Random(state: UInt64(seed) &+ 370_000)
        return symbols.map { symbol in
            var symbol = symbol
            symbol.detail = randomDetail(symbol.bars, &random)
            return symbol
        }
    }

    @Test(arguments: 0..<120) func `passing over bars without a signal changes nothing`(
        _ seed: Int
    ) throws {
        var random = Random(state: UInt64(seed) &+ 320_000)
        let symbols = randomSymbols(2 + random.below(4), bars: 250, market(seed), &random)
        let input = PortfolioInput(
            seed % 3 == 0 ? detailed(symbols, seed) : symbols, settings: settings(&random))
        let strategies = symbols.map { _ in
            RandomStrategy(canShort: market(seed) == .perp, &random)
        }
        func fresh() -> [any Strategy] {
            strategies.map { RuleStrategy($0.rules, program: $0.program) }
        }
        let one = try runPortfolio(fresh(), input)
        let other = try runPortfolio(fresh(), input, path: .everyBar)
        #expect(differences(one, other).isEmpty)
    }

    @Test(arguments: 0..<60) func `the order in which symbols are given changes nothing`(
        _ seed: Int
    ) throws {
        var random = Random(state: UInt64(seed) &+ 330_000)
        let symbols = randomSymbols(2 + random.below(4), bars: 150, market(seed), &random)
        let settings = settings(&random)
        func run(_ symbols: [PortfolioSymbol]) throws -> PortfolioOutcome {
            let input = PortfolioInput(symbols, settings: settings)
            // What a symbol does depends on its name, not on its place.
            let puppets = input.symbols.map { symbol in
                Puppet(randomActions(UInt64(symbol.name.utf8.reduce(0) { $0 * 31 + UInt64($1) })))
            }
            return try runPortfolio(puppets, input)
        }
        let one = try run(symbols)
        #expect(differences(one, try run(symbols.reversed())).isEmpty)
        #expect(differences(one, try run(Array(symbols.dropFirst()) + symbols.prefix(1))).isEmpty)
    }

    @Test(arguments: 0..<80) func `money adds up at every bar, over all symbols`(
        _ seed: Int
    ) throws {
        var random = Random(state: UInt64(seed) &+ 340_000)
        let symbols = randomSymbols(2 + random.below(4), bars: 200, market(seed), &random)
        let input = PortfolioInput(symbols, settings: settings(&random))
        let puppets = input.symbols.indices.map {
            Puppet(randomActions(UInt64(seed * 10 + $0)))
        }
        let outcome = try runPortfolio(puppets, input)
        let fills = puppets.map { puppet in
            puppet.updates.compactMap { update -> Fill? in
                if case .fill(let fill) = update.update { fill } else { nil }
            }
        }
        let start = input.settings.startingCash
        let hour: Int64 = 3_600_000
        // The last point is after everything has been closed.
        for point in outcome.account.equity.curve.dropLast() {
            var worth = start
            for (index, symbol) in input.symbols.enumerated() {
                let row = symbol.bars.firstIndex(atOrAfter: point.time) - 1
                guard row >= symbol.window.lowerBound else { continue }
                // A symbol that has ended has been closed, and no puppet is told of that.
                guard
                    row + 1 < symbol.window.upperBound
                        || symbol.bars.openTime[row] + hour
                            == point.time
                else {
                    worth += outcome.symbols[index].profit
                    continue
                }
                for fill in fills[index] where fill.time + hour <= point.time {
                    let signed = fill.side.sign * fill.quantity
                    worth += signed * (symbol.bars.close[row] - fill.price) - fill.fee
                }
            }
            #expect(abs(worth - point.equity) <= 1e-9 * max(abs(worth), start))
        }
        let profit = outcome.symbols.reduce(0) { $0 + $1.profit }
        let trades = outcome.account.trades.reduce(0) { $0 + $1.profit }
        #expect(abs(outcome.account.finalEquity - start - profit) <= 1e-9 * start)
        #expect(abs(trades - profit) <= 1e-9 * max(start, abs(profit)))
        for (index, part) in outcome.symbols.enumerated() {
            let own = outcome.account.trades.filter { $0.symbol == index }
            let sum = own.reduce(0) { $0 + $1.profit }
            #expect(abs(sum - part.profit) <= 1e-9 * start)
        }
    }

    @Test(arguments: 0..<60) func `nothing before a cut depends on what comes after it`(
        _ seed: Int
    ) throws {
        var random = Random(state: UInt64(seed) &+ 350_000)
        let symbols = randomSymbols(2 + random.below(4), bars: 160, market(seed), &random)
        let input = PortfolioInput(symbols, settings: settings(&random))
        func run(_ input: PortfolioInput) throws -> PortfolioOutcome {
            try runPortfolio(
                input.symbols.indices.map { Puppet(randomActions(UInt64(seed * 10 + $0))) },
                input)
        }
        let whole = try run(input)
        let first = try #require(whole.account.equity.curve.first).time
        let time = first + Int64(40 + random.below(100)) * 3_600_000
        let cut = try run(input.ending(before: time))
        // At its end the cut run closes everything, each symbol at its last bar.
        let last =
            zip(input.symbols, input.ending(before: time).symbols).compactMap { whole, cut in
                cut.window.isEmpty || cut.window.upperBound == whole.window.upperBound
                    ? nil : cut.bars.closeTime(cut.window.upperBound - 1)
            }.min()
        // A cut behind the last bar of every symbol cuts nothing.
        guard let last else { return }
        let (one, other) = (
            whole.account.equity.curve.filter { $0.time < last },
            cut.account.equity.curve.filter { $0.time < last }
        )
        #expect(one.map(\.equity) == other.map(\.equity) && one.count > 5)
        func sent(_ outcome: PortfolioOutcome) -> [String] {
            outcome.account.orders.filter { $0.origin == .strategy && $0.createdTime < last }
                .map { "\($0.id) \($0.symbol) \($0.createdTime) \(asked($0.request))" }
        }
        #expect(sent(whole) == sent(cut))
    }

    /// The request without what moves by itself.
    private func asked(_ request: OrderRequest) -> OrderRequest {
        var asked = request
        if request.type == .trailingStop { asked.stopPrice = nil }
        return asked
    }

    @Test(arguments: 0..<80) func `no bound is broken at any bar`(_ seed: Int) throws {
        var random = Random(state: UInt64(seed) &+ 360_000)
        let symbols = randomSymbols(2 + random.below(4), bars: 200, .spot, &random)
        var settings = settings(&random)
        settings.maxOpenPositions = 2
        // A limit order sets aside the taker fee: a larger maker fee would be paid on credit.
        settings.makerFee = min(settings.makerFee, settings.takerFee)
        let input = PortfolioInput(symbols, settings: settings)
        let puppets = input.symbols.indices.map {
            Puppet(randomActions(UInt64(seed * 10 + $0)))
        }
        let outcome = try runPortfolio(puppets, input)
        // On spot nothing is bought on credit, however many symbols buy at once.
        for puppet in puppets {
            for view in puppet.seen {
                #expect(view.cash >= -1e-9 * settings.startingCash)
                #expect(view.position >= 0)
            }
        }
        #expect(outcome.mostPositions <= 2)
    }
}
