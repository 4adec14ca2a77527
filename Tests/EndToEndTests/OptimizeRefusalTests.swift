import Foundation
import LotTestSupport
import Testing

/// What `lot optimize` does not do: it says so before it takes its time, and leaves nothing.
struct OptimizeRefusalTests {
    private static let space = [
        "--parameter", "fast", "5", "35", "10", "slow", "40", "90", "10", "--no-report",
    ]

    private func lot(
        _ more: [String], _ box: Sandbox, environment: [String: String] = [:]
    ) throws -> Outcome {
        try LotBinary.run(
            ["optimize", "cross.lua", "--data", SampleSeries.address, "--home", "home"] + more,
            in: box, environment: environment)
    }

    private func list(_ box: Sandbox) throws -> String {
        try LotBinary.run(["optimize", "list"], in: box).out
    }

    // MARK: Nothing to search

    @Test(arguments: [
        [], ["--sampler", "random"], ["--sampler", "sobol"], ["--sampler", "tpe"],
        ["--sampler", "cmaes"], ["--sampler", "nsga2"], ["--estimate"], ["--shard", "0/2"],
        ["--sampler", "random", "--halving", "2"], ["--folds", "3"],
    ])
    func `conditions that no point meets are refused before there is a study`(
        _ more: [String]
    ) throws {
        let box = try SampleSeries.box()
        let before = try box.tree()
        let outcome = try lot(
            ["--where", "fast > slow", "--trials", "20"] + Self.space + more, box)
        #expect(outcome.code == 64, outcome.comment)
        let what = more.contains("sobol") ? "none of many points drawn" : "no point"
        #expect(
            outcome.err.contains(
                "--where: \(what) meets \"fast > slow\"; searched are fast 5…35 step 10, slow "
                    + "40…90 step 10; loosen"), outcome.comment)
        #expect(outcome.out.isEmpty, outcome.comment)
        #expect(differences(before, try box.tree()).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: box.path("home/studies")))
    }

    /// A study of a script with one parameter more.
    private func wide(_ parameter: String, _ more: [String]) throws -> Outcome {
        let box = try SampleSeries.box()
        try box.write(
            "cross.lua",
            SampleSeries.crossScript.replacing("slow = lot", with: "x = \(parameter), slow = lot"))
        return try lot(["--trials", "40", "--seed", "3"] + more, box)
    }

    private static let samplers = ["grid", "random", "sobol", "tpe", "cmaes", "nsga2"]

    @Test(arguments: [
        "lot.int { 1, min = 0, max = 9223372036854775807 }",
        "lot.int { 1, min = -9223372036854775807, max = 9223372036854775807 }",
        "lot.float { 1, min = 0, max = 1e19, step = 1 }",
        "lot.float { 1, min = 0, max = 1e12, step = 1e-9 }",
        "lot.float { 1, min = -1e300, max = 1e300, step = 1 }",
    ])
    func `a range of more values than can be told apart is refused by name`(
        _ parameter: String
    ) throws {
        for more in Self.samplers.map({ ["--sampler", $0] }) + [["--estimate"]] {
            let outcome = try wide(parameter, more)
            #expect(outcome.code == 65, outcome.comment)
            #expect(
                outcome.err.contains("cross.lua: parameter x: a search tells apart"),
                outcome.comment)
        }
        // One value of it, or a part of it, can be searched.
        for words in [["1"], ["1", "5", "1"]] {
            let outcome = try wide(parameter, ["--no-report", "--parameter", "x"] + words)
            #expect(outcome.code == 0, outcome.comment)
        }
    }

    @Test(arguments: [
        "lot.float { 1, min = 1e-200, max = 1e200, log = true }",
        "lot.float { 1, min = 1e-310, max = 1, log = true }",
        "lot.float { 0, min = 0, max = 1e-310 }",
        "lot.float { 1, min = -1e300, max = 1e300 }",
        "lot.float { 1, min = 0, max = 1e12, step = 1e-3 }",
        "lot.int { 0, min = -9007199254740990, max = 0 }",
    ])
    func `ranges as wide as numbers are searched by every sampler`(_ parameter: String) throws {
        for sampler in Self.samplers.dropFirst() {
            // A page a range: it draws the axes.
            let page = sampler == "tpe" ? [] : ["--no-report"]
            let outcome = try wide(parameter, ["--sampler", sampler] + page)
            #expect(outcome.code == 0, outcome.comment)
        }
    }

    @Test func `of a continuum it is said that points were drawn`() throws {
        let box = try SampleSeries.box()
        try box.write(
            "cross.lua",
            SampleSeries.crossScript.replacing(
                "slow = lot", with: "x = lot.float { 1, min = 0, max = 2 }, slow = lot"))
        let outcome = try lot(["--where", "x > 2", "--trials", "9"], box)
        #expect(outcome.code == 64, outcome.comment)
        #expect(outcome.err.contains("none of many points drawn meets \"x > 2\""), outcome.comment)
    }

    @Test(arguments: [
        (["--trials", "2000"], 210), (["--sampler", "random", "--trials", "7"], 7),
        (["--sampler", "tpe", "--trials", "7", "--folds", "2"], 7),
    ])
    func `a study of which the script refuses every point leaves nothing`(
        _ more: [String], _ count: Int
    ) throws {
        let box = try SampleSeries.box()
        // The script's own condition is the opposite; both are met by no point.
        let outcome = try lot(["--where", "fast > slow", "--no-report"] + more, box)
        #expect(outcome.code == 64, outcome.comment)
        #expect(outcome.out.isEmpty, outcome.comment)
        #expect(
            outcome.err.contains(
                "cross.lua: refuses every one of \(count) points: where \"fast < slow\" does not "
                    + "hold"), outcome.comment)
        #expect(!outcome.err.contains("files:"), outcome.comment)
        #expect(try list(box).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: box.path("home/studies")))
        let estimate = try lot(["--where", "fast > slow", "--estimate"] + more, box)
        // A sample begins behind some points that warm up.
        #expect(estimate.code == 64 && estimate.err.contains("--estimate: "), estimate.comment)
    }

    @Test func `trials that ran are not thrown away because fewer are asked for`() throws {
        let box = try SampleSeries.box()
        let study = [
            "--parameter", "fast", "20", "40", "slow", "20", "40", "--sampler", "grid",
            "--no-report", "--study", "s",
        ]
        // The first point of the grid is fast 20, slow 20, which the script refuses.
        let whole = try lot(study, box)
        #expect(whole.code == 0, whole.comment)
        let first = try lot(study + ["--trials", "1"], box)
        #expect(first.code == 64, first.comment)
        #expect(first.err.contains("refuses every one of 1 point:"), first.comment)
        #expect(try ListedStudy("s", in: box)?.trials == 441)
    }

    // MARK: Nowhere to write

    @Test(arguments: [
        // A file where a folder should be; a folder in which the kernel lets nobody make anything.
        ("home/studies", "", [], "folder home/studies", "--home"),
        ("home/studies/s", "", [], "folder home/studies/s", "--home"),
        ("home/studies", "/proc", [], "folder home/studies/s", "--home"),
        ("home/reports", "", ["--split", "0.7"], "folder home/reports", "--home"),
        ("taken", "", ["--junit", "taken/j.xml"], "folder taken", "--junit"),
        ("taken", "", ["--write-params", "taken/b.json"], "folder taken", "--write-params"),
        (
            "there", "/proc", ["--write-params", "there"], "there: cannot be created",
            "another file"
        ),
    ])
    func `a place that cannot be written is found before the search`(
        _ path: String, _ target: String, _ more: [String], _ words: String, _ hint: String
    ) throws {
        let box = try SampleSeries.box()
        if target.isEmpty {
            try box.write(path, "in the way")
        } else {
            try FileManager.default.createSymbolicLink(
                atPath: box.path(path), withDestinationPath: target)
        }
        for engine in [[], ["--engine", "slurm", "--shards", "2"]] {
            let outcome = try lot(
                Self.space + ["--study", "s"] + more + engine, box,
                environment: ["PATH": "/nowhere"])
            #expect(outcome.code == 73, outcome.comment)
            #expect(outcome.err.contains(words), outcome.comment)
            #expect(outcome.err.contains(hint), outcome.comment)
            #expect(outcome.out.isEmpty, outcome.comment)
            #expect(try list(box).isEmpty)
        }
        if !path.hasPrefix("home/studies") {
            #expect(!FileManager.default.fileExists(atPath: box.path("home/studies")))
        }
    }

    // MARK: --resume

    @Test func `a study that there is not cannot be resumed`() throws {
        let box = try SampleSeries.box()
        let before = try box.tree()
        let none = try lot(Self.space + ["--study", "never", "--resume"], box)
        #expect(none.code == 66, none.comment)
        #expect(
            none.err.contains(
                "study never: there are no studies to go on with; leave --resume out to begin it"),
            none.comment)
        #expect(differences(before, try box.tree()).isEmpty)
        #expect(try lot(Self.space + ["--study", "first"], box).code == 0)
        let other = try lot(Self.space + ["--study", "frist", "--resume"], box)
        #expect(other.code == 66 && other.out.isEmpty, other.comment)
        #expect(other.err.contains("did you mean \"first\"?"), other.comment)
        #expect(other.err.contains("\n  first: done, 24 trials\n"), other.comment)
        #expect(try !list(box).contains("frist"))
        #expect(!FileManager.default.fileExists(atPath: box.path("home/studies/frist")))
    }

    @Test func `without a name, in a slice, and where it is set for good, --resume may begin`()
        throws
    {
        let box = try SampleSeries.box()
        let unnamed = try lot(Self.space + ["--resume"], box)
        #expect(unnamed.code == 0 && unnamed.out.contains("24 trials by grid"), unnamed.comment)
        let slice = try lot(Self.space + ["--resume", "--study", "a", "--shard", "0/1"], box)
        #expect(slice.code == 0, slice.comment)
        let merged = try LotBinary.run(
            ["optimize", "merge", "home/studies/a/shards", "--home", "home"], in: box)
        #expect(merged.code == 0, merged.comment)
        let standing = try lot(
            Self.space + ["--study", "b"], box,
            environment: ["LOT__OPTIMIZE__RUN__RESUME": "true"])
        #expect(standing.code == 0, standing.comment)
    }

    // MARK: Slices

    @Test func `a slice says what it passes over, and merging does it`() throws {
        let box = try SampleSeries.box()
        let study = Self.space + ["--study", "s", "--split", "0.6"]
        let first = try lot(study, box)
        #expect(first.code == 0, first.comment)
        try FileManager.default.copyItem(
            atPath: box.path("home/studies/s/study.json"), toPath: box.path("main.json"))
        let gates = [
            "--assert", "trials >= 1000", "--baseline", "main.json", "--junit", "j.xml",
            "--write-params", "w.json",
        ]
        let names = "--assert, --baseline, --junit, --write-params"
        for shard in ["0/2", "1/2"] {
            let slice = try lot(study + gates + ["--shard", shard], box)
            #expect(slice.code == 0, slice.comment)
            let notes = slice.err.split(separator: "\n").filter { $0.contains("passes over") }
            #expect(
                notes == ["a slice passes over \(names): give them to lot optimize merge"],
                slice.comment)
        }
        #expect(!FileManager.default.fileExists(atPath: box.path("j.xml")))
        let plain = try lot(study + ["--shard", "0/2"], box)
        #expect(plain.code == 0 && !plain.err.contains("passes over"), plain.comment)
        let merge = ["optimize", "merge", "home/studies/s/shards", "--home", "home"]
        // What was said to the slices is not the merge's.
        let bare = try LotBinary.run(merge, in: box)
        #expect(bare.code == 0, bare.comment)
        #expect(!FileManager.default.fileExists(atPath: box.path("w.json")))
        let merged = try LotBinary.run(merge + gates, in: box)
        #expect(merged.code == 1, merged.comment)
        #expect(merged.err.contains("trials >= 1000: does not hold"), merged.comment)
        let xml = try String(contentsOfFile: box.path("j.xml"), encoding: .utf8)
        #expect(xml.contains("tests=\"3\" failures=\"1\""), Comment(rawValue: xml))
        #expect(FileManager.default.fileExists(atPath: box.path("w.json")))
    }

    @Test func `a merge that lacks a slice leaves no study`() throws {
        let box = try SampleSeries.box()
        #expect(try lot(Self.space + ["--study", "s", "--shard", "0/2"], box).code == 0)
        let merge = ["optimize", "merge", "home/studies/s/shards", "--home", "home"]
        let outcome = try LotBinary.run(merge, in: box)
        #expect(
            outcome.code == 75 && outcome.err.contains("1 shard of 2 not done"), outcome.comment)
        #expect(try list(box).isEmpty)
        #expect(try lot(Self.space + ["--study", "s", "--shard", "1/2"], box).code == 0)
        #expect(try LotBinary.run(merge, in: box).code == 0)
        #expect(try ListedStudy("s", in: box)?.trials == 24)
    }

    @Test func `a task that is told its study is quiet about what a file says of the end`() throws {
        let box = try SampleSeries.box()
        try box.write("home/lot.toml", "[optimize.run]\nassert = [\"trials >= 1\"]\n")
        let study = Self.space + ["--study", "s"]
        let slice = try lot(study + ["--shard", "0/1"], box)
        #expect(slice.code == 0 && slice.err.contains("passes over --assert"), slice.comment)
        let whole = try lot(study + ["--format", "json"], box)
        let id = try #require(try whole.json()["id"] as? String)
        let expecting = ["--shard", "0/1", "--expect-study", id]
        let task = try lot(study + expecting, box)
        #expect(task.code == 0 && !task.err.contains("passes over"), task.comment)
        let typed = try lot(study + expecting + ["--junit", "j.xml"], box)
        #expect(typed.err.contains("passes over --junit:"), typed.comment)
    }

    // MARK: Words

    @Test(arguments: [
        (["--trials", "-5"], "--trials: -5 is not a number of trials from 1 to 100,000,000"),
        (["--search-seed", "-1"], "--search-seed: \"-1\" is not a value it takes"),
        (["--target", "-1"], "--target: \"-1\" reads no metric"),
        (["--resume", "-1"], "--resume: takes no value, here is \"-1\""),
        (["-j", "-2"], "--jobs: -2 is not a number of threads from 1 to 1,024"),
        (["--folds", "3", "--embargo", "51%"], "--embargo: 51% is not from 0% to 50% of the"),
        (["--folds", "3", "--embargo", "some"], "for example 12h, 2d, or 1% of the window"),
        (["--walk-forward", "5%/2%"], "\"5%\" is not a length of time; for example 180d or 12h"),
        (["--assert", "sharpe > 1 and pbo < 0.2"], "give each its own --assert"),
        (["--assert", "sharpe > 1 or pbo < 0.2"], "there is no or"),
        (
            ["--parameter", "fast", "1", "500", "1"],
            "--parameter: fast: 1 to 500 is beyond the script's own bounds, 2 to 40; stay within"
        ),
        (["--parameter", "fast", "1"], "fast: 1 is beyond the script's own bounds, 2 to 40"),
        (["--param", "fast=1"], "outside 2…40; stay within, or change min and max"),
    ])
    func `what is wrong is said, and what to do`(_ more: [String], _ words: String) throws {
        let outcome = try lot(more, try SampleSeries.box())
        #expect(outcome.code == 64, outcome.comment)
        #expect(outcome.err.contains(words), outcome.comment)
    }

    @Test func `negative bounds and threads without a space are understood`() throws {
        let box = try SampleSeries.box()
        try box.write(
            "cross.lua",
            SampleSeries.crossScript.replacing(
                "slow = lot", with: "shift = lot.int { 0, min = -9, max = 9 }, slow = lot"))
        let study = [
            "--parameter", "fast", "5", "25", "10", "shift", "-5", "5", "5", "slow", "40",
            "--study", "s", "-j2", "--format", "json",
        ]
        let outcome = try lot(study, box)
        #expect(outcome.code == 0, outcome.comment)
        let spec = try #require(try outcome.json()["spec"] as? [String: Any])
        let found = try #require(spec["space"] as? [String: String], "\(spec)")
        #expect(found == ["fast": "5…25 step 10", "shift": "-5…5 step 5"])
        let page = try String(
            contentsOfFile: box.path("home/studies/s/study.html"), encoding: .utf8)
        #expect(page.contains("--parameter &#39;fast 5 25 10 shift -5 5 5 slow 40&#39;"))
        let twice = try lot(["-j2", "-j3"], box)
        #expect(twice.code == 64 && twice.err.contains("-j: given twice"), twice.comment)
    }

    @Test func `a baseline with figures out of sample asks for data that are held back`() throws {
        let box = try SampleSeries.box()
        let main = try lot(Self.space + ["--study", "main", "--split", "0.6"], box)
        #expect(main.code == 0, main.comment)
        let path = "home/studies/main/study.json"
        let outcome = try lot(Self.space + ["--baseline", path], box)
        #expect(outcome.code == 64 && outcome.out.isEmpty, outcome.comment)
        #expect(
            outcome.err.contains("--baseline: \(path) has figures out of sample, split at 2024-"),
            outcome.comment)
        #expect(outcome.err.contains("add the --split, --walk-forward or --folds"), outcome.comment)
    }

    @Test func `the list says how many of all trials are done`() throws {
        let box = try SampleSeries.box()
        let study = Self.space + ["--study", "s", "--folds", "3"]
        #expect(try lot(study, box).code == 0)
        let listed = try #require(try ListedStudy("s", in: box))
        // The main search and three folds, of 24 points each.
        #expect(listed.status == "done" && listed.trials == 96 && listed.planned == 96)
        #expect(try list(box).contains(/trials done +failed/))
        #expect(try list(box).contains(/done +96 +0/))
        // Of a space that is used up early, what was asked for is of no matter.
        let narrow = try lot(
            Self.space + ["--study", "t", "--where", "fast > 30", "--sampler", "random"], box)
        #expect(narrow.code == 0, narrow.comment)
        #expect(try list(box).contains(/t +done +6 +0/))
        try box.write("cross.lua", SampleSeries.slowScript(rounds: 1_000))
        let killed = try LotBinary.killed(
            ["optimize", "cross.lua", "--data", SampleSeries.address, "--home", "home"]
                + ["--study", "u", "--folds", "3", "--sampler", "random", "--trials", "60"],
            study: "u", in: box)
        #expect(killed.isInTheMiddle && killed.planned == 240, "\(killed)")
        #expect(
            try list(box).split(separator: " ").joined(separator: " ").contains(
                " u running \(killed.trials) of 240 "))
    }

    @Test func `the verdict groups a large number of trials`() throws {
        let outcome = try lot(
            ["--parameter", "fast", "2", "40", "slow", "41", "90", "--sampler", "random"]
                + ["--trials", "1200", "--no-report"], try SampleSeries.box())
        #expect(outcome.code == 0, outcome.comment)
        #expect(outcome.out.contains("the best of 1,200 trials"), outcome.comment)
    }

    @Test func `a folder that is no run's says what one is`() throws {
        let box = try SampleSeries.box()
        try box.write("empty/x", "")
        let empty = try LotBinary.run(["report", "verify", "empty", "--home", "home"], in: box)
        #expect(empty.code == 66, empty.comment)
        #expect(
            empty.err.contains(
                "empty: is no run's folder: there is no manifest.json in it; lot backtest writes"),
            empty.comment)
        #expect(try lot(Self.space + ["--study", "s"], box).code == 0)
        let study = try LotBinary.run(
            ["report", "verify", "home/studies/s", "--home", "home"], in: box)
        #expect(study.code == 66, study.comment)
        #expect(study.err.contains("it is a study's: lot optimize show s"), study.comment)
    }

    @Test(arguments: [
        (["report", "explain"], "explain: unexpected argument; did you mean \"lot explain\"? see"),
        (["report", "lits"], "lits: unexpected argument; did you mean \"list\"? see"),
        (["data", "verify", "a:B:1h", "--end", "x"], "--end: unknown option; see lot data verify"),
    ])
    func `a command that stands elsewhere is named with its place`(
        _ words: [String], _ expected: String
    ) throws {
        let outcome = try LotBinary.run(words, in: try Sandbox())
        #expect(outcome.code == 64, outcome.comment)
        #expect(outcome.err.contains(expected), outcome.comment)
    }
}
