import Foundation
import Testing

/// `--detail` and fees from `instruments.json`, from the flags to the manifest and back.
struct DetailCommandTests {
    /// The sample series with the half hours it is made of, from `first` to `end`.
    private func box(_ first: Int = 0, _ end: Int = SampleSeries.rows) throws -> Sandbox {
        let box = try SampleSeries.box()
        let half = SampleSeries.hour / 2
        let lines = SampleSeries.lines(first..<end).flatMap { line -> [String] in
            let cells = line.split(separator: ",")
            let time = Int64(cells[0]) ?? 0
            let (open, close) = (cells[1], cells[4])
            let (high, low) = (cells[2], cells[3])
            return [(time, open, open), (time + half, open, close)].map { start, from, to in
                "\(start),\(from),\(high),\(low),\(to),500000.0,\(start + half - 1),1.0,1,1.0,1.0,0"
            }
        }
        try box.write("halves.csv", lines.joined(separator: "\n") + "\n")
        let imported = try LotBinary.run(
            ["data", "import", "halves.csv", "--as", "test:GENUSDT:30m", "--home", "home"],
            in: box)
        #expect(imported.code == 0, imported.comment)
        return box
    }

    private func run(_ options: [String], _ box: Sandbox) throws -> Outcome {
        try LotBinary.run(SampleSeries.arguments("cross.lua", options), in: box)
    }

    @Test func `a run in finer bars is repeated from its manifest`() throws {
        let box = try box()
        let outcome = try run(["--detail", "30m", "--output", "out", "--latency", "250ms"], box)
        #expect(outcome.code == 0, outcome.comment)
        let result = try String(contentsOf: box.find("result.json"), encoding: .utf8)
        #expect(
            result.contains("\"detail_series\": \"test:GENUSDT:30m\""), "\(result.prefix(2_000))")
        #expect(result.contains("\"detail_missing_bars\": 0"))
        let verified = try LotBinary.run(
            ["report", "verify", "out", "--home", "home"], in: box)
        #expect(verified.code == 0, verified.comment)
        #expect(verified.out.contains("same: "), verified.comment)
        // Other finer bars are other inputs.
        try FileManager.default.removeItem(atPath: box.path("home/datasets/test/spot/GENUSDT/30m"))
        let missing = try LotBinary.run(
            ["report", "verify", "out", "--home", "home"], in: box)
        #expect(missing.code == 66, missing.comment)
    }

    @Test func `finer bars must be stored and cover the run`() throws {
        let none = try run(["--detail", "15m"], try SampleSeries.box())
        #expect(none.code == 66, none.comment)
        #expect(none.err.contains("test:GENUSDT:15m"), none.comment)
        let short = try box(100, 1_000)
        let outcome = try run(["--detail", "30m"], short)
        #expect(outcome.code == 65, outcome.comment)
        #expect(outcome.err.contains("does not cover the run"), outcome.comment)
        let inside = try run(["--detail", "30m", "--timerange", "20240110-20240120"], short)
        #expect(inside.code == 0, inside.comment)
    }

    @Test func `fees come from instruments.json unless a flag gives them`() throws {
        let box = try SampleSeries.box()
        try box.write(
            "home/datasets/test/instruments.json",
            """
            {"format": "lot-instruments", "version": 1, "instruments": [
              {"market": "spot", "symbol": "GENUSDT", "tick": "0.01", "maker_fee": -0.0001,
               "taker_fee": 0.0004, "read": "2024-01-01"}]}
            """)
        func fees(_ options: [String]) throws -> String {
            let outcome = try run(options + ["--format", "json"], box)
            #expect(outcome.code == 0, outcome.comment)
            return outcome.out
        }
        #expect(try fees([]).contains("\"maker_fee\": -0.0001"))
        #expect(try fees([]).contains("\"taker_fee\": 0.0004"))
        #expect(try fees(["--fee", "0.002"]).contains("\"taker_fee\": 0.002"))
        #expect(
            try fees(["--fee-tiers", "0:0.003/0.003"]).contains(
                "\"fee_tiers\": \"0.0:0.003/0.003\""))
        // What a run begins with is what its settings say.
        let tiered = try fees(["--fee-tiers", "0:0.003/0.005,1000:0/0.001"])
        #expect(tiered.contains("\"maker_fee\": 0.003") && tiered.contains("\"taker_fee\": 0.005"))
    }

    @Test func `the worked example of fee tiers comes out as written`() throws {
        let box = try Sandbox()
        let bars = (0..<40).map { row in
            let time = SampleSeries.start + Int64(row) * SampleSeries.hour
            let prices = "100.0,100.0,100.0,100.0,1000000.0"
            return "\(time),\(prices),\(time + SampleSeries.hour - 1),1.0,1,1.0,1.0,0"
        }
        try box.write("bars.csv", bars.joined(separator: "\n") + "\n")
        try box.write(
            "tiers.lua",
            """
            local S = lot.strategy { name = "tiers" }
            function S:on_bar(ctx, bar)
              local n = (ctx.state.bar or -1) + 1
              ctx.state.bar = n
              if n == 0 or n == 4 or n == 30 then ctx:buy { size = lot.base(10) } end
              if n == 1 or n == 5 or n == 31 then ctx:exit {} end
            end
            return S
            """)
        let imported = try LotBinary.run(
            ["data", "import", "bars.csv", "--as", SampleSeries.address, "--home", "home"],
            in: box)
        #expect(imported.code == 0, imported.comment)
        let outcome = try LotBinary.run(
            SampleSeries.arguments(
                "tiers.lua",
                [
                    "--slippage", "none", "--fee-tiers", "0:0.001/0.002,2000:0.0005/0.001",
                    "--output", "out",
                ]), in: box)
        #expect(outcome.code == 0, outcome.comment)
        let fees = try readTrades(try box.find("trades.csv")).map(\.fees)
        #expect(fees.map { ($0 * 1e6).rounded() / 1e6 } == [4, 4, 2])
    }

    @Test func `fee tiers are read from a file`() throws {
        let box = try SampleSeries.box()
        try box.write("tiers.txt", "# VIP\n0:0.001/0.002\n1000000:0/0.0005\n")
        let outcome = try run(["--fee-tiers", "tiers.txt", "--format", "json"], box)
        #expect(outcome.code == 0, outcome.comment)
        #expect(outcome.out.contains("0.0:0.001/0.002,1000000.0:0.0/0.0005"), outcome.comment)
        try box.write("bad.txt", "0:0.001\n")
        let bad = try run(["--fee-tiers", "bad.txt"], box)
        #expect(bad.code == 65, bad.comment)
        #expect(bad.err.contains("bad.txt"), bad.comment)
        #expect(try run(["--fee-tiers", "none.txt"], box).code == 66)
    }
}
