import LotCore
import LotEngine
import Testing

/// One purchase with a bracket that the volume limit cuts into many fills, in and out, read plainly
/// from rules 6 to 10: bars taken whole, no costs, no tick, no lot.
private struct PartialReference {
    struct Done {
        var exitRow = -1
        var bought = 0.0
        var paid = 0.0
        var received = 0.0
        var tag = ""
    }

    let bars: Bars
    let bracket: Bracket
    let share: Double
    /// What is still to buy.
    var wanted: Double

    private var done = Done()
    private var held = 0.0
    private var average = 0.0
    private var firstRow = -1
    private var best = 0.0
    /// The name of the exit that is under way.
    private var leaving: String?
    private var room = 0.0

    init(_ bars: Bars, _ bracket: Bracket, share: Double, wanted: Double) {
        (self.bars, self.bracket, self.share, self.wanted) = (bars, bracket, share, wanted)
    }

    private mutating func sell(_ price: Double, _ row: Int, _ tag: String) {
        let part = min(room, held)
        guard part > 0 else { return }
        held = held - part > 1e-12 * done.bought ? held - part : 0
        room -= part
        done.received += part * price
        (done.exitRow, done.tag) = (row, tag)
    }

    /// Sells at a price, as far as the volume goes; the rest follows at the next opens.
    private mutating func leave(_ price: Double, _ row: Int, _ tag: String) {
        (wanted, leaving) = (0, tag)
        sell(price, row, tag)
    }

    private var stop: (level: Double, tag: String)? {
        let fixed = bracket.stopLoss.map { average * (1 - $0) }
        let trailing = bracket.trailingStop.map { best * (1 - $0) }
        guard let trailing, trailing > fixed ?? 0 else { return fixed.map { ($0, "stop_loss") } }
        return (trailing, "trailing_stop")
    }

    private mutating func takeTarget(_ row: Int) {
        guard let target = bracket.takeProfit.map({ average * (1 + $0) }), room > 0 else { return }
        wanted = 0
        sell(target, row, "take_profit")
    }

    mutating func run() -> Done? {
        for row in 1..<bars.count {
            let bar = bars[row]
            room = share * bar.volume
            guard room > 0 else {
                // Nothing fills; the levels follow all the same.
                if held > 0 { follow(bar, row) }
                continue
            }
            atOpen(bar, row)
            if held > 0, leaving == nil { inside(bar, row) }
            if held > 0 { follow(bar, row) }
            if done.bought > 0, held == 0 { return done }
        }
        guard done.bought > 0 else { return nil }
        room = .infinity
        sell(bars.close[bars.count - 1], bars.count - 1, "end_of_data")
        return done
    }

    private mutating func atOpen(_ bar: Bar, _ row: Int) {
        if held > 0, leaving == nil, let most = bracket.maxBars, row >= firstRow + most {
            (wanted, leaving) = (0, "max_bars")
        }
        if let leaving { return sell(bar.open, row, leaving) }
        let part = min(room, wanted)
        if part > 0 {
            if firstRow < 0 { (firstRow, best) = (row, bar.open) }
            average = (average * held + bar.open * part) / (held + part)
            held += part
            room -= part
            wanted = wanted - part > 1e-12 * wanted ? wanted - part : 0
            done.bought += part
            done.paid += part * bar.open
        }
        guard held > 0 else { return }
        if let stop, bar.open <= stop.level {
            leave(bar.open, row, stop.tag)
        } else if let target = bracket.takeProfit.map({ average * (1 + $0) }), bar.open > target {
            takeTarget(row)
        }
    }

    private mutating func inside(_ bar: Bar, _ row: Int) {
        if let stop, bar.low <= stop.level {
            leave(stop.level, row, stop.tag)
        } else if let target = bracket.takeProfit.map({ average * (1 + $0) }), bar.high > target {
            takeTarget(row)
        }
    }

    private mutating func follow(_ bar: Bar, _ row: Int) {
        best = max(best, bar.high)
        guard leaving == nil, bracket.trailingStop != nil, share * bar.volume > 0, let stop,
            stop.tag == "trailing_stop", bar.close < stop.level
        else { return }
        leave(stop.level, row, stop.tag)
    }
}

