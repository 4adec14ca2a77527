import Foundation
import Testing

/// `lot report` and `--cache`: runs that are read back from their folders.
struct ReportCommandTests {
    /// A workspace with one run; its box, and the name of the run's folder.
    private func ran(_ options: [String] = []) throws -> (box: Sandbox, name: String) {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(SampleSeries.arguments("cross.lua", options), in: box)
        #expect(outcome.code == 0, outcome.comment)
        return (box, try name(box))
    }

    private func name(_ box: Sandbox) throws -> String {
        try box.find("manifest.json").deletingLastPathComponent().lastPathComponent
    }

    private func report(_ arguments: [String], _ box: Sandbox) throws -> Outcome {
        try LotBinary.run(["report"] + arguments + ["--home", "home"], in: box)
    }

    @Test func `verify runs it again and finds the same`() throws {
        let (box, name) = try ran(["--param", "fast=9", "--fee", "0.0005/0.0007", "--seed", "5"])
        let before = try box.tree()
        for run in [name, String(name.suffix(8)), "home/reports/\(name)/"] {
            let outcome = try report(["verify", run], box)
            #expect(outcome.code == 0, outcome.comment)
            #expect(outcome.out.contains("same: "), outcome.comment)
        }
        let changes = differences(before, try box.tree())
        #expect(changes.isEmpty, "\(changes)")
    }

    @Test(arguments: [
        ["--gaps", "fill"], ["--gaps", "error"], ["--slippage", "none"],
        ["--slippage", "bps:7.5"], ["--volume-limit", "off"], ["--volume-limit", "0.01"],
        ["--slippage", "half-spread:3"], ["--slippage", "volume-share:0.05,0.2"],
        ["--intrabar", "ohlc"], ["--latency", "250ms"],
        ["--fee-tiers", "0:0.001/0.002,100000:-0.0001/0.0005"],
        ["--fill-on-touch"], ["--cash", "123.45"], ["--fee=-0.0001/0.0005"],
        ["--instrument", "tick=0.05,lot=0.001,min_notional=5,min_quantity=0.01"],
        ["--timerange", "20240110-20240205"], ["--seed", "18446744073709551615"],
    ])
    func `every setting survives the manifest`(options: [String]) throws {
        let (box, name) = try ran(options)
        let outcome = try report(["verify", name], box)
        #expect(outcome.code == 0, outcome.comment)
    }

    @Test func `verify says which script changed`() throws {
        let (box, name) = try ran()
        try box.write(
            "cross.lua", SampleSeries.crossScript.replacing("crosses_below", with: "below"))
        // The folder's own copy is what ran.
        #expect(try report(["verify", name], box).code == 0)
        let outcome = try report(["verify", name, "--strategy", "cross.lua"], box)
        #expect(outcome.code == 1, outcome.comment)
        #expect(outcome.out.contains("script changed: cross.lua"), outcome.comment)
        #expect(outcome.out.contains("NOT the same"), outcome.comment)
    }

    @Test func `verify says that the data changed, by both digests`() throws {
        let (box, name) = try ran()
        var lines = SampleSeries.lines(0..<SampleSeries.rows)
        lines[700] = lines[700].replacing(",1000000.0", with: ",1000001.0")
        try box.write("GENUSDT-1h.csv", lines.joined(separator: "\n") + "\n")
        let imported = try LotBinary.run(
            [
                "data", "import", "GENUSDT-1h.csv", "--as", SampleSeries.address, "--home", "home",
                "--replace",
            ], in: box)
        #expect(imported.code == 0, imported.comment)
        let outcome = try report(["verify", name, "--format", "json"], box)
        #expect(outcome.code == 1, outcome.comment)
        let object = try outcome.json()
        let inputs = try #require(object["inputs"] as? [[String: Any]], outcome.comment)
        #expect(inputs.map { $0["path"] as? String } == ["data.digest"], outcome.comment)
        #expect(inputs.first?["then"] as? String != inputs.first?["now"] as? String)
        #expect(object["same"] as? Bool == false)
    }

    @Test func `appended data do not change a run that ended before them`() throws {
        let (box, name) = try ran(["--end", "2024-02-01"])
        let rows = SampleSeries.rows
        try box.write(
            "more.csv", SampleSeries.lines(rows..<rows + 48).joined(separator: "\n") + "\n")
        let imported = try LotBinary.run(
            ["data", "import", "more.csv", "--as", SampleSeries.address, "--home", "home"], in: box)
        #expect(imported.code == 0, imported.comment)
        let outcome = try report(["verify", name], box)
        #expect(outcome.code == 0, outcome.comment)
    }

