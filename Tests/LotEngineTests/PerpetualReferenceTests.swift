import LotCore
import LotEngine
import LotMath
import Testing

/// A second, plain reading of rule 13 for one isolated position at a time, long or short, entered
/// and left by market orders, with a bracket, funding and liquidation at the mark price.
private struct PerpetualReference {
    struct Done {
        var side: Side
        var entryRow: Int
        var exitRow: Int
        var exitPrice: Double
        var quantity: Double
        var funding: Double
        var profit: Double
        var tag: String
    }

    /// How a position was left.
    private struct Exit {
        var row: Int
        var price: Double
        var tag: String
        var fee: Double?
    }

    let bars: Bars
    /// Bars of the mark price; the same as the traded ones where there is no series of it.
    let marks: Bars
    let payments: [(time: Int64, rate: Double)]
    let bracket: Bracket
    /// 1 enters long, −1 short, 0 does nothing.
    let enters: [Int]
    let exits: [Bool]
    let fraction: Double
    let leverage: Double
    let slip: Double
    let tick: DecimalStep?
    let lot: DecimalStep?
    let fee = 0.001
    let liquidationFee = 0.004

    private func against(_ sign: Double, _ price: Double) -> Double {
        guard let tick else { return price }
        return sign > 0 ? tick.ceil(price) : tick.floor(price)
    }

    func run(cash start: Double) -> [Done] {
        var wallet = start
        var done: [Done] = []
        var row = 0
        while row + 1 < bars.count {
            let sign = Double(enters[row])
            let first = row + 1
            guard sign != 0, wallet > 1e-9 * start else {
                row += 1
                continue
            }
            let entry = against(sign, bars.open[first] * (1 + sign * slip))
            var quantity = fraction * wallet / (entry * (1 / leverage + fee))
            if let lot { quantity = lot.floor(quantity) }
            guard quantity > 0, quantity * entry <= largest else {
                row += 1
                continue
            }
            var paid = 0.0
            let exit = leave(first, sign, entry, quantity, &paid)
            let fees = fee * quantity * entry + (exit.fee ?? fee * quantity * exit.price)
            let profit = sign * quantity * (exit.price - entry) - fees - paid
            wallet += profit
            done.append(
                Done(
                    side: sign > 0 ? .buy : .sell, entryRow: first, exitRow: exit.row,
                    exitPrice: exit.price, quantity: quantity, funding: paid, profit: profit,
                    tag: exit.tag))
            row = exit.row
        }
        return done
    }

    /// Notional value that `someTiers` allow at the leverage.
    private var largest: Double {
        leverage > 50 ? 0 : leverage > 25 ? 20_000 : leverage > 5 ? 100_000 : .infinity
    }

    /// Equity of the position less what the tiers of its notional need.
    private func slack(_ price: Double, _ sign: Double, _ entry: Double, _ q: Double, _ m: Double)
        -> Double
    {
        let notional = q * price
        let tier = someTiers.last { $0.notionalFloor <= notional } ?? someTiers[0]
        return m + sign * q * (price - entry) - (notional * tier.rate - tier.deduction)
    }

