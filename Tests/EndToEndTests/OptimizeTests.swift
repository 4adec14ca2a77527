import Foundation
import LotTestSupport
import Testing

/// `lot optimize` as a user and a CI job run it.
struct OptimizeTests {
    private static let space = [
        "--parameter", "fast", "5", "35", "10", "slow", "40", "90", "10",
    ]

    private func lot(
        _ more: [String], _ box: Sandbox, space: [String] = space
    ) throws -> Outcome {
        try LotBinary.run(
            ["optimize", "cross.lua", "--data", SampleSeries.address, "--home", "home"] + space
                + more, in: box)
    }

    /// The files of the only study below a name.
    private func files(_ box: Sandbox, _ name: String = "s") throws -> [String: Data] {
        try box.tree("home/studies/\(name)")
    }

    @Test func `a study has the same bytes on any number of threads`() throws {
        var trees: [[String: Data]] = []
        for jobs in ["1", "2", "3"] {
            let box = try SampleSeries.box()
            let outcome = try lot(
                ["--study", "s", "-j", jobs, "--folds", "3", "--no-report"], box)
            #expect(outcome.code == 0, outcome.comment)
            #expect(outcome.out.contains("24 trials by grid"), outcome.comment)
            trees.append(try files(box))
        }
        #expect(differences(trees[0], trees[1]).isEmpty)
        #expect(differences(trees[0], trees[2]).isEmpty)
        #expect(trees[0].keys.sorted() == ["study.json", "trials.csv"])
    }

    @Test func `the best of a study is what a backtest of its parameters finds`() throws {
        let box = try SampleSeries.box()
        let study = try lot(["--format", "json", "--write-params", "best.json"], box)
        #expect(study.code == 0, study.comment)
        let metrics = try #require(try study.json()["best_metrics"] as? [String: Any])
        let run = try LotBinary.run(
            SampleSeries.arguments("cross.lua", ["--params", "best.json", "--format", "json"]),
            in: box)
        #expect(run.code == 0, run.comment)
        let found = try #require(try run.json()["metrics"] as? [String: Any])
        #expect(metrics.count > 80)
        let script = try String(
            contentsOf: box.folder.appending(path: "cross.lua"), encoding: .utf8)
        try box.write("other.lua", script)
        let other = try LotBinary.run(
            SampleSeries.arguments("other.lua", ["--params", "best.json"]), in: box)
        #expect(other.code == 65, other.comment)
        #expect(other.err.contains("was written for cross.lua, not for other.lua"), other.comment)
        for (key, value) in metrics {
            let (one, other) = (value as? Double, found[key] as? Double)
            #expect(one == other, "\(key): \(String(describing: one)) \(String(describing: other))")
        }
    }

    @Test func `where nothing may be chosen, the JUnit file says so and assertions fail`() throws {
        let box = try SampleSeries.box()
        let none = try lot(
            ["--constraint", "sharpe > 100", "--assert", "sharpe > 0", "--junit", "j.xml"]
                + ["--write-params", "w.json"], box)
        #expect(none.code == 1, none.comment)
        #expect(none.err.contains("no trial meets every constraint"), none.comment)
        let xml = try String(contentsOf: box.folder.appending(path: "j.xml"), encoding: .utf8)
        #expect(xml.contains("tests=\"2\" failures=\"2\""))
        #expect(xml.contains("a trial meets every constraint"))
        #expect(!FileManager.default.fileExists(atPath: box.path("w.json")))
        let undefined = try lot(["--target", "sharpe / 0", "--study", "u"], box)
        #expect(undefined.code == 1, undefined.comment)
        #expect(undefined.err.contains("undefined in every trial"), undefined.comment)
        #expect(!undefined.err.contains("constraint"), undefined.comment)
    }

