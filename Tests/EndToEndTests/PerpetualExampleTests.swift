import Foundation
import Testing

/// A worked example of rule 13 of `docs/execution.md`.
struct PerpetualExample: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Open, high, low, close of the bars after bar 0 and bar 1, which are flat at 100.
    var bars: [[Double]]
    /// What is called at the close of bar 0.
    var call = "ctx:buy { size = lot.equity(0.5) }"
    var options: [String] = []
    /// Funding rates by row.
    var funding: [Int: Double] = [:]
    var exit: Double?
    var quantity: Double? = 5_000 / (100.02 * 0.201)
    var tag = "end_of_data"
    var profit: Double?
    /// Cash at the end.
    var cash: Double?
    var paid: Double?

    init(_ name: String, _ bars: [[Double]], _ change: (inout PerpetualExample) -> Void) {
        testDescription = name
        self.bars = bars
        change(&self)
    }
}

/// Perpetuals through the binary: the examples of rule 13, and what is refused.
struct PerpetualExampleTests {
    static let address = "test.perp:GENUSDT:1h"
    private static let flat = [100.0, 100.0, 100.0, 100.0]
    private static let fall = [100.0, 100.0, 79.0, 90.0]

    static let examples = [
        PerpetualExample("a long is liquidated; the fee takes what is left", [fall]) {
            ($0.exit, $0.tag) = (100.02 * 0.8 / 0.99 * 0.9998, "liquidation")
            $0.cash = 5_000
        },
        PerpetualExample("a smaller fee leaves something", [fall]) {
            $0.options = ["--instrument", "liquidation_fee=0.005"]
            ($0.tag, $0.profit) = ("liquidation", -4_903.492637820993)
        },
        PerpetualExample("a gap beyond bankruptcy", [[80, 85, 79, 84]]) {
            ($0.exit, $0.tag, $0.cash) = (80.016, "liquidation", 5_000)
        },
        PerpetualExample("a short is liquidated above", [[100, 120, 100, 110]]) {
            $0.call = "ctx:sell { size = lot.equity(0.5) }"
            $0.quantity = 5_000 / (99.98 * 0.201)
            ($0.exit, $0.tag) = (99.98 * 1.2 / 1.01 * 1.0002, "liquidation")
        },
        PerpetualExample("cross, everything answers", [[100, 100, 60, 90]]) {
            $0.options = ["--margin", "cross"]
            ($0.exit, $0.tag) = (60.51715151515151 * 0.9998, "liquidation")
        },
        PerpetualExample("the nearer stop comes first", [fall]) {
            $0.call = "ctx:buy { size = lot.equity(0.5), stop_loss = 0.1 }"
            ($0.exit, $0.tag) = (100.02 * 0.9 * 0.9998, "stop_loss")
        },
        PerpetualExample("funding is paid at its time", [flat, flat]) {
            $0.funding = [0: 0.01, 2: 0.0001]
            $0.paid = 5_000 / (100.02 * 0.201) * 100 * 0.0001
        },
        PerpetualExample("funding at the entry's open is not paid, at the exit's it is", [flat]) {
            $0.funding = [1: 0.001, 2: 0.001]
            $0.paid = 5_000 / (100.02 * 0.201) * 100 * 0.001
        },
        PerpetualExample("a short receives", [flat, flat]) {
            $0.call = "ctx:sell { size = lot.equity(0.5) }"
            $0.quantity = 5_000 / (99.98 * 0.201)
            $0.funding = [2: 0.0001]
            $0.paid = -5_000 / (99.98 * 0.201) * 100 * 0.0001
        },
    ]

    private func time(_ row: Int) -> Int64 { SampleSeries.start + Int64(row) * SampleSeries.hour }

    private func importBars(_ bars: [[Double]], in box: Sandbox) throws {
        let rows = bars.enumerated().map { row, bar in
            let prices = bar.map { "\($0)" }.joined(separator: ",")
            return "\(time(row)),\(prices),1000000.0,\(time(row + 1) - 1),1.0,1,1.0,1.0,0\n"
        }
        try box.write("bars.csv", rows.joined())
        let outcome = try LotBinary.run(
            ["data", "import", "bars.csv", "--as", Self.address, "--home", "home"], in: box)
        #expect(outcome.code == 0, outcome.comment)
    }

    private func importFunding(_ rates: [Int: Double], in box: Sandbox) throws {
        let rows = rates.sorted { $0.key < $1.key }.map { "\(time($0.key)),8,\($0.value)\n" }
        try box.write(
            "funding.csv", "calc_time,funding_interval_hours,last_funding_rate\n" + rows.joined())
        let outcome = try LotBinary.run(
            [
                "data", "import", "funding.csv", "--as", "test.perp:GENUSDT:funding", "--home",
                "home",
            ], in: box)
        #expect(outcome.code == 0, outcome.comment)
    }

