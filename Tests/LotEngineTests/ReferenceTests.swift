import LotCore
import LotEngine
import LotMath
import Testing

/// A slow, straightforward reading of `docs/execution.md` for one long position at a time with a
/// bracket, entered and left by market orders, without partial fills: the engine's opposite in
/// structure, held against it.
private struct Reference {
    struct Done: Equatable {
        var entryRow: Int
        var exitRow: Int
        var entryPrice: Double
        var exitPrice: Double
        var quantity: Double
        var profit: Double
        var tag: String
    }

    let bars: Bars
    let bracket: Bracket
    let enters: [Bool]
    let exits: [Bool]
    let slip: Double
    let fee: Double
    let tick: DecimalStep?
    let lot: DecimalStep?

    func up(_ price: Double) -> Double { tick?.ceil(price) ?? price }
    func down(_ price: Double) -> Double { tick?.floor(price) ?? price }

    func run(cash start: Double) -> [Done] {
        var cash = start
        var done: [Done] = []
        var row = 0
        while row + 1 < bars.count {
            guard enters[row] else {
                row += 1
                continue
            }
            let entryRow = row + 1
            let entry = up(bars.open[entryRow] * (1 + slip))
            var quantity = cash / (entry * (1 + fee))
            if let lot { quantity = lot.floor(quantity) }
            guard quantity > 0 else {
                row += 1
                continue
            }
            let (exitRow, price, rate, tag) = leave(entryRow, entry)
            let profit =
                quantity * (price - entry) - fee * quantity * entry
                - rate * quantity * price
            cash += profit
            done.append(
                Done(
                    entryRow: entryRow, exitRow: exitRow, entryPrice: entry, exitPrice: price,
                    quantity: quantity, profit: profit, tag: tag))
            row = exitRow
        }
        return done
    }

    /// Walks the bars from the entry until something closes the position.
    private func leave(_ entryRow: Int, _ entry: Double) -> (Int, Double, Double, String) {
        let fixed = bracket.stopLoss.map { down(entry * (1 - $0)) }
        let target = bracket.takeProfit.map { up(entry * (1 + $0)) }
        var best = entry
        for row in entryRow..<bars.count {
            let (open, high, low, close) = (
                bars.open[row], bars.high[row], bars.low[row], bars.close[row]
            )
            if row > entryRow {
                if let limit = bracket.maxBars, row >= entryRow + limit {
                    return (row, down(open * (1 - slip)), fee, "max_bars")
                }
                if exits[row - 1] { return (row, down(open * (1 - slip)), fee, "out") }
            }
            let trailing = bracket.trailingStop.map { down(best * (1 - $0)) }
            let stop = [fixed, trailing].compactMap(\.self).max()
            let isTrailing = trailing != nil && (fixed == nil || (trailing ?? 0) > (fixed ?? 0))
            let name = isTrailing ? "trailing_stop" : "stop_loss"
            if let stop, open <= stop { return (row, down(open * (1 - slip)), fee, name) }
            if let target, open > target { return (row, target, fee, "take_profit") }
            if let stop, low <= stop { return (row, down(stop * (1 - slip)), fee, name) }
            if let target, high > target { return (row, target, fee, "take_profit") }
            best = max(best, high)
            if let distance = bracket.trailingStop {
                let level = down(best * (1 - distance))
                if close < level {
                    return (row, down(level * (1 - slip)), fee, "trailing_stop")
                }
            }
        }
        let last = bars.count - 1
        return (last, down(bars.close[last] * (1 - slip)), fee, "end_of_data")
    }
}

