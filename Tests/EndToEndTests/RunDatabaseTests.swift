import Foundation
import Testing

/// `lot.db`: what `lot backtest` and `lot data` enter, and what `lot report list` makes of it.
struct RunDatabaseTests {
    private func backtest(_ options: [String] = [], _ box: Sandbox) throws -> Outcome {
        let outcome = try LotBinary.run(SampleSeries.arguments("cross.lua", options), in: box)
        #expect(outcome.code == 0, outcome.comment)
        return outcome
    }

    private func list(_ options: [String] = [], _ box: Sandbox) throws -> [[String: Any]] {
        let outcome = try LotBinary.run(
            ["report", "list", "--format", "json", "--home", "home"] + options, in: box)
        #expect(outcome.code == 0, outcome.comment)
        let value = try JSONSerialization.jsonObject(with: Data(outcome.out.utf8))
        return try #require(value as? [[String: Any]], outcome.comment)
    }

    private func names(_ runs: [[String: Any]]) -> [String] {
        runs.map { run in
            let missing = run["status"] as? String == "missing" ? " missing" : ""
            return (run["parameters"] as? [String: String] ?? [:])["fast"].map { $0 + missing }
                ?? "?"
        }
    }

    @Test func `a run lands with what it was and when, wherever its files went`() throws {
        let box = try SampleSeries.box()
        let before = Date().timeIntervalSince1970 * 1_000
        _ = try backtest(["--output", "elsewhere/run"], box)
        let run = try #require(try list([], box).first)
        #expect(run["run"] as? String == box.path("elsewhere/run"))
        #expect(run["folder"] as? String == box.path("elsewhere/run"))
        #expect(run["workspace"] as? String == box.path("home"))
        #expect(run["status"] as? String == "present")
        #expect(run["script"] as? String == "cross.lua")
        #expect(run["series"] as? String == SampleSeries.address)
        let started = try #require(run["started_ms"] as? Double)
        let finished = try #require(run["finished_ms"] as? Double)
        #expect(started >= before.rounded(.down) && finished >= started - 20)
        // What the run's own files say, from the database.
        let manifest = try JSONSerialization.jsonObject(
            with: Data(contentsOf: box.folder.appending(path: "elsewhere/run/manifest.json")))
        #expect(run["id"] as? String == (manifest as? [String: Any])?["id"] as? String)
        let result = try JSONSerialization.jsonObject(
            with: Data(contentsOf: box.folder.appending(path: "elsewhere/run/result.json")))
        let metrics = try #require((result as? [String: Any])?["metrics"] as? NSDictionary)
        #expect(run["metrics"] as? NSDictionary == metrics)
        // It is found by its identity, as those in reports/ are.
        let id = try #require(run["id"] as? String)
        let shown = try LotBinary.run(
            ["report", "show", String(id.prefix(8)), "--home", "home"], in: box)
        #expect(shown.code == 0, shown.comment)
        // Again: the same row.
        _ = try backtest(["--output", "elsewhere/run"], box)
        #expect(try list([], box).count == 1)
    }

    @Test func `runs made at once all land, in one process and in several`() throws {
        let box = try SampleSeries.box()
        _ = try backtest(["--window", "..2024-01-20", "--window", "2024-01-20..", "-j", "2"], box)
        #expect(try list([], box).count == 2)
        let script = #"printf '%s\n' 3 4 5 6 7 8 | xargs -P 6 -I@ "$0" "$@" --param fast=@ -q"#
        let outcome = try LotBinary.shell(script, SampleSeries.arguments("cross.lua"), in: box)
        #expect(outcome.code == 0 && outcome.err.isEmpty, outcome.comment)
        #expect(try list([], box).count == 8)
        // Not because the list looks into reports/.
        try FileManager.default.removeItem(atPath: box.path("home/reports"))
        #expect(try list([], box).filter { $0["status"] as? String == "missing" }.count == 8)
    }

