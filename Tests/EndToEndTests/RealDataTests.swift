import Foundation
import Testing

/// Real klines: imported once per test run into the build folder, then only read.
enum RealData {
    static let address = "binance:BTCUSDT:1h"
    static let isThere = Package.shared != nil

    /// The 51 monthly archives, oldest first.
    static func archives() throws -> [String] {
        guard let shared = Package.shared else { throw HarnessError(description: "no real data") }
        let folder = shared.appending(
            path: "data/binance-vision/data/spot/monthly/klines/BTCUSDT/1h")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".zip") }.sorted().map { folder.appending(path: $0).path }
    }

    /// A workspace with the series, and what its import said.
    static let workspace: Result<(box: Sandbox, imported: Outcome), any Error> = Result {
        let box = try Sandbox(inBuildFolder: "real")
        let outcome = try LotBinary.run(
            ["data", "import"] + (try archives()) + ["--as", address, "--home", box.path("home")],
            in: box)
        guard outcome.code == 0 else {
            throw HarnessError(description: "the import failed\n\(outcome.comment)")
        }
        return (box, outcome)
    }

    /// The `--home` of the workspace.
    static func home() throws -> String { try workspace.get().box.path("home") }

    /// Backtests `strategy` in a fresh folder and returns what was printed and the trades.
    static func backtest(
        _ strategy: String, _ options: [String] = []
    ) throws -> (outcome: Outcome, trades: [TradeRow], box: Sandbox) {
        let box = try Sandbox()
        let outcome = try LotBinary.run(
            [
                "backtest", strategy, "--data", address, "--home", try home(), "--format", "json",
                "--output", box.path("out"),
            ] + options, in: box)
        guard outcome.code == 0 else {
            throw HarnessError(description: "the backtest failed\n\(outcome.comment)")
        }
        return (outcome, try readTrades(try box.find("trades.csv")), box)
    }

    /// The golden trades called `name`.
    static func golden(_ name: String) throws -> [TradeRow] {
        try readTrades(Package.tests.appending(path: "Golden/\(name).csv"))
    }
}

@Suite(.enabled(if: RealData.isThere, "needs ../shared/data or LOT_SHARED"))
struct RealDataTests {
    @Test func `51 monthly archives give 37,223 rows, milliseconds and microseconds alike`() throws
    {
        #expect(try RealData.archives().count == 51)
        let (_, imported) = try RealData.workspace.get()
        #expect(imported.code == 0, imported.comment)
        let said = imported.out + imported.err
        #expect(ungrouped(said).contains("37223"), imported.comment)
    }

    @Test func `list shows the series with its rows and its range`() throws {
        let box = try Sandbox()
        let list = try LotBinary.run(["data", "list", "--home", try RealData.home()], in: box)
        #expect(list.code == 0, list.comment)
        for fragment in ["binance", "BTCUSDT", "1h", "37223", "2022-01-01", "2026-03-31"] {
            #expect(ungrouped(list.out).contains(fragment), "no \"\(fragment)\"\n\(list.comment)")
        }
    }

    @Test func `verify passes and reports the one missing hour`() throws {
        let box = try Sandbox()
        let verify = try LotBinary.run(
            ["data", "verify", RealData.address, "--home", try RealData.home()], in: box)
        #expect(verify.code == 0, verify.comment)
        let said = verify.out + verify.err
        #expect(said.contains("gap"), verify.comment)
        // The exchange was down on 2023-03-24, 13:00 UTC; it is the only bar missing in 51 months:
        // (2022-01-01 … 2026-04-01) is 1,551 days · 24 = 37,224 hours, and 37,223 are stored.
        #expect(said.contains("2023-03-24"), verify.comment)
    }

