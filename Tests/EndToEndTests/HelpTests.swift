import Foundation
import Testing

/// The help of every command, as a user reads it, kept in `Golden/help/`.
///
/// `LOT_UPDATE_SNAPSHOTS=1 swift test --filter HelpTests` writes the files anew; look at the diff.
struct HelpTests {
    static let commands: [[String]] = [
        [], ["backtest"], ["optimize"], ["optimize", "run"], ["optimize", "list"],
        ["optimize", "show"], ["optimize", "export"], ["optimize", "merge"], ["data"],
        ["data", "import"], ["data", "list"], ["data", "verify"],
        ["data", "generate"], ["data", "resample"], ["data", "export"], ["data", "delete"],
        ["data", "instruments"], ["data", "instruments", "import"],
        ["data", "instruments", "list"], ["report"], ["report", "list"], ["report", "show"],
        ["report", "diff"], ["report", "verify"], ["explain"], ["indicators"],
        ["config"], ["config", "show"], ["config", "path"], ["config", "init"], ["new"],
        ["new", "strategy"], ["new", "annotations"], ["completions"], ["schema"],
    ]

    @Test(arguments: commands)
    func `--help is what it was`(command: [String]) throws {
        let box = try Sandbox()
        let outcome = try LotBinary.run(command + ["--help"], in: box)
        #expect(outcome.code == 0, outcome.comment)
        #expect(outcome.err.isEmpty, outcome.comment)
        let long = outcome.out.split(separator: "\n")
            .filter { $0.count > 100 && !$0.hasPrefix("USAGE: ") }
        #expect(long.isEmpty, "lines over 100 columns: \(long)")
        try expectSnapshot((["lot"] + command).joined(separator: "-"), outcome)
    }

    @Test(arguments: commands)
    func `lot help COMMAND is COMMAND --help`(command: [String]) throws {
        let box = try Sandbox()
        let flag = try LotBinary.run(command + ["--help"], in: box)
        let word = try LotBinary.run(["help"] + command, in: box)
        #expect(word.code == 0, word.comment)
        #expect(word.out == flag.out, word.comment)
    }

    @Test func `lot alone shows the help`() throws {
        let box = try Sandbox()
        let outcome = try LotBinary.run([], in: box)
        #expect(outcome.code == 0 || outcome.code == 64, outcome.comment)
        #expect((outcome.out + outcome.err).contains("backtest"), outcome.comment)
    }

    @Test func `an indicator is shown by any of its names`() throws {
        let box = try Sandbox()
        let one = try LotBinary.run(["indicators", "stdev"], in: box)
        #expect(one.code == 0 && one.out.contains("STDDEV"), one.comment)
        let all = try LotBinary.run(["indicators"], in: box)
        #expect(all.code == 0 && all.out.contains("supertrend(ctx, length"), all.comment)
        let wrong = try LotBinary.run(["indicators", "smaa"], in: box)
        #expect(wrong.code == 64 && wrong.err.contains("sma"), wrong.comment)
    }

    @Test func `--version is one line`() throws {
        let box = try Sandbox()
        let outcome = try LotBinary.run(["--version"], in: box)
        #expect(outcome.code == 0, outcome.comment)
        #expect(outcome.out.split(separator: "\n").count == 1, outcome.comment)
    }

    @Test func `every option of backtest is in its help`() throws {
        let box = try Sandbox()
        let help = try LotBinary.run(["backtest", "--help"], in: box).out
        for option in [
            "--data", "--exchange", "--pairs", "--timeframe", "--timerange", "--start", "--end",
            "--param", "--cash", "--starting-balance", "--fee", "--slippage", "--volume-limit",
            "--gaps", "--fill-on-touch", "--intrabar", "--instrument", "--seed", "--format",
            "--output", "--report", "--breakdown", "--assert", "--window", "--cache", "--check",
            "--jobs", "--quiet", "--verbose", "--no-color",
            "--home",
        ] {
            #expect(help.contains(option), "no \(option) in\n\(help)")
        }
    }

    private func expectSnapshot(_ name: String, _ outcome: Outcome) throws {
        let file = Package.tests.appending(path: "Golden/help/\(name).txt")
        if ProcessInfo.processInfo.environment["LOT_UPDATE_SNAPSHOTS"] == "1" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(outcome.out.utf8).write(to: file)
            return
        }
        guard let bytes = try? Data(contentsOf: file) else {
            Issue.record("no \(file.path); make it with LOT_UPDATE_SNAPSHOTS=1")
            return
        }
        let expected = String(decoding: bytes, as: UTF8.self)
        #expect(
            outcome.out == expected,
            "expected\n\(expected)\n\(outcome.comment)\nLOT_UPDATE_SNAPSHOTS=1 takes the new one")
    }
}
