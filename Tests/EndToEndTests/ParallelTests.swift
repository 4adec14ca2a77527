import Foundation
import Testing

/// Several runs at once.
struct ParallelTests {
    private static let windows = [
        "--window", "2024-01-01..2024-02-01", "--window", "2024-02-01..", "--window", "..",
    ]

    private func box() throws -> Sandbox {
        let box = try SampleSeries.box()
        try box.write(
            "hold.lua",
            """
            local S = lot.strategy { name = "hold" }
            function S:on_bar(ctx, bar)
              if ctx.position.flat then return { side = "buy" } end
            end
            return S
            """)
        try box.write("broken.lua", "this is no Lua")
        return box
    }

    private func arguments(_ scripts: [String], _ more: [String]) -> [String] {
        ["backtest"] + scripts + ["--data", SampleSeries.address, "--home", "home"] + more
    }

    @Test func `every strategy over every window, the same bytes for any -j`() throws {
        var outputs: [String] = []
        var trees: [[String: Data]] = []
        for jobs in ["1", "2", "4"] {
            let box = try box()
            for format in ["table", "json", "csv"] {
                let outcome = try LotBinary.run(
                    arguments(
                        ["cross.lua", "hold.lua"],
                        ParallelTests.windows + ["-j", jobs, "--format", format]), in: box)
                #expect(outcome.code == 0, outcome.comment)
                outputs.append(outcome.out)
            }
            trees.append(try box.tree("home/reports"))
        }
        #expect(outputs[0] == outputs[3] && outputs[0] == outputs[6])
        #expect(outputs[1] == outputs[4] && outputs[1] == outputs[7])
        #expect(outputs[2] == outputs[5] && outputs[2] == outputs[8])
        #expect(differences(trees[0], trees[1]).isEmpty)
        #expect(differences(trees[0], trees[2]).isEmpty)
        #expect(trees[0].keys.count { $0.hasSuffix("manifest.json") } == 6)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(outputs[1].utf8)) as? [String: Any])
        let runs = try #require(object["runs"] as? [[String: Any]])
        #expect(
            runs.compactMap { $0["strategy"] as? String } == [
                "cross", "cross", "cross", "hold", "hold", "hold",
            ])
        #expect(outputs[2].split(separator: "\r\n").count == 7)
    }

    @Test func `a run among others is the run alone`() throws {
        let alone = try box()
        _ = try LotBinary.run(arguments(["cross.lua"], []), in: alone)
        let among = try box()
        _ = try LotBinary.run(arguments(["hold.lua", "cross.lua"], []), in: among)
        let files = try alone.tree("home/reports")
        let all = try among.tree("home/reports")
        #expect(!files.isEmpty)
        for (path, bytes) in files { #expect(all[path] == bytes, "\(path)") }
    }

    @Test func `a run that fails loses no other, and the code and the table say so`() throws {
        let box = try box()
        let outcome = try LotBinary.run(
            arguments(["cross.lua", "broken.lua", "hold.lua"], ["-j", "2"]), in: box)
        #expect(outcome.code == 65, outcome.comment)
        #expect(outcome.err.contains("lot: broken.lua"), outcome.comment)
        let rows = outcome.out.split(separator: "\n")
        #expect(rows.count == 4, outcome.comment)
        #expect(rows[2].hasSuffix("failed"), outcome.comment)
        let manifests = try box.tree("home/reports").keys.filter { $0.hasSuffix("manifest.json") }
        #expect(manifests.count == 2)
    }

    @Test func `a run that is stopped inside the library loses no other`() throws {
        let box = try box()
        try box.write(
            "slow.lua",
            """
            local S = lot.strategy { name = "slow" }
            function S:on_bar()
              local x, t = ("x"):rep(4 << 20), {}
              local a, b = x .. "a", x .. "b"
              for i = 1, 4000 do t[i] = i % 2 == 0 and a or b end
              table.sort(t)
            end
            return S
            """)
        let outcome = try LotBinary.run(
            arguments(["cross.lua", "slow.lua", "hold.lua"], ["-j", "2"]), in: box)
        #expect(outcome.code == 65, outcome.comment)
        #expect(
            outcome.err.contains("slow.lua: line 6: stopped: 200 ms time limit in on_bar"),
            outcome.comment)
        let rows = outcome.out.split(separator: "\n")
        #expect(rows.count == 4 && rows[2].hasSuffix("failed"), outcome.comment)
    }

    @Test func `a series that is not there fails alone`() throws {
        let box = try box()
        let outcome = try LotBinary.run(
            [
                "backtest", "cross.lua", "--exchange", "test", "-p", "NONEUSDT,GENUSDT", "-i", "1h",
                "--home", "home", "--format", "json",
            ], in: box)
        #expect(outcome.code == 66, outcome.comment)
        let runs = try #require(try outcome.json()["runs"] as? [[String: Any]], outcome.comment)
        #expect(runs.map { $0["status"] as? String } == ["failed", "done"], outcome.comment)
        #expect(runs[0]["code"] as? Int == 66)
    }

    @Test func `assertions hold for each run`() throws {
        let box = try box()
        let outcome = try LotBinary.run(
            arguments(["cross.lua", "hold.lua"], ["--assert", "trades<=1"]), in: box)
        #expect(outcome.code == 1, outcome.comment)
        #expect(outcome.err.contains("for cross.lua"), outcome.comment)
        #expect(!outcome.err.contains("for hold.lua"), outcome.comment)
    }

    @Test func `with --cache only what is missing is run`() throws {
        let box = try box()
        _ = try LotBinary.run(arguments(["cross.lua"], []), in: box)
        let outcome = try LotBinary.run(
            arguments(["cross.lua", "hold.lua"], ["--cache", "--format", "json"]), in: box)
        let runs = try #require(try outcome.json()["runs"] as? [[String: Any]], outcome.comment)
        #expect(runs.map { $0["status"] as? String } == ["cached", "done"], outcome.comment)
    }

    /// The sample begins with 2024, so all of these are one run.
    private static let early = [
        "--window", "2024-01-01..", "--window", "2023-01-01..", "--window", "2022-01-01..",
    ]

    @Test func `what is the same run twice is done once and stands in each row`() throws {
        var outputs: [String] = []
        for jobs in ["1", "2", "4"] {
            let box = try box()
            try box.write("old/cross.lua", SampleSeries.crossScript)
            for _ in 0..<2 {
                let outcome = try LotBinary.run(
                    arguments(
                        ["cross.lua", "old/cross.lua"],
                        ParallelTests.early + ["-j", jobs, "--format", "json", "--cache"]), in: box)
                #expect(outcome.code == 0, outcome.comment)
                outputs.append(outcome.out)
            }
            let runs = try box.tree("home/reports").keys
            #expect(runs.count { $0.hasSuffix("manifest.json") } == 1)
            #expect(!runs.contains { $0.contains(".writing") })
        }
        #expect(Set(outputs).count == 2)
        #expect(outputs[0].components(separatedBy: "\"status\": \"done\"").count == 7)
        #expect(outputs[1].components(separatedBy: "\"status\": \"cached\"").count == 7)
    }

    @Test func `what is the same run twice and fails says so in each row`() throws {
        var outputs: [String] = []
        let script = """
            local S = lot.strategy { name = "late" }
            function S:on_bar(ctx, bar) if bar.close > 0 then error("no") end end
            return S
            """
        for jobs in ["1", "4"] {
            let box = try box()
            try box.write("late.lua", script)
            try box.write("old/late.lua", script)
            let outcome = try LotBinary.run(
                arguments(
                    ["late.lua", "old/late.lua"],
                    ParallelTests.early + ["-j", jobs, "--format", "json"]), in: box)
            #expect(outcome.code == 65, outcome.comment)
            #expect(outcome.out.components(separatedBy: "\"late.lua: line 2").count == 7)
            outputs.append(outcome.out + outcome.err)
        }
        #expect(outputs[0] == outputs[1])
    }

    @Test func `processes that do the same run at once all succeed`() throws {
        let box = try box()
        let processes = try (0..<6).map { _ in
            try LotBinary.start(arguments(["cross.lua"], ["--quiet"]), in: box)
        }
        for process in processes {
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
        let files = try box.tree("home/reports").keys
        #expect(!files.contains { $0.contains(".writing") })
        let verified = try LotBinary.run(
            ["report", "verify", "cross", "--home", "home"], in: box)
        #expect(verified.code == 0, verified.comment)
    }

    @Test(arguments: [["-q"], ["-q"] + early, ["--output", "deep/er/run"]])
    func `a run that there is no room for leaves no folder`(_ more: [String]) throws {
        let box = try box()
        // No file may grow beyond a few KiB: what a full disk does, on any disk.
        let outcome = try LotBinary.shell(
            "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"", arguments(["cross.lua"], more),
            in: box)
        #expect(outcome.code == 73, outcome.comment)
        #expect(outcome.err.contains("cannot write: File too large"), outcome.comment)
        for folder in ["home/reports", "deep"] {
            let names = try? FileManager.default.contentsOfDirectory(atPath: box.path(folder))
            #expect(names ?? [] == [], outcome.comment)
        }
    }

    @Test(arguments: [
        (["cross.lua", "cross.lua"], [], "given twice"),
        (["cross.lua"], ["--data", SampleSeries.address], "given twice"),
        (["cross.lua"], ["--window", "..", "--window", ".."], "given twice"),
        (["cross.lua"], ["--window", "2024"], "not a range"),
        (["cross.lua"], ["--window", "2024-02-01..2024-01-01"], "not before"),
        (["cross.lua"], ["--window", "..", "--start", "2024-01-01"], "keep one form"),
        (["cross.lua", "hold.lua"], ["--output", "x"], "--output"),
        (["cross.lua", "hold.lua"], ["-j", "0"], "--jobs"),
    ])
    func `what makes no sense is 64`(
        scripts: [String], options: [String], fragment: String
    ) throws {
        let box = try box()
        expectRefusal(
            try LotBinary.run(arguments(scripts, options), in: box), code: 64,
            fragments: [fragment])
    }

    @Test(arguments: [("INT", "130"), ("TERM", "143")])
    func `a signal leaves finished runs, each whole, and nothing else`(
        signal: String, code: String
    ) throws {
        let box = try box()
        try box.write(
            "slow.lua",
            """
            local S = lot.strategy { name = "slow" }
            function S:on_bar(ctx, bar)
              local x = 0
              for i = 1, 20000 do x = x + i end
              if ctx.position.flat then return { side = "buy" } end
            end
            return S
            """)
        var windows: [String] = []
        for day in 1...60 {
            let end = String(format: "2024-%02d-%02d", 1 + day / 28, 1 + day % 28)
            windows += ["--window", "2024-01-01.." + end]
        }
        let outcome = try LotBinary.shell(
            #""$0" "$@" > out 2> err & p=$!; sleep 1.2; kill -\#(signal) $p; wait $p; echo $?"#,
            arguments(["slow.lua"], windows + ["-j", "2", "--format", "json"]), in: box)
        #expect(outcome.out == code + "\n", outcome.comment)
        let err = String(
            decoding: try Data(contentsOf: box.folder.appending(path: "err")), as: UTF8.self)
        #expect(err.contains("interrupted: "), "\(err)")
        let out = try JSONSerialization.jsonObject(
            with: Data(contentsOf: box.folder.appending(path: "out")))
        let runs = try #require((out as? [String: Any])?["runs"] as? [[String: Any]])
        let done = runs.filter { $0["status"] as? String == "done" }
        let rest = runs.filter { $0["status"] as? String == "not_run" }
        #expect(!done.isEmpty && !rest.isEmpty && done.count + rest.count == 60)
        let reports = box.folder.appending(path: "home/reports")
        let folders = try FileManager.default.contentsOfDirectory(atPath: reports.path)
        #expect(folders.count == Set(done.compactMap { $0["folder"] as? String }).count)
        for folder in folders {
            let verified = try LotBinary.run(
                ["report", "show", folder, "--home", "home"], in: box)
            #expect(verified.code == 0 && verified.err.isEmpty, verified.comment)
        }
    }
}
