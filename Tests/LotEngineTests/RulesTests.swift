import LotCore
import LotEngine
import LotMath
import Testing

/// Conditions of a random rule strategy: simple, so that a puppet can say the same.
private struct RandomRules {
    var enterLong: [Bool]
    var exitLong: [Bool]
    var enterShort: [Bool]
    var exitShort: [Bool]
    var bracket: Bracket
    var size: Size

    init(count: Int, short: Bool, _ random: inout Random) {
        func bits(_ one: Int) -> [Bool] { (0..<count).map { _ in random.below(one) == 0 } }
        enterLong = bits(4)
        exitLong = bits(6)
        enterShort = short ? bits(5) : Array(repeating: false, count: count)
        exitShort = short ? bits(6) : Array(repeating: false, count: count)
        bracket = Bracket(
            stopLoss: random.below(2) == 0 ? 0.01 + 0.03 * random.unit() : nil,
            takeProfit: random.below(2) == 0 ? 0.01 + 0.03 * random.unit() : nil,
            trailingStop: random.below(3) == 0 ? 0.01 + 0.03 * random.unit() : nil,
            maxBars: random.below(3) == 0 ? 1 + random.below(8) : nil)
        size = random.below(2) == 0 ? .equity(0.2 + 0.8 * random.unit()) : .quote(4_000)
    }
}

@Suite struct RulesTests {
    /// Bars whose volume column carries the four conditions as bits of a whole number, so that
    /// series of a real program can be built from them.
    private func rules(_ wanted: RandomRules) -> (Rules, SeriesProgram) {
        var program = SeriesProgram()
        var rules = Rules(bracket: wanted.bracket, size: wanted.size)
        let volume = program.field(.volume)
        // volume = 1,000 + code; code's bits are taken off from the highest
        var rest = program.apply(.subtract, [volume, program.constant(1_000)])
        var nodes: [NodeID] = []
        for bit in [8.0, 4, 2, 1] {
            let isSet = program.apply(.above, [rest, program.constant(bit - 0.5)])
            nodes.append(isSet)
            let number = program.apply(.number, [isSet])
            let part = program.apply(.multiply, [number, program.constant(bit)])
            rest = program.apply(.subtract, [rest, part])
        }
        rules.enterLong = nodes[0]
        rules.exitLong = nodes[1]
        rules.enterShort = nodes[2]
        rules.exitShort = nodes[3]
        return (rules, program)
    }

    private func code(_ wanted: RandomRules, _ row: Int) -> Double {
        (wanted.enterLong[row] ? 8.0 : 0) + (wanted.exitLong[row] ? 4.0 : 0)
            + (wanted.enterShort[row] ? 2.0 : 0) + (wanted.exitShort[row] ? 1.0 : 0)
    }

    /// Says what the rules say, as a strategy of events would.
    private func act(_ wanted: RandomRules) -> (AccountView, OrderDesk) -> Void {
        { account, desk in
            let row = account.row
            let (longs, shorts) = (wanted.enterLong[row], wanted.enterShort[row])
            let (outLong, outShort) = (wanted.exitLong[row], wanted.exitShort[row])
            func enter(_ side: Side) {
                _ = desk.submit(
                    OrderRequest(
                        side, size: wanted.size, bracket: wanted.bracket,
                        tag: side == .buy ? "enter_long" : "enter_short"))
            }
            let buys = longs && !outLong && !shorts
            let sells = shorts && !outShort && !longs
            if account.position > 0 {
                if sells {
                    _ = desk.exit(tag: "reverse")
                    enter(.sell)
                } else if outLong {
                    _ = desk.exit(tag: "exit_long")
                }
            } else if account.position < 0 {
                if buys {
                    _ = desk.exit(tag: "reverse")
                    enter(.buy)
                } else if outShort {
                    _ = desk.exit(tag: "exit_short")
                }
            } else if buys {
                enter(.buy)
            } else if sells {
                enter(.sell)
            }
        }
    }

    @Test(arguments: 0..<150) func `rules and events that say the same make the same orders`(
        _ seed: Int
    ) throws {
        var random = Random(state: UInt64(seed) &+ 40_000)
        let isPerpetual = seed % 2 == 0
        let wanted = RandomRules(count: 250, short: isPerpetual, &random)
        let plain = randomBars(250, &random)
        let bars = Bars(
            interval: plain.interval,
            (0..<250).map { row in
                var bar = plain[row]
                bar.volume = 1_000 + code(wanted, row)
                return bar
            })
        let input = BacktestInput(
            bars: bars, window: 0..<250,
            instrument: Instrument(
                market: isPerpetual ? .perp : .spot, tickSize: DecimalStep("0.01"),
                lotSize: seed % 3 == 0 ? nil : DecimalStep("0.001")),
            settings: RunSettings(volumeLimit: nil))
        let (rules, program) = rules(wanted)
        let byRules = try runBacktest(RuleStrategy(rules, program: program), input)
        let byEvents = try runBacktest(Puppet(act(wanted)), input)
        #expect(!byRules.trades.isEmpty)
        #expect(byRules.trades == byEvents.trades)
        #expect(byRules.orders == byEvents.orders)
        #expect(byRules.equity.curve == byEvents.equity.curve)
    }

