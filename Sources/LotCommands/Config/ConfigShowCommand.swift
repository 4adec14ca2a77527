import ArgumentParser
import LotCore
import LotReport
import LotScript

/// `lot config show`: every setting, its value, and who decided it.
struct ConfigShowCommand: ConfiguredCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print every setting in effect, its value and where it comes from.",
        discussion: """
            Alone it shows the settings of every command. With the words of a command line it
            shows what that one would run with, the strategy's own settings included. Where a
            value comes from: default, strategy (file:line), file (file:line), environment (the
            variable), flag. First it names the places: the workspace, the configuration file, and
            the folder of the databases.

            Examples:
              lot config show
              lot config show --changed --format json
              lot config show backtest strategies/sma_cross.lua --fee 0.0004
            """)

    @Flag(help: "Only what is not the built-in default.")
    var changed = false

    @OptionGroup(title: "General") var global: GlobalOptions

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("A command and its arguments.", valueName: "command"))
    var words: [String] = []

    /// A command's settings.
    private struct Section {
        let name: String
        let settings: [EffectiveSetting]
    }

    func execute(_ console: Console, _ configuration: Configuration) throws(Diagnosis) -> Int32 {
        let named = ["--home": global.home, "--config": global.config]
        let outside = named.sorted { $0.key < $1.key }.flatMap { name, value in
            value.map { [name, $0] } ?? []
        }
        if let word = words.first, ["--help", "-h"].contains(word) {
            // The rest of the line is not parsed here, this word neither.
            try console.write(LotCommand.helpMessage(for: ConfigShowCommand.self) + "\n")
            return 0
        }
        var sections: [Section] = []
        if words.isEmpty {
            sections = try all(outside)
        } else {
            sections = [try one(words, outside)]
        }
        if changed {
            sections = sections.map { section in
                Section(
                    name: section.name,
                    settings: section.settings.filter { $0.origin != .builtIn })
            }.filter { !$0.settings.isEmpty }
        }
        let places = try ConfigPlaces(words + outside)
        try render(sections, places, console)
        return 0
    }

    /// The settings of every command that runs.
    private func all(_ outside: [String]) throws(Diagnosis) -> [Section] {
        var sections: [Section] = []
        let general = OptionInfo.general
        for node in CommandTree.root.all where node.children.isEmpty {
            guard !(node.type is any IgnoresConfiguration.Type) else { continue }
            let settings = try Configuration(node.path + outside, describes: true).effective
            if sections.isEmpty {
                sections.append(
                    Section(name: "general", settings: try self.general(outside, general)))
            }
            let own = settings.filter { setting in
                let shared = sections[0].settings.first { $0.option.key == setting.option.key }
                return shared.map { $0.origin != setting.origin } ?? true
            }
            sections.append(Section(name: node.path.joined(separator: " "), settings: own))
        }
        return sections
    }

    /// What `[general]` says.
    private func general(
        _ outside: [String], _ options: [OptionInfo]
    ) throws(Diagnosis) -> [EffectiveSetting] {
        var catalog = OptionCatalog()
        var settings: [Setting] = []
        if let path = try ConfigPlace.file(outside) {
            settings = try ConfigFile(path, catalog: &catalog).settings
        }
        settings += try EnvironmentSettings.read(
            Environment.all(prefix: EnvironmentSettings.prefix), catalog: &catalog)
        return Configuration(
            path: [], words: [], options: options, settings: settings, file: nil
        ).effective
    }

    /// The settings of one command line.
    private func one(_ words: [String], _ outside: [String]) throws(Diagnosis) -> Section {
        let node = CommandTree.named(by: words)
        guard !node.path.isEmpty, node.children.isEmpty else {
            let names = CommandTree.root.all.filter(\.children.isEmpty)
                .compactMap { $0.path.joined(separator: " ") }
            throw usage(
                escaped(words.first ?? ""), "is no command that runs",
                hint: "commands: " + names.joined(separator: ", "))
        }
        let name = node.path.joined(separator: " ")
        let rest = Array(words.dropFirst(node.typed))
        var configuration = try Configuration(node.path + outside + rest, describes: true)
        guard !rest.isEmpty else { return Section(name: name, settings: configuration.effective) }
        let command = try configuration.parsed()
        if let backtest = command as? any RunningCommand {
            guard backtest.strategies.count == 1, let script = backtest.strategies.first else {
                throw usage(
                    "strategy", "each strategy may have its own settings", hint: "name one")
            }
            configuration =
                try StrategySettings.configuration(configuration, backtest, script)
                ?? configuration
        }
        return Section(name: name, settings: configuration.effective)
    }

    // MARK: Output

    private func render(
        _ sections: [Section], _ places: ConfigPlaces, _ console: Console
    ) throws(Diagnosis) {
        switch console.format {
        case .table:
            let lines = places.lines.filter { !changed || $0.origin.rank > 0 || $0.problem != nil }
            var first = TextTable(["places", "", ""])
            for line in lines {
                first.add(["  " + line.name, escaped(line.value, limit: 512), line.label])
            }
            if !lines.isEmpty { try console.write(first.text) }
            for (index, section) in sections.enumerated() {
                var table = TextTable([section.name, "", ""])
                for setting in section.settings {
                    table.add(
                        [
                            "  " + setting.option.key,
                            setting.values.map { shown($0, setting) } ?? "–",
                            setting.origin.label,
                        ])
                }
                try console.write((index == 0 && lines.isEmpty ? "" : "\n") + table.text)
            }
        case .csv:
            var csv = CSVWriter(header: ["command", "key", "value", "origin", "place"])
            for line in places.lines {
                for cell in [
                    "", line.name, line.value, line.origin.kind,
                    line.origin == .builtIn ? "" : line.origin.text,
                ] { csv.text(cell) }
                csv.endRow()
            }
            for section in sections {
                for setting in section.settings {
                    for cell in [
                        section.name, setting.option.key,
                        (setting.values ?? []).joined(
                            separator: ","), setting.origin.kind,
                        setting.origin == .builtIn ? "" : setting.origin.text,
                    ] { csv.text(cell) }
                    csv.endRow()
                }
            }
            try console.write(String(decoding: csv.bytes, as: UTF8.self))
        case .json:
            try writeJSON(console) { json in
                json.object { json in
                    field(&json, "schema", "lot.config/1")
                    field(&json, "file", places.file)
                    json.key("places")
                    json.array { json in
                        for line in places.lines {
                            json.object(inline: true) { line.write(into: &$0) }
                        }
                    }
                    json.key("settings")
                    json.array { json in
                        for section in sections {
                            for setting in section.settings {
                                json.object(inline: true) { write(section, setting, &$0) }
                            }
                        }
                    }
                }
            }
        }
    }

    private func shown(_ values: [String], _ setting: EffectiveSetting) -> String {
        values.map { escaped($0, limit: 200) }.joined(separator: ", ")
    }

    private func write(
        _ section: Section, _ setting: EffectiveSetting, _ json: inout JSONWriter
    ) {
        field(&json, "command", section.name)
        field(&json, "key", setting.option.key)
        json.key("value")
        if setting.option.isFlag {
            json.value(setting.values == ["true"])
        } else if setting.option.isRepeating {
            json.array(inline: true) { json in
                for value in setting.values ?? [] { json.value(value) }
            }
        } else {
            json.value(setting.values?.first)
        }
        field(&json, "origin", setting.origin.kind)
        if setting.origin != .builtIn { field(&json, "place", setting.origin.text) }
    }
}
