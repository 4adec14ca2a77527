import Glibc
import LotCore
import Testing

@testable import LotCommands

/// Which value an option has when several places set it, and what is refused.
@Suite struct ConfigurationTests {
    private static var backtest: [OptionInfo] {
        CommandTree.named(by: ["backtest"]).options()
    }

    private static func setting(
        _ key: String, _ values: [String], _ origin: SettingOrigin, _ section: [String] = []
    ) -> Setting {
        Setting(section: section, key: key, values: values, origin: origin)
    }

    private func configuration(
        _ settings: [Setting], _ words: [String] = []
    ) -> Configuration {
        Configuration(
            path: ["backtest"], words: words, options: Self.backtest, settings: settings,
            file: nil)
    }

    private func effective(_ key: String, _ configuration: Configuration) throws -> [String]? {
        try #require(configuration.effective.first { $0.option.key == key }).values
    }

    /// Writes a file and reads it as a configuration.
    private func read(_ text: String, mode: mode_t = 0o644) throws -> [Setting] {
        var template = Array("/tmp/lot-config-XXXXXX".utf8CString)
        let descriptor = unsafe mkstemp(&template)
        let path = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unsafe unlink(path) }
        Console.put(text, descriptor)
        _ = unsafe chmod(path, mode)
        close(descriptor)
        var catalog = OptionCatalog()
        do throws(Diagnosis) {
            return try ConfigFile(path, catalog: &catalog).settings
        } catch {
            var short = error
            short.subject = error.subject.split(separator: path, omittingEmptySubsequences: false)
                .joined(separator: "lot.toml")
            throw short
        }
    }

    private func environment(_ name: String, _ value: String) throws -> [Setting] {
        var catalog = OptionCatalog()
        return try EnvironmentSettings.read([(name, value)], catalog: &catalog)
    }

    // MARK: Every option

    @Test func `options of backtest are found with their kinds`() throws {
        let options = Self.backtest
        let cash = try #require(options.first { $0.key == "cash" })
        #expect(cash.names.contains("--starting-balance"))
        #expect(cash.defaultValue == "10000")
        #expect(options.first { $0.key == "report" }?.isFlag == true)
        #expect(options.first { $0.key == "data" }?.isRepeating == true)
        #expect(options.first { $0.key == "breakdown" }?.takesRest == true)
        #expect(!options.contains { ["home", "config", "help", "version"].contains($0.key) })
        #expect(options.count > 25)
    }

    /// A text of a kind that the option's type takes: whole numbers are read by all.
    private static func sample(_ option: OptionInfo) -> String {
        option.isFlag ? "true" : option.valueName.contains("=") ? "a=1" : "7"
    }

    @Test(arguments: Self.backtest.map(\.key))
    func `every option of backtest can be set by file and by environment`(key: String) throws {
        let option = try #require(Self.backtest.first { $0.key == key })
        let text = Self.sample(option)
        let quoted = option.isFlag ? text : "\"\(text)\""
        let name = key.uppercased().split(separator: "-").joined(separator: "_")
        let places = [
            try read("[backtest]\n\(key) = \(quoted)"),
            try read("[backtest]\n\(name.lowercased()) = \(quoted)"),
            try environment("LOT__BACKTEST__" + name, text),
        ]
        for settings in places {
            let made = configuration(settings, ["s.lua"])
            #expect(try effective(key, made) == [text])
            let word = option.isFlag ? "--\(key)" : "--\(key)=\(text)"
            #expect(made.arguments.contains(word))
            #expect(try made.parsed() is BacktestCommand)
            // The command line goes first.
            if !option.isFlag {
                let own = configuration(settings, ["s.lua", "--\(key)", "8=8"])
                #expect(try effective(key, own) == ["8=8"])
                #expect(!own.arguments.contains(word))
            } else {
                let own = configuration(settings, ["s.lua", "--no-\(key)"])
                #expect(try effective(key, own) == ["false"])
                #expect(own.arguments == ["backtest", "s.lua"])
            }
        }
    }

    // MARK: Precedence

    @Test func `the command line goes before environment, file, strategy and default`() throws {
        var settings: [Setting] = []
        var words = ["s.lua"]
        #expect(try effective("cash", configuration(settings)) == ["10000"])
        settings.append(Self.setting("fee", ["1"], .strategy(file: "s.lua", line: 3)))
        #expect(try effective("fee", configuration(settings)) == ["1"])
        settings.insert(Self.setting("fee", ["2"], .file(path: "lot.toml", line: 1)), at: 0)
        #expect(try effective("fee", configuration(settings)) == ["2"])
        settings.insert(Self.setting("fee", ["3"], .environment(name: "LOT__X")), at: 0)
        #expect(try effective("fee", configuration(settings)) == ["3"])
        words += ["--fee", "4"]
        #expect(try effective("fee", configuration(settings, words)) == ["4"])
    }

    @Test func `a closer section goes before a wider one, a place before a section`() throws {
        let options = CommandTree.named(by: ["data", "list"]).options()
        let file = { SettingOrigin.file(path: "lot.toml", line: $0) }
        let settings = [
            Self.setting("format", ["json"], file(1), ["data", "list"]),
            Self.setting("format", ["csv"], file(2), ["data"]),
            Self.setting("format", ["table"], file(3)),
            Self.setting("format", ["other"], file(4), ["report"]),
        ]
        let made = Configuration(
            path: ["data", "list"], words: [], options: options, settings: settings, file: nil)
        #expect(made.arguments == ["data", "list", "--format=json"])
        let wide = settings + [Self.setting("format", ["csv"], .environment(name: "E"))]
        let other = Configuration(
            path: ["data", "list"], words: [], options: options, settings: wide, file: nil)
        #expect(other.arguments == ["data", "list", "--format=csv"])
    }

    @Test func `whoever decides later decides alone in what can be said in two ways`() throws {
        let settings = [
            Self.setting("data", ["test:A:1h"], .file(path: "lot.toml", line: 1)),
            Self.setting("start", ["2024-01-01"], .file(path: "lot.toml", line: 2)),
        ]
        let pair = configuration(settings, ["s.lua", "-p", "BTCUSDT", "-i", "1h"])
        #expect(try effective("data", pair) == nil)
        #expect(try effective("start", pair) == ["2024-01-01"])
        let windows = configuration(settings, ["s.lua", "--window", "2024-01-01.."])
        #expect(try effective("start", windows) == nil)
        #expect(try effective("data", windows) == ["test:A:1h"])
        let several = [
            Self.setting("symbols", ["A,B"], .file(path: "lot.toml", line: 1)),
            Self.setting("timeframe", ["1h"], .file(path: "lot.toml", line: 2)),
            Self.setting("fee", ["0.001"], .file(path: "lot.toml", line: 3)),
        ]
        let one = configuration(several, ["s.lua", "--data", "test:A:1h"])
        #expect(try effective("symbols", one) == nil && effective("timeframe", one) == nil)
        let own = configuration(several, ["s.lua", "-p", "C", "--fee-tiers", "0:0.001/0.001"])
        #expect(try effective("symbols", own) == nil && effective("fee", own) == nil)
        #expect(try effective("timeframe", own) == ["1h"])
        let end = configuration(settings, ["s.lua", "--end", "2024-02-01"])
        #expect(try effective("start", end) == ["2024-01-01"])
    }

    @Test func `options that would take the user's words come last, and before a bare --`() {
        let settings = [
            Self.setting("breakdown", ["month"], .file(path: "lot.toml", line: 1)),
            Self.setting("fee", ["-0.1/0"], .file(path: "lot.toml", line: 2)),
        ]
        let made = configuration(settings, ["a.lua", "-q", "--", "-b.lua"])
        #expect(
            made.arguments == [
                "backtest", "--fee=-0.1/0", "a.lua", "-q", "--breakdown=month", "--", "-b.lua",
            ])
    }

    @Test(arguments: [
        (["--fee", "1"], "fee", ["1"]), (["--fee=1"], "fee", ["1"]), (["-d", "a"], "data", ["a"]),
        (["-d", "a", "--data=b"], "data", ["a", "b"]), (["-qv"], "verbose", ["true"]),
        (["--dry-run-wallet", "5"], "cash", ["5"]), (["--no-report"], "report", ["false"]),
        (["--breakdown", "month", "year", "-q"], "breakdown", ["month", "year"]),
        (["--", "--fee", "1"], "fee", []), (["--fee"], "fee", []),
    ]) func `a command line is scanned as the parser reads it`(
        _ words: [String], _ key: String, _ values: [String]
    ) {
        let scan = CommandLineScan(words, options: Self.backtest)
        #expect(scan.given.first { $0.key == key }?.values ?? [] == values)
    }

    // MARK: Files

    @Test func `a file's values become the words of a command line`() throws {
        let settings = try read(
            """
            [general]
            quiet = true
            [backtest]
            fee = 1e-4
            seed = 7
            start = 2024-01-01
            data = ["test:A:1h", "test:B:1h"]
            param = { fast = 10, on = true }
            assert = "sharpe>=1"
            [data.import]
            as = "test:A:1h"
            """)
        let values = Dictionary(
            uniqueKeysWithValues: settings.map { ($0.key, $0.values) })
        #expect(
            values == [
                "quiet": ["true"], "fee": ["0.0001"], "seed": ["7"], "start": ["2024-01-01"],
                "data": ["test:A:1h", "test:B:1h"], "param": ["fast=10", "on=true"],
                "assert": ["sharpe>=1"], "as": ["test:A:1h"],
            ])
        #expect(settings.map(\.section).last == ["data", "import"])
    }

    @Test(arguments: [
        (
            "[backtest]\nfe = 1",
            "lot.toml:2: unknown key \"fe\" in [backtest]; did you mean \"fee\"?"
        ),
        ("\n[backtset]", "lot.toml:2: unknown section \"backtset\"; did you mean \"backtest\"?"),
        ("fee = 1", "lot.toml:1: unknown section \"fee\"; known: general, backtest, "),
        (
            "[backtest]\nfee = true",
            "lot.toml:2: backtest.fee: true or false where it takes a text or a number"
        ),
        (
            "[backtest]\nreport = 1",
            "lot.toml:2: backtest.report: a number where it takes true or false"
        ),
        (
            "[backtest]\nfee = [1]",
            "lot.toml:2: backtest.fee: a list where it takes a text or a number"
        ),
        (
            "[backtest]\ncash = 1\nstarting_balance = 2",
            "lot.toml:3: \"cash\" set twice ("
        ),
        ("backtest = 1", "lot.toml:1: \"backtest\" is a section; write [backtest]"),
        ("[general]\nhome = \"x\"", "lot.toml:2: unknown key \"home\" in [general]; use --home or"),
        ("[data.delete]\nyes = true", "unknown key \"yes\" in [data.delete]; a consent is given"),
        ("[general]\napi_secret = \"x\"", "secrets never stand in a configuration"),
        ("[data.imprt]\nas = 1", "unknown key \"imprt\" in [data]; did you mean \"import\"?"),
        ("[backtest]\nfee =", "lot.toml:2:6: expected a value after \"=\", found the end"),
    ]) func `what is wrong in a file is named with its line`(
        _ text: String, _ expected: String
    ) throws {
        let error = try #require(throws: Diagnosis.self) { try read(text) }
        #expect(error.code == .config)
        #expect(error.message.contains(expected), "\(error.message)")
    }

    @Test func `a file that others may write to is refused`() throws {
        let error = try #require(throws: Diagnosis.self) { try read("[backtest]", mode: 0o666) }
        #expect(error.code == .permission)
        #expect(
            error.message == "lot.toml: writable by others (mode 0666); chmod go-w lot.toml"
                || error.message.hasPrefix("lot.toml: writable by others (mode 0666)"))
    }

    // MARK: Environment

    @Test(arguments: [
        ("LOT__BACKTEST__FE", "1", "LOT__BACKTEST__FE: unknown key \"fe\" in [backtest]; did you"),
        ("LOT__BACKTSET__FEE", "1", "unknown section \"backtset\"; did you mean \"backtest\"?"),
        ("LOT__FEE", "1", "is no setting; write LOT__SECTION__KEY"),
        ("LOT__BACKTEST__REPORT", "yes", "\"yes\" where it takes true or false"),
        ("LOT____FEE", "1", "is no setting"),
    ]) func `what is wrong in the environment is named`(
        _ name: String, _ value: String, _ expected: String
    ) throws {
        let error = try #require(throws: Diagnosis.self) { try environment(name, value) }
        #expect(error.code == .config)
        #expect(error.message.contains(expected), "\(error.message)")
    }

    @Test func `variables name sections of sections, lists have commas, empty ones are unset`()
        throws
    {
        let nested = try environment("LOT__DATA__IMPORT__AS", "test:A:1h")
        #expect(nested.map(\.section) == [["data", "import"]])
        #expect(try environment("LOT__GENERAL__FORMAT", "json").map(\.section) == [[]])
        #expect(
            try environment("LOT__BACKTEST__PARAM", "a=1,b=2").map(\.values) == [["a=1", "b=2"]])
        #expect(try environment("LOT__BACKTEST__FEE", "").isEmpty)
    }

    // MARK: Errors of values

    @Test func `a value that the command refuses is named after its place`() throws {
        let refused = usage("--fee", "\"x\" is not a rate", hint: "0.001 is 0.1 %")
        let file = configuration([Self.setting("fee", ["x"], .file(path: "lot.toml", line: 3))])
        #expect(
            file.named(refused).message
                == "lot.toml:3: fee: \"x\" is not a rate; 0.001 is 0.1 %")
        #expect(file.named(refused).code == .config)
        let variable = configuration(
            [Self.setting("fee", ["x"], .environment(name: "LOT__BACKTEST__FEE"))])
        #expect(
            variable.named(refused).message
                == "LOT__BACKTEST__FEE: \"x\" is not a rate; 0.001 is 0.1 %")
        let script = configuration(
            [Self.setting("fee", ["x"], .strategy(file: "s.lua", line: 7))])
        #expect(script.named(refused).code == .data)
        #expect(script.named(refused).message.hasPrefix("s.lua:7: fee: "))
        let line = configuration([], ["s.lua", "--fee", "x"])
        #expect(line.named(refused) == refused)
        let whole = configuration(
            [Self.setting("script-time", ["abc"], .file(path: "lot.toml", line: 9))], ["s.lua"])
        let error = try #require(throws: Diagnosis.self) { try whole.parsed() }
        #expect(error.message.hasPrefix("lot.toml:9: script-time: \"abc\" is not a value"))
        let range = configuration(
            [Self.setting("script-time", ["0"], .file(path: "lot.toml", line: 9))], ["s.lua"])
        let outside = try #require(throws: Diagnosis.self) { try range.parsed() }
        #expect(outside.message.hasPrefix("lot.toml:9: script-time: takes 1 to"))
    }

    @Test(arguments: [
        (1e-5, "0.00001"), (0.0004, "0.0004"), (123.5, "123.5"), (1e21, "1000000000000000000000"),
        (-2.5e-7, "-0.00000025"), (7, "7"), (0, "0"), (1.25e17, "125000000000000000"),
    ]) func `numbers are written without an exponent`(_ value: Double, _ text: String) {
        #expect(plainDecimal(value) == text)
    }

    @Test func `a new file names every setting and sets none`() throws {
        #expect(try read(ConfigTemplate.text).isEmpty)
        let bare = ConfigTemplate.text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.contains(" = ") && $0.hasPrefix("# ") ? $0.dropFirst(2) : $0 }
            .joined(separator: "\n")
        let settings = try read(bare)
        for option in Self.backtest where option.group != "General" {
            #expect(
                settings.contains { $0.section == ["backtest"] && $0.key == option.key },
                "\(option.key)")
        }
    }
}
