import Foundation
import LotTestSupport
import Testing

/// The run that reports what a study is worth out of sample.
struct StitchedRunTests {
    private struct Stretch {
        var start: Int64
        var end: Int64
        var parameters: [String: Any]
    }

    /// A study whose data are held back, and the folder of the run it wrote.
    private func study(
        _ more: [String], _ box: Sandbox
    ) throws -> (json: [String: Any], run: URL) {
        let outcome = try LotBinary.run(
            [
                "optimize", "cross.lua", "--data", SampleSeries.address, "--home", "home",
                "--study", "s", "--no-report", "--parameter", "fast", "5", "35", "10", "slow", "40",
                "90", "10", "--format", "json",
            ] + more, in: box)
        #expect(outcome.code == 0, outcome.comment)
        let json = try outcome.json()
        let held = try #require(json["out_of_sample"] as? [String: Any])
        let name = try #require(held["run"] as? String, outcome.comment)
        #expect(outcome.err.contains("out of sample: home/reports/\(name)"), outcome.comment)
        #expect(name.hasPrefix("cross-oos-GENUSDT-1h-"))
        return (json, box.folder.appending(path: "home/reports/" + name))
    }

    private func object(_ file: URL) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    }

    private func stretches(_ result: [String: Any]) throws -> [Stretch] {
        let stitched = try #require(result["stitched"] as? [String: Any])
        let list = try #require(stitched["stretches"] as? [[String: Any]])
        return try list.map { one in
            Stretch(
                start: Int64(try #require(one["start"] as? Double)),
                end: Int64(try #require(one["end"] as? Double)),
                parameters: try #require(one["parameters"] as? [String: Any]))
        }
    }

    private static let schemes = [
        ["--split", "0.6"], ["--walk-forward", "30d/10d"], ["--walk-forward", "30d/10d/5d"],
        ["--walk-forward", "30d/8d/13d"], ["--folds", "4"], ["--folds", "4/2"],
    ]

    @Test(arguments: schemes)
    func `every stretch is a backtest that begins with what the one before it left`(
        _ scheme: [String]
    ) throws {
        let box = try SampleSeries.box()
        let (_, run) = try study(scheme, box)
        let trades = try readTable(run.appending(path: "trades.csv"))
        let equity = try readTable(run.appending(path: "equity.csv"))
        var cash = "10000.0"
        var expected: [[String: String]] = []
        let stretches = try stretches(object(run.appending(path: "result.json")))
        for (index, stretch) in stretches.enumerated() {
            let from = Date(timeIntervalSince1970: Double(stretch.start) / 1_000)
            let to = Date(timeIntervalSince1970: Double(stretch.end) / 1_000)
            let format = Date.ISO8601FormatStyle().year().month().day()
            let end = to > Self.lastMidnight ? "2030-01-01" : to.formatted(format)
            let fast = try #require(stretch.parameters["fast"] as? Double)
            let slow = try #require(stretch.parameters["slow"] as? Double)
            let alone = try LotBinary.run(
                SampleSeries.arguments(
                    "cross.lua",
                    [
                        "--param", "fast=\(Int(fast))", "--param", "slow=\(Int(slow))",
                        "--cash", cash,
                        "--window", from.formatted(format) + ".." + end,
                        "--output", "alone\(index)", "--format", "json",
                    ]), in: box)
            #expect(alone.code == 0, alone.comment)
            let folder = box.folder.appending(path: "alone\(index)")
            expected += try readTable(folder.appending(path: "trades.csv"))
            let last = try #require(
                try readTable(folder.appending(path: "equity.csv")).last?["equity"])
            #expect(equity.contains { $0["equity"] == last })
            cash = last
        }
        #expect(trades.count > 3)
        #expect(trades.count == expected.count)
        for (one, other) in zip(trades, expected) {
            for key in other.keys where key != "number" {
                #expect(one[key] == other[key], "\(key)")
            }
        }
        // Money adds up over the seams: nothing but trades changes the account.
        let profit = trades.reduce(0) { $0 + (Double($1["profit"] ?? "") ?? .nan) }
        let final = try #require(equity.last?["equity"].flatMap(Double.init))
        #expect(abs(10_000 + profit - final) < 1e-6)
        let times = equity.compactMap { $0["time_ms"].flatMap(Int64.init) }
        #expect(times.count > 100)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
        let peaks = equity.reduce(into: (10_000.0, 0.0)) { state, row in
            let value = Double(row["equity"] ?? "") ?? .nan
            state.0 = max(state.0, value)
            state.1 = max(state.1, 1 - value / state.0)
        }
        let metrics = try #require(
            try object(run.appending(path: "result.json"))["metrics"] as? [String: Any])
        let fall = try #require(metrics["max_drawdown"] as? Double)
        #expect(abs(fall - peaks.1) < 1e-12)
    }

    /// 2024-03-24, the last midnight of the series.
    private static let lastMidnight = Date(timeIntervalSince1970: 1_711_238_400)

    @Test(arguments: schemes)
    func `its metrics are those of the study's median path, and it can be run again`(
        _ scheme: [String]
    ) throws {
        let box = try SampleSeries.box()
        let (json, run) = try study(scheme, box)
        let held = try #require(json["out_of_sample"] as? [String: Any])
        let paths = try #require(held["paths"] as? [[String: Any]])
        let number = try #require(held["run_path"] as? Double)
        let path = try #require(paths[Int(number) - 1]["metrics"] as? [String: Any])
        let found = try #require(
            try object(run.appending(path: "result.json"))["metrics"] as? [String: Any])
        #expect(paths.count == (scheme[1] == "4/2" ? 3 : 1))
        // It ends with its last stretch, and lasts as long as all of them.
        let stretches = try stretches(try object(run.appending(path: "result.json")))
        let last = try #require(stretches.last)
        let end = Int64(try #require(found["end_time"] as? Double))
        #expect(end > last.start && end <= last.end)
        let gaps = zip(stretches, stretches.dropFirst()).reduce(Int64(0)) {
            $0 + $1.1.start - $1.0.end
        }
        #expect((gaps > 0) == scheme.contains("30d/8d/13d"))
        let start = Int64(try #require(found["start_time"] as? Double))
        #expect(found["duration"] as? Double == Double(end - start - gaps))
        // One value, computed in one way: to the last bit.
        #expect(path.count > 80)
        for (key, value) in path {
            guard let value = value as? Double, let other = found[key] as? Double else {
                #expect(value is NSNull && found[key] is NSNull, "\(key)")
                continue
            }
            #expect(value == other, "\(key)")
        }
        if paths.count > 1 {
            let sharpes = paths.compactMap {
                ($0["metrics"] as? [String: Any])?["sharpe"] as? Double
            }
            #expect(path["sharpe"] as? Double == sharpes.sorted()[1])
        }
        for words in [
            ["verify", run.lastPathComponent], ["show", run.lastPathComponent], ["list"],
            ["diff", run.lastPathComponent, run.lastPathComponent],
        ] {
            let outcome = try LotBinary.run(["report"] + words + ["--home", "home"], in: box)
            #expect(outcome.code == 0, outcome.comment)
            if words == ["list"] {
                #expect(
                    outcome.out.contains("study=") && outcome.out.contains("stretches="),
                    outcome.comment)
            }
        }
    }

    @Test func `threads, shards and repetitions write the same run`() throws {
        var trees: [[String: Data]] = []
        for jobs in ["1", "2"] {
            let box = try SampleSeries.box()
            let (_, run) = try study(["--folds", "4/2", "-j", jobs], box)
            trees.append(try box.tree("home/reports/" + run.lastPathComponent))
        }
        #expect(differences(trees[0], trees[1]).isEmpty)
        #expect(trees[0].keys.contains("manifest.json"))
    }

    @Test func `a bar of it is explained with the parameters and the cash of its stretch`() throws {
        let box = try SampleSeries.box()
        let (_, run) = try study(["--folds", "3"], box)
        let trades = try readTable(run.appending(path: "trades.csv"))
        // The last trade is in the last stretch; its entry is decided at the bar before its fill.
        let entry = try #require(trades.last?["entry_time"])
        let stretch = try #require(
            try stretches(object(run.appending(path: "result.json"))).last)
        let slow = try #require(stretch.parameters["slow"] as? Double)
        let outcome = try LotBinary.run(
            ["explain", run.lastPathComponent, "--at", entry, "--home", "home"], in: box)
        #expect(outcome.code == 0, outcome.comment)
        #expect(outcome.out.contains("sma(close, \(Int(slow)))"), outcome.comment)
        let outside = try LotBinary.run(
            ["explain", run.lastPathComponent, "--at", "2030-01-01", "--home", "home"], in: box)
        #expect(outside.code == 64, outside.comment)
        #expect(outside.err.contains("in no stretch of the run"), outside.comment)
    }

    @Test func `a stretch that was changed is found`() throws {
        let box = try SampleSeries.box()
        let (_, run) = try study(["--folds", "3"], box)
        let file = "home/reports/\(run.lastPathComponent)/manifest.json"
        let text = try String(contentsOf: box.folder.appending(path: file), encoding: .utf8)
        let first = try #require(text.firstMatch(of: /"fast": (\d+), "slow"/))
        let other = first.1 == "5" ? "15" : "5"
        try box.write(
            file, text.replacing(first.0, with: "\"fast\": \(other), \"slow\"", maxReplacements: 1))
        let outcome = try LotBinary.run(
            ["report", "verify", run.lastPathComponent, "--home", "home"], in: box)
        #expect(outcome.code == 1, outcome.comment)
        #expect(outcome.out.contains("differ when run again: result.json"), outcome.comment)
    }
}