    @Test func `folders are the truth: deleted, moved, copied, made elsewhere`() throws {
        let box = try SampleSeries.box()
        for fast in ["5", "6", "7"] { _ = try backtest(["--param", "fast=\(fast)"], box) }
        let runs = try list([], box)
        #expect(names(runs) == ["7", "6", "5"])
        let folders = runs.compactMap { $0["folder"] as? String }
        let reports = box.path("home/reports")
        let manager = FileManager.default
        try manager.removeItem(atPath: folders[0])
        try manager.moveItem(atPath: folders[1], toPath: reports + "/renamed")
        try manager.moveItem(atPath: folders[2], toPath: box.path("away"))
        let after = try list([], box)
        #expect(names(after) == ["7 missing", "6", "5 missing"])
        #expect(after[1]["run"] as? String == "renamed")
        // Since when it was run is known still.
        #expect(after[1]["started_ms"] as? Double == runs[1]["started_ms"] as? Double)
        let table = try LotBinary.run(["report", "list", "--home", "home"], in: box)
        #expect(table.out.split(separator: "\n").filter { $0.hasSuffix("missing") }.count == 2)
        // Back, or copied in by hand.
        try manager.copyItem(atPath: box.path("away"), toPath: reports + "/copied")
        #expect(names(try list([], box)).sorted() == ["5", "6", "7 missing"])
        #expect(names(try list(["--forget-missing"], box)).sorted() == ["5", "6"])
        #expect(names(try list([], box)).sorted() == ["5", "6"])
        // Without the database what lies in reports/ is listed and taken in again.
        try manager.removeItem(atPath: box.path(".local/state/lot/lot.db"))
        #expect(names(try list([], box)).sorted() == ["5", "6"])
        #expect(manager.fileExists(atPath: box.path(".local/state/lot/lot.db")))
    }

    @Test func `a run taken from its folder is listed, and keeps its time`() throws {
        let box = try SampleSeries.box()
        _ = try backtest(["--output", "x"], box)
        let before = try #require(try list([], box).first)
        _ = try backtest(["--output", "x", "--cache"], box)
        let after = try #require(try list([], box).first)
        #expect(after["started_ms"] as? Double == before["started_ms"] as? Double)
        try FileManager.default.removeItem(atPath: box.path(".local/state/lot/lot.db"))
        #expect(try list([], box).isEmpty)
        _ = try backtest(["--output", "x", "--cache"], box)
        let again = try #require(try list([], box).first)
        #expect(again["finished_ms"] as? Double == before["finished_ms"] as? Double)
        #expect(again["started_ms"] is NSNull)
    }

    @Test func `the list is filtered, limited, sorted, and of every workspace with --all`() throws {
        let box = try SampleSeries.box()
        for fast in ["5", "6"] { _ = try backtest(["--param", "fast=\(fast)"], box) }
        try box.write("other.lua", SampleSeries.crossScript.replacing("\"cross\"", with: "\"o\""))
        _ = try LotBinary.run(SampleSeries.arguments("other.lua"), in: box)
        #expect(try list([], box).count == 3)
        #expect(try list(["--limit", "2"], box).count == 2)
        #expect(try list(["--strategy", "other"], box).count == 1)
        #expect(try list(["--strategy", "c*"], box).count == 2)
        #expect(try list(["--strategy", "cros"], box).isEmpty)
        #expect(try list(["--data", SampleSeries.address], box).count == 3)
        #expect(try list(["--data", "*:GEN*:1h", "--data", "x"], box).count == 3)
        #expect(try list(["--data", "*:1m"], box).isEmpty)
        try FileManager.default.createDirectory(
            atPath: box.path("second"), withIntermediateDirectories: false)
        let here = try LotBinary.run(["report", "list", "--home", "second"], in: box)
        #expect(here.out.isEmpty && here.err.contains("no runs"), here.comment)
        let all = try LotBinary.run(["report", "list", "--home", "second", "--all"], in: box)
        #expect(all.out.split(separator: "\n").count == 4, all.comment)
    }

