import Foundation
import Testing

/// `lot backtest --symbols` and what reads its runs, as a user runs them.
struct PortfolioCommandTests {
    /// A workspace with three symbols: one begins later, one ends earlier.
    private func market() throws -> Sandbox {
        let box = try Sandbox()
        for (name, rows, start) in [
            ("AAAUSDT", "1200", "2024-01-01"), ("BBBUSDT", "900", "2024-01-01"),
            ("CCCUSDT", "1000", "2024-01-10"),
        ] {
            let outcome = try LotBinary.run(
                [
                    "data", "generate", "--as", "test:\(name):1h", "--rows", rows, "--start", start,
                    "--seed", String(name.utf8.first ?? 0), "--home", "home",
                ], in: box)
            #expect(outcome.code == 0, outcome.comment)
        }
        try box.write("cross.lua", SampleSeries.crossScript)
        return box
    }

    private func backtest(_ arguments: [String], _ box: Sandbox) throws -> Outcome {
        try LotBinary.run(
            ["backtest"] + arguments
                + ["--exchange", "test", "-i", "1h", "--volume-limit", "off", "--home", "home"],
            in: box)
    }

    private func lot(_ arguments: [String], _ box: Sandbox) throws -> Outcome {
        try LotBinary.run(arguments + ["--home", "home"], in: box)
    }

    @Test func `several symbols are one run, whose parts add up`() throws {
        let box = try market()
        let outcome = try backtest(
            ["cross.lua", "--symbols", "AAAUSDT,BBBUSDT,CCCUSDT", "--format", "json"], box)
        #expect(outcome.code == 0, outcome.comment)
        #expect(try Package.schemaProblems(outcome.out.utf8) == [])
        let json = try outcome.json()
        let symbols = try #require(json["symbols"] as? [[String: Any]])
        #expect(symbols.map { $0["symbol"] as? String } == ["AAAUSDT", "BBBUSDT", "CCCUSDT"])
        let metrics = try #require(json["metrics"] as? [String: Any])
        func sum(_ key: String) -> Double {
            symbols.reduce(0) { $0 + (($1[key] as? Double) ?? .nan) }
        }
        let profit = try #require(metrics["profit"] as? Double)
        #expect(abs(sum("profit") - profit) < 1e-6)
        #expect(abs(sum("contribution") - (metrics["total_return"] as? Double ?? 0)) < 1e-9)
        #expect(sum("trades") == metrics["trades"] as? Double)
        let trades = try #require(json["trades"] as? [[String: Any]])
        #expect(Set(trades.compactMap { $0["symbol"] as? String }).count == 3)
        let file = try box.find("symbols.csv")
        let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\r\n")
        #expect(rows.count == 4 && rows[1].hasPrefix("AAAUSDT,"))
        #expect(file.path.contains("cross-portfolio-1h-"))
    }

    @Test func `finer bars of each symbol are repeated, explained and told of`() throws {
        let box = try market()
        for name in ["AAAUSDT", "BBBUSDT"] {
            let made = try lot(
                [
                    "data", "generate", "--as", "test:\(name):15m", "--rows", "4800", "--start",
                    "2024-01-01", "--seed", String(name.utf8.first ?? 0),
                ], box)
            #expect(made.code == 0, made.comment)
        }
        let outcome = try backtest(
            ["cross.lua", "--symbols", "AAAUSDT,BBBUSDT", "--detail", "15m"], box)
        #expect(outcome.code == 0, outcome.comment)
        // The finer bars are of another market: most coarse bars are taken whole.
        #expect(outcome.out.contains("taken whole: test:AAAUSDT:15m"), outcome.comment)
        let verified = try lot(["report", "verify", "cross-portfolio"], box)
        #expect(verified.code == 0, verified.comment)
        let single = try backtest(
            ["cross.lua", "-p", "AAAUSDT", "--max-open-positions", "2"], box)
        #expect(single.code == 64, single.comment)
    }

