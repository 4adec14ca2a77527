import Foundation
import Testing

/// The page of a study, against `study.json` of the same study.
struct StudyPageTests {
    private static let space = [
        "--parameter", "fast", "5", "35", "10", "slow", "40", "90", "10",
    ]

    /// A study of 24 trials called `s`; its folder has the page.
    private func study(_ more: [String], space: [String] = space) throws -> Sandbox {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(
            [
                "optimize", "cross.lua", "--data", SampleSeries.address, "--home", "home",
                "--study",
                "s", "-q",
            ] + space + more, in: box)
        #expect(outcome.code == 0, outcome.comment)
        return box
    }

    private func page(_ box: Sandbox) throws -> String {
        let file = box.folder.appending(path: "home/studies/s/study.html")
        return try String(contentsOf: file, encoding: .utf8)
    }

    private func json(_ box: Sandbox) throws -> [String: Any] {
        let file = box.folder.appending(path: "home/studies/s/study.json")
        let value = try JSONSerialization.jsonObject(with: try Data(contentsOf: file))
        return try #require(value as? [String: Any])
    }

    /// The head and the rows of a table, by its heading.
    private func table(_ page: String, _ title: String) throws -> [[String]] {
        let start = try #require(page.range(of: "<h2>\(title)</h2>"), Comment(rawValue: title))
        let end = try #require(page.range(of: "</table>", range: start.upperBound..<page.endIndex))
        let rows = page[start.upperBound..<end.lowerBound].split(separator: "<tr>").dropFirst()
        return rows.map { row in
            row.matches(of: /<t[hd][^>]*>([^<]*)</).map { match in
                String(match.1).replacing("&lt;", with: "<").replacing("&gt;", with: ">")
            }
        }
    }

    /// A number as the page has it: `1,234.5 %` is 12.345.
    private func number(_ text: String) throws -> Double {
        let digits = text.filter { !", %".contains($0) }.replacing("−", with: "-")
        let value = try #require(Double(digits), Comment(rawValue: text))
        return text.contains("%") ? value / 100 : value
    }

    /// Whether a cell is a value as far as it has digits.
    private func isEqual(_ cell: String, _ value: Any?) throws -> Bool {
        let decimals = cell.split(separator: ".").last?.prefix { $0.isNumber }.count ?? 0
        var unit = cell.contains("%") ? 0.01 : 1
        if cell.contains(".") { for _ in 0..<decimals { unit /= 10 } }
        let exact = try #require(value as? Double, Comment(rawValue: cell))
        return try abs(number(cell) - exact) <= unit * 0.5000001
    }

