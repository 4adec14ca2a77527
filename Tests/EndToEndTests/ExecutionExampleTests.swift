import Foundation
import Testing

/// A worked example of `docs/execution.md`: a few bars, what the script does at their closes, and
/// the trade that must come of it.
struct Example: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Open, high, low, close of the bars after bar 0, which is flat at 100.
    var bars: [[Double]]
    /// Half hours that the bars are made of, two for each, bar 0 included; none for most.
    var halves: [[Double]] = []
    /// What is called at the close of bar 0, 1, ….
    var calls: [Int: String] = [0: "ctx:buy { size = lot.equity(1) }"]
    var options: [String] = []
    /// Volume of every bar.
    var volume = 1e6
    /// Entry price; `nil` if nothing is bought.
    var entry: Double? = 100.02
    /// Exit price.
    var exit: Double?
    var quantity: Double?
    var tag: String?
    var profit: Double?
    var ambiguous: Bool?
    /// Reason that some order must show.
    var reason: String?

    init(_ name: String, _ bars: [[Double]], _ change: (inout Example) -> Void) {
        testDescription = name
        self.bars = bars
        change(&self)
    }
}

/// A quiet bar at `price`.
private func flat(_ price: Double) -> [Double] { [price, price, price, price] }

/// All equity at the price after slippage `p`, with `cash` in hand.
private func all(_ p: Double, cash: Double = 10_000) -> Double { cash / (p * 1.001) }

private func buy(_ fields: String) -> [Int: String] { [0: "ctx:buy { \(fields) }"] }

struct ExecutionExampleTests {
    static let market = [
        Example("3: all equity in at 100, out at 110", [flat(100), flat(110), flat(110)]) {
            $0.calls[1] = "ctx:exit { tag = \"out\" }"
            ($0.exit, $0.quantity, $0.tag) = (110 * 0.9998, all(100.02), "out")
            // 99.880123875… · (109.978 − 100.02) − 9.990009990… − 10.984616263…
            $0.profit = 973.6316472969157
        },
        Example("3: a tick of 0.01 rounds against the trader", [flat(100.03), flat(100.03)]) {
            $0.calls[1] = "ctx:exit {}"
            $0.bars.append(flat(100.03))
            $0.options = ["--instrument", "tick=0.01"]
            ($0.entry, $0.exit) = (100.06, 100.00)
        },
        Example(
            "2: an exit at the open takes the stop away", [[100, 100, 96, 96], [94, 97, 90, 92]]
        ) {
            $0.calls = buy("size = lot.equity(1), stop_loss = 0.05")
            $0.calls[1] = "ctx:exit { tag = \"out\" }"
            ($0.exit, $0.tag) = (94 * 0.9998, "out")
        },
        Example("15: the end closes at the last close", [flat(100), flat(110)]) {
            ($0.exit, $0.tag, $0.profit) = (110 * 0.9998, "end_of_data", 973.6316472969157)
        },
        Example("15: what the last bar asks for never fills", [flat(100)]) {
            $0.calls = [1: "ctx:buy {}"]
            $0.entry = nil
        },
        Example("13: a sale while flat is rejected", [flat(100)]) {
            $0.calls = [0: "ctx:sell {}"]
            ($0.entry, $0.reason) = (nil, "no_position")
        },
    ]