    @Test func `the order of the names, patterns and --portfolio give the same run`() throws {
        let box = try market()
        let first = try backtest(["cross.lua", "--symbols", "AAAUSDT,BBBUSDT,CCCUSDT"], box)
        #expect(first.code == 0, first.comment)
        for arguments in [
            ["--symbols", "CCCUSDT", "--symbols", "AAA/USDT,BBBUSDT"], ["--symbols", "*USDT"],
            ["--symbols", "A*,?BBUSDT,CCCUSDT"], ["-p", "BBBUSDT,AAAUSDT,CCCUSDT", "--portfolio"],
        ] {
            let outcome = try backtest(["cross.lua", "--cache"] + arguments, box)
            #expect(outcome.code == 0, outcome.comment)
            #expect(outcome.err.contains("cached: "), outcome.comment)
            #expect(outcome.out == first.out, outcome.comment)
        }
        let data = ["AAAUSDT", "BBBUSDT", "CCCUSDT"].flatMap { ["--data", "test:\($0):1h"] }
        let named = try lot(
            ["backtest", "cross.lua", "--portfolio", "--cache", "--volume-limit", "off"] + data,
            box)
        #expect(named.err.contains("cached: "), named.comment)
    }

    @Test func `pairs without --portfolio are still runs of their own`() throws {
        let box = try market()
        let outcome = try backtest(["cross.lua", "-p", "AAAUSDT,BBBUSDT", "--format", "json"], box)
        #expect(outcome.code == 0, outcome.comment)
        #expect((try outcome.json()["runs"] as? [Any])?.count == 2, outcome.comment)
        let both = try backtest(
            [
                "cross.lua", "--symbols", "AAAUSDT,BBBUSDT", "--window", "2024-01-01..2024-01-20",
                "--window", "2024-01-20..", "--format", "json",
            ], box)
        let runs = try #require(try both.json()["runs"] as? [[String: Any]], both.comment)
        let series = runs.map { $0["series"] as? String }
        #expect(series == ["test:AAAUSDT,BBBUSDT:1h", "test:AAAUSDT,BBBUSDT:1h"])
    }

    @Test(arguments: [
        ["--max-open-positions", "1"], ["--gaps", "fill"], ["--seed", "9"],
        ["--timerange", "20240105-20240205"], ["--cash", "500"],
    ])
    func `verify runs the whole again`(options: [String]) throws {
        let box = try market()
        let outcome = try backtest(["cross.lua", "--symbols", "*"] + options, box)
        #expect(outcome.code == 0, outcome.comment)
        let verified = try lot(["report", "verify", "cross"], box)
        #expect(verified.code == 0, verified.comment)
        #expect(verified.out.contains("symbols.csv"), verified.comment)
        let listed = try lot(["report", "list", "--format", "csv"], box)
        #expect(listed.out.contains("test:AAAUSDT,BBBUSDT,CCCUSDT:1h"), listed.comment)
        let shown = try lot(["report", "show", "cross"], box)
        #expect(shown.out.contains("CCCUSDT"), shown.comment)
    }

    @Test func `verify names the symbol whose data changed`() throws {
        let box = try market()
        #expect(try backtest(["cross.lua", "--symbols", "*"], box).code == 0)
        _ = try lot(
            [
                "data", "generate", "--as", "test:BBBUSDT:1h", "--rows", "900", "--start",
                "2024-01-01", "--seed", "99", "--replace",
            ], box)
        let outcome = try lot(["report", "verify", "cross"], box)
        #expect(outcome.code == 1, outcome.comment)
        #expect(outcome.out.contains("data changed: test:BBBUSDT:1h"), outcome.comment)
    }

    @Test func `a cap on positions is kept and counted`() throws {
        let box = try market()
        let outcome = try backtest(
            ["cross.lua", "--symbols", "*", "--max-open-trades", "1", "--format", "json"], box)
        let counters = try #require(try outcome.json()["counters"] as? [String: Any])
        let rejections = try #require(counters["rejections"] as? [String: Any])
        #expect((rejections["max_open_positions"] as? Int ?? 0) > 0, outcome.comment)
    }

    @Test func `a script names its symbols, and the command line others`() throws {
        let box = try market()
        let named = SampleSeries.crossScript.replacing(
            "lot.strategy {", with: "lot.strategy { symbols = { \"AAAUSDT\", \"CCCUSDT\" },")
        try box.write("own.lua", named)
        let own = try backtest(["own.lua", "--format", "json"], box)
        #expect(own.code == 0, own.comment)
        let data = try #require(try own.json()["data"] as? [String: Any])
        #expect(data["series"] as? String == "test:AAAUSDT,CCCUSDT:1h")
        let other = try backtest(["own.lua", "--symbols", "BBBUSDT"], box)
        #expect(other.out.contains("test:BBBUSDT:1h"), other.comment)
        let single = try backtest(["own.lua", "-p", "AAAUSDT"], box)
        #expect(single.code == 64 && single.err.contains("--symbols"), single.comment)
    }

