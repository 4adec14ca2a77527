import Foundation
import LotCore
import LotEngine
import LotMath
import LotScript
import LotTestSupport
import Testing

private let environment = ProcessInfo.processInfo.environment
/// Random pairs of scripts: 200 here, a tenth of `LOT_FUZZ_CASES` in the nightly form.
private let fuzzCases = environment["LOT_FUZZ_CASES"].flatMap { Int($0) }.map { $0 / 10 } ?? 200
private let firstCase = environment["LOT_FUZZ_FIRST"].flatMap { Int($0) } ?? 0

/// One strategy written twice: as rules, and as events that say the same bar by bar.
private struct TwinScripts {
    private(set) var rules = ""
    private(set) var events = ""
    private var random: SplitMix
    private var series: [String] = []

    /// A condition as rules and as events have it.
    private typealias Twin = (rule: String, event: String)
    /// A number as rules have it, and its value so many bars ago as events have it.
    private typealias Number = (rule: String, event: (Int) -> String)

    /// Whether conditions read other intervals of the symbol.
    private let readsOthers: Bool

    init(_ seed: UInt64, canShort: Bool, isHedged: Bool, readsOthers: Bool) {
        random = SplitMix(seed)
        self.readsOthers = readsOthers
        var parts: [(name: String, twin: Twin)] = [("enter_long", condition(2))]
        if below(5) > 0 { parts.append(("exit_long", condition(2))) }
        if canShort, below(3) > 0 {
            parts.append(("enter_short", condition(2)))
            if below(5) > 0 { parts.append(("exit_short", condition(2))) }
        }
        let bracket = bracket()
        let declared = series.enumerated().map { "local s\($0) = \($1)" }
        let kept = series.enumerated().map { "self.s\($0) = \($1)" }
        // Decisions of both begin where this average does: no condition looks as far back.
        let ready = "ta.sma(ctx.close, 90)"
        let conditions = parts.map { "\($0.name) = \($0.twin.rule)," }
        rules = """
            local S = lot.strategy { name = "twin" }
            function S:rules(ctx)
              local ready = \(ready)
              \(declared.joined(separator: "\n  "))
              return {
                \(conditions.joined(separator: "\n    "))
                \(bracket)
              }
            end
            return S
            """
        let bits = ["enter_long", "exit_long", "enter_short", "exit_short"].map { name in
            "local \(name) = \(parts.first { $0.name == name }?.twin.event ?? "false")"
        }
        events = """
            local S = lot.strategy { name = "twin" }
            function S:on_init(ctx)
              self.ready = \(ready)
              \(kept.joined(separator: "\n  "))
            end
            function S:on_bar(ctx, bar)
              \(bits.joined(separator: "\n  "))
              \(isHedged ? TwinScripts.hedged(bracket) : TwinScripts.oneWay(bracket))
            end
            return S
            """
    }

    /// What rules do with one position: an order at work counts as the position it opens, and
    /// while one closes it nothing is decided.
    private static func oneWay(_ bracket: String) -> String {
        """
        local buys = enter_long and not exit_long and not enter_short
          local sells = enter_short and not exit_short and not enter_long
          local position, held = ctx.position, nil
          for _, order in ipairs(ctx.orders) do
            if order.reduce_only then return end
            if not held and order.origin == "strategy" then held = order.side end
          end
          if not position.flat then held = position.long and "buy" or "sell" end
          if not held then
            if buys then ctx:buy { \(bracket) tag = "enter_long" }
            elseif sells then ctx:sell { \(bracket) tag = "enter_short" } end
          elseif held == "buy" then
            if sells then
              ctx:exit { tag = "reverse" }
              ctx:sell { \(bracket) tag = "enter_short" }
            elseif exit_long then ctx:exit { tag = "exit_long" } end
          elseif buys then
            ctx:exit { tag = "reverse" }
            ctx:buy { \(bracket) tag = "enter_long" }
          elseif exit_short then
            ctx:exit { tag = "exit_short" }
          end
        """
    }