    @Test func `settings of optimize run hold for the short form too`() throws {
        let box = try SampleSeries.box()
        try box.write("home/lot.toml", "[optimize.run]\ntrials = 3\nsampler = \"random\"\n")
        let short = try lot(["--format", "json", "--study", "a"], box)
        #expect(short.code == 0, short.comment)
        let trials = try #require(try short.json()["trials"] as? [String: Any])
        #expect((trials["ran"] as? Double ?? 0) + (trials["refused"] as? Double ?? 0) == 3)
        let show = try LotBinary.run(
            ["config", "show", "--changed", "--home", "home", "optimize"], in: box)
        #expect(show.code == 0, show.comment)
    }

    @Test(arguments: ["--junit", "--write-params"])
    func `what a search writes takes the place of its own kind only`(_ flag: String) throws {
        let box = try SampleSeries.box()
        try box.write("mine", "mine\n")
        let refused = try lot(["--study", "s", "--assert", "trials >= 1", flag, "mine"], box)
        #expect(refused.code == 73, refused.comment)
        #expect(
            refused.err.contains("mine: is there already; name another file with \(flag)"),
            refused.comment)
        #expect(!FileManager.default.fileExists(atPath: box.path("home/studies/s")))
        for study in ["t", "u"] {
            let done = try lot(["--study", study, "--assert", "trials >= 1", flag, "own"], box)
            #expect(done.code == 0, done.comment)
        }
    }

    @Test func `assertions, a baseline and JUnit make a job fail with 1`() throws {
        let box = try SampleSeries.box()
        let good = try lot(
            ["--study", "s", "--split", "0.6", "--assert", "trials >= 20", "--junit", "j.xml"], box)
        #expect(good.code == 0, good.comment)
        let bad = try lot(
            [
                "--study", "t", "--split", "0.6", "--assert", "oos_sharpe >= 1000",
                "--assert", "trials >= 20", "--junit", "j.xml",
            ], box)
        #expect(bad.code == 1, bad.comment)
        #expect(bad.err.contains("oos_sharpe >= 1000: does not hold"), bad.comment)
        let xml = try String(contentsOf: box.folder.appending(path: "j.xml"), encoding: .utf8)
        #expect(xml.contains("tests=\"2\" failures=\"1\""))
        let same = try lot(
            [
                "--study", "u", "--split", "0.6", "--baseline", "home/studies/s/study.json",
            ], box)
        #expect(same.code == 0, same.comment)
        // A baseline that is better than what is found.
        let path = box.folder.appending(path: "home/studies/s/study.json")
        let text = try String(contentsOf: path, encoding: .utf8)
        let better = text.replacing(/"target": [-0-9.e]+/, with: "\"target\": 99")
        try box.write("better.json", better)
        let worse = try lot(
            ["--study", "v", "--split", "0.6", "--baseline", "better.json", "--tolerance", "0.05"],
            box)
        #expect(worse.code == 1, worse.comment)
    }

    @Test func `a study that is killed goes on where it was`() throws {
        let space = [
            "--parameter", "fast", "2", "40", "slow", "20", "90", "--sampler", "tpe", "--trials",
            "160", "--study", "s", "--no-report", "-q",
        ]
        let line =
            ["optimize", "cross.lua", "--data", SampleSeries.address, "--home", "home"] + space
        let (box, other) = (try SampleSeries.box(), try SampleSeries.box())
        for one in [box, other] {
            try one.write("cross.lua", SampleSeries.slowScript(rounds: 1_000))
        }
        let killed = try LotBinary.killed(line, study: "s", in: box)
        #expect(killed.isInTheMiddle, "\(killed)")
        let resumed = try LotBinary.run(line + ["--resume"], in: box)
        #expect(resumed.code == 0, resumed.comment)
        let whole = try LotBinary.run(line, in: other)
        #expect(whole.code == 0, whole.comment)
        #expect(resumed.out == whole.out)
        #expect(differences(try files(box), try files(other)).isEmpty)
        let shown = try LotBinary.run(["optimize", "show", "s"], in: box)
        #expect(shown.out == whole.out, shown.comment)
        let exported = try LotBinary.run(["optimize", "export", "s"], in: box)
        #expect(Data(exported.out.utf8) == (try files(box))["trials.csv"], exported.comment)
    }

    @Test func `shards make the undivided study, byte for byte`() throws {
        for sampler in ["random", "tpe"] {
            let more = [
                "--study", "s", "--sampler", sampler, "--trials", "40", "--walk-forward", "60d/20d",
                "--no-report",
            ]
            let box = try SampleSeries.box()
            for shard in ["2/3", "0/3", "1/3"] {
                let outcome = try lot(more + ["--shard", shard], box)
                #expect(outcome.code == 0, outcome.comment)
            }
            let merge = [
                "optimize", "merge", "home/studies/s/shards", "--home", "home",
            ]
            let merged = try LotBinary.run(merge, in: box)
            #expect(merged.code == 0, merged.comment)
            let again = try LotBinary.run(merge, in: box)
            #expect(again.out == merged.out)
            let other = try SampleSeries.box()
            let whole = try lot(more, other)
            #expect(whole.code == 0, whole.comment)
            #expect(merged.out == whole.out)
            let names = ["study.json", "trials.csv"]
            for name in names {
                #expect(try files(box)[name] == files(other)[name], "\(sampler) \(name)")
            }
        }
    }

    @Test(arguments: [
        (["--target", "sharp"], 64, "did you mean \"sharpe\"?"),
        (["--target", "sharpe -"], 64, "missing at the end"),
        (["--constraint", "max_drawdown"], 64, "compares nothing"),
        (["--where", "fast < slw"], 64, "did you mean \"slow\"?"),
        (["--where", "fast > 1000"], 64, "no point meets \"fast > 1000\"; searched are fast 5…35"),
        (["--min-trades", "100000"], 1, "no trial meets every constraint"),
        (["--sampler", "tp"], 64, "did you mean \"tpe\"?"),
        (["--trials", "0"], 64, "--trials"),
        (["--split", "0.5", "--folds", "5"], 64, "keep one"),
        (["--split", "1.5"], 64, "between 0 and 1"),
        (["--walk-forward", "9000d/60d"], 64, "too short"),
        (["--folds", "3/3"], 64, "--folds"),
        (["--shard", "4/4"], 64, "--shard"),
        (["--assert", "oos_sharpe > 1"], 64, "held back"),
        (["--assert", "pboo < 1"], 64, "did you mean \"pbo\"?"),
        (["--baseline", "none.json"], 66, "none.json"),
        (["--study", "../x"], 64, "--study"),
        (["--space", "none.toml"], 66, "none.toml"),
        (["--param", "fast=5"], 64, "fixed with --param"),
        (["--target", "sharpe", "--target", "trades", "--sampler", "tpe"], 64, "one target"),
    ])
    func `bad input is refused and says what to do`(
        _ more: [String], _ code: Int, _ words: String
    ) throws {
        let box = try SampleSeries.box()
        let outcome = try lot(more, box)
        #expect(outcome.code == Int32(code), outcome.comment)
        #expect(outcome.err.contains(words), outcome.comment)
    }

    @Test func `a study of something else under the same name is refused with what differs`() throws
    {
        let box = try SampleSeries.box()
        #expect(try lot(["--study", "s", "--no-report"], box).code == 0)
        let other = try lot(["--study", "s", "--no-report", "--fee", "0.002"], box)
        #expect(other.code == 73, other.comment)
        #expect(other.err.contains("0.002 now"), other.comment)
        let list = try LotBinary.run(["optimize", "list", "--format", "csv"], in: box)
        #expect(list.out.contains("1,s,done,24,24,0,"), list.comment)
    }

    @Test func `earlier studies of the same script on the same data are counted`() throws {
        let box = try SampleSeries.box()
        #expect(try lot(["--study", "s", "--no-report"], box).code == 0)
        let second = try lot(["--study", "t", "--no-report", "--target", "calmar"], box)
        #expect(second.code == 0, second.comment)
        #expect(second.out.contains("48  on these data"), second.comment)
        #expect(second.out.contains("24 of them in earlier studies"), second.comment)
    }
}
