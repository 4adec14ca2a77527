import Foundation
import LotTestSupport
import Testing

/// `--halving`, `--estimate` and `--max-memory` as a user gives them.
struct HalvingCommandTests {
    private static let halving = [
        "--study", "s", "--sampler", "random", "--trials", "90", "--halving", "3", "--rungs", "3",
        "--parameter", "fast", "2", "30", "slow", "31", "90", "--no-report",
    ]

    private func lot(_ more: [String], _ box: Sandbox) throws -> Outcome {
        try LotBinary.run(
            ["optimize", "cross.lua", "--data", SampleSeries.address, "--home", "home"] + more,
            in: box)
    }

    @Test func `threads, shards and interruptions halve in the same way`() throws {
        var trees: [[String: Data]] = []
        for jobs in ["1", "2"] {
            let box = try SampleSeries.box()
            let outcome = try lot(Self.halving + ["-j", jobs], box)
            #expect(outcome.code == 0, outcome.comment)
            #expect(
                outcome.out.contains(
                    "90 trials by random, halved by 3 in 3 rungs: 130 runs, 10 of them over all of "
                        + "the data"), outcome.comment)
            #expect(outcome.out.contains("90  on these data"), outcome.comment)
            #expect(outcome.out.contains("only 10 of 90 points ran over all days"))
            trees.append(try box.tree("home/studies/s"))
        }
        let box = try SampleSeries.box()
        for shard in ["1/2", "0/2"] {
            let outcome = try lot(Self.halving + ["--shard", shard], box)
            #expect(outcome.code == 0, outcome.comment)
        }
        let merged = try LotBinary.run(
            ["optimize", "merge", "home/studies/s/shards", "--home", "home"], in: box)
        #expect(merged.code == 0, merged.comment)
        trees.append(try box.tree("home/studies/s").filter { trees[0].keys.contains($0.key) })
        #expect(differences(trees[0], trees[1]).isEmpty)
        #expect(differences(trees[0], trees[2]).isEmpty)
        let rows = try readTable(box.folder.appending(path: "home/studies/s/trials.csv"))
        #expect((0..<3).map { rung in rows.count { $0["rung"] == "\(rung)" } } == [90, 30, 10])
        let exported = try LotBinary.run(["optimize", "export", "s"], in: box)
        #expect(Data(exported.out.utf8) == trees[0]["trials.csv"], exported.comment)
        // A further study counts the points of this one, each once.
        let second = try lot(["--study", "t", "--trials", "5", "--no-report"], box)
        #expect(second.out.contains("90 of them in earlier studies"), second.comment)
    }

    @Test func `a study that is killed goes on in its round`() throws {
        let line =
            ["optimize", "cross.lua", "--data", SampleSeries.address, "--home", "home", "-q"]
            + Self.halving
        let (box, other) = (try SampleSeries.box(), try SampleSeries.box())
        // A trial of the first round runs over a ninth of the bars.
        for one in [box, other] {
            try one.write("cross.lua", SampleSeries.slowScript(rounds: 6_000))
        }
        let killed = try LotBinary.killed(line, study: "s", in: box)
        #expect(killed.isInTheMiddle, "\(killed)")
        let resumed = try LotBinary.run(line + ["--resume"], in: box)
        #expect(resumed.code == 0, resumed.comment)
        let whole = try LotBinary.run(line, in: other)
        #expect(resumed.out == whole.out)
        #expect(
            differences(try box.tree("home/studies"), try other.tree("home/studies")).isEmpty)
    }

    @Test(arguments: [
        (["--halving", "3", "--sampler", "tpe"], "learns from every trial"),
        (["--halving", "1"], "not a factor"), (["--rungs", "3"], "goes with --halving"),
        (["--halving", "3", "--rungs", "1"], "not a number of rounds"),
        (["--halving", "30", "--sampler", "random", "--trials", "20"], "cannot be divided"),
        (["--max-memory", "lots"], "is not a size;"), (["--max-memory", "20M"], "takes about"),
        (["--max-memory", "99999999999G"], "99999999999G is more than 1024T"),
        (["--max-memory", "12K"], "12K is less than 1M"), (["--max-memory=-1G"], "not a size;"),
        (["--estimate", "--shard", "0/2"], "whole study"),
    ])
    func `what cannot be is refused`(_ more: [String], _ words: String) throws {
        let outcome = try lot(more, try SampleSeries.box())
        #expect(outcome.code == 64, outcome.comment)
        #expect(outcome.err.contains(words), outcome.comment)
    }

    @Test func `an estimate writes nothing and counts every run`() throws {
        let box = try SampleSeries.box()
        let before = try box.tree(".")
        let more = [
            "--estimate", "--sampler", "random", "--trials", "300", "--folds", "3",
            "--max-memory", "2G",
        ]
        let table = try lot(more, box)
        #expect(table.code == 0, table.comment)
        #expect(table.out.contains("4 searches of 300 each"), table.comment)
        let outcome = try lot(more + ["--format", "json"], box)
        #expect(outcome.code == 0, outcome.comment)
        let json = try outcome.json()
        #expect(json["schema"] as? String == "lot.estimate/1")
        #expect(json["runs"] as? Double == 1_200)
        #expect(json["sample_runs"] as? Double == 64)
        let perRun = try #require(json["seconds_a_run"] as? Double)
        let seconds = try #require(json["seconds"] as? Double)
        // The main search and three over two thirds of it: 300 and 600 runs over everything, and
        // some more for the tests.
        #expect(seconds > 880 * perRun && seconds < 910 * perRun, "\(seconds) \(perRun)")
        #expect(differences(before, try box.tree(".")).isEmpty)
    }

    /// The most memory of a process, in mebibytes, as the kernel counts it.
    private func peak(_ more: [String], _ box: Sandbox) throws -> Int {
        let outcome = try LotBinary.shell(
            """
            "$0" "$@" >out.txt 2>err.txt & p=$!
            while grep VmHWM /proc/$p/status >now.txt 2>/dev/null; do
              [ -s now.txt ] && cp now.txt last.txt; sleep 0.02
            done
            wait $p || exit 1
            cat last.txt
            """,
            ["optimize", "cross.lua", "--data", "test:LONGUSDT:1m", "--home", "home"] + more,
            in: box)
        #expect(outcome.code == 0, outcome.comment)
        let words = outcome.out.split(whereSeparator: \.isWhitespace)
        return (Int(words.dropFirst().first ?? "") ?? .max) / 1_024
    }

    @Test func `a study stays within the memory that it is allowed`() throws {
        let box = try SampleSeries.box()
        let made = try LotBinary.run(
            [
                "data", "generate", "--as", "test:LONGUSDT:1m", "--rows", "200000", "--home",
                "home",
            ], in: box)
        #expect(made.code == 0, made.comment)
        let study = [
            "--sampler", "random", "--trials", "400", "--folds", "2", "--no-report",
            "--parameter", "fast", "2", "30", "slow", "31", "90", "-j", "2",
        ]
        let free = try peak(study + ["--study", "a"], box)
        let bound = try peak(study + ["--study", "b", "--max-memory", "120M"], box)
        #expect(bound <= 120, "\(bound) MiB, without a limit \(free)")
        let files = ["trials.csv"].map { "home/studies/a/" + $0 }
        for file in files {
            let one = try Data(contentsOf: box.folder.appending(path: file))
            let other = try Data(
                contentsOf: box.folder.appending(
                    path: file.replacingOccurrences(of: "/a/", with: "/b/")))
            #expect(one == other)
        }
        let short = try LotBinary.run(
            ["optimize", "cross.lua", "--data", "test:LONGUSDT:1m", "--home", "home"]
                + study + ["--study", "c", "--max-memory", "60M"], in: box)
        #expect(short.code == 64, short.comment)
        #expect(short.err.contains("with one thread this study takes about"), short.comment)
    }
}