    /// What rules do with two legs, of which neither knows of the other.
    private static func hedged(_ bracket: String) -> String {
        """
        for _, leg in ipairs({ "long", "short" }) do
            local enters, exits = enter_long, exit_long
            if leg == "short" then enters, exits = enter_short, exit_short end
            local held, leaves = not ctx.position[leg .. "_leg"].flat, false
            for _, order in ipairs(ctx.orders) do
              if order.position_side == leg then
                leaves = leaves or order.reduce_only
                held = held or order.origin == "strategy"
              end
            end
            if leaves then
            elseif held then
              if exits then ctx:exit { tag = "exit_" .. leg, position_side = leg } end
            elseif enters and not exits then
              if leg == "long" then
                ctx:buy { \(bracket) tag = "enter_long", position_side = leg }
              else
                ctx:sell { \(bracket) tag = "enter_short", position_side = leg }
              end
            end
          end
        """
    }

    private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

    private mutating func bracket() -> String {
        var text = ""
        if below(2) == 0 { text += "stop_loss = \(0.005 + 0.05 * random.unit()), " }
        if below(3) == 0 { text += "take_profit = \(0.005 + 0.05 * random.unit()), " }
        if below(3) == 0 { text += "trailing_stop = \(0.005 + 0.05 * random.unit()), " }
        if below(4) == 0 { text += "max_bars = \(1 + below(40)), " }
        switch below(4) {
        case 0: text += "size = lot.equity(\(0.05 + 0.9 * random.unit())), "
        case 1: text += "size = lot.quote(\(100 + 5_000 * random.unit())), "
        case 2: text += "size = lot.base(\(0.5 + 20 * random.unit())), "
        default: break
        }
        return text
    }

    private mutating func declare(_ text: String) -> Number {
        let name = "s\(series.count)"
        series.append(text)
        return (name, { "self.\(name)[\($0)]" })
    }

    private mutating func number(_ depth: Int) -> Number {
        switch below(depth > 0 ? 9 : 6) {
        case 0: return declare("ctx.close")
        case 1: return declare("ctx.\(["open", "high", "low"][below(3)])")
        case 2, 3:
            let name = ["sma", "ema", "highest", "lowest", "wma"][below(5)]
            return declare("ta.\(name)(ctx.close, \(2 + below(60)))")
        case 4: return declare("ta.sma(ctx.\(["high", "low"][below(2)]), \(2 + below(30)))")
        case 5:
            let base = declare("ctx.close")
            let factor = 0.98 + 0.04 * random.unit()
            return ("(\(base.rule) * \(factor))", { "(\(base.event($0)) * \(factor))" })
        case 6:
            let (a, bars) = (number(depth - 1), below(6))
            return ("(\(a.rule)):shift(\(bars))", { a.event($0 + bars) })
        default:
            let (a, b, sign) = (
                number(depth - 1), number(depth - 1), ["+", "-", "*", "/"][below(4)]
            )
            return ("(\(a.rule) \(sign) \(b.rule))", { "(\(a.event($0)) \(sign) \(b.event($0)))" })
        }
    }

    /// A comparison with another interval: its newest closed bar, as rules and events both see it.
    private mutating func otherCondition() -> Twin {
        let interval = ["2h", "4h", "1d"][below(3)]
        let other = "ctx:series { interval = \"\(interval)\" }"
        let line =
            below(2) == 0
            ? declare("\(other).\(["open", "high", "low", "close"][below(4)])")
            : declare("ta.\(["sma", "ema", "highest"][below(3)])(\(other).close, \(2 + below(3)))")
        let own = declare("ctx.close")
        return below(2) == 0
            ? ("\(own.rule):above(\(line.rule))", "\(own.event(0)) > \(line.event(0))")
            : ("\(line.rule):above(\(own.rule))", "\(line.event(0)) > \(own.event(0))")
    }

    private mutating func condition(_ depth: Int) -> Twin {
        if readsOthers, below(4) == 0 { return otherCondition() }
        switch below(depth > 0 ? 7 : 4) {
        case 4:
            let (a, b, isAnd) = (condition(depth - 1), condition(depth - 1), below(2) == 0)
            return (
                "(\(a.rule) \(isAnd ? "&" : "|") \(b.rule))",
                "((\(a.event)) \(isAnd ? "and" : "or") (\(b.event)))"
            )
        case 5:
            let a = condition(depth - 1)
            return ("~(\(a.rule))", "not (\(a.event))")
        default:
            let (a, b) = (number(2), number(2))
            let (now, then) = ("\(a.event(0)) %s \(b.event(0))", "\(a.event(1)) %s \(b.event(1))")
            func text(_ pattern: String, _ sign: String) -> String {
                pattern.replacingOccurrences(of: "%s", with: sign)
            }
            let (left, right) = ("(\(a.rule))", "(\(b.rule))")
            switch below(4) {
            case 0: return ("\(left):above(\(right))", "(\(text(now, ">")))")
            case 1: return ("\(left):below(\(right))", "(\(text(now, "<")))")
            case 2:
                return (
                    "\(left):crosses_above(\(right))",
                    "(\(text(now, ">")) and \(text(then, "<=")))"
                )
            default:
                return (
                    "\(left):crosses_below(\(right))",
                    "(\(text(now, "<")) and \(text(then, ">=")))"
                )
            }
        }
    }
}

