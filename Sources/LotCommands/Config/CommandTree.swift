import ArgumentParser
import LotCore
import LotData

/// A command and its place below `lot`, found by walking the parser's own declarations: what a new
/// command or option is called is written down once, where it is declared.
struct CommandTree {
    /// The words that name it: `["data", "import"]`; empty for `lot` itself.
    let path: [String]
    let type: any ParsableCommand.Type
    /// How many of them were written: one less where the last is the default of its group.
    var typed: Int

    /// `lot` itself.
    static var root: CommandTree { CommandTree(path: [], type: LotCommand.self, typed: 0) }

    /// Its subcommands, in the order of the help.
    var children: [CommandTree] {
        type.configuration.subcommands.map { child in
            CommandTree(path: path + [child._commandName], type: child, typed: path.count + 1)
        }
    }

    /// The subcommand of a name.
    func child(_ name: String) -> CommandTree? { children.first { $0.path.last == name } }

    /// The command that the first words of a command line name, as far as they do; where they name
    /// a group with a default, the default: `lot optimize SCRIPT` is `lot optimize run SCRIPT`, and
    /// the same settings hold for both.
    static func named(by arguments: [String]) -> CommandTree {
        var node = root
        for word in arguments {
            guard let next = node.child(word) else {
                return ["--help", "-h"].contains(word) ? node : node.defaultChild ?? node
            }
            node = next
        }
        return node.defaultChild ?? node
    }

    /// The subcommand that is meant where none is named.
    private var defaultChild: CommandTree? {
        guard let name = type.configuration.defaultSubcommand?._commandName,
            var child = child(name)
        else { return nil }
        child.typed = typed
        return child
    }

    /// This command and all below it, parents first.
    var all: [CommandTree] { [self] + children.flatMap(\.all) }

    /// The options of this command and of all below it that can be set from outside, by key: the
    /// first declaration of each.
    ///
    /// - Complexity: about a millisecond for each command; the parser describes itself as JSON.
    func options() -> [OptionInfo] {
        var result: [OptionInfo] = []
        for option in OptionInfo.described(by: type)
        where !result.contains(where: { $0.key == option.key }) {
            result.append(option)
        }
        return result
    }
}

/// An option as the argument parser declares it.
struct OptionInfo: Sendable, Equatable {
    /// Its long name without dashes, which is its key in a configuration file: `volume-limit`.
    let key: String
    /// Every name with its dashes: `-d`, `--data`.
    let names: [String]
    /// Whether it takes no value.
    let isFlag: Bool
    /// Whether it may be given several times.
    let isRepeating: Bool
    /// Whether it takes all words up to the next option.
    let takesRest: Bool
    /// The title it stands under in the help; `nil` for the command's own.
    let group: String?
    /// The built-in default.
    let defaultValue: String?
    /// What the help calls its value: `rate`, `name=value`.
    let valueName: String
    /// One line of help.
    let summary: String

    /// What decides where the configuration is, a consent that is given each time, or no setting.
    private static let excluded: Set = ["help", "version", "home", "config", "yes"]

    /// The options that every command has.
    static var general: [OptionInfo] { described(by: GlobalOptions.self) }

    /// The options of a type and of the subcommands below it, in the order of their declaration.
    static func described(by type: any ParsableArguments.Type) -> [OptionInfo] {
        guard let document = try? JSONReader.parse(Array(type._dumpHelp().utf8)),
            let command = document["command"]
        else { return [] }
        return options(of: command)
    }

    private static func options(of command: JSONValue) -> [OptionInfo] {
        let own = (command["arguments"]?.elements ?? []).compactMap(OptionInfo.init)
        let inner = (command["subcommands"]?.elements ?? []).filter {
            $0["commandName"]?.text != "help"
        }
        return own + inner.flatMap(options)
    }

    private init?(_ json: JSONValue) {
        let kind = json["kind"]?.text
        guard kind == "flag" || kind == "option", let preferred = json["preferredName"],
            preferred["kind"]?.text == "long", let key = preferred["name"]?.text,
            !OptionInfo.excluded.contains(key)
        else { return nil }
        self.key = key
        names = (json["names"]?.elements ?? []).compactMap { name in
            name["name"]?.text.map { (name["kind"]?.text == "long" ? "--" : "-") + $0 }
        }
        isFlag = kind == "flag"
        isRepeating = json["isRepeating"]?.flag ?? false
        takesRest = json["parsingStrategy"]?.text == "upToNextOption"
        group = json["sectionTitle"]?.text
        defaultValue = json["defaultValue"]?.text
        valueName = json["valueName"]?.text ?? "value"
        summary = json["abstract"]?.text ?? ""
    }

    /// Whether `name` is one of its long names, `_` written for `-` or not.
    func isCalled(_ name: String) -> Bool {
        names.contains("--" + name.lowercased().replacingUnderscores)
    }

    /// Whether a strategy may set it for itself: what a run is over and how orders fill, but not
    /// the limits that hold the script in check, and not where output goes.
    var isOfStrategies: Bool {
        guard let group else { return false }
        return group != "General" && group != "Script limits"
    }
}

extension String {
    /// The text with `-` in the place of `_`.
    var replacingUnderscores: String { String(map { $0 == "_" ? "-" : $0 }) }
}
