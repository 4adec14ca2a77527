import Foundation
import Testing

/// Where output goes, and that it is the same each time.
struct OutputTests {
    static let runFiles = [
        "breakdown.csv", "equity.csv", "manifest.json", "orders.csv", "report.html",
        "result.json", "trades.csv", "summary.txt", "cross.lua",
    ]

    @Test func `two runs give the same bytes in every file and on stdout`() throws {
        let runs = try (0..<2).map { _ in
            let box = try SampleSeries.box()
            let outcome = try LotBinary.run(
                SampleSeries.arguments(
                    "cross.lua", ["--format", "json", "--output", "out", "--report"]),
                in: box)
            #expect(outcome.code == 0, outcome.comment)
            return (files: try box.tree("out"), out: outcome.out)
        }
        let names = Set(runs[0].files.keys.map { $0.split(separator: "/").last.map(String.init) })
        for name in OutputTests.runFiles { #expect(names.contains(name), "no \(name)") }
        let changes = differences(runs[0].files, runs[1].files)
        #expect(changes.isEmpty, "\(changes)")
        #expect(runs[0].out == runs[1].out)
    }

    @Test func `without --report no page is drawn, and the output says where it would come from`()
        throws
    {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(
            SampleSeries.arguments("cross.lua", ["--output", "out"]), in: box)
        #expect(outcome.code == 0, outcome.comment)
        let names = Set(
            try box.tree("out").keys.map { $0.split(separator: "/").last.map(String.init) ?? "" })
        #expect(names == Set(OutputTests.runFiles).subtracting(["report.html"]))
        #expect(outcome.err.contains("files: out (--report adds"), outcome.comment)
    }

    @Test func `--breakdown adds tables, and what is no period is refused with the nearest`() throws
    {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(
            SampleSeries.arguments("cross.lua", ["--breakdown", "month", "weekday", "--no-color"]),
            in: box)
        #expect(outcome.code == 0, outcome.comment)
        // 2,000 hours from 2024-01-01 end on 2024-03-24.
        for period in ["2024-01 ", "2024-02 ", "2024-03 ", "Monday ", "Sunday "] {
            #expect(outcome.out.contains("\n" + period), outcome.comment)
        }
        let wrong = try LotBinary.run(
            SampleSeries.arguments("cross.lua", ["--breakdown", "moth"]), in: box)
        expectRefusal(wrong, code: 64, fragments: ["--breakdown", "month"])
    }

    @Test func `a result keeps to the published schema`() throws {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(
            SampleSeries.arguments("cross.lua", ["--format", "json"]), in: box)
        #expect(outcome.code == 0, outcome.comment)
        #expect(try Package.schemaProblems(outcome.out.utf8) == [])
    }

    @Test func `a run's folder is named by what ran, and running again gives the same folder`()
        throws
    {
        let box = try SampleSeries.box()
        for _ in 0..<2 {
            let outcome = try LotBinary.run(SampleSeries.arguments(), in: box)
            #expect(outcome.code == 0, outcome.comment)
        }
        let manifest = try box.find("manifest.json")
        let folder = manifest.deletingLastPathComponent().lastPathComponent
        #expect(folder.hasPrefix("cross-GENUSDT-1h-"), "\(folder)")
        let digest = folder.split(separator: "-").last ?? ""
        #expect(digest.count == 8 && digest.allSatisfy(\.isHexDigit), "\(folder)")
    }

    @Test func `another parameter, setting or seed makes another folder`() throws {
        let box = try SampleSeries.box()
        let variants: [[String]] = [
            [], ["--param", "fast=9"], ["--fee", "0.0005"], ["--seed", "2"],
            ["--timerange", "20240101-20240301"],
        ]
        for options in variants {
            let outcome = try LotBinary.run(
                SampleSeries.arguments("cross.lua", options), in: box)
            #expect(outcome.code == 0, outcome.comment)
        }
        let manifests = try box.tree().keys.filter { $0.hasSuffix("manifest.json") }
        #expect(manifests.count == variants.count, "\(manifests.sorted())")
    }

    @Test func `with --format json stdout is one JSON object and nothing else`() throws {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(
            SampleSeries.arguments("cross.lua", ["--format", "json", "-v"]), in: box)
        #expect(outcome.code == 0, outcome.comment)
        _ = try outcome.json()
    }

    @Test func `list and verify speak JSON too`() throws {
        let box = try SampleSeries.box()
        for arguments in [["data", "list"], ["data", "verify", SampleSeries.address]] {
            let outcome = try LotBinary.run(
                arguments + ["--home", "home", "--format", "json"], in: box)
            #expect(outcome.code == 0, outcome.comment)
            let value = try? JSONSerialization.jsonObject(with: Data(outcome.out.utf8))
            #expect(value != nil, outcome.comment)
            #expect(outcome.out.contains("GENUSDT"), outcome.comment)
        }
    }

    @Test func `with --format json an error is one JSON object on stderr`() throws {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(
            [
                "backtest", "cross.lua", "--data", "test:NONEUSDT:1h", "--home", "home",
                "--format", "json",
            ], in: box)
        #expect(outcome.code == 66, outcome.comment)
        #expect(outcome.out.isEmpty, outcome.comment)
        let value = try? JSONSerialization.jsonObject(with: Data(outcome.err.utf8))
        let object = try #require(value as? [String: Any], outcome.comment)
        #expect(object["code"] as? Int == 66, outcome.comment)
        let kind = try #require(object["kind"] as? String, outcome.comment)
        #expect(!kind.isEmpty, outcome.comment)
        #expect((object["subject"] as? String)?.contains("NONEUSDT") == true, outcome.comment)
        #expect(object["reason"] is String, outcome.comment)
        #expect((object["hint"] as? String)?.contains("lot data import") == true, outcome.comment)
    }

    @Test func `with --format csv stdout is a table of metrics`() throws {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(
            SampleSeries.arguments("cross.lua", ["--format", "csv"]), in: box)
        #expect(outcome.code == 0, outcome.comment)
        let widths = Set(outcome.out.split(separator: "\n").map { $0.split(separator: ",").count })
        #expect(outcome.out.contains("sharpe"), outcome.comment)
        #expect(!widths.isEmpty, outcome.comment)
    }

    @Test func `--quiet leaves stderr empty`() throws {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(SampleSeries.arguments("cross.lua", ["--quiet"]), in: box)
        #expect(outcome.code == 0, outcome.comment)
        #expect(outcome.err.isEmpty, outcome.comment)
    }

    @Test func `no escape sequence is written where there is no terminal`() throws {
        let box = try SampleSeries.box()
        for options in [[], ["--no-color"]] {
            let outcome = try LotBinary.run(
                SampleSeries.arguments("cross.lua", options), in: box)
            #expect(outcome.code == 0, outcome.comment)
            #expect(!(outcome.out + outcome.err).contains("\u{1b}"), outcome.comment)
        }
    }

    @Test(arguments: [
        SampleSeries.arguments("cross.lua", ["--format", "json"]), ["backtest", "--help"],
        ["data", "list", "--home", "home"],
    ])
    func `a closed stdout ends the program quietly`(arguments: [String]) throws {
        let box = try SampleSeries.box()
        // The reader goes away at once; the exit code is that of `lot`, not of the pipe's end.
        let outcome = try LotBinary.shell(
            #"{ "$0" "$@"; echo $? > code; } | true; cat code"#, arguments, in: box)
        let code = outcome.out.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(["0", "141"].contains(code), outcome.comment)
        #expect(!outcome.err.localizedCaseInsensitiveContains("error"), outcome.comment)
        #expect(!outcome.err.localizedCaseInsensitiveContains("pipe"), outcome.comment)
    }

    @Test func `a full disk is an I/O error, 74`() throws {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.shell(
            #""$0" "$@" > /dev/full"#, SampleSeries.arguments("cross.lua", ["--format", "json"]),
            in: box)
        #expect(outcome.code == 74, outcome.comment)
    }

    @Test func `an output folder that cannot be made is 73`() throws {
        let box = try SampleSeries.box()
        try box.write("occupied", "a file")
        let outcome = try LotBinary.run(
            SampleSeries.arguments("cross.lua", ["--output", "occupied"]), in: box)
        expectRefusal(outcome, code: 73, fragments: ["occupied"])
    }

    @Test func `everything a script names is escaped in the report`() throws {
        let box = try SampleSeries.box()
        let script = SampleSeries.crossScript
            .replacing("\"cross\"", with: #""<script>alert(1)</script>""#)
        try box.write("cross.lua", script)
        let outcome = try LotBinary.run(
            SampleSeries.arguments("cross.lua", ["--output", "out", "--report"]), in: box)
        // A name that is not a plain word may be refused (65); if it runs, it must be harmless.
        guard outcome.code == 0 else {
            expectRefusal(outcome, code: 65, fragments: ["name"])
            return
        }
        let page = String(
            decoding: try Data(contentsOf: try box.find("report.html")), as: UTF8.self)
        #expect(!page.contains("<script>alert"))
    }
}