    @Test func `a second import of the same archives changes nothing`() throws {
        let box = try Sandbox()
        let archives = try RealData.archives().prefix(2)
        let arguments =
            ["data", "import"] + archives
            + ["--as", RealData.address, "--home", box.path("home")]
        let first = try LotBinary.run(arguments, in: box)
        #expect(first.code == 0, first.comment)
        let before = try box.tree("home")
        #expect(!before.isEmpty)
        let second = try LotBinary.run(arguments, in: box)
        #expect(second.code == 0, second.comment)
        let changes = differences(before, try box.tree("home"))
        #expect(changes.isEmpty, "\(changes)\n\(second.comment)")
    }

    @Test(arguments: [
        ("sma_cross", "sma_cross"), ("sma_cross_events", "sma_cross"),
        ("rsi_mean_reversion", "rsi_mean_reversion"), ("donchian_turtle", "donchian_turtle"),
        ("sma_brackets", "sma_brackets"), ("sma_trailing", "sma_trailing"),
    ])
    func `trades are those of an independent implementation`(
        fixture: String, golden: String
    ) throws {
        let run = try RealData.backtest(Package.fixture(fixture))
        let wrong = differences(golden: try RealData.golden(golden), got: run.trades)
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))\n\(run.outcome.command)")
    }

    @Test(arguments: [
        ["--timerange", "20240101-20240601"], ["--start", "2024-01-01", "--end", "2024-06-01"],
    ])
    func `a window trades as a part of the whole, its indicators already warm`(
        range: [String]
    ) throws {
        let run = try RealData.backtest(Package.fixture("sma_cross"), range)
        let wrong = differences(golden: try RealData.golden("sma_cross_window"), got: run.trades)
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))\n\(run.outcome.command)")
    }

    @Test func `rules and events that say the same make the same trades, to the last bit`() throws {
        let rules = try RealData.backtest(Package.fixture("sma_cross")).trades
        let events = try RealData.backtest(Package.fixture("sma_cross_events")).trades
        #expect(rules == events)
        #expect(rules.count == 260)
    }

    @Test func `the report names the missing hour`() throws {
        let run = try RealData.backtest(Package.fixture("sma_cross"), ["--report"])
        let page = String(
            decoding: try Data(contentsOf: try run.box.find("report.html")), as: UTF8.self)
        #expect(page.contains("missing"), "the report does not say that bars were missing")
        #expect(run.outcome.out.contains("missing"), run.outcome.comment)
    }

    /// The strategies that ship, by file name.
    static let examples: [String] = {
        let folder = Package.root.appending(path: "strategies")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        // Perpetuals need funding, portfolios several symbols: their own tests run them.
        return names.filter {
            $0.hasSuffix(".lua") && !$0.hasPrefix("perp_") && !$0.hasSuffix("_portfolio.lua")
        }.sorted()
    }()

    /// Golden trades of the examples, each by its default parameters.
    static let goldenOfExample = [
        "sma_cross": "sma_cross", "rsi_mean_reversion": "rsi_mean_reversion",
        "donchian_turtle": "example_donchian_turtle", "macd_trend": "example_macd_trend",
        "bollinger_breakout": "example_bollinger_breakout",
        "atr_trailing_stop": "example_atr_trailing_stop",
    ]

    @Test func `six example strategies ship`() {
        #expect(RealDataTests.examples.count >= 6, "\(RealDataTests.examples)")
    }

    @Test(arguments: examples)
    func `every example strategy runs on real klines, and those with golden trades make them`(
        file: String
    ) throws {
        let run = try RealData.backtest(Package.root.appending(path: "strategies/\(file)").path)
        #expect(!run.trades.isEmpty, run.outcome.comment)
        for name in [
            "result.json", "trades.csv", "orders.csv", "equity.csv", "breakdown.csv",
            "manifest.json",
        ] {
            _ = try run.box.find(name)
        }
        let result = try Data(contentsOf: try run.box.find("result.json"))
        #expect(try Package.schemaProblems(result) == [])
        let name = String(file.dropLast(4))
        guard let golden = RealDataTests.goldenOfExample[name] else { return }
        let wrong = differences(golden: try RealData.golden(golden), got: run.trades)
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))\n\(run.outcome.command)")
    }
}