    @Test func `contradictions do nothing and are counted`() throws {
        var random = Random(state: 1)
        var wanted = RandomRules(count: 5, short: true, &random)
        wanted.enterLong = [true, true, false, true, false]
        wanted.exitLong = [true, false, false, false, false]
        wanted.enterShort = [false, true, false, false, false]
        wanted.exitShort = [false, false, false, false, false]
        wanted.bracket = Bracket()
        let bars = Bars(
            interval: try #require(Interval("1h")),
            (0..<5).map { row in
                Bar(
                    openTime: Int64(row) * 3_600_000, open: 100, high: 100, low: 100, close: 100,
                    volume: 1_000 + code(wanted, row))
            })
        let (rules, program) = rules(wanted)
        let result = try runBacktest(
            RuleStrategy(rules, program: program),
            BacktestInput(
                bars: bars, window: 0..<5, instrument: Instrument(market: .perp), settings: free))
        // Row 0: enter and its own exit. Row 1: both enters. Row 3 enters.
        #expect(result.counters.conflicts == 2)
        #expect(result.trades.count == 1)
        #expect(result.trades[0].entryRow == 4)
    }

    @Test func `in a position only an entry that nothing contradicts turns it`() throws {
        var random = Random(state: 1)
        var wanted = RandomRules(count: 8, short: true, &random)
        // Row 1, short: both entries. Row 2: into a long. Row 3: an entry with its own exit, and
        // the exit is taken. Row 5, long: an exit and the other entry, which turns it. Row 6,
        // short: its exit, with both entries.
        wanted.enterLong = [false, true, true, true, true, false, true, false]
        wanted.exitLong = [false, false, false, true, false, true, false, false]
        wanted.enterShort = [true, true, false, false, false, true, true, false]
        wanted.exitShort = [false, false, false, false, false, false, true, false]
        wanted.bracket = Bracket()
        wanted.size = .equity(0.5)
        let bars = Bars(
            interval: try #require(Interval("1h")),
            (0..<8).map { row in
                Bar(
                    openTime: Int64(row) * 3_600_000, open: 100, high: 100, low: 100, close: 100,
                    volume: 1_000 + code(wanted, row))
            })
        let (rules, program) = rules(wanted)
        for path in [RunPath.everyBar, .skipping] {
            let result = try runBacktest(
                RuleStrategy(rules, program: program),
                BacktestInput(
                    bars: bars, window: 0..<8, instrument: Instrument(market: .perp),
                    settings: free), path: path)
            #expect(result.trades.map(\.side) == [.sell, .buy, .buy, .sell])
            #expect(result.trades.map(\.entryRow) == [1, 3, 5, 6])
            #expect(
                result.trades.map(\.exitTag) == ["reverse", "exit_long", "reverse", "exit_short"])
            #expect(result.counters.conflicts == 3)
        }
    }

    @Test func `after a stop the next entry may be signalled at that bar's close`() throws {
        var random = Random(state: 2)
        var wanted = RandomRules(count: 5, short: false, &random)
        wanted.enterLong = [true, true, true, false, false]
        wanted.exitLong = [false, false, false, false, false]
        wanted.bracket = Bracket(stopLoss: 0.05)
        wanted.size = .equity(1)
        let rows = [(100.0, 100.0), (100, 90), (100, 100), (100, 100), (100, 100)]
        let bars = Bars(
            interval: try #require(Interval("1h")),
            rows.enumerated().map { row, bar in
                Bar(
                    openTime: Int64(row) * 3_600_000, open: bar.0, high: 100, low: bar.1,
                    close: 100, volume: 1_000 + code(wanted, row))
            })
        let (rules, program) = rules(wanted)
        let result = try runBacktest(
            RuleStrategy(rules, program: program),
            BacktestInput(bars: bars, window: 0..<5, instrument: Instrument(), settings: free))
        #expect(result.trades.map(\.exitTag) == ["stop_loss", "end_of_data"])
        #expect(result.trades[0].exitRow == 1)
        #expect(result.trades[1].entryRow == 2)
    }
}
