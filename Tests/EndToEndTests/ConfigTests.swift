import Foundation
import Testing

/// Settings from `lot.toml`, the environment and the strategy, as a user meets them.
struct ConfigTests {
    private static let script = """
        local S = lot.strategy {
          name = "own",
          settings = { fee = 0.0004, slippage = "bps:9", data = "test:GENUSDT:1h" },
        }
        function S:rules(ctx)
          local a, b = ta.sma(ctx.close, 20), ta.sma(ctx.close, 100)
          return { enter_long = a:crosses_above(b), exit_long = a:crosses_below(b) }
        end
        return S
        """

    private func workspace() throws -> Sandbox {
        let box = try Sandbox()
        try box.copy(Package.root.appending(path: "datasets/test"), to: "datasets/test")
        try box.write("s.lua", Self.script)
        return box
    }

    private func settings(_ outcome: Outcome) throws -> [String: String] {
        let object = try outcome.json()
        let settings = object["settings"] as? [String: Any] ?? [:]
        return settings.mapValues { "\($0)" }
    }

    @Test func `the values in effect are those of the result and its manifest`() throws {
        let box = try workspace()
        try box.write("lot.toml", "[backtest]\nslippage = \"bps:7\"\ncash = 5000\n")
        let outcome = try LotBinary.run(
            ["backtest", "s.lua", "--seed", "3", "--format", "json"], in: box,
            environment: ["LOT__BACKTEST__CASH": "700"])
        #expect(outcome.code == 0, outcome.comment)
        let found = try settings(outcome)
        #expect(found["maker_fee"] == "0.0004" && found["taker_fee"] == "0.0004")
        #expect(found["slippage"] == "bps:7.0")
        #expect(found["starting_cash"] == "700")
        #expect(found["seed"] == "3")
        let manifest = try JSONSerialization.jsonObject(
            with: Data(contentsOf: box.find("manifest.json")))
        let inputs = (manifest as? [String: Any])?["inputs"] as? [String: Any]
        let recorded = (inputs?["settings"] as? [String: Any] ?? [:]).mapValues { "\($0)" }
        #expect(recorded == found)

        // The same said on the command line is the same run.
        let other = try workspace()
        let flags = try LotBinary.run(
            [
                "backtest", "s.lua", "--seed", "3", "--cash", "700", "--slippage", "bps:7", "--fee",
                "0.0004", "--data", "test:GENUSDT:1h", "--format", "json",
            ], in: other)
        #expect(flags.out == outcome.out)
    }

    @Test func `a run is verified as it was, whatever lot.toml says today`() throws {
        let box = try workspace()
        #expect(try LotBinary.run(["backtest", "s.lua"], in: box).code == 0)
        try box.write(
            "lot.toml", "[backtest]\nfee = 0.4\ncash = 1\nstart = 2024-01-01\ndata = \"a:B:1h\"\n")
        let run = try box.find("manifest.json").deletingLastPathComponent().lastPathComponent
        let verified = try LotBinary.run(["report", "verify", run], in: box)
        #expect(verified.code == 0, verified.comment)
        #expect(verified.out.contains("same: "), verified.comment)
    }

    @Test func `config show says who decided`() throws {
        let box = try workspace()
        try box.write("lot.toml", "[backtest]\nslippage = \"bps:7\"\n\ncash = 5000\n")
        let outcome = try LotBinary.run(
            [
                "config", "show", "--format", "json", "backtest", "s.lua", "--seed", "3",
            ], in: box, environment: ["LOT__BACKTEST__GAPS": "fill"])
        #expect(outcome.code == 0, outcome.comment)
        let rows = try outcome.json()["settings"] as? [[String: Any]] ?? []
        let places = Dictionary(
            uniqueKeysWithValues: rows.map { row in
                (
                    row["key"] as? String ?? "",
                    "\(row["value"] ?? "") \(row["origin"] ?? "") \(row["place"] ?? "")"
                )
            })
        #expect(places["fee"] == "0.0004 strategy s.lua:3")
        #expect(places["slippage"] == "bps:7 file lot.toml:2")
        #expect(places["cash"] == "5000 file lot.toml:4")
        #expect(places["gaps"] == "fill environment LOT__BACKTEST__GAPS")
        #expect(places["seed"] == "3 flag --seed")
        #expect(places["volume-limit"] == "0.1 default ")
        let all = try LotBinary.run(["config", "show"], in: box)
        #expect(all.code == 0, all.comment)
        for section in ["general", "backtest", "data import", "report verify"] {
            #expect(all.out.contains("\n\(section)\n") || all.out.hasPrefix("\(section)\n"))
        }
    }