/// Entries and exits of several bars keep the bracket's promise for all that is held.
@Suite struct PartialEntryTests {
    @Test(arguments: 0..<600)
    func `a bracket closes what many fills have bought, as a plain reading has it`(
        _ seed: Int
    ) throws {
        var random = Random(state: UInt64(seed) &+ 120_000)
        var bars = randomBars(60, &random)
        bars = Bars(
            interval: bars.interval,
            (0..<bars.count).map { row in
                var bar = bars[row]
                bar.volume = random.below(6) == 0 ? 0 : Double(50 + random.below(400))
                return bar
            })
        let bracket = Bracket(
            stopLoss: random.below(3) > 0 ? Double(1 + random.below(40)) / 1_000 : nil,
            takeProfit: random.below(3) > 0 ? Double(1 + random.below(40)) / 1_000 : nil,
            trailingStop: random.below(3) == 0 ? Double(1 + random.below(40)) / 1_000 : nil,
            maxBars: random.below(3) == 0 ? 1 + random.below(12) : nil)
        let wanted = Double(20 + random.below(200))
        var settings = free
        settings.volumeLimit = 0.1
        settings.startingCash = 1e9
        let request = OrderRequest(.buy, size: .base(wanted), bracket: bracket)
        let result = try simulate(bars, settings, at(0, request))
        var reference = PartialReference(bars, bracket, share: 0.1, wanted: wanted)
        let expected = reference.run()
        #expect((result.trades.first == nil) == (expected == nil))
        guard let trade = result.trades.first, let expected else { return }
        #expect(result.trades.count == 1)
        #expect(trade.exitRow == expected.exitRow)
        #expect(abs(trade.quantity - expected.bought) <= 1e-9 * expected.bought)
        #expect(abs(trade.entryPrice - expected.paid / expected.bought) <= 1e-9 * trade.entryPrice)
        #expect(
            abs(trade.exitPrice - expected.received / expected.bought) <= 1e-9 * trade.exitPrice)
    }

    private let flat = (100.0, 100.0, 100.0, 100.0)

    private func limited(_ rows: [(Double, Double, Double, Double)], _ volume: [Double]) -> Bars {
        hourly(rows, volume: volume)
    }

    @Test func `a stop ends the rest of its entry, and sells all that was bought`() throws {
        var settings = free
        settings.volumeLimit = 0.1
        let bars = limited(
            [flat, flat, (100, 101, 98, 98), (98, 98, 98, 98), (98, 98, 90, 90), (50, 50, 50, 50)],
            [1_000, 300, 300, 300, 300, 300])
        let request = OrderRequest(
            .buy, size: .base(80), bracket: Bracket(stopLoss: 0.01, takeProfit: 0.5, maxBars: 9))
        let result = try simulate(bars, settings, at(0, request))
        #expect(result.trades.count == 1)
        #expect(result.trades[0].quantity == 60)
        // 30 at the opens of bars 3 and 4; bar 2 has no volume left for its stop of 99.
        #expect(result.trades[0].exitPrice == 98)
        #expect(result.trades[0].exitRow == 4)
        #expect(result.trades[0].exitTag == "stop_loss")
        #expect(result.orders[0].status == .cancelled && result.orders[0].filledQuantity == 60)
        // The entry was cut in bars 1 and 2; the exit got nothing in bar 2, and was cut in bar 3.
        #expect(result.counters.volumeLimitedFills == 3)
    }

    @Test func `an exit that is cancelled gives the bracket back to what is left`() throws {
        var settings = free
        settings.volumeLimit = 0.1
        let bars = limited(
            [flat, flat, flat, (100, 110, 100, 110), (110, 110, 80, 80), (50, 50, 50, 50)],
            [1_000, 1_000, 30, 30, 1_000, 1_000])
        for bracket in [Bracket(stopLoss: 0.05), Bracket(trailingStop: 0.1)] {
            let result = try simulate(bars, settings) { account, desk in
                switch account.row {
                case 0: _ = desk.submit(OrderRequest(.buy, size: .base(10), bracket: bracket))
                case 1: _ = desk.exit(tag: "out")
                case 3: desk.cancel(tag: "out")
                default: break
                }
            }
            // The exit sells 3 at 100 and 3 at 100; 4 go at the stop of 95, or at 110 · 0.9: the
            // best price was followed while the exit was at work.
            let level = bracket.stopLoss == nil ? 99.0 : 95
            #expect(result.trades.count == 1)
            #expect(close(result.trades[0].exitPrice, (6 * 100 + 4 * level) / 10))
            #expect(result.trades[0].exitRow == 4)
        }
    }

    @Test func `an exit that a minimum refuses leaves the bracket where it was`() throws {
        let instrument = Instrument(minNotional: 90)
        let bars = hourly([flat, flat, (80, 80, 80, 80), (120, 120, 120, 120), flat])
        let result = try simulate(bars, free, instrument) { account, desk in
            if account.row == 0 {
                _ = desk.submit(
                    OrderRequest(.buy, size: .base(1), bracket: Bracket(takeProfit: 0.1)))
            }
            if account.row == 1 { _ = desk.exit(tag: "out") }
        }
        // 80 is below the minimum; the target of 110 is still there in the next bar.
        #expect(result.counters.rejections.values.reduce(0, +) == 1)
        #expect(close(result.trades[0].exitPrice, 110))
    }
}