    static let limits = [
        Example("4: marketable at arrival: the open, taker", [[98.5, 100, 98, 99.5]]) {
            $0.calls = buy("type = \"limit\", price = 99")
            // Sized and reserved at the limit: 10,000 / (99 · 1.001).
            ($0.entry, $0.quantity) = (98.5, all(99))
        },
        Example("4: taking liquidity costs half of a quoted spread", [[98.5, 100, 98, 99.5]]) {
            $0.calls = buy("type = \"limit\", price = 99.5, size = lot.base(1)")
            $0.options = ["--slippage", "half-spread:100"]
            ($0.entry, $0.quantity) = (98.9925, 1)
        },
        Example("4: and never more than the limit", [[98.5, 100, 98, 99.5]]) {
            $0.calls = buy("type = \"limit\", price = 98.7, size = lot.base(1)")
            $0.options = ["--slippage", "half-spread:100"]
            ($0.entry, $0.quantity) = (98.7, 1)
        },
        Example("4: a touch does not fill", [[100, 101, 99, 100]]) {
            $0.calls = buy("type = \"limit\", price = 99")
            $0.entry = nil
        },
        Example("4: a touch fills with --fill-on-touch", [[100, 101, 99, 100]]) {
            $0.calls = buy("type = \"limit\", price = 99")
            $0.options = ["--fill-on-touch"]
            $0.entry = 99
        },
        Example("4: trading through fills at the limit", [flat(100), [100, 100, 98.9, 99]]) {
            $0.calls = buy("type = \"limit\", price = 99")
            $0.entry = 99
        },
        Example("4: a later open beyond gives no better price", [flat(100), [97, 98, 96, 97]]) {
            $0.calls = buy("type = \"limit\", price = 99")
            $0.entry = 99
        },
        Example("9: a limit's lot and reserve", [[98.5, 100, 98, 99.5]]) {
            $0.calls = buy("type = \"limit\", price = 99, size = lot.quote(1000)")
            $0.options = ["--instrument", "lot=0.001"]
            ($0.entry, $0.quantity) = (98.5, 10.090)
        },
    ]

    /// A buy limit at 99 over 50 units and a bar whose volume lets `30` of them fill.
    private static func limited(
        _ name: String, _ fields: String, _ bar: [Double] = [98.5, 100, 98, 99.5],
        _ change: (inout Example) -> Void
    ) -> Example {
        Example(name, [bar]) {
            $0.calls = buy("type = \"limit\", price = 99, size = lot.base(50), \(fields)")
            $0.volume = 300
            change(&$0)
        }
    }

    private static let later: [Double] = [100, 101, 98, 100]

    static let timesInForce = [
        limited("4: gtc takes what the volume gives", "tif = \"gtc\"") {
            ($0.entry, $0.quantity) = (98.5, 30)
        },
        limited("4: ioc takes it too, and expires", "tif = \"ioc\"") {
            ($0.entry, $0.quantity, $0.reason) = (98.5, 30, "ioc_unfilled")
        },
        limited("4: fok takes nothing", "tif = \"fok\"") {
            ($0.entry, $0.reason) = (nil, "fok_unfilled")
        },
        limited("4: fok takes all", "tif = \"fok\"") {
            ($0.volume, $0.entry, $0.quantity) = (500, 98.5, 50)
        },
        limited("4: post_only is rejected", "post_only = true") {
            ($0.entry, $0.reason) = (nil, "post_only_would_cross")
        },
        limited("4: ioc expires unfilled", "tif = \"ioc\"", later) {
            ($0.entry, $0.reason) = (nil, "ioc_unfilled")
        },
        limited("4: fok expires unfilled", "tif = \"fok\"", later) {
            ($0.entry, $0.reason) = (nil, "fok_unfilled")
        },
        limited("4: post_only rests", "post_only = true", later) {
            $0.entry = 99
        },
    ]

    private static func stopLimit(
        _ name: String, _ bars: [[Double]], _ entry: Double?
    ) -> Example {
        Example(name, bars) {
            $0.calls = buy("type = \"stop_limit\", stop_price = 105, price = 106")
            $0.entry = entry
        }
    }

    private static func trailing(
        _ name: String, _ bar: [Double], _ exit: Double, ambiguous: Bool
    ) -> Example {
        Example(name, [flat(100), [100, 104, 99, 103], bar]) {
            $0.calls[1] = "ctx:sell { type = \"trailing_stop\", trailing_stop = 0.04 }"
            ($0.exit, $0.ambiguous) = (exit, ambiguous)
        }
    }

    static let stopLimits = [
        stopLimit(
            "5: a stop-limit rests from the next bar",
            [[100, 107, 99, 104], [104, 105, 103, 104]], 106),
        stopLimit(
            "5: and a touch does not fill it", [[100, 107, 99, 104], [107, 109, 106, 108]], nil),
        stopLimit(
            "5: a gap to between trigger and limit fills", [[105.5, 107, 105, 106]], 105.5),
        stopLimit("5: a gap beyond both rests in its bar", [[107, 108, 105.9, 106]], 106),
        trailing(
            "5: a trailing stop order", [103, 108, 99.5, 105], 99.84 * 0.9998, ambiguous: false),
        trailing(
            "5: and a close past its new level", [103, 108, 100, 103], 103.68 * 0.9998,
            ambiguous: true),
    ]