/// Rules and events that say the same make the same trades, to the last bit.
@Suite struct RulesAndEventsTests {
    private func market(_ random: inout SplitMix) -> [Double] {
        var price = 100.0
        let swing = random.next() % 2 == 0 ? 0.004 : 0.03
        return (0..<(100 + Int(random.next() % 500))).map { _ in
            price = min(1_000, max(10, price * (1 + swing * (random.unit() - 0.498))))
            return (price * 100).rounded() / 100
        }
    }

    /// Bars of which some are missing, or were put where some are missing.
    private func bars(_ closes: [Double], _ random: inout SplitMix) -> Bars {
        let bars = makeBars(closes)
        let kind = random.next() % 4
        guard kind < 2 else { return bars }
        var rows: [Bar] = []
        for index in 0..<bars.count {
            var bar = bars[index]
            if let before = rows.last?.close, random.next() % 12 == 0 {
                if kind == 0 { continue }
                // As `--gaps fill` puts it: flat, without volume.
                (bar.open, bar.high, bar.low, bar.close) = (before, before, before, before)
                bar.volume = 0
            }
            rows.append(bar)
        }
        return Bars(interval: bars.interval, rows)
    }

    private func outcome(
        _ text: String, _ market: Market, _ bars: Bars, _ settings: RunSettings
    ) throws -> BacktestOutcome {
        let instrument = Instrument(
            market: market, tickSize: DecimalStep("0.01"), lotSize: DecimalStep("0.001"))
        let strategy = try ScriptStrategy(
            ScriptFile(name: "s.lua", bytes: Array(text.utf8)), seed: 1,
            address: testAddress(market), positionMode: settings.perpetual.positionMode
        ).strategy
        var sources: [SeriesAddress: Bars] = [:]
        for address in strategy.program.sources {
            sources[address] = bars.resampled(to: address.interval)
        }
        return try runBacktest(
            strategy,
            BacktestInput(
                bars: bars, window: 0..<bars.count, instrument: instrument, settings: settings,
                sources: SourceBars(sources)))
    }

    @Test func `the same strategy as rules and as events`() throws {
        var (trades, hedged) = (0, 0)
        for seed in firstCase..<(firstCase + fuzzCases) {
            var random = SplitMix(UInt64(seed) &* 7_919 &+ 3)
            let market: Market = random.next() % 2 == 0 ? .spot : .perp
            let isHedged = market == .perp && random.next() % 2 == 0
            let twins = TwinScripts(
                random.next(), canShort: market == .perp, isHedged: isHedged,
                readsOthers: random.next() % 2 == 0)
            let closes = bars(self.market(&random), &random)
            var settings = RunSettings(
                makerFee: 0.0005, takerFee: random.unit() * 0.002,
                slippage: .basisPoints(random.unit() * 5), volumeLimit: nil,
                fillOnTouch: random.next() % 2 == 0)
            if isHedged { settings.perpetual.positionMode = .hedge }
            let rules = try outcome(twins.rules, market, closes, settings)
            let events = try outcome(twins.events, market, closes, settings)
            trades += rules.trades.count
            hedged += isHedged ? rules.trades.count : 0
            var found: [String] = []
            func check(_ name: String, _ same: Bool) { if !same { found.append(name) } }
            check("first decision", rules.firstDecisionRow == events.firstDecisionRow)
            check("trades", rules.trades == events.trades)
            check("orders", rules.orders == events.orders)
            check("curve", rules.equity.curve == events.equity.curve)
            check("closes", rules.equity.tracker.closes == events.equity.tracker.closes)
            check("fees", rules.fees == events.fees)
            check("exposure", rules.counters.exposedBars == events.counters.exposedBars)
            check("final equity", rules.finalEquity == events.finalEquity)
            #expect(found.isEmpty, "seed \(seed): \(found)\n\(twins.rules)\n\(twins.events)")
        }
        #expect(fuzzCases < 200 || (trades > 3 * fuzzCases && hedged > fuzzCases / 2))
    }
}