    @Test(arguments: ["trades.csv", "result.json", "equity.csv", "summary.txt"])
    func `verify finds a damaged file of the folder`(file: String) throws {
        let (box, name) = try ran()
        let url = try box.find(file)
        var bytes = try Data(contentsOf: url)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: url)
        let outcome = try report(["verify", name], box)
        #expect(outcome.code == 1, outcome.comment)
        #expect(outcome.out.contains("\(file): not what the run wrote"), outcome.comment)
    }

    @Test func `verify and the cache know a page that is not what was drawn`() throws {
        let (box, name) = try ran(["--report"])
        #expect(try report(["verify", name], box).code == 0)
        let cached = SampleSeries.arguments("cross.lua", ["--report", "--cache"])
        #expect(try LotBinary.run(cached, in: box).err.contains("cached: "))
        let url = try box.find("report.html")
        let page = try Data(contentsOf: url)
        try (page + Data("x".utf8)).write(to: url)
        let outcome = try report(["verify", name], box)
        #expect(outcome.code == 1, outcome.comment)
        #expect(outcome.out.contains("report.html: not what the run wrote"), outcome.comment)
        let again = try LotBinary.run(cached, in: box)
        #expect(again.code == 0 && !again.err.contains("cached: "), again.comment)
        #expect(try Data(contentsOf: url) == page)
        // Without a page it is the same run, and the page is still vouched for.
        let id = try Data(contentsOf: box.find("manifest.json"))
        #expect(try LotBinary.run(SampleSeries.arguments("cross.lua", []), in: box).code == 0)
        #expect(try Data(contentsOf: url) == page)
        #expect(try Data(contentsOf: box.find("manifest.json")) == id)
        #expect(try report(["verify", name], box).code == 0)
    }

    @Test func `verify finds a version, an identity or a setting that is not its own`() throws {
        for (old, new, code) in [
            ("\"engine_version\": \"", "\"engine_version\": \"9", 1 as Int32),
            ("\"starting_cash\": 10000", "\"starting_cash\": 20000", 1),
            ("\"seed\": \"0\"", "\"seed\": \"0\", \"wind\": 3", 65),
            ("\"schema\": \"lot.manifest/1\"", "\"schema\": \"lot.manifest/9\"", 65),
            ("\"outputs\"", "outputs", 65),
        ] {
            let (box, name) = try ran()
            let url = try box.find("manifest.json")
            let text = try String(contentsOf: url, encoding: .utf8)
            #expect(text.contains(old), "\(old)")
            try text.replacing(old, with: new).write(to: url, atomically: true, encoding: .utf8)
            let outcome = try report(["verify", name], box)
            #expect(outcome.code == code, outcome.comment)
        }
    }

    @Test func `show prints what the run printed, in each form`() throws {
        let (box, name) = try ran()
        for format in ["table", "json", "csv"] {
            let ran = try LotBinary.run(
                SampleSeries.arguments("cross.lua", ["--format", format]), in: box)
            let shown = try report(["show", name, "--format", format], box)
            #expect(shown.code == 0, shown.comment)
            #expect(shown.out == ran.out, shown.comment)
        }
    }

    @Test func `list sorts by a metric, limits, and says what it cannot read`() throws {
        let box = try SampleSeries.box()
        for fast in ["5", "10", "15"] {
            let outcome = try LotBinary.run(
                SampleSeries.arguments("cross.lua", ["--param", "fast=\(fast)"]), in: box)
            #expect(outcome.code == 0, outcome.comment)
        }
        try box.write("home/reports/half/result.json", "{}")
        let outcome = try report(["list", "--sort", "total_return", "--format", "json"], box)
        #expect(outcome.code == 0, outcome.comment)
        #expect(outcome.err.contains("home/reports/half"), outcome.comment)
        let runs = try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.out.utf8)) as? [[String: Any]])
        let returns = runs.compactMap { ($0["metrics"] as? [String: Any])?["total_return"] }
            .compactMap { $0 as? Double }
        #expect(returns.count == 3)
        #expect(returns == returns.sorted(by: >))
        let rising = try report(
            ["list", "--sort", "total_return", "--ascending", "--limit", "2", "-q"], box)
        #expect(rising.out.split(separator: "\n").count == 3, rising.comment)
        expectRefusal(
            try report(["list", "--sort", "sharp"], box), code: 64, fragments: ["sharpe"])
    }

    @Test func `list without a sort is newest first`() throws {
        let box = try SampleSeries.box()
        for fast in ["5", "10"] {
            _ = try LotBinary.run(
                SampleSeries.arguments("cross.lua", ["--param", "fast=\(fast)"]), in: box)
        }
        let lines = try report(["list"], box).out.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1].contains("fast=10"), "\(lines)")
        #expect(lines[2].contains("fast=5"), "\(lines)")
    }

    @Test func `diff names the inputs and metrics that differ, and nothing else`() throws {
        let box = try SampleSeries.box()
        for fee in ["0.001", "0.002"] {
            _ = try LotBinary.run(
                SampleSeries.arguments("cross.lua", ["--fee", fee, "--output", "r\(fee)"]), in: box)
        }
        let outcome = try report(["diff", "r0.001", "r0.002", "--format", "json"], box)
        #expect(outcome.code == 0, outcome.comment)
        let object = try outcome.json()
        let inputs = try #require(object["inputs"] as? [[String: Any]])
        #expect(
            inputs.compactMap { $0["path"] as? String } == [
                "settings.maker_fee", "settings.taker_fee",
            ])
        let metrics = try #require(object["metrics"] as? [[String: Any]])
        let keys = metrics.compactMap { $0["key"] as? String }
        #expect(keys.contains("fees") && !keys.contains("buy_hold_return"), outcome.comment)
        let same = try report(["diff", "r0.001", "r0.001"], box)
        #expect(same.out.contains("no input and no metric differs"), same.comment)
    }

    @Test func `a run that is not there is 66, an ambiguous one 64`() throws {
        let box = try SampleSeries.box()
        for fast in ["5", "10"] {
            _ = try LotBinary.run(
                SampleSeries.arguments("cross.lua", ["--param", "fast=\(fast)"]), in: box)
        }
        for command in ["show", "verify"] {
            expectRefusal(
                try report([command, "nothing"], box), code: 66, fragments: ["lot report list"])
            expectRefusal(
                try report([command, "cross"], box), code: 64, fragments: ["several runs"])
        }
        try FileManager.default.createDirectory(
            at: box.folder.appending(path: "empty"), withIntermediateDirectories: false)
        expectRefusal(try report(["show", "empty"], box), code: 66, fragments: ["manifest.json"])
    }

    @Test func `--cache takes an identical run from its folder and says so`() throws {
        let (box, _) = try ran()
        let before = try box.tree("home")
        for format in ["table", "json", "csv"] {
            let plain = try LotBinary.run(
                SampleSeries.arguments("cross.lua", ["--format", format]), in: box)
            let cached = try LotBinary.run(
                SampleSeries.arguments("cross.lua", ["--format", format, "--cache"]), in: box)
            #expect(cached.code == 0, cached.comment)
            #expect(cached.out == plain.out, cached.comment)
            #expect(cached.err.contains("cached: "), cached.comment)
            #expect(!plain.err.contains("cached: "), plain.comment)
        }
        #expect(differences(before, try box.tree("home")).isEmpty)
        let failing = try LotBinary.run(
            SampleSeries.arguments("cross.lua", ["--cache", "--assert", "sharpe>=1000"]), in: box)
        #expect(failing.code == 1, failing.comment)
        let other = try LotBinary.run(
            SampleSeries.arguments("cross.lua", ["--cache", "--param", "fast=9"]), in: box)
        #expect(!other.err.contains("cached: "), other.comment)
    }

    @Test(arguments: ["trades.csv", "result.json", "manifest.json", "strategy/cross.lua"])
    func `--cache does not believe a folder that is damaged or not whole`(file: String) throws {
        for damages in [true, false] {
            let (box, name) = try ran()
            let good = try box.tree("home")
            let url = box.folder.appending(path: "home/reports/\(name)/\(file)")
            if damages {
                var bytes = try Data(contentsOf: url)
                bytes[bytes.count / 3] ^= 1
                try bytes.write(to: url)
            } else {
                try FileManager.default.removeItem(at: url)
            }
            let outcome = try LotBinary.run(
                SampleSeries.arguments("cross.lua", ["--cache"]), in: box)
            #expect(outcome.code == 0, outcome.comment)
            #expect(!outcome.err.contains("cached: "), outcome.comment)
            let changes = differences(good, try box.tree("home"))
            #expect(changes.isEmpty, "\(changes)")
        }
    }
}