    /// Sent at the close of the entry bar.
    private static let sellStop = "ctx:sell { type = \"stop_market\", stop_price = 95 }"

    static let stops = [
        Example("5: a stop fills at its price", [flat(100), [98, 99, 94, 96]]) {
            $0.calls[1] = sellStop
            $0.exit = 95 * 0.9998
        },
        Example("5: a touch is enough", [flat(100), [98, 99, 95, 96]]) {
            $0.calls[1] = sellStop
            $0.exit = 95 * 0.9998
        },
        Example("5: gapped past it fills at the open", [flat(100), [93, 96, 92, 94]]) {
            $0.calls[1] = sellStop
            $0.exit = 93 * 0.9998
        },
        Example(
            "5: a take-profit order is market once triggered", [flat(100), [100, 107, 99, 101]]
        ) {
            $0.calls[1] = "ctx:sell { type = \"take_profit\", stop_price = 106 }"
            $0.exit = 106 * 0.9998
        },
        Example("5: a buy stop enters inside the bar", [[100, 103, 100, 102]]) {
            $0.calls = buy("type = \"stop_market\", stop_price = 102")
            $0.entry = 102 * 1.0002
        },
    ]

    private static func bracket(
        _ name: String, _ bar: [Double], _ change: (inout Example) -> Void
    ) -> Example {
        Example(name, [flat(100), bar]) {
            $0.calls = buy("stop_loss = 0.05, take_profit = 0.06")
            change(&$0)
        }
    }

    static let brackets = [
        bracket("6: the stop", [100, 101, 95, 96]) {
            ($0.exit, $0.tag) = (100.02 * 0.95 * 0.9998, "stop_loss")
        },
        bracket("6: the target", [100, 107, 99, 106]) {
            ($0.exit, $0.tag, $0.ambiguous) = (106.0212, "take_profit", false)
        },
        bracket("6: an open beyond the target gives no more", [108, 109, 104, 105]) {
            ($0.exit, $0.tag) = (106.0212, "take_profit")
        },
        bracket("6: a gap through the stop", [94, 95, 93, 94]) {
            ($0.exit, $0.tag) = (94 * 0.9998, "stop_loss")
        },
        bracket("8: stop and target in one bar", [100, 107, 94, 101]) {
            ($0.exit, $0.tag, $0.ambiguous) = (100.02 * 0.95 * 0.9998, "stop_loss", true)
        },
        bracket("8: an open beyond the target settles it", [106.5, 107, 94, 101]) {
            ($0.exit, $0.tag, $0.ambiguous) = (106.0212, "take_profit", false)
        },
        Example("6: the whole entry bar counts", [[100, 101, 95, 99]]) {
            $0.calls = buy("stop_loss = 0.05")
            ($0.exit, $0.tag) = (100.02 * 0.95 * 0.9998, "stop_loss")
        },
        Example(
            "6: max_bars counts from the entry bar", [flat(100), flat(101), flat(102), flat(103)]
        ) {
            // Bars are row 1, 2, 3, …: entered in row 1, out at the open of row 1 + 2.
            $0.calls = [0: "ctx:buy { max_bars = 2 }"]
            ($0.exit, $0.tag) = (102 * 0.9998, "max_bars")
        },
        Example("7: the trailing stop", [[100, 104, 99, 103], [103, 108, 99.5, 105]]) {
            $0.calls = buy("trailing_stop = 0.04")
            ($0.exit, $0.tag, $0.ambiguous) = (104 * 0.96 * 0.9998, "trailing_stop", false)
        },
        Example("7: a close past the new level", [[100, 104, 99, 103], [103, 108, 100, 103]]) {
            $0.calls = buy("trailing_stop = 0.04")
            ($0.exit, $0.tag, $0.ambiguous) = (108 * 0.96 * 0.9998, "trailing_stop", true)
        },
    ]

