import Foundation
import LotTestSupport
import Testing

/// Figures of a study, counted again from its files.
struct StudyFigureTests {
    /// A study called `s`, or what is given, in a box.
    private func study(_ more: [String], _ box: Sandbox, name: String = "s") throws -> Outcome {
        let outcome = try LotBinary.run(
            [
                "optimize", "cross.lua", "--data", SampleSeries.address, "--home", "home",
                "--study", name,
            ] + more, in: box)
        #expect(outcome.code == 0, outcome.comment)
        return outcome
    }

    private func json(_ box: Sandbox, _ path: String) throws -> [String: Any] {
        let data = try Data(contentsOf: box.folder.appending(path: path))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func text(_ box: Sandbox, _ path: String) throws -> String {
        try String(contentsOf: box.folder.appending(path: path), encoding: .utf8)
    }

    /// 3 · 3 points and 40 trials: a sampler that learns comes back to them.
    private static let few = [
        "--parameter", "fast", "5", "25", "10", "slow", "40", "60", "10", "--sampler", "cmaes",
        "--trials", "40", "--no-report",
    ]

    @Test func `a point that is tried again is one chance, here and for later studies`() throws {
        let box = try SampleSeries.box()
        let first = try study(Self.few, box)
        let rows = try readTable(box.folder.appending(path: "home/studies/s/trials.csv"))
        let points = Set(rows.map { "\($0["fast"] ?? "") \($0["slow"] ?? "")" })
        #expect(rows.count == 40 && points.count <= 9)
        #expect(first.out.contains("40 trials by cmaes, \(points.count) distinct points"))
        #expect(first.out.contains("40 trials, \(points.count) distinct points"), first.comment)
        let found = try json(box, "home/studies/s/study.json")
        let luck = try #require(found["overfitting"] as? [String: Any])
        #expect(luck["trials"] as? Int == 40)
        #expect(luck["distinct_points"] as? Int == points.count)
        #expect(try #require(luck["neighbours"] as? Int) < points.count)
        _ = try study(Self.few + ["--search-seed", "2"], box, name: "t")
        let later = try json(box, "home/studies/t/study.json")
        let second = try #require(later["overfitting"] as? [String: Any])
        #expect(second["earlier_trials"] as? Int == points.count)
    }

    @Test func `what is below 0 is said of figures that can lose`() throws {
        let box = try SampleSeries.box()
        let space = ["--parameter", "fast", "5", "35", "10", "slow", "40", "90", "10"]
        let outcome = try study(space + ["--folds", "4/2"], box)
        let table = try #require(outcome.out.range(of: "over 3 paths"), outcome.comment)
        let lines = outcome.out[table.lowerBound...].split(separator: "\n").prefix(4)
        func line(_ label: String) throws -> String {
            String(try #require(lines.first { $0.contains(label) }, outcome.comment))
        }
        #expect(try line("Sharpe ratio").hasSuffix(" %"))
        #expect(try line("Total return").hasSuffix(" %"))
        #expect(try line("Max drawdown").hasSuffix("–"))
        let found = try json(box, "home/studies/s/study.json")
        let held = try #require(found["out_of_sample"] as? [String: Any])
        let spread = try #require(held["path_spread"] as? [String: [String: Any]])
        #expect(spread["max_drawdown"]?["share_below_0"] is NSNull)
        #expect(spread["sharpe"]?["share_below_0"] is Double)
        // The page has the same rows, and leads to the run.
        let page = try text(box, "home/studies/s/study.html")
        #expect(page.contains("<h2>Paths out of sample</h2>"))
        let start = try #require(page.range(of: "<h2>Paths out of sample</h2>")).upperBound
        for (key, label) in [("sharpe", "Sharpe ratio"), ("max_drawdown", "Max drawdown")] {
            let row = try #require(page.range(of: label, range: start..<page.endIndex))
            let cell = try #require(page[row.upperBound...].firstMatch(of: /<td[^>]*>([^<]+)</)).1
            let least = try #require(spread[key]?["least"] as? Double)
            let digits = cell.filter { !" %".contains($0) }.replacing("−", with: "-")
            let shown = try #require(Double(digits), "\(digits)")
            #expect(abs(shown - (cell.contains("%") ? least * 100 : least)) <= 0.0051)
        }
        let link = try #require(page.firstMatch(of: /<a href="([^"]+)">/)).1
        let target = box.folder.appending(path: "home/studies/s/" + link).standardizedFileURL
        #expect(FileManager.default.fileExists(atPath: target.path), "\(link)")
        #expect(target.path.contains("reports/cross-oos-"))
    }

    @Test func `lengths of time are said in days and hours wherever people read them`() throws {
        let box = try SampleSeries.box()
        let space = ["--parameter", "fast", "5", "25", "10", "slow", "40", "60", "20"]
        _ = try study(space + ["--walk-forward", "30d/240h/20d"], box)
        #expect(
            try text(box, "home/studies/s/study.html").contains(
                "<td class=\"word\">walk-forward 30d/10d/20d</td>"))
        let found = try json(box, "home/studies/s/study.json")
        let held = try #require(found["out_of_sample"] as? [String: Any])
        let run = try #require(held["run"] as? String)
        for file in ["report.html", "manifest.json", "result.json"] {
            let text = try text(box, "home/reports/\(run)/\(file)")
            #expect(text.contains("walk-forward 30d/10d/20d"), "\(file)")
            #expect(!text.contains("2592000000/"), "\(file)")
        }
        let other = try LotBinary.run(
            [
                "optimize", "cross.lua", "--data", SampleSeries.address, "--home", "home",
                "--study", "s", "--folds", "4",
            ] + space, in: box)
        #expect(other.code == 73, other.comment)
        #expect(
            other.err.contains("walk-forward 30d/10d/20d then, 4 groups, 1 held back, purge 1d"),
            other.comment)
    }