    /// The price at which nothing is left to spare, by halving.
    private func level(_ sign: Double, _ entry: Double, _ q: Double, _ m: Double) -> Double {
        var (low, high) = (0.0, 4 * entry)
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if (slack(middle, sign, entry, q, m) < 0) == (sign > 0) {
                low = middle
            } else {
                high = middle
            }
        }
        return (low + high) / 2
    }

    /// What fell due from `from` on, before `to`.
    private func due(_ from: Int64, _ to: Int64) -> [Double] {
        payments.filter { from <= $0.time && $0.time < to }.map(\.rate)
    }

    /// Walks the bars from the entry until something closes the position.
    private func leave(
        _ first: Int, _ sign: Double, _ entry: Double, _ q: Double, _ paid: inout Double
    ) -> Exit {
        let margin = q * entry / leverage
        var best = entry
        func out(_ row: Int, _ price: Double, _ tag: String) -> Exit {
            Exit(row: row, price: against(-sign, price * (1 - sign * slip)), tag: tag, fee: nil)
        }
        func liquidated(_ row: Int, _ price: Double) -> Exit {
            let left = margin - paid
            let last = entry - sign * left / q
            var exit = out(row, price, "liquidation")
            exit.price = sign * max(sign * exit.price, sign * last)
            let rest = max(0, left + sign * q * (exit.price - entry))
            exit.fee = min(liquidationFee * q * exit.price, rest)
            return exit
        }
        for row in first..<bars.count {
            let (open, close) = (bars.open[row], bars.close[row])
            let adverse = sign > 0 ? bars.low[row] : bars.high[row]
            let kind = sign > 0 ? bars.high[row] : bars.low[row]
            let (markOpen, worst) = (
                marks.open[row], sign > 0 ? marks.low[row] : marks.high[row]
            )
            func worse(_ price: Double, _ other: Double) -> Double {
                sign * min(sign * price, sign * other)
            }
            let (start, end) = (bars.openTime[row], bars.closeTime(row))
            if row > first {
                for rate in due(start, start + 1) { paid += sign * q * markOpen * rate }
                let price = level(sign, entry, q, margin - paid)
                if sign * markOpen <= sign * price { return liquidated(row, worse(open, price)) }
                if let limit = bracket.maxBars, row >= first + limit {
                    return out(row, open, "max_bars")
                }
                if exits[row - 1] { return out(row, open, "out") }
            }
            let fixed = bracket.stopLoss.map { against(-sign, entry * (1 - sign * $0)) }
            let trailing = bracket.trailingStop.map { against(-sign, best * (1 - sign * $0)) }
            let stop = [fixed, trailing].compactMap(\.self).max { sign * $0 < sign * $1 }
            let isTrailing =
                trailing != nil && (fixed == nil || sign * (trailing ?? 0) > sign * (fixed ?? 0))
            let name = isTrailing ? "trailing_stop" : "stop_loss"
            let target = bracket.takeProfit.map { against(sign, entry * (1 + sign * $0)) }
            if let stop, sign * open <= sign * stop { return out(row, open, name) }
            if let target, sign * open > sign * target {
                return Exit(row: row, price: target, tag: "take_profit", fee: nil)
            }
            for rate in due(start + 1, end) { paid += sign * q * markOpen * rate }
            let price = level(sign, entry, q, margin - paid)
            let (isPast, isLiquidated) = (
                sign * markOpen <= sign * price, sign * worst <= sign * price
            )
            let distance = isPast ? 0 : abs(price - open)
            if let stop, sign * adverse <= sign * stop, !isLiquidated || abs(stop - open) < distance
            {
                return out(row, stop, name)
            }
            if isLiquidated { return liquidated(row, worse(price, isPast ? open : kind)) }
            if let target, sign * kind > sign * target {
                return Exit(row: row, price: target, tag: "take_profit", fee: nil)
            }
            best = sign * max(sign * best, sign * kind)
            if let distance = bracket.trailingStop {
                let level = against(-sign, best * (1 - sign * distance))
                if sign * close < sign * level { return out(row, level, "trailing_stop") }
            }
        }
        return out(bars.count - 1, bars.close[bars.count - 1], "end_of_data")
    }
}

@Suite struct PerpetualReferenceTests {
    private static let count = 250

    private struct Case {
        var reference: PerpetualReference
        var input: BacktestInput
    }

    private func make(_ seed: Int) -> Case {
        var random = Random(state: UInt64(seed) &+ 190_000)
        let count = PerpetualReferenceTests.count
        let walk = randomBars(count, &random)
        let bars = Bars(
            interval: walk.interval,
            (0..<count).map { row in
                var bar = walk[row]
                bar.volume = 1_000
                return bar
            })
        func part(_ odds: Int, _ scale: Double) -> Double? {
            random.below(odds) == 0 ? scale * (0.1 + random.unit()) : nil
        }
        let bracket = Bracket(
            stopLoss: part(3, 0.08), takeProfit: part(2, 0.15), trailingStop: part(4, 0.06),
            maxBars: random.below(4) == 0 ? 1 + random.below(20) : nil)
        // At the open, or in the first half of a bar: the open's price.
        let payments = (0..<count).filter { _ in random.below(4) == 0 }.map { row in
            (
                time: bars.openTime[row] + Int64(random.below(2) * random.below(1_700_000)),
                rate: 0.006 * (random.unit() - 0.45)
            )
        }
        let marks = seed % 4 == 0 ? near(bars, seed) : nil
        let reference = PerpetualReference(
            bars: bars, marks: marks ?? bars, payments: payments, bracket: bracket,
            enters: (0..<count).map { _ in random.below(3) == 0 ? 2 * random.below(2) - 1 : 0 },
            exits: (0..<count).map { _ in random.below(25) == 0 },
            fraction: random.below(4) == 0 ? 1 : 0.05 + 0.2 * random.unit(),
            leverage: [1, 8, 20, 40, 50][random.below(5)], slip: Double(seed % 5) / 10_000,
            tick: [nil, "0.01", "0.5"][seed % 3].flatMap { DecimalStep($0) },
            lot: seed % 2 == 0 ? nil : DecimalStep("0.001"))
        var settings = RunSettings(
            slippage: seed % 5 == 0 ? .none : .basisPoints(Double(seed % 5)), volumeLimit: nil)
        settings.perpetual.leverage = reference.leverage
        let input = BacktestInput(
            bars: bars, window: 0..<count,
            instrument: Instrument(
                market: .perp, tickSize: reference.tick, lotSize: reference.lot,
                maintenanceTiers: someTiers, liquidationFee: reference.liquidationFee),
            settings: settings,
            perpetual: PerpetualData(funding: FundingSeries(payments), marks: marks))
        return Case(reference: reference, input: input)
    }