@Suite struct ReferenceTests {
    @Test(arguments: 0..<400) func `the engine agrees with a plain reading of the rules`(
        _ seed: Int
    ) throws {
        var random = Random(state: UInt64(seed) &+ 90_000)
        var bars = randomBars(200, &random)
        bars = remade(bars, onGrid: seed % 3 == 0)
        let bracket = Bracket(
            stopLoss: random.below(3) > 0 ? Double(1 + random.below(40)) / 1_000 : nil,
            takeProfit: random.below(3) > 0 ? Double(1 + random.below(40)) / 1_000 : nil,
            trailingStop: random.below(3) == 0 ? Double(1 + random.below(40)) / 1_000 : nil,
            maxBars: random.below(3) == 0 ? 1 + random.below(12) : nil)
        let enters = (0..<200).map { _ in random.below(3) == 0 }
        let exits = (0..<200).map { _ in random.below(8) == 0 }
        let tick = [nil, "0.01", "0.5", "5"][seed % 4].flatMap { DecimalStep($0) }
        let lot = seed % 2 == 0 ? nil : DecimalStep("0.001")
        let points = Double(seed % 5)
        let reference = Reference(
            bars: bars, bracket: bracket, enters: enters, exits: exits, slip: points / 10_000,
            fee: 0.001, tick: tick, lot: lot)
        // Half of a spread of 2n basis points is n basis points.
        let model: Slippage = seed % 3 == 1 ? .halfSpread(2 * points) : .basisPoints(points)
        let settings = RunSettings(slippage: points == 0 ? .none : model, volumeLimit: nil)
        let result = try simulate(
            bars, settings, Instrument(tickSize: tick, lotSize: lot)
        ) { account, desk in
            if account.position > 0, exits[account.row] {
                _ = desk.exit(tag: "out")
            } else if account.position == 0, enters[account.row] {
                _ = desk.submit(OrderRequest(.buy, bracket: bracket))
            }
        }
        let expected = reference.run(cash: 10_000)
        #expect(result.trades.count == expected.count)
        for (trade, wanted) in zip(result.trades, expected) {
            #expect(trade.entryRow == wanted.entryRow && trade.exitRow == wanted.exitRow)
            #expect(trade.exitTag == wanted.tag)
            #expect(trade.entryPrice == wanted.entryPrice)
            #expect(abs(trade.exitPrice - wanted.exitPrice) <= 1e-9 * wanted.exitPrice)
            #expect(abs(trade.quantity - wanted.quantity) <= 1e-9 * wanted.quantity)
            #expect(abs(trade.profit - wanted.profit) <= 1e-6)
        }
    }

    /// Bars that all trade; on a grid of 1, levels and extremes often meet exactly.
    private func remade(_ bars: Bars, onGrid: Bool) -> Bars {
        Bars(
            interval: bars.interval,
            (0..<bars.count).map { row in
                var bar = bars[row]
                bar.volume = 1_000
                guard onGrid else { return bar }
                bar.open.round()
                bar.close.round()
                bar.high.round(.up)
                bar.low.round(.down)
                return bar
            })
    }

    @Test(arguments: 0..<60) func `equity adds up at every bar's close`(_ seed: Int) throws {
        var random = Random(state: UInt64(seed) &+ 70_000)
        let bars = randomBars(300, &random)
        let puppet = Puppet(randomActions(UInt64(seed)))
        let outcome = try runBacktest(
            puppet,
            BacktestInput(
                bars: bars, window: 0..<300,
                instrument: Instrument(market: seed % 2 == 0 ? .perp : .spot),
                settings: RunSettings(makerFee: 0.0004, volumeLimit: 0.05)))
        // From the fills alone: cash falls by each notional and fee, and what is held is worth
        // its close.
        var cash = 10_000.0
        var held = 0.0
        var fills = puppet.updates.compactMap { update -> Fill? in
            if case .fill(let fill) = update.update { fill } else { nil }
        }[...]
        for view in puppet.seen {
            while let fill = fills.first, fill.row <= view.row {
                cash -= fill.side.sign * fill.price * fill.quantity + fill.fee
                held += fill.side.sign * fill.quantity
                fills.removeFirst()
            }
            let worth = cash + held * bars.close[view.row]
            #expect(abs(worth - view.equity) <= 1e-9 * abs(worth))
            #expect(abs(held - view.position) <= 1e-9 * max(1, abs(held)))
        }
        #expect(outcome.equity.curve.count == 300)
    }
}