    /// Tests from day 12 to 24 and from day 60, which is 2024-03-01, to 72: not one in February.
    @Test func `what lies between two tests counts for nothing`() throws {
        let box = try SampleSeries.box()
        let space = ["--parameter", "fast", "5", "25", "10", "slow", "40", "60", "20"]
        _ = try study(space + ["--walk-forward", "12d/12d/48d", "-q"], box)
        let found = try json(box, "home/studies/s/study.json")
        let held = try #require(found["out_of_sample"] as? [String: Any])
        let name = try #require(held["run"] as? String)
        let result = try json(box, "home/reports/\(name)/result.json")
        let metrics = try #require(result["metrics"] as? [String: Any])
        let day = 86_400_000.0
        #expect(metrics["duration"] as? Double == 24 * day)
        // A fall that spans the 36 days between the tests lasts as long as it was tested.
        let seam = Double(SampleSeries.start) + 60 * day
        let end = try #require(metrics["end_time"] as? Double)
        let falls = try #require(result["drawdowns"] as? [[String: Any]])
        let lengths = try falls.map { fall -> (calendar: Double, tested: Double) in
            let start = try #require(fall["start"] as? Double)
            let length = (fall["recovery"] as? Double ?? end) - start
            return (length, start < seam && start + length > seam ? length - 36 * day : length)
        }
        #expect(lengths.contains { $0.calendar > $0.tested })
        let longest = try #require(metrics["max_drawdown_duration"] as? Double)
        #expect(longest == lengths.map(\.tested).max())

        // In the market from the first close, out at the close of row 575, in again at the open of
        // row 1,440.
        let rows = SampleSeries.lines(0..<SampleSeries.rows).map { $0.split(separator: ",") }
        func price(_ row: Int, _ column: Int) throws -> Double {
            try #require(Double(rows[row][column]))
        }
        let expected =
            try price(575, 4) / price(288, 4) * (price(1_727, 4) / price(1_440, 1)) - 1
        let holding = try #require(metrics["buy_hold_return"] as? Double)
        #expect(abs(holding - expected) < 1e-12, "\(holding) \(expected)")

        let months = try readTable(box.folder.appending(path: "home/reports/\(name)/breakdown.csv"))
            .filter { $0["kind"] == "month" }
        #expect(months.map { $0["days"] } == ["12", "12"])
        let page = try text(box, "home/reports/\(name)/report.html")
        let start = try #require(page.range(of: "<h2>Returns by month</h2>")).upperBound
        let last = try #require(page.range(of: "</table>", range: start..<page.endIndex))
        let cells = page[start..<last.lowerBound].split(separator: "</tr>")[1]
            .matches(of: /<td[^>]*>([^<]*)<\/td>/).map { String($0.1) }
        #expect(cells.count == 14, "\(cells)")
        #expect(cells[0].hasSuffix("*") && cells[2].hasSuffix("*"), "\(cells)")
        #expect(cells[1].isEmpty && cells[3].isEmpty, "\(cells)")
    }

    @Test func `the run out of sample began when its study did`() throws {
        let box = try SampleSeries.box()
        let space = ["--parameter", "fast", "5", "25", "10", "slow", "40", "60", "20"]
        _ = try study(space + ["--split", "0.6", "--no-report", "-q"], box)
        let list = try LotBinary.run(["optimize", "list", "--format", "json"], in: box)
        let studies = try #require(
            try JSONSerialization.jsonObject(with: Data(list.out.utf8)) as? [[String: Any]])
        let runs = try LotBinary.run(
            ["report", "list", "--home", "home", "--format", "json"], in: box)
        let entries = try #require(
            try JSONSerialization.jsonObject(with: Data(runs.out.utf8)) as? [[String: Any]],
            runs.comment)
        #expect(entries.count == 1)
        let started = try #require(entries.first?["started_ms"] as? Double, runs.comment)
        #expect(started == studies.first?["created_ms"] as? Double)
        #expect(started <= entries.first?["finished_ms"] as? Double ?? 0)
    }
}
