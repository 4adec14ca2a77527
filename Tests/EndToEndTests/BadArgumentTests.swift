import Foundation
import Testing

/// Arguments that must be refused, and how.
struct BadArguments: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let code: Int32
    let fragments: [String]

    var testDescription: String { arguments.joined(separator: " ") }

    /// A whole command line.
    init(_ arguments: [String], _ code: Int32, says fragments: String...) {
        self.arguments = arguments
        self.code = code
        self.fragments = fragments
    }

    /// Options after a backtest that would work.
    init(options: String..., code: Int32 = 64, says fragments: [String]) {
        arguments = SampleSeries.arguments("cross.lua", options)
        self.code = code
        self.fragments = fragments
    }
}

struct BadArgumentTests {
    static let usage: [BadArguments] = [
        BadArguments(options: "--bogus", says: ["--bogus"]),
        BadArguments(options: "--slipage", "none", says: ["--slipage", "--slippage"]),
        BadArguments(options: "--cash", says: ["--cash"]),
        BadArguments(options: "--cash", "many", says: ["--cash", "many"]),
        BadArguments(options: "--cash", "5000", "--cash", "6000", says: ["--cash"]),
        BadArguments(options: "--exchange", "test", says: ["--data"]),
        BadArguments(options: "--cash", "0", says: ["--cash"]),
        BadArguments(options: "--cash=-5", says: ["--cash"]),
        BadArguments(options: "--cash", "nan", says: ["--cash"]),
        BadArguments(options: "--cash", "1e400", says: ["--cash"]),
        BadArguments(options: "--fee", "2", says: ["--fee"]),
        BadArguments(options: "--fee", "x", says: ["--fee"]),
        BadArguments(options: "--slippage", "bps", says: ["--slippage"]),
        BadArguments(options: "--slippage", "bps:-1", says: ["--slippage"]),
        BadArguments(options: "--slippage", "volume-share:2", says: ["--slippage"]),
        BadArguments(options: "--fee-tiers", "1:0.1/0.1", says: ["--fee-tiers", "0"]),
        BadArguments(
            options: "--fee", "0.1", "--fee-tiers", "0:0.1/0.1", says: ["--fee-tiers", "--fee"]),
        BadArguments(options: "--latency", "soon", says: ["--latency", "250ms"]),
        BadArguments(options: "--latency=-5ms", says: ["--latency"]),
        BadArguments(options: "--latency", "25h", says: ["--latency", "longer than a day"]),
        BadArguments(options: "--latency", "86401s", says: ["--latency", "longer than a day"]),
        BadArguments(
            options: "--instrument", "tick=0.01,tick=0.02", says: ["--instrument", "given twice"]),
        BadArguments(options: "--detail", "7m", says: ["--detail"]),
        BadArguments(options: "--detail", "1h", says: ["--detail", "shorter"]),
        BadArguments(options: "--slippage", "lots", says: ["--slippage", "none"]),
        BadArguments(options: "--volume-limit", "1.5", says: ["--volume-limit"]),
        BadArguments(options: "--volume-limit", "0", says: ["--volume-limit"]),
        BadArguments(options: "--gaps", "jump", says: ["--gaps", "hold"]),
        BadArguments(options: "--intrabar", "best", says: ["--intrabar", "worst"]),
        BadArguments(options: "--instrument", "tick=0", says: ["--instrument"]),
        BadArguments(options: "--instrument", "tack=0.1", says: ["tack", "tick"]),
        BadArguments(options: "--seed", "-1", says: ["--seed"]),
        BadArguments(options: "--format", "xml", says: ["--format", "json"]),
        BadArguments(options: "--param", "fast", says: ["--param"]),
        BadArguments(options: "--param", "fats=10", says: ["fats", "fast"]),
        BadArguments(options: "--param", "fast=ten", says: ["fast", "ten"]),
        BadArguments(options: "--param", "fast=500", says: ["fast", "500"]),
        BadArguments(options: "--param", "fast=40", "--param", "slow=30", says: ["fast < slow"]),
        BadArguments(options: "--start", "2024-02-30", says: ["2024-02-30"]),
        BadArguments(options: "--start", "yesterday", says: ["--start", "yesterday"]),
        BadArguments(
            options: "--start", "2024-02-01", "--end", "2024-01-01",
            says: ["--start", "2024-02-01", "2024-01-01"]),
        BadArguments(options: "--timerange", "20240601-20240101", says: ["--timerange"]),
        BadArguments(options: "--timerange", "2024", says: ["--timerange", "2024"]),
        BadArguments(options: "--timerange", "20241301-", says: ["--timerange"]),
        BadArguments(options: "--assert", "sharp>=1", says: ["sharp", "sharpe"]),
        BadArguments(options: "--assert", "sharpe~1", says: ["--assert"]),
        BadArguments(options: "--assert", "sharpe>=high", says: ["--assert"]),
        BadArguments(["backtest"], 64, says: "strategy"),
        BadArguments(["backtest", "cross.lua", "--home", "home"], 64, says: "--data"),
        BadArguments(
            ["backtest", "cross.lua", "--data", "test", "--home", "home"], 64, says: "test"),
        BadArguments(
            ["backtest", "cross.lua", "--data", "test:../../x:1h", "--home", "home"], 64,
            says: "../../x"),
        BadArguments(
            ["backtest", "cross.lua", "--data", "test:GENUSDT:7h", "--home", "home"], 64, says: "7h"
        ),
        BadArguments(["frobnicate"], 64, says: "frobnicate"),
        BadArguments(["data", "frobnicate"], 64, says: "frobnicate"),
        BadArguments(["data", "import", "--as", "test:A:1h", "--home", "home"], 64, says: ""),
        BadArguments(["data", "import", "cross.lua", "--home", "home"], 64, says: "--as"),
        BadArguments(
            ["data", "generate", "--as", "test:A:1h", "--rows", "0", "--home", "home"], 64,
            says: "--rows"),
        BadArguments(
            ["data", "generate", "--as", "test:A:1h", "--rows", "-5", "--home", "home"], 64,
            says: "--rows"),
        BadArguments(["data", "list", "--home", ""], 64, says: "--home"),
    ]