    /// Bars of a mark price that goes now further than the traded one, now less far.
    private func near(_ bars: Bars, _ seed: Int) -> Bars {
        var random = Random(state: UInt64(seed) &+ 195_000)
        return Bars(
            interval: bars.interval,
            (0..<bars.count).map { row in
                var bar = bars[row]
                func moved(_ price: Double) -> Double {
                    price * (1 + 0.03 * (random.unit() - 0.5))
                }
                (bar.open, bar.close) = (moved(bar.open), moved(bar.close))
                bar.high = max(moved(bar.high), bar.open, bar.close)
                bar.low = min(moved(bar.low), bar.open, bar.close)
                return bar
            })
    }

    private func act(_ reference: PerpetualReference) -> (AccountView, OrderDesk) -> Void {
        { account, desk in
            if account.position != 0, reference.exits[account.row] {
                _ = desk.exit(tag: "out")
            } else if account.position == 0, reference.enters[account.row] != 0 {
                let side: Side = reference.enters[account.row] > 0 ? .buy : .sell
                _ = desk.submit(
                    OrderRequest(
                        side, size: .equity(reference.fraction), bracket: reference.bracket))
            }
        }
    }

    @Test func `the engine agrees with a plain reading of the rules for perpetuals`() throws {
        var tags: [String: Int] = [:]
        for seed in 0..<400 {
            let made = make(seed)
            let result = try runBacktest(Puppet(act(made.reference)), made.input)
            let expected = made.reference.run(cash: 10_000)
            #expect(result.trades.count == expected.count, "seed \(seed)")
            for (trade, wanted) in zip(result.trades, expected) {
                let isSame =
                    trade.side == wanted.side && trade.entryRow == wanted.entryRow
                    && trade.exitRow == wanted.exitRow && trade.exitTag == wanted.tag
                #expect(isSame, "seed \(seed): \(trade) for \(wanted)")
                #expect(abs(trade.exitPrice - wanted.exitPrice) <= 1e-9 * wanted.exitPrice)
                #expect(abs(trade.quantity - wanted.quantity) <= 1e-9 * wanted.quantity)
                #expect(abs(trade.funding - wanted.funding) <= 1e-6)
                #expect(abs(trade.profit - wanted.profit) <= 1e-6)
                tags[trade.exitTag, default: 0] += 1
            }
        }
        #expect(tags["liquidation", default: 0] > 100 && tags["stop_loss", default: 0] > 100)
    }

    @Test func `money adds up at every close, and no account falls below nothing`() throws {
        var liquidations = 0
        for seed in 0..<200 {
            var made = make(seed)
            if seed % 2 == 0 { made.input.settings.perpetual.margin = .cross }
            let puppet = Puppet(act(made.reference))
            let result = try runBacktest(puppet, made.input)
            // From the fills and the trades' funding alone.
            var (cash, held) = (10_000.0, 0.0)
            var fills = puppet.updates.compactMap { update -> Fill? in
                if case .fill(let fill) = update.update { fill } else { nil }
            }[...]
            var trades = result.trades[...]
            for view in puppet.seen {
                while let fill = fills.first, fill.row <= view.row {
                    cash -= fill.side.sign * fill.price * fill.quantity + fill.fee
                    held += fill.side.sign * fill.quantity
                    fills.removeFirst()
                    if abs(held) < 1e-9 { held = 0 }
                    guard held == 0, let trade = trades.first else { continue }
                    cash -= trade.funding
                    trades.removeFirst()
                }
                // Funding of the position that is open is in no trade yet.
                guard held == 0 else { continue }
                #expect(abs(cash - view.equity) <= 1e-7 * max(1, abs(cash)), "seed \(seed)")
                #expect(view.equity > -1e-6, "seed \(seed)")
            }
            liquidations += result.counters.liquidations
        }
        #expect(liquidations > 50)
    }

    @Test func `an isolated position loses its margin and its entry fee at most`() throws {
        for seed in 0..<200 {
            let made = make(seed)
            let result = try runBacktest(Puppet(act(made.reference)), made.input)
            for trade in result.trades where trade.exitTag == "liquidation" {
                let notional = trade.quantity * trade.entryPrice
                let most = notional / made.reference.leverage + 0.001 * notional
                #expect(-trade.profit <= most * (1 + 1e-9), "seed \(seed): \(trade)")
            }
        }
    }
}
