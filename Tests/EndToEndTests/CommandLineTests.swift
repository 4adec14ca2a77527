import Foundation
import Testing

/// Every documented option in every documented form.
struct CommandLineTests {
    static let options: [[String]] = [
        ["--timerange", "20240110-20240301"], ["--timerange", "20240110-"],
        ["--timerange=-20240301"],
        ["--start", "2024-01-10", "--end", "2024-03-01"], ["--start", "2024-01-10T12:00Z"],
        ["--param", "fast=12"], ["--param", "fast=12", "--param", "slow=60"],
        ["--cash", "5000"], ["--starting-balance", "5000"], ["--fee", "0.0004"],
        ["--slippage", "none"], ["--slippage", "bps:5"], ["--volume-limit", "off"],
        ["--volume-limit", "0.05"], ["--gaps", "hold"], ["--gaps", "fill"], ["--gaps", "error"],
        ["--fill-on-touch"], ["--intrabar", "worst"], ["--intrabar", "ohlc"],
        ["--slippage", "half-spread:4"], ["--slippage", "spread:4"],
        ["--slippage", "volume-share"], ["--slippage", "volume-share:0.1,0.2"],
        ["--fee-tiers", "0:0.001/0.001"], ["--latency", "250ms"], ["--latency", "2s"],
        ["--latency", "1m"], ["--latency", "0"], ["--latency", "1h"], ["--latency", "24h"],
        ["--latency", "1d"],
        ["--instrument", "tick=0.01,lot=0.00001,min_notional=5"], ["--seed", "42"],
        ["--format", "table"], ["--format", "json"], ["--format", "csv"], ["--output", "out"],
        ["--assert", "sharpe>=-1000"], ["--quiet"], ["-v"], ["--no-color"],
    ]

    @Test(arguments: options)
    func `each option is taken`(options: [String]) throws {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(SampleSeries.arguments("cross.lua", options), in: box)
        #expect(outcome.code == 0, outcome.comment)
        #expect(!outcome.out.isEmpty, outcome.comment)
    }

    @Test(arguments: [
        ["--exchange", "test", "--pairs", "GENUSDT", "--timeframe", "1h"],
        ["--exchange", "test", "-p", "GENUSDT", "-i", "1h"],
        ["--exchange", "test", "-p", "GEN/USDT", "-i", "1h"],
        ["--data", "test:GEN/USDT:1h"],
    ])
    func `a series can be named in parts and in the unified spelling`(series: [String]) throws {
        let box = try SampleSeries.box()
        let whole = try LotBinary.run(
            SampleSeries.arguments("cross.lua", ["--format", "json"]), in: box)
        let parts = try LotBinary.run(
            ["backtest", "cross.lua", "--home", "home", "--format", "json"] + series, in: box)
        #expect(parts.code == 0, parts.comment)
        #expect(parts.out == whole.out, parts.comment)
    }

    @Test func `--starting-balance is --cash`() throws {
        let box = try SampleSeries.box()
        let results = try ["--cash", "--starting-balance"].map { name in
            try LotBinary.run(
                SampleSeries.arguments("cross.lua", [name, "5000", "--format", "json"]), in: box
            ).out
        }
        #expect(results[0] == results[1])
    }

    @Test func `the workspace is --home, else LOT_HOME, else the current folder`() throws {
        let box = try SampleSeries.box()
        let flag = try LotBinary.run(["data", "list", "--home", "home"], in: box)
        let variable = try LotBinary.run(
            ["data", "list"], in: box, environment: ["LOT_HOME": box.path("home")])
        let current = try LotBinary.shell(#"cd home && "$0" "$@""#, ["data", "list"], in: box)
        for outcome in [flag, variable, current] {
            #expect(outcome.code == 0, outcome.comment)
            #expect(outcome.out.contains("GENUSDT"), outcome.comment)
        }
        let elsewhere = try LotBinary.run(["data", "list"], in: box)
        #expect(!elsewhere.out.contains("GENUSDT"), elsewhere.comment)
    }

    @Test func `without slippage and fees a trade's prices are opens`() throws {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(
            SampleSeries.arguments(
                "cross.lua", ["--slippage", "none", "--fee", "0", "--output", "out"]), in: box)
        #expect(outcome.code == 0, outcome.comment)
        let trades = try readTrades(try box.find("trades.csv"))
        #expect(!trades.isEmpty)
        let lines = SampleSeries.lines(0..<SampleSeries.rows)
        for trade in trades {
            let row = Int((trade.entryTime - SampleSeries.start) / SampleSeries.hour)
            let open = Double(lines[row].split(separator: ",")[1]) ?? 0
            #expect(abs(open - trade.entryPrice) <= 1e-12 * open, "\(trade)")
            #expect(trade.fees == 0, "\(trade)")
        }
    }

    @Test func `prints go to the run's log, not to stdout`() throws {
        let box = try SampleSeries.box()
        try box.write(
            "talk.lua",
            """
            local S = lot.strategy { name = "talk" }
            function S:on_bar(ctx, bar) print("hello from the script") end
            return S
            """)
        let outcome = try LotBinary.run(
            SampleSeries.arguments("talk.lua", ["--format", "json", "--output", "out"]), in: box)
        #expect(outcome.code == 0, outcome.comment)
        _ = try outcome.json()
    }

    @Test func `a gap is refused where --gaps error asks for it`() throws {
        let box = try Sandbox()
        var lines = SampleSeries.lines(0..<300)
        lines.remove(at: 150)
        try box.write("gap.csv", lines.joined(separator: "\n") + "\n")
        try box.write("cross.lua", SampleSeries.crossScript)
        let imported = try LotBinary.run(
            ["data", "import", "gap.csv", "--as", SampleSeries.address, "--home", "home"], in: box)
        #expect(imported.code == 0, imported.comment)
        #expect((imported.out + imported.err).contains("gap"), imported.comment)
        let held = try LotBinary.run(SampleSeries.arguments(), in: box)
        #expect(held.code == 0, held.comment)
        #expect((held.out + held.err).contains("missing"), held.comment)
        let refused = try LotBinary.run(
            SampleSeries.arguments("cross.lua", ["--gaps", "error"]), in: box)
        // Hour 150 after 2024-01-01 00:00 is 2024-01-07 06:00.
        expectRefusal(refused, code: 65, fragments: ["2024-01-07"])
    }
}

/// Series that `lot` makes itself.
struct GenerateTests {
    private static func generate(_ box: Sandbox, rows: Int, seed: Int, home: String) throws {
        try FileManager.default.createDirectory(
            atPath: box.path(home), withIntermediateDirectories: true)
        let outcome = try LotBinary.run(
            [
                "data", "generate", "--as", "test:GENUSDT:1m", "--rows", "\(rows)", "--seed",
                "\(seed)", "--home", home,
            ], in: box)
        #expect(outcome.code == 0, outcome.comment)
    }