    static let paths = [
        bracket("8: ohlc, the low is nearer", [100, 107, 94, 101]) {
            $0.options = ["--intrabar", "ohlc"]
            ($0.exit, $0.tag, $0.ambiguous) = (100.02 * 0.95 * 0.9998, "stop_loss", false)
        },
        bracket("8: ohlc, the high is nearer", [100, 106.5, 93, 101]) {
            $0.options = ["--intrabar", "ohlc"]
            ($0.exit, $0.tag, $0.ambiguous) = (106.0212, "take_profit", false)
        },
        bracket("8: ohlc, as near", [100, 106.5, 93.5, 101]) {
            $0.options = ["--intrabar", "ohlc"]
            ($0.exit, $0.tag, $0.ambiguous) = (100.02 * 0.95 * 0.9998, "stop_loss", false)
        },
        Example("8: ohlc, a trailing stop in its first bar", [[100, 104, 95, 99]]) {
            $0.calls = buy("trailing_stop = 0.04")
            $0.options = ["--intrabar", "ohlc"]
            ($0.exit, $0.tag, $0.ambiguous) = (104 * 0.96 * 0.9998, "trailing_stop", false)
        },
        bracket("8: detail, the target first", [100, 107, 94, 101]) {
            $0.halves = [
                flat(100), flat(100), flat(100), flat(100), [100, 107, 99, 106],
                [106, 106, 94, 101],
            ]
            $0.options = ["--detail", "30m"]
            ($0.exit, $0.tag, $0.ambiguous) = (106.0212, "take_profit", false)
        },
        bracket("8: detail, the stop first", [100, 107, 94, 101]) {
            $0.halves = [
                flat(100), flat(100), flat(100), flat(100), [100, 101, 94, 95], [95, 107, 95, 101],
            ]
            $0.options = ["--timeframe-detail", "30m"]
            ($0.exit, $0.tag, $0.ambiguous) = (100.02 * 0.95 * 0.9998, "stop_loss", false)
        },
        Example("17: a latency costs a bar", [flat(101), flat(102)]) {
            $0.options = ["--latency", "1ms"]
            $0.entry = 102 * 1.0002
        },
    ]

    static let costs = [
        Example("11: half of a spread", [flat(100)]) {
            ($0.options, $0.entry) = (["--slippage", "half-spread:10"], 100.05)
        },
        Example("11: half of a spread, rounded to the tick", [flat(100)]) {
            $0.options = ["--slippage", "half-spread:10", "--instrument", "tick=0.1"]
            $0.entry = 100.1
        },
        Example("11: the share of the volume", [flat(100)]) {
            $0.calls = buy("size = lot.base(10)")
            $0.options = ["--slippage", "volume-share:0.1,0.5"]
            ($0.volume, $0.entry, $0.quantity) = (200, 100.125, 10)
        },
        Example("11: the share of the volume has a limit", [flat(100)]) {
            $0.calls = buy("size = lot.base(40)")
            $0.options = ["--slippage", "volume-share:0.1,0.5"]
            ($0.volume, $0.entry, $0.quantity) = (200, 100.5, 20)
        },
    ]

    static let sizes = [
        Example("9: a lot of 0.00001", [flat(100)]) {
            $0.options = ["--instrument", "lot=0.00001"]
            $0.quantity = 99.88012
        },
        Example("9: half the equity", [flat(100)]) {
            $0.calls = buy("size = lot.equity(0.5)")
            $0.quantity = 5_000 / (100.02 * 1.001)
        },
        Example("9: an amount of quote currency", [flat(100)]) {
            $0.calls = buy("size = lot.quote(2500)")
            $0.quantity = 2_500 / (100.02 * 1.001)
        },
        Example("9: a quantity", [flat(100)]) {
            $0.calls = buy("size = lot.base(3)")
            $0.quantity = 3
        },
        Example("9: a quantity beyond the cash", [flat(100)]) {
            $0.calls = buy("size = lot.base(100)")
            ($0.entry, $0.reason) = (nil, "insufficient_cash")
        },
        Example("9: a quantity beyond the position", [flat(100), flat(100)]) {
            $0.calls[1] = "ctx:sell { size = lot.base(200) }"
            ($0.tag, $0.reason) = ("end_of_data", "insufficient_position")
        },
        Example("9: one percent at risk", [flat(100)]) {
            $0.calls = buy("size = lot.risk(0.01), stop_loss = 0.05")
            // 100 / (5.001 + 0.001 · (100.02 + 95.019))
            $0.quantity = 100 / 5.196039
        },
        Example("12: below the minimum notional", [flat(100)]) {
            $0.calls = buy("size = lot.quote(4)")
            $0.options = ["--instrument", "min_notional=5"]
            ($0.entry, $0.reason) = (nil, "below_min_notional")
        },
        Example(
            "10: the volume limit, and a remainder cut",
            [flat(100), flat(101), flat(101), flat(101)]
        ) {
            // 30 a bar at 100.02, then at 101.0202: 30 + 30 + 30 by bar 3, the last 9.88… in bar 4,
            // cut to what (10,000 − 30 · 100.02 · 1.001) / (101.0202 · 1.001) pays for.
            $0.volume = 300
            let rest = (10_000 - 30 * 100.02 * 1.001) / (101.0202 * 1.001)
            $0.quantity = 30 + rest
            $0.entry = (30 * 100.02 + rest * 101.0202) / (30 + rest)
            $0.reason = "remainder cut: cash"
        },
    ]