    @Test(arguments: [
        ("[backtest]\nfe = 1", "lot: lot.toml:2: unknown key \"fe\" in [backtest]; did you mean"),
        ("[backtest]\nfee = \"x\"", "lot: lot.toml:2: fee: \"x\" is not a rate below 0.5"),
        ("[backtest]\nscript-time = \"x\"", "lot: lot.toml:2: script-time: \"x\" is not a value"),
        ("[backtest]\ngaps = \"hald\"", "lot: lot.toml:2: gaps: \"hald\" is not known"),
        ("[general]\nformat = \"xml\"", "lot: lot.toml:2: format: \"xml\" is not a form"),
        ("[explian]", "lot: lot.toml:1: unknown section \"explian\"; did you mean \"explain\"?"),
    ]) func `a wrong file ends with 78 and its line`(_ text: String, _ expected: String) throws {
        let box = try workspace()
        try box.write("lot.toml", text + "\n")
        let outcome = try LotBinary.run(["backtest", "s.lua"], in: box)
        #expect(outcome.code == 78, outcome.comment)
        #expect(outcome.err.hasPrefix(expected), outcome.comment)
        #expect(outcome.out.isEmpty, outcome.comment)
        #expect(try LotBinary.run(["config", "path"], in: box).code == 0)
    }

    @Test func `a wrong setting of a strategy is the script's fault`() throws {
        let box = try workspace()
        for (wrong, expected) in [
            ("fe = 1", "s.lua:3: unknown setting \"fe\"; did you mean \"fee\"?"),
            ("fee = \"x\"", "s.lua:3: fee: \"x\" is not a rate"),
            ("script_memory = 9000", "unknown setting \"script_memory\""),
            ("output = \"/tmp/x\"", "unknown setting \"output\""),
            ("fill_on_touch = 1", "s.lua:3: settings.fill-on-touch: a value of another kind"),
        ] {
            try box.write(
                "s.lua", Self.script.replacing("fee = 0.0004", with: wrong))
            let outcome = try LotBinary.run(["backtest", "s.lua"], in: box)
            #expect(outcome.code == 65, outcome.comment)
            #expect(outcome.err.contains(expected), outcome.comment)
        }
    }

    @Test(arguments: [("relative", "must be absolute"), ("/nowhere/at/all", "no such folder")])
    func `config show says why a workspace cannot be used`(_ home: String, _ reason: String) throws
    {
        let box = try workspace()
        let environment = ["LOT_HOME": home]
        let list = try LotBinary.run(["data", "list"], in: box, environment: environment)
        #expect([66, 78].contains(list.code) && list.err.contains(reason), list.comment)
        let show = try LotBinary.run(
            ["config", "show", "--format", "json"], in: box, environment: environment)
        let places = try show.json()["places"] as? [[String: Any]] ?? []
        let problem = places.first { $0["name"] as? String == "workspace" }?["problem"] as? String
        #expect(problem?.hasPrefix(reason) == true, show.comment)
        let table = try LotBinary.run(["config", "show"], in: box, environment: environment)
        #expect(table.out.contains("LOT_HOME: " + reason), table.comment)
    }

    @Test func `another file is read with --config, and none where it is not`() throws {
        let box = try workspace()
        try box.write("other.toml", "[backtest]\ncash = 123\n")
        let outcome = try LotBinary.run(
            ["backtest", "s.lua", "--config", "other.toml", "--format=json"], in: box)
        #expect(try settings(outcome)["starting_cash"] == "123")
        let missing = try LotBinary.run(["backtest", "s.lua", "--config", "no.toml"], in: box)
        #expect(missing.code == 66, missing.comment)
    }

    @Test func `config init writes a file that sets nothing, once`() throws {
        let box = try workspace()
        let made = try LotBinary.run(["config", "init"], in: box)
        #expect(made.code == 0, made.comment)
        let show = try LotBinary.run(["config", "show", "--changed"], in: box)
        #expect(show.code == 0 && show.out.isEmpty, show.comment)
        let again = try LotBinary.run(["config", "init"], in: box)
        #expect(again.code == 73, again.comment)
    }
}