    @Test func `the best trials of the page are those of the study`() throws {
        let box = try study([])
        let (table, json) = (try table(page(box), "Best trials"), try json(box))
        let leaders = try #require(json["leaders"] as? [[String: Any]])
        #expect(table.count == leaders.count + 1)
        let head = table[0]
        for (row, leader) in zip(table.dropFirst(), leaders) {
            let cells = Dictionary(uniqueKeysWithValues: zip(head.dropFirst(), row.dropFirst()))
            #expect(cells["trial"] == "\(try #require(leader["trial"] as? Int))")
            let parameters = try #require(leader["parameters"] as? [String: Any])
            for name in ["fast", "slow"] {
                #expect(cells[name] == "\(try #require(parameters[name] as? Int))")
            }
            let metrics = try #require(leader["metrics"] as? [String: Any])
            let columns = [
                "Sharpe ratio": "sharpe", "Total return": "total_return",
                "Max drawdown": "max_drawdown",
            ]
            for (label, key) in columns {
                let cell = try #require(
                    cells[label], "\(label) is not among \(head.joined(separator: ", "))")
                #expect(try isEqual(cell, metrics[key]), "\(key) \(cell)")
            }
        }
    }

    @Test func `luck, trials and constraints on the page are those of the study`() throws {
        let box = try study(["--constraint", "max_drawdown < 0.3", "--min-trades", "12"])
        let (page, json) = (try page(box), try json(box))
        let luck = try table(page, "Statistics of luck").dropFirst()
        func cell(_ name: String) throws -> String {
            try #require(luck.first { $0[0] == name }, Comment(rawValue: name))[1]
        }
        let measures = try #require(json["measures"] as? [String: Any])
        let overfitting = try #require(json["overfitting"] as? [String: Any])
        #expect(try isEqual(cell("Probabilistic Sharpe ratio"), measures["psr"]))
        #expect(try isEqual(cell("Deflated Sharpe ratio"), measures["dsr"]))
        #expect(try isEqual(cell("Probability of overfitting"), overfitting["probability"]))
        #expect(try cell("Trials of this study") == "24")
        #expect(try cell("Trials of earlier studies") == "0")
        let band = try cell("Total return, bootstrap").split(separator: " … ").map(String.init)
        let bootstrap = try #require(overfitting["bootstrap_total_return"] as? [Double])
        #expect(try isEqual(band[0], bootstrap[0]) && isEqual(band[1], bootstrap[2]))
        for row in luck { #expect(row[2].hasSuffix("."), Comment(rawValue: row[0])) }

        let trials = try table(page, "Trials").dropFirst()
        let csv = try String(
            contentsOf: box.folder.appending(path: "home/studies/s/trials.csv"), encoding: .utf8)
        let lines = csv.split(whereSeparator: \.isNewline).map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let places = Dictionary(
            uniqueKeysWithValues: lines[0].enumerated().map { ($0.element, $0.offset) })
        func missed(_ name: String, _ holds: (Double) -> Bool) throws -> Int {
            let place = try #require(places[name])
            return lines.dropFirst().count { !holds(Double($0[place]) ?? .nan) }
        }
        func count(_ name: String) throws -> String {
            try #require(trials.first { $0[0] == name }, "\(trials)")[1]
        }
        let tooFew = try missed("trades") { $0 >= 12 }
        #expect(tooFew > 0)
        #expect(try count("fewer than 12 trades") == "\(tooFew)")
        #expect(try count("miss max_drawdown < 0.3") == "\(missed("max_drawdown") { $0 < 0.3 })")
        let tally = try #require(json["trials"] as? [String: Any])
        #expect(try count("meet every constraint") == "\(try #require(tally["feasible"] as? Int))")
    }

    @Test func `every stretch that a fold is tested on is on the page`() throws {
        let box = try study(["--folds", "4/2"])
        let (table, json) = (try table(page(box), "Out of sample"), try json(box))
        let found = try #require(json["out_of_sample"] as? [String: Any])
        let folds = try #require(found["folds"] as? [[String: Any]])
        #expect(folds.count == 6)
        #expect(table.count == 7)
        var several = 0
        for (row, fold) in zip(table.dropFirst(), folds) {
            let stretches = try #require(fold["test"] as? [[String: Any]])
            for stretch in stretches {
                let start = try #require(stretch["start"] as? Double)
                let day = Date(timeIntervalSince1970: start / 1_000)
                    .formatted(.iso8601.year().month().day())
                // A stretch that touches the one before it is a part of it.
                let touches = stretches.contains { $0["end"] as? Double == start }
                #expect(touches || row[1].contains(day), "\(row[1]) has no \(day)")
            }
            several += row[1].contains(",") ? 1 : 0
            let metrics = try #require(fold["out_of_sample"] as? [String: Any])
            let place = try #require(table[0].firstIndex(of: "OOS Sharpe ratio"), "\(table[0])")
            #expect(try isEqual(row[place], metrics["sharpe"]))
        }
        #expect(several == 3)
    }

    @Test func `trials on held data are on the page with their rank correlation`() throws {
        let box = try study(["--split", "0.6"])
        let (page, json) = (try page(box), try json(box))
        let held = try #require(json["held_back"] as? [String: Any])
        let trials = try #require(held["trials"] as? [[String: Any]])
        #expect(trials.count == 24)
        let correlation = try #require(held["rank_correlation"] as? Double)
        let note = try #require(page.firstMatch(of: /over the best 24 trials: (-?[0-9.]+[0-9])/))
        #expect(try isEqual(String(note.1), correlation))
        // The best of the study is tested once more for the table of folds.
        let found = try #require(json["out_of_sample"] as? [String: Any])
        let fold = try #require((found["folds"] as? [[String: Any]])?.first)
        let best = try #require(fold["out_of_sample"] as? [String: Any])
        #expect(trials[0]["out_of_sample"] as? Double == best["sharpe"] as? Double)
        if page.contains("<svg") { #expect(page.contains("in sample across, out of sample up")) }
    }

    @Test func `the page has the same bytes on any number of threads`() throws {
        let pages = try ["1", "2", "3"].map { try page(study(["--folds", "3", "-j", $0])) }
        #expect(pages[0] == pages[1])
        #expect(pages[0] == pages[2])
    }

    @Test func `a study of which every trial misses a constraint has a page that says so`() throws {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(
            [
                "optimize", "cross.lua", "--data", SampleSeries.address, "--home", "home",
                "--study",
                "s", "-q", "--constraint", "trades > 100000",
            ] + Self.space, in: box)
        #expect(outcome.code == 1, outcome.comment)
        let page = try page(box)
        #expect(try table(page, "Trials").contains(["miss trades > 100000", "24"]))
        #expect(try table(page, "Trials").contains(["meet every constraint", "0"]))
        #expect(!page.contains(">nan<"))
    }
}