    @Test func `explain asks which symbol, and explains it`() throws {
        let box = try market()
        #expect(try backtest(["cross.lua", "--symbols", "*"], box).code == 0)
        let at = ["--at", "2024-01-20T12:00"]
        let outcome = try lot(["explain", "cross", "--symbol", "CCC/USDT"] + at, box)
        #expect(outcome.code == 0, outcome.comment)
        #expect(outcome.out.contains("on test:CCCUSDT:1h"), outcome.comment)
        let missing = try lot(["explain", "cross"] + at, box)
        #expect(missing.code == 64 && missing.err.contains("AAAUSDT"), missing.comment)
        let unknown = try lot(["explain", "cross", "--symbol", "CCCUSD"] + at, box)
        #expect(unknown.code == 64 && unknown.err.contains("CCCUSDT"), unknown.comment)
    }

    @Test func `the check passes an honest strategy`() throws {
        let box = try market()
        let outcome = try backtest(["cross.lua", "--symbols", "*", "--check"], box)
        #expect(outcome.code == 0, outcome.comment)
        #expect(outcome.out.contains("nothing knew what came later"), outcome.comment)
    }

    @Test(arguments: [
        "64 --symbols AAAUSDT --data test:BBBUSDT:1h", "64 --symbols AAAUSDT -p BBBUSDT",
        "64 --symbols AAAUSDT,AAAUSDT", "66 --symbols ZZZ*", "66 --symbols AAAUSDT,ZZZUSDT",
        "64 --symbols AAAUSDT --instrument tick=0.01", "64 --symbols AAAUSDT,AAABTC",
        "64 --symbols AAAUSDT,BBBUSDT --max-open-positions 0", "64 --symbols AAAUSDT,",
        "64 --portfolio",
    ])
    func `bad input is refused`(line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        let box = try market()
        let before = try box.tree()
        let outcome = try backtest(["cross.lua"] + words.dropFirst(), box)
        #expect(String(outcome.code) == words[0], outcome.comment)
        #expect(outcome.err.hasPrefix("lot: "), outcome.comment)
        #expect(differences(before, try box.tree()).isEmpty)
    }

    @Test func `a pattern that nothing matches names exchange and market`() throws {
        let outcome = try LotBinary.run(
            [
                "backtest", "cross.lua", "--symbols", "Z*", "--exchange", "test.perp", "-i", "1h",
                "--home", "home",
            ], in: try market())
        #expect(outcome.code == 66, outcome.comment)
        #expect(outcome.err.contains("on test.perp, 1h"), outcome.comment)
    }

    @Test func `series that cannot share an account are refused`() throws {
        let box = try market()
        for (first, second, reason) in [
            ("test:AAAUSDT:1h", "test:BBBUSDT:4h", "other bars"),
            ("test:AAAUSDT:1h", "okx:BBBUSDT:1h", "share an account"),
            ("test:AAAUSDT:1h", "test:BBBBTC:1h", "is paid in BTC"),
        ] {
            let outcome = try lot(
                ["backtest", "cross.lua", "--portfolio", "--data", first, "--data", second], box)
            #expect(outcome.code == 64, outcome.comment)
            #expect(outcome.err.contains(reason), outcome.comment)
        }
    }

    @Test func `scripts draw random numbers of their own`() throws {
        let box = try market()
        try box.write(
            "dice.lua",
            """
            local S = lot.strategy { name = "dice" }
            function S:on_bar(ctx, bar)
              if ctx.time % 86400000 == 0 then print(math.random(1000000)) end
            end
            return S
            """)
        let outcome = try backtest(
            ["dice.lua", "--symbols", "AAAUSDT,BBBUSDT", "--format", "json"], box)
        let log = try #require(try outcome.json()["log"] as? [String: Any], outcome.comment)
        let lines = try #require(log["tail"] as? [[String: Any]]).compactMap {
            $0["text"] as? String
        }
        let drawn = Set(lines.map { $0.split(separator: " ").last })
        #expect(lines.contains { $0.hasPrefix("AAAUSDT: ") } && drawn.count > lines.count * 9 / 10)
    }
}
