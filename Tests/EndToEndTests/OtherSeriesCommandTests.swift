import Foundation
import Testing

/// Runs that read other symbols and intervals, as a user makes them.
@Suite struct OtherSeriesCommandTests {
    /// Long while the newest closed 4h bar of a symbol rose.
    private func script(_ symbol: String? = nil, interval: String? = "4h") -> String {
        let keys = [symbol.map { "symbol = \"\($0)\"" }, interval.map { "interval = \"\($0)\"" }]
            .compactMap(\.self).joined(separator: ", ")
        return """
            local S = lot.strategy { name = "other" }
            function S:rules(ctx)
              local other = ctx:series { \(keys) }
              local up = other.close:above(other.close:shift(1))
              return { enter_long = up, exit_long = ~up, plot = { other = other.close } }
            end
            return S
            """
    }

    private func others(_ outcome: Outcome) throws -> [[String: Any]] {
        let data = try #require(try outcome.json()["data"] as? [String: Any], outcome.comment)
        return try #require(data["other_series"] as? [[String: Any]], outcome.comment)
    }

    private func run(_ box: Sandbox, _ more: [String] = []) throws -> Outcome {
        try LotBinary.run(
            SampleSeries.arguments(
                "other.lua", ["--format", "json", "--output", "run"] + more), in: box)
    }

    private func verify(_ box: Sandbox) throws -> Outcome {
        try LotBinary.run(["report", "verify", "run", "--home", "home"], in: box)
    }

    /// The 4h bars of the sample series, as CSV, each price moved by `offset`.
    private func fourHours(offset: Double) -> String {
        let lines = SampleSeries.lines(0..<SampleSeries.rows).map {
            $0.split(separator: ",").compactMap { Double($0) }
        }
        return stride(from: 0, to: SampleSeries.rows - 3, by: 4).map { row in
            let parts = lines[row..<row + 4]
            let high = parts.map { $0[2] }.max() ?? 0
            let low = parts.map { $0[3] }.min() ?? 0
            let prices = [parts[row][1], high, low, parts[row + 3][4]]
                .map { String(format: "%.2f", $0 + offset) }.joined(separator: ",")
            let time = SampleSeries.start + Int64(row) * SampleSeries.hour
            return "\(time),\(prices),4000000.0,\(time + 4 * SampleSeries.hour - 1),1,1,1,1,0"
        }.joined(separator: "\n") + "\n"
    }

    private func store(_ text: String, as address: String, _ box: Sandbox) throws {
        try box.write("other.csv", text)
        let outcome = try LotBinary.run(
            ["data", "import", "other.csv", "--as", address, "--home", "home"], in: box)
        #expect(outcome.code == 0, outcome.comment)
    }

    @Test func `a coarser interval is made of the run's bars, and a stored one is the same`() throws
    {
        let box = try SampleSeries.box()
        try box.write("other.lua", script())
        let made = try run(box)
        #expect(made.code == 0, made.comment)
        let one = try others(made)
        #expect(one.map { $0["series"] as? String } == ["test:GENUSDT:4h"])
        #expect(one.first?["made_of"] as? String == SampleSeries.address)
        #expect(one.first?["bars"] as? Int == SampleSeries.rows / 4)
        let trades = try #require(try made.json()["trades"] as? [[String: Any]], made.comment)
        #expect(trades.count > 20)
        #expect(try verify(box).code == 0)
        try store(fourHours(offset: 0), as: "test:GENUSDT:4h", box)
        // The run is repeated with what it was made of, although the interval is stored now.
        let again = try verify(box)
        #expect(again.code == 0, again.comment)
        let stored = try run(box)
        #expect(try others(stored).first?["made_of"] as? String == "test:GENUSDT:4h")
        let same = try #require(try stored.json()["trades"] as? [[String: Any]], stored.comment)
        func entries(_ trades: [[String: Any]]) -> [Int64?] {
            trades.map { $0["entry_time"] as? Int64 }
        }
        #expect(entries(same) == entries(trades))
    }

    @Test func `another symbol must be stored, or something finer that divides it`() throws {
        let box = try SampleSeries.box()
        try box.write("other.lua", script("ABC/USDT"))
        expectRefusal(
            try LotBinary.run(SampleSeries.arguments("other.lua"), in: box), code: 66,
            fragments: [
                "test:ABCUSDT:4h", "ctx:series", "lot data import FILES… --as test:ABCUSDT:4h",
            ])
        try store(SampleSeries.csv, as: "test:ABCUSDT:1h", box)
        let outcome = try run(box)
        #expect(try others(outcome).first?["made_of"] as? String == "test:ABCUSDT:1h")
        // A finer interval than any that is stored cannot be made.
        try box.write("other.lua", script("ABC/USDT", interval: "15m"))
        expectRefusal(
            try LotBinary.run(SampleSeries.arguments("other.lua"), in: box), code: 66,
            fragments: ["test:ABCUSDT:15m"])
    }

    @Test func `changed bars of another series are another run`() throws {
        let box = try SampleSeries.box()
        try box.write("other.lua", script("ABCUSDT"))
        try store(fourHours(offset: 0), as: "test:ABCUSDT:4h", box)
        let first = try run(box)
        #expect(first.code == 0, first.comment)
        let cached = try run(box, ["--cache"])
        #expect(cached.err.contains("cached"), cached.comment)
        try FileManager.default.removeItem(atPath: box.path("home/datasets/test/spot/ABCUSDT"))
        try store(fourHours(offset: 1), as: "test:ABCUSDT:4h", box)
        let verified = try verify(box)
        #expect(verified.code == 1, verified.comment)
        #expect(verified.out.contains("data changed: test:ABCUSDT:4h"), verified.comment)
        let again = try run(box, ["--cache"])
        #expect(!again.err.contains("cached"), again.comment)
    }

    @Test func `--check passes, and explain shows the newest closed bar`() throws {
        let box = try SampleSeries.box()
        try box.write("other.lua", script())
        let check = try LotBinary.run(
            SampleSeries.arguments("other.lua", ["--check"]), in: box)
        #expect(check.code == 0, check.comment)
        _ = try run(box)
        let text = try LotBinary.run(
            ["explain", "run", "--at", "2024-01-02T10:30", "--home", "home"], in: box)
        #expect(
            text.out.contains("GENUSDT:4h 2024-01-02T04:00Z to 2024-01-02T08:00Z"), text.comment)
        #expect(text.out.contains("shift(GENUSDT:4h.close, 1)"), text.comment)
    }
}