    private func script(_ call: String) -> String {
        """
        local S = lot.strategy { name = "example" }
        function S:on_bar(ctx, bar)
          if not ctx.state.done then \(call) end
          ctx.state.done = true
        end
        return S
        """
    }

    private func backtest(_ options: [String], in box: Sandbox) throws -> Outcome {
        try LotBinary.run(
            [
                "backtest", "example.lua", "--data", Self.address, "--home", "home", "--output",
                "out",
            ] + options, in: box)
    }

    @Test(arguments: examples)
    func `the worked examples come out as written`(example: PerpetualExample) throws {
        let box = try Sandbox()
        try box.write("example.lua", script(example.call))
        try importBars([Self.flat, Self.flat] + example.bars, in: box)
        var options = ["--leverage", "5"] + example.options
        if example.funding.isEmpty {
            options.append("--no-funding")
        } else {
            try importFunding(example.funding, in: box)
        }
        let outcome = try backtest(options, in: box)
        #expect(outcome.code == 0, outcome.comment)
        let row = try #require(try readTable(try box.find("trades.csv")).first)
        func check(_ name: String, _ expected: Double?) throws {
            guard let expected else { return }
            let got = try #require(row[name].flatMap { Double($0) })
            #expect(abs(expected - got) <= 1e-9 * max(1, abs(expected)), "\(name): \(row)")
        }
        #expect(row["exit_tag"] == example.tag, "\(row)")
        try check("exit_price", example.exit)
        try check("quantity", example.quantity)
        try check("profit", example.profit)
        try check("funding", example.paid)
        guard let cash = example.cash else { return }
        let last = try #require(try readTable(try box.find("equity.csv")).last)
        let equity = try #require(last["equity"].flatMap { Double($0) })
        #expect(abs(equity - cash) < 1e-6, "\(last)")
    }

    @Test func `the shipped strategy trades both ways, and its run can be repeated`() throws {
        let box = try Sandbox()
        let home = ["--home", "home"]
        let made = try LotBinary.run(
            ["data", "generate", "--as", Self.address, "--rows", "4000", "--funding"] + home,
            in: box)
        #expect(made.code == 0, made.comment)
        let strategy = Package.root.appending(path: "strategies/perp_long_short.lua").path
        for options in [
            ["--leverage", "3"],
            ["--leverage", "20", "--margin", "cross", "--position-mode", "hedge"],
            ["--maintenance", "0.02", "--no-funding"],
        ] {
            let run = try LotBinary.run(
                ["backtest", strategy, "--data", Self.address, "--output", "out"] + home + options,
                in: box)
            #expect(run.code == 0, run.comment)
            let sides = Set(try readTable(try box.find("trades.csv")).compactMap { $0["side"] })
            #expect(sides == ["long", "short"])
            let result = try Data(contentsOf: try box.find("result.json"))
            #expect(try Package.schemaProblems(result) == [])
            let again = try LotBinary.run(["report", "verify", "out"] + home, in: box)
            #expect(again.code == 0, again.comment)
            try FileManager.default.removeItem(at: box.folder.appending(path: "out"))
        }
    }

    @Test func `what cannot be simulated is refused, with what to do`() throws {
        let box = try Sandbox()
        try box.write("example.lua", script("ctx:buy {}"))
        try importBars([Self.flat, Self.flat, Self.flat], in: box)
        let missing = try backtest([], in: box)
        #expect(missing.code == 66 && missing.err.contains("--as test.perp:GENUSDT:funding"))
        #expect(missing.err.contains("--no-funding"), missing.comment)
        let high = try backtest(["--no-funding", "--leverage", "101"], in: box)
        #expect(high.code == 64 && high.err.contains("--leverage"), high.comment)
        for flags in [
            ["--leverage", "0.5"], ["--leverage", "x"], ["--margin", "both"],
            ["--maintenance", "0"], ["--position-mode", "two"],
        ] {
            let outcome = try backtest(["--no-funding"] + flags, in: box)
            #expect(outcome.code == 64 && outcome.err.contains(flags[0]), outcome.comment)
        }
        try importFunding([-1_000: 0.01], in: box)
        let early = try backtest([], in: box)
        #expect(early.code == 0, "three hours need no payment\n\(early.comment)")
        try box.write(
            "example.lua", script("ctx:buy { position_side = \"long\" }"))
        let leg = try backtest(["--no-funding"], in: box)
        #expect(leg.code == 65 && leg.err.contains("--position-mode hedge"), leg.comment)
    }

    @Test func `a spot market takes none of it`() throws {
        let box = try SampleSeries.box()
        for flags in [["--leverage", "2"], ["--margin", "cross"], ["--no-funding"]] {
            let outcome = try LotBinary.run(SampleSeries.arguments("cross.lua", flags), in: box)
            #expect(outcome.code == 64 && outcome.err.contains("spot"), outcome.comment)
        }
    }
}