/// `lot new`, `lot completions`, `lot schema`.
struct ToolingTests {
    @Test(arguments: ["rules", "events", "orders"])
    func `a new strategy runs at once and passes its check`(template: String) throws {
        let box = try Sandbox()
        try box.copy(Package.root.appending(path: "datasets/test"), to: "datasets/test")
        let made = try LotBinary.run(
            ["new", "strategy", "mine", "--template", template], in: box)
        #expect(made.code == 0 && made.out == "strategies/mine.lua\n", made.comment)
        let again = try LotBinary.run(["new", "strategy", "mine"], in: box)
        #expect(again.code == 73, again.comment)
        let run = ["backtest", "strategies/mine.lua", "--data", "test:GENUSDT:1h"]
        let outcome = try LotBinary.run(run + ["--assert", "trades>=10"], in: box)
        #expect(outcome.code == 0, outcome.comment)
        #expect(!outcome.err.contains("warning"), outcome.comment)
        let checked = try LotBinary.run(run + ["--check"], in: box)
        #expect(checked.code == 0, checked.comment)
    }

    @Test(arguments: ["../x", "a b", "", ".x", "ä", "a/b"])
    func `a name that is no file name is refused`(name: String) throws {
        let box = try Sandbox()
        let before = try box.tree()
        let outcome = try LotBinary.run(["new", "strategy", name], in: box)
        #expect(outcome.code == 64, outcome.comment)
        #expect(try box.tree() == before)
    }

    @Test func `annotations are written for the editor, and its own settings are kept`() throws {
        let box = try Sandbox()
        let made = try LotBinary.run(["new", "annotations"], in: box)
        #expect(made.code == 0, made.comment)
        let library = try String(
            contentsOf: box.folder.appending(path: ".lot/library/lot.lua"), encoding: .utf8)
        #expect(library.contains("function ta.sma(x, length) end"))
        let settings = try Data(contentsOf: box.folder.appending(path: ".luarc.json"))
        #expect(try JSONSerialization.jsonObject(with: settings) is [String: Any])
        try box.write(".luarc.json", "{}")
        #expect(try LotBinary.run(["new", "annotations"], in: box).code == 0)
        #expect(
            try Data(contentsOf: box.folder.appending(path: ".luarc.json")) == Data("{}".utf8))
        let printed = try LotBinary.run(["new", "annotations", "--print"], in: box)
        #expect(printed.out == library)
    }

    @Test func `bash completes commands, options, files and stored series`() throws {
        let box = try Sandbox()
        try box.copy(Package.root.appending(path: "datasets/test"), to: "datasets/test")
        let script = """
            "$0" completions bash > c.sh && . ./c.sh
            lot() { "$LOT" "$@"; }; LOT=$0
            try() {
              COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_TYPE=9
              COMP_POINT=${#COMP_LINE}; COMPREPLY=()
              _lot lot "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
              echo "${COMPREPLY[*]}"
            }
            try lot back; try lot backtest --slipp; try lot backtest s.lua --format j
            try lot backtest s.lua --data t
            try lot data delete t; try lot data export t; try lot data resample t
            try lot data verify t; try lot backtest s.lua --intrabar o
            try lot backtest s.lua --gaps f; try lot data delete a t
            """
        let outcome = try LotBinary.shell("exec bash -c '\(script)' \"$0\"", [], in: box)
        #expect(outcome.code == 0, outcome.comment)
        let series = "test:GENUSDT:1h"
        let words =
            ["backtest", "--slippage", "json"] + Array(repeating: series, count: 5)
            + ["ohlc", "fill", series]
        #expect(outcome.out.split(separator: "\n").map(String.init) == words, outcome.comment)
        for shell in ["zsh", "fish"] {
            let other = try LotBinary.run(["completions", shell], in: box)
            #expect(other.code == 0 && other.out.contains("volume-limit"), other.comment)
        }
        let bad = try LotBinary.run(["completions", "tcsh"], in: box)
        #expect(bad.code == 64, bad.comment)
    }

    @Test func `the schema printed is the one published`() throws {
        let box = try Sandbox()
        let outcome = try LotBinary.run(["schema"], in: box)
        let published = try String(
            contentsOf: Package.root.appending(path: "docs/result.schema.json"), encoding: .utf8)
        #expect(outcome.out == published)
    }
}
