import Foundation
import Testing

/// What symbols of one account have of their own, as a user runs it: fees, leverage, legs, lines.
struct PortfolioTermsCommandTests {
    private static let script = """
        local S = lot.strategy { name = "waves" }
        function S:rules(ctx)
          local fast, slow = ta.ema(ctx.close, 5), ta.ema(ctx.close, 21)
          return {
            enter_long = fast:crosses_above(slow), exit_long = fast:crosses_below(slow),
            enter_short = fast:crosses_below(slow), exit_short = fast:crosses_above(slow),
            size = lot.equity(0.1), plot = { slow = slow },
          }
        end
        return S
        """

    /// Two perpetuals without funding, of which one has stored fees.
    private func market() throws -> Sandbox {
        let box = try Sandbox()
        for (name, seed) in [("AAAUSDT", "1"), ("BBBUSDT", "2")] {
            let outcome = try LotBinary.run(
                [
                    "data", "generate", "--as", "test.perp:\(name):1h", "--rows", "900", "--start",
                    "2024-01-01", "--seed", seed, "--home", "home",
                ], in: box)
            #expect(outcome.code == 0, outcome.comment)
        }
        try box.write(
            "home/datasets/test/instruments.json",
            """
            {"format": "lot-instruments", "version": 1, "instruments": [
              {"market": "perp", "symbol": "AAAUSDT", "maker_fee": 0.0002, "taker_fee": 0.0004,
               "read": "2024-01-01"}]}
            """)
        try box.write("waves.lua", PortfolioTermsCommandTests.script)
        return box
    }

    private func backtest(_ arguments: [String], _ box: Sandbox) throws -> Outcome {
        try LotBinary.run(
            [
                "backtest", "waves.lua", "--symbols", "*", "--exchange", "test.perp", "-i", "1h",
                "--no-funding", "--home", "home",
            ] + arguments, in: box)
    }

    private func terms(_ outcome: Outcome, _ key: String) throws -> [Double] {
        let portfolio = try #require(try outcome.json()["portfolio"] as? [[String: Any]])
        return portfolio.compactMap { $0[key] as? Double }
    }

    @Test func `each symbol has its own stored fees and its own leverage`() throws {
        let box = try market()
        let outcome = try backtest(["--leverage", "2,AAA/USDT=5", "--format", "json"], box)
        #expect(outcome.code == 0, outcome.comment)
        #expect(try Package.schemaProblems(outcome.out.utf8) == [])
        #expect(try terms(outcome, "taker_fee") == [0.0004, 0.001])
        #expect(try terms(outcome, "maker_fee") == [0.0002, 0.001])
        #expect(try terms(outcome, "leverage") == [5, 2])
        let symbols = try #require(try outcome.json()["symbols"] as? [[String: Any]])
        // Fees are a fraction of what was traded, which only market orders did.
        for (row, rate) in zip(symbols, [0.0004, 0.001]) {
            let volume = try #require(row["traded_volume"] as? Double)
            let fees = try #require(row["fees"] as? Double)
            #expect(abs(fees - rate * volume) <= 1e-9 * volume)
        }
        let summary = try String(contentsOf: box.find("summary.txt"), encoding: .utf8)
        #expect(summary.contains("leverage 2 to 5"), "\(summary)")
        let verified = try LotBinary.run(["report", "verify", "waves", "--home", "home"], in: box)
        #expect(verified.code == 0, verified.comment)
        let all = try backtest(["--fee", "0.0003/0.0005", "--format", "json"], box)
        #expect(try terms(all, "taker_fee") == [0.0005, 0.0005], all.comment)
    }

    @Test(arguments: [
        ["--position-mode", "hedge", "--leverage", "3"],
        ["--position-mode", "hedge", "--margin", "cross", "--leverage", "BBBUSDT=10"],
        ["--fee-tiers", "0:0.001/0.001,5000:0.0005/0.0008"], ["--slippage", "half-spread:4"],
    ])
    func `verify runs the whole again`(options: [String]) throws {
        let box = try market()
        let outcome = try backtest(options, box)
        #expect(outcome.code == 0, outcome.comment)
        let verified = try LotBinary.run(["report", "verify", "waves", "--home", "home"], in: box)
        #expect(verified.code == 0, verified.comment)
    }

    @Test func `explain says where a position, or each leg of it, would be liquidated`() throws {
        let box = try market()
        for mode in ["one-way", "hedge"] {
            let outcome = try backtest(
                [
                    "--leverage", "5", "--position-mode", mode, "--output",
                    mode,
                ],
                box)
            #expect(outcome.code == 0, outcome.comment)
            let explained = try LotBinary.run(
                [
                    "explain", mode, "--symbol", "AAAUSDT", "--at", "2024-01-20T12:00", "--home",
                    "home",
                ], in: box)
            #expect(explained.code == 0, explained.comment)
            #expect(explained.out.contains(", liquidated at a mark price of "), explained.comment)
        }
    }

    @Test func `the report draws each symbol's price with the lines of the script`() throws {
        let box = try market()
        let outcome = try backtest(["--report"], box)
        #expect(outcome.code == 0, outcome.comment)
        let page = try String(contentsOf: box.find("report.html"), encoding: .utf8)
        guard !outcome.err.contains("gnuplot") else { return }
        for name in ["AAAUSDT", "BBBUSDT"] {
            #expect(page.contains("\(name): price, entries and exits"))
        }
        #expect(page.contains("slow"))
    }

    @Test(arguments: [
        ("AAAUSD=3", "did you mean \"AAAUSDT\"?"), ("3,5", "given twice"),
        ("=3", "names no symbol"),
        ("AAAUSDT=0.5", "from 1 to 1000"), ("AAAUSDT=2,AAAUSDT=3", "given twice for AAAUSDT"),
        ("AAAUSDT=500", "the largest for AAAUSDT"),
    ])
    func `a leverage that is for nobody is refused`(text: String, reason: String) throws {
        let box = try market()
        let outcome = try backtest(["--leverage", text], box)
        #expect(outcome.code == 64 && outcome.err.contains(reason), outcome.comment)
    }

    @Test func `a file may name the leverage of symbols that a run is not over`() throws {
        let box = try market()
        try box.write("lot.toml", "[backtest]\nleverage = [2, \"AAAUSDT=4\", \"ZZZUSDT=9\"]\n")
        let outcome = try backtest(["--config", "lot.toml", "--format", "json"], box)
        #expect(outcome.code == 0, outcome.comment)
        #expect(try terms(outcome, "leverage") == [4, 2], outcome.comment)
    }
}