    @Test func `a generated series has the rows asked for, verifies and backtests`() throws {
        let box = try Sandbox()
        try GenerateTests.generate(box, rows: 20_000, seed: 7, home: "home")
        let list = try LotBinary.run(["data", "list", "--home", "home"], in: box)
        #expect(ungrouped(list.out).contains("20000"), list.comment)
        let verify = try LotBinary.run(
            ["data", "verify", "test:GENUSDT:1m", "--home", "home"], in: box)
        #expect(verify.code == 0, verify.comment)
        try box.write("cross.lua", SampleSeries.crossScript)
        let run = try LotBinary.run(
            ["backtest", "cross.lua", "--data", "test:GENUSDT:1m", "--home", "home"], in: box)
        #expect(run.code == 0, run.comment)
        let trades = try readTrades(try box.find("trades.csv"))
        #expect(trades.count > 20)
    }

    @Test func `the same seed gives the same bytes, another seed others`() throws {
        let box = try Sandbox()
        for (seed, home) in [(7, "a"), (7, "b"), (8, "c")] {
            try GenerateTests.generate(box, rows: 5_000, seed: seed, home: home)
        }
        let trees = try ["a", "b", "c"].map { try box.tree($0) }
        let same = differences(trees[0], trees[1])
        #expect(same.isEmpty, "\(same)")
        #expect(trees[0].keys.contains("datasets/test/spot/GENUSDT/1m/close.npy"))
        #expect(!differences(trees[0], trees[2]).isEmpty)
    }

    @Test func `a second import of the same file changes nothing and says so`() throws {
        let box = try SampleSeries.box()
        try box.write("again.csv", SampleSeries.csv)
        let before = try box.tree("home")
        let outcome = try LotBinary.run(
            ["data", "import", "again.csv", "--as", SampleSeries.address, "--home", "home"],
            in: box)
        #expect(outcome.code == 0, outcome.comment)
        #expect(differences(before, try box.tree("home")).isEmpty, outcome.comment)
    }

    @Test func `rows beyond the committed ones are a torn tail that verify accepts`() throws {
        let box = try SampleSeries.box()
        let column = "home/datasets/test/spot/GENUSDT/1h/close.npy"
        var bytes = Array(try Data(contentsOf: box.folder.appending(path: column)))
        bytes += [UInt8](repeating: 0x7f, count: 8 * 3 + 5)
        try box.write(column, bytes)
        let verify = try LotBinary.run(
            ["data", "verify", SampleSeries.address, "--home", "home"], in: box)
        #expect(verify.code == 0, verify.comment)
        // The next append overwrites it: ten more rows, and the whole is sound.
        try box.write("more.csv", SampleSeries.lines(2_000..<2_010).joined(separator: "\n") + "\n")
        let more = try LotBinary.run(
            ["data", "import", "more.csv", "--as", SampleSeries.address, "--home", "home"],
            in: box)
        #expect(more.code == 0, more.comment)
        let list = try LotBinary.run(["data", "list", "--home", "home"], in: box)
        #expect(ungrouped(list.out).contains("2010"), list.comment)
        let again = try LotBinary.run(
            ["data", "verify", SampleSeries.address, "--home", "home"], in: box)
        #expect(again.code == 0, again.comment)
    }
}