    static let missing: [BadArguments] = [
        BadArguments(
            ["backtest", "cross.lua", "--data", "test:NONEUSDT:1h", "--home", "home"], 66,
            says: "test:NONEUSDT:1h", "lot data import"),
        BadArguments(
            ["backtest", "cross.lua", "--data", "test:GENUSDT:4h", "--home", "home"], 66,
            says: "test:GENUSDT:4h", "lot data import"),
        BadArguments(
            options: "--timerange", "20300101-20300201", code: 66,
            says: ["2024-01-01", "lot data import"]),
        BadArguments(
            options: "--start", "2019-01-01", "--end", "2019-02-01", code: 66,
            says: ["2024-01-01"]),
        BadArguments(
            ["data", "verify", "test:NONEUSDT:1h", "--home", "home"], 66, says: "NONEUSDT"),
        BadArguments(
            ["data", "import", "none.zip", "--as", "test:A:1h", "--home", "home"], 66,
            says: "none.zip"),
    ]

    @Test(arguments: usage + missing)
    func `a wrong command line is refused, its reason named, and nothing changed`(
        bad: BadArguments
    ) throws {
        let box = try SampleSeries.box()
        let before = try box.tree()
        let outcome = try LotBinary.run(bad.arguments, in: box)
        expectRefusal(outcome, code: bad.code, fragments: bad.fragments.filter { !$0.isEmpty })
        let changes = differences(before, try box.tree())
        #expect(changes.isEmpty, "\(changes)\n\(outcome.comment)")
    }

    @Test func `a relative LOT_HOME is a configuration error, 78`() throws {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(
            ["data", "list"], in: box, environment: ["LOT_HOME": "relative"])
        expectRefusal(outcome, code: 78, fragments: ["LOT_HOME"])
    }

    @Test func `control characters of an argument never reach the terminal`() throws {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(
            SampleSeries.arguments("no\u{1b}[31m\nsuch.lua"), in: box)
        #expect(outcome.code == 66, outcome.comment)
        #expect(!outcome.err.contains("\u{1b}"), outcome.comment)
    }

    @Test func `ten thousand arguments are refused, not a crash`() throws {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(
            ["backtest"] + [String](repeating: "x", count: 10_000), in: box)
        expectRefusal(outcome, code: 64, fragments: [])
    }
}