    @Test(
        arguments: market + limits + timesInForce + stops + stopLimits + brackets + paths + costs
            + sizes)
    func `the worked examples come out as written`(example: Example) throws {
        let box = try Sandbox()
        try box.write(
            "bars.csv", csv([flat(100)] + example.bars, SampleSeries.hour, example.volume))
        try box.write("example.lua", script(example.calls))
        let imported = try LotBinary.run(
            ["data", "import", "bars.csv", "--as", SampleSeries.address, "--home", "home"],
            in: box)
        #expect(imported.code == 0, imported.comment)
        if !example.halves.isEmpty {
            try box.write("halves.csv", csv(example.halves, SampleSeries.hour / 2, 1e6))
            let finer = try LotBinary.run(
                [
                    "data", "import", "halves.csv", "--as", "test:GENUSDT:30m", "--home", "home",
                ], in: box)
            #expect(finer.code == 0, finer.comment)
        }
        let outcome = try LotBinary.run(
            SampleSeries.arguments("example.lua", ["--output", "out"] + example.options), in: box)
        #expect(outcome.code == 0, outcome.comment)
        let trades = try readTrades(try box.find("trades.csv"))
        try compare(example, trades, box)
        if let reason = example.reason {
            let orders = try readTable(try box.find("orders.csv"))
            #expect(orders.contains { $0["reason"] == reason }, "\(orders)")
        }
    }

    private func compare(_ example: Example, _ trades: [TradeRow], _ box: Sandbox) throws {
        guard let entry = example.entry else {
            #expect(trades.isEmpty, "\(trades)")
            return
        }
        #expect(trades.count == 1, "\(trades)")
        let trade = try #require(trades.first)
        func check(_ name: String, _ expected: Double?, _ got: Double) {
            guard let expected else { return }
            #expect(
                abs(expected - got) <= 1e-9 * abs(expected),
                "\(name): expected \(expected), got \(got)\n\(trade)")
        }
        check("entry price", entry, trade.entryPrice)
        check("exit price", example.exit, trade.exitPrice)
        check("quantity", example.quantity, trade.quantity)
        check("profit", example.profit, trade.profit)
        if let tag = example.tag { #expect(trade.exitTag == tag, "\(trade)") }
        if let ambiguous = example.ambiguous {
            let row = try readTable(try box.find("trades.csv"))[0]
            #expect(row["ambiguous"] == (ambiguous ? "1" : "0"), "\(row)")
        }
    }

    private func csv(_ bars: [[Double]], _ length: Int64, _ units: Double) -> String {
        bars.enumerated().map { row, bar in
            let time = SampleSeries.start + Int64(row) * length
            let prices = bar.map { "\($0)" }.joined(separator: ",")
            let volume = String(format: "%.1f", units)
            return "\(time),\(prices),\(volume),\(time + length - 1),1.0,1,1.0,1.0,0\n"
        }.joined()
    }

    private func script(_ calls: [Int: String]) -> String {
        let lines = calls.sorted { $0.key < $1.key }
            .map { "  if ctx.state.bar == \($0.key) then \($0.value) end\n" }.joined()
        return """
            local S = lot.strategy { name = "example" }
            function S:on_bar(ctx, bar)
              ctx.state.bar = (ctx.state.bar or -1) + 1
            \(lines)end
            return S
            """
    }
}