    /// Whatever state the database is in, a backtest ends as it would have ended.
    @Test(arguments: ["damaged", "folder", "nowhere", "unnamed", "open", "newer", "locked"])
    func `a backtest loses nothing to its database`(trouble: String) throws {
        let box = try SampleSeries.box()
        let arguments = SampleSeries.arguments("cross.lua")
        let healthy = try LotBinary.run(arguments, in: box)
        let good = try box.tree("home/reports")
        try FileManager.default.removeItem(atPath: box.path("home/reports"))
        var environment = ["LOT_STATE": box.path("state")]
        let state = box.folder.appending(path: "state")
        try FileManager.default.copyItem(
            at: box.folder.appending(path: ".local/state/lot"), to: state)
        let file = state.appending(path: "lot.db")
        var bytes = try Data(contentsOf: file)
        var lock: Int32 = -1
        defer { if lock >= 0 { close(lock) } }
        switch trouble {
        case "damaged": try Data(repeating: 0x41, count: 5_000).write(to: file)
        case "folder":
            try FileManager.default.removeItem(at: file)
            try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
        case "nowhere": environment["LOT_STATE"] = "/proc/nowhere/lot"
        case "unnamed": environment = ["HOME": ""]
        case "open":
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: state.path)
        case "newer":
            bytes[63] = 99
            try bytes.write(to: file)
        default:
            // What SQLite locks: 512 bytes at the first gigabyte
            // (https://www.sqlite.org/lockingv3.html).
            lock = unsafe open(file.path, O_RDWR | O_CLOEXEC)
            var range = flock()
            (range.l_type, range.l_whence) = (Int16(F_WRLCK), Int16(SEEK_SET))
            (range.l_start, range.l_len) = (0x4000_0000, 512)
            let isLocked = unsafe fcntl(lock, F_SETLK, &range)
            #expect(isLocked == 0)
        }
        let outcome = try LotBinary.run(arguments, in: box, environment: environment)
        #expect(outcome.code == 0, outcome.comment)
        #expect(outcome.out == healthy.out)
        #expect(differences(good, try box.tree("home/reports")) == [])
        let warnings = outcome.err.split(separator: "\n").filter { $0.contains("warning") }
        #expect(warnings.count == 1, outcome.comment)
        #expect(warnings.first?.contains("; ") == true, "says what to do\n\(outcome.comment)")
        guard trouble != "locked" else { return }
        // The list warns too, and shows what there is.
        let list = try LotBinary.run(
            ["report", "list", "--home", "home"], in: box, environment: environment)
        #expect(list.code == 0, list.comment)
        #expect(list.out.split(separator: "\n").count == 2, list.comment)
        #expect(list.err.contains("warning"), list.comment)
        // An assertion that does not hold is still what the command says.
        let failing = try LotBinary.run(
            arguments + ["--assert", "sharpe>=1000"], in: box, environment: environment)
        #expect(failing.code == 1, failing.comment)
    }

    @Test func `data list shows what lies there, with and without its catalogue`() throws {
        let box = try SampleSeries.box()
        let run = { (words: [String]) in
            try LotBinary.run(["data"] + words + ["--home", "home"], in: box)
        }
        let first = try run(["list", "--format", "json"])
        let catalogue = box.path(".local/state/lot/lot.db")
        #expect(FileManager.default.fileExists(atPath: catalogue))
        #expect(try run(["list", "--format", "json"]).out == first.out)
        let series = try #require(try first.json()["series"] as? [[String: Any]])
        #expect(series.first?["rows"] as? Int == SampleSeries.rows)
        #expect(series.first?["bytes"] as? Int ?? 0 > SampleSeries.rows * 48)
        #expect((series.first?["changed"] as? String)?.hasPrefix("20") == true, first.comment)

        let resampled = try run(["resample", SampleSeries.address, "--to", "4h"])
        #expect(resampled.code == 0, resampled.comment)
        let with = try run(["list"])
        try FileManager.default.removeItem(atPath: catalogue)
        #expect(try run(["list"]).out == with.out)
        #expect(with.out.split(separator: "\n").count == 3, with.comment)

        // By hand: copied in, damaged in place with its size and its time kept, deleted.
        let datasets = box.folder.appending(path: "home/datasets")
        let hour = datasets.appending(path: "test/spot/GENUSDT/1h")
        let copy = datasets.appending(path: "test/spot/COPYUSDT")
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: false)
        try FileManager.default.copyItem(at: hour, to: copy.appending(path: "1h"))
        let copied = try run(["list"])
        #expect(copied.out.split(separator: "\n").count == 4, copied.comment)
        #expect(copied.out.contains("COPYUSDT"), copied.comment)
        let column = hour.appending(path: "close.npy")
        let written = try FileManager.default.attributesOfItem(atPath: column.path)
        var bytes = try Data(contentsOf: column)
        bytes[0] ^= 1
        let handle = try FileHandle(forWritingTo: column)
        try handle.write(contentsOf: bytes)
        try handle.close()
        try FileManager.default.setAttributes(
            [.modificationDate: written[.modificationDate] as Any], ofItemAtPath: column.path)
        let damaged = try run(["list"])
        #expect(damaged.out.contains("damaged"), damaged.comment)
        try FileManager.default.removeItem(at: datasets)
        let empty = try run(["list"])
        #expect(empty.out.isEmpty && empty.code == 0, empty.comment)
    }

    @Test func `data commands do without a database`() throws {
        let box = try SampleSeries.box()
        let environment = ["LOT_STATE": "/proc/nowhere"]
        for words in [
            ["list"], ["generate", "--as", "test:AUSDT:1h", "--rows", "10"],
            ["delete", "test:AUSDT:1h", "--yes"],
        ] {
            let outcome = try LotBinary.run(
                ["data"] + words + ["--home", "home"], in: box, environment: environment)
            #expect(outcome.code == 0 && outcome.err.isEmpty, outcome.comment)
        }
    }

    @Test
    func `a study counts the trials that were asked for last, merging can leave the page out`()
        throws
    {
        let box = try SampleSeries.box()
        let optimize = { (words: [String]) in
            try LotBinary.run(["optimize"] + words, in: box)
        }
        let study = [
            "cross.lua", "--data", SampleSeries.address, "--home", "home", "--study", "s",
            "--sampler", "random", "-q", "--no-report",
        ]
        for trials in ["4", "6", "5"] {
            let outcome = try optimize(
                study + ["--trials", trials] + (trials == "4" ? [] : ["--resume"]))
            #expect(outcome.code == 0, outcome.comment)
            let list = try optimize(["list", "--format", "csv"])
            let last = list.out.split(whereSeparator: \.isNewline).last
            let cells = last?.split(separator: ",") ?? []
            #expect(cells.count == 7 && cells[4] == trials, list.comment)
        }
        let sharded = study.filter { $0 != "--no-report" }.map { $0 == "s" ? "t" : $0 }
        let shard = try optimize(sharded + ["--trials", "4", "--shard", "0/1"])
        #expect(shard.code == 0, shard.comment)
        let page = box.path("home/studies/t/study.html")
        let merge = ["merge", "home/studies/t/shards", "--home", "home", "-q"]
        let without = try optimize(merge + ["--no-report"])
        #expect(without.code == 0, without.comment)
        #expect(!FileManager.default.fileExists(atPath: page))
        #expect(try optimize(merge).code == 0)
        #expect(FileManager.default.fileExists(atPath: page))
    }

    @Test func `config show names the state folder and who named it`() throws {
        let box = try SampleSeries.box()
        for (environment, path, place) in [
            ([:], box.path(".local/state/lot"), "default"),
            (["XDG_STATE_HOME": "/x"], "/x/lot", "environment XDG_STATE_HOME"),
            (["LOT_STATE": "/y/z"], "/y/z", "environment LOT_STATE"),
        ] as [([String: String], String, String)] {
            let outcome = try LotBinary.run(
                ["config", "show"], in: box, environment: environment)
            #expect(outcome.code == 0, outcome.comment)
            let line = outcome.out.split(separator: "\n").first { $0.hasPrefix("  state ") }
            let words = (line ?? "").split(separator: " ").map(String.init)
            #expect(words == ["state", path] + place.split(separator: " ").map(String.init))
        }
        let relative = try LotBinary.run(
            ["config", "show", "--format", "json", "--home", "home"], in: box,
            environment: ["LOT_STATE": "here"])
        #expect(relative.code == 0, relative.comment)
        let places = try #require(try relative.json()["places"] as? [[String: Any]])
        #expect(places.map { $0["name"] as? String } == ["workspace", "file", "state"])
        #expect(places[0]["place"] as? String == "--home")
        #expect((places[2]["problem"] as? String)?.contains("absolute") == true)
    }
}
