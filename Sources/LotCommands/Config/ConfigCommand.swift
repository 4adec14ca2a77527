import ArgumentParser
import LotCore
import LotData
import LotReport
import LotScript

/// `lot config`: settings that are made once instead of on every command line.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show which settings are in effect and where they come from.",
        subcommands: [ConfigShowCommand.self, ConfigPathCommand.self, ConfigInitCommand.self])
}

/// `lot config path`: where the file is.
struct ConfigPathCommand: Command, IgnoresConfiguration {
    static let configuration = CommandConfiguration(
        commandName: "path",
        abstract: "Print the path of the configuration file.",
        discussion: """
            --config FILE, else lot.toml in the workspace. Exit code 0 if it is there, 1 if not.

            Examples:
              lot config path
              $EDITOR "$(lot config path)"
            """)

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let path = try global.configPath()
        let isThere = InputFile.exists(path)
        switch console.format {
        case .json:
            try writeJSON(console) { json in
                json.object { json in
                    field(&json, "schema", "lot.config_path/1")
                    field(&json, "path", path)
                    json.key("exists")
                    json.value(isThere)
                }
            }
        case .table, .csv: try console.write(path + "\n")
        }
        return isThere ? 0 : ExitCode.failed.rawValue
    }
}

/// `lot config init`: a file to begin with.
struct ConfigInitCommand: Command, IgnoresConfiguration {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a lot.toml that names every setting, each commented out.",
        discussion: """
            An existing file is never touched.

            Examples:
              lot config init
              lot config init --config ci.toml
            """)

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let path = try global.configPath()
        try NewFile.write(path, ConfigTemplate.text)
        try console.write(path + "\n")
        return 0
    }
}

extension GlobalOptions {
    /// The path of the configuration file, whether it is there or not.
    func configPath() throws(Diagnosis) -> String {
        if let config { return config }
        return Workspace.path(try workspace().root, ConfigPlace.name)
    }
}

/// The text of a new configuration file, made from the options themselves.
enum ConfigTemplate {
    /// Every setting with its help and default, commented out.
    static var text: String {
        var text = """
            # Settings of lot; docs/configuration.md explains them. Each line that is commented out
            # shows the built-in default. Precedence: command line, then environment
            # (LOT__BACKTEST__FEE=0.0004), then this file, then the strategy's own settings, then
            # the default. lot config show says what is in effect, and why.

            """
        text += section("general", OptionInfo.general)
        for node in CommandTree.root.all where node.children.isEmpty {
            guard !(node.type is any IgnoresConfiguration.Type) else { continue }
            let general = Set(OptionInfo.general.map(\.key))
            let own = node.options().filter { !general.contains($0.key) }
            if !own.isEmpty { text += section(node.path.joined(separator: "."), own) }
        }
        return text
    }

    private static func section(_ name: String, _ options: [OptionInfo]) -> String {
        let lines = options.map { option in
            let value =
                if option.isFlag {
                    "false"
                } else if let value = option.defaultValue {
                    "\"\(value)\""
                } else {
                    option.isRepeating ? "[]" : "\"\""
                }
            return "# \(option.summary)\n# \(option.key) = \(value)\n"
        }
        return "\n[\(name)]\n" + lines.joined()
    }
}
