import Foundation
import Testing

/// `lot backtest --check` and `lot explain` as a user runs them.
struct HonestyCommandTests {
    @Test func `an honest strategy passes, and what was proved is said`() throws {
        let box = try SampleSeries.box()
        let before = try box.tree()
        let outcome = try LotBinary.run(SampleSeries.arguments("cross.lua", ["--check"]), in: box)
        #expect(outcome.code == 0, outcome.comment)
        #expect(outcome.out.contains("passed: "), outcome.comment)
        #expect(outcome.out.contains("nothing knew what came later"), outcome.comment)
        #expect(differences(before, try box.tree()).isEmpty)
    }

    @Test func `a leaky strategy is 1, and the first difference is named with its time`() throws {
        let box = try SampleSeries.box()
        try box.write(
            "leaky.lua",
            """
            local S = lot.strategy { name = "leaky" }
            function S:on_bar(ctx, bar)
              local x = math.random()
              if ctx.position.flat then
                if x < 0.1 then ctx:buy { tag = "dice" } end
              elseif x > 0.9 then ctx:exit {} end
            end
            return S
            """)
        let outcome = try LotBinary.run(SampleSeries.arguments("leaky.lua", ["--check"]), in: box)
        #expect(outcome.code == 1, outcome.comment)
        #expect(outcome.out.contains("FAILED"), outcome.comment)
        #expect(outcome.err.contains("lot: leaky.lua"), outcome.comment)
        #expect(outcome.err.contains("math.random"), outcome.comment)
        #expect(outcome.err.contains("with all bars: "), outcome.comment)
        let json = try LotBinary.run(
            SampleSeries.arguments("leaky.lua", ["--check", "--format", "json"]), in: box)
        #expect(json.code == 1, json.comment)
        let runs = try #require(try json.json()["runs"] as? [[String: Any]], json.comment)
        #expect(runs.first?["passed"] as? Bool == false, json.comment)
        let checks = try #require(runs.first?["checks"] as? [[String: Any]], json.comment)
        let failed = checks.filter { $0["verdict"] as? String == "differs" }
        #expect(failed.allSatisfy { $0["kind"] as? String == "late" }, json.comment)
        #expect(failed.first?["first_difference"] is [String: Any], json.comment)
    }

    @Test func `--check gives the same bytes for any -j, and takes no folder`() throws {
        let box = try SampleSeries.box()
        let outcomes = try ["1", "2", "5"].map { jobs in
            try LotBinary.run(
                SampleSeries.arguments("cross.lua", ["--check", "-j", jobs, "--format", "json"]),
                in: box)
        }
        #expect(Set(outcomes.map(\.out)).count == 1)
        for option in [["--cache"], ["--output", "x"], ["--assert", "sharpe>0"]] {
            expectRefusal(
                try LotBinary.run(
                    SampleSeries.arguments("cross.lua", ["--check"] + option), in: box),
                code: 64, fragments: ["--check"])
        }
    }

    @Test func `explain shows the entry that a trade began with`() throws {
        let box = try SampleSeries.box()
        let ran = try LotBinary.run(
            SampleSeries.arguments("cross.lua", ["--format", "json", "--output", "run"]), in: box)
        let trades = try #require(try ran.json()["trades"] as? [[String: Any]], ran.comment)
        let entry = try #require(trades[1]["entry_time"] as? Int64, ran.comment)
        let decided = time(entry - SampleSeries.hour)
        let text = try explain(["run", "--at", decided], box)
        #expect(text.code == 0, text.comment)
        #expect(text.out.contains("enter_long: true"), text.comment)
        #expect(text.out.contains("sma(close, 10) crosses above sma(close, 50)"), text.comment)
        #expect(text.out.contains("\"enter_long\": filled"), text.comment)
        let json = try explain(["run", "--at", decided, "--json"], box)
        let object = try json.json()
        let bar = try #require(object["bar"] as? [String: Any], json.comment)
        #expect(bar["close_time"] as? Int64 == entry)
        let sent = try #require(object["sent_orders"] as? [[String: Any]], json.comment)
        #expect(sent.first?["average_price"] as? Double == trades[1]["entry_price"] as? Double)
        let rules = try #require(object["rules"] as? [String: [String: Any]], json.comment)
        #expect(rules["enter_long"]?["holds"] as? Bool == true)
        #expect(rules["exit_long"]?["holds"] as? Bool == false)
    }

    @Test func `explain covers every bar of a run, the first and the last`() throws {
        let box = try SampleSeries.box()
        _ = try LotBinary.run(
            SampleSeries.arguments("cross.lua", ["--output", "run"]), in: box)
        let last = SampleSeries.start + Int64(SampleSeries.rows - 1) * SampleSeries.hour
        for (at, fragment) in [
            (SampleSeries.start, "warm-up"), (SampleSeries.start + 59 * 60_000, "warm-up"),
            (last, "nothing"), (last + 59 * 60_000, "nothing"),
        ] {
            let outcome = try explain(["run", "--at", time(at)], box)
            #expect(outcome.code == 0, outcome.comment)
            #expect(outcome.out.contains(fragment), outcome.comment)
        }
        for at in [SampleSeries.start - 60_000, last + SampleSeries.hour] {
            expectRefusal(
                try explain(["run", "--at", time(at)], box), code: 64,
                fragments: ["outside the run"])
        }
        expectRefusal(
            try explain(["run", "--at", "2024-02-30"], box), code: 64, fragments: ["--at"])
        expectRefusal(
            try explain(["none", "--at", "2024-02-01"], box), code: 66, fragments: ["none"])
    }

    private func explain(_ arguments: [String], _ box: Sandbox) throws -> Outcome {
        try LotBinary.run(["explain"] + arguments + ["--home", "home"], in: box)
    }

    /// `2024-01-01T00:00` of milliseconds.
    private func time(_ milliseconds: Int64) -> String {
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
        return String(date.formatted(.iso8601).prefix(16))
    }
}
