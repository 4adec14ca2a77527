import LotCore

/// Where the value of a setting comes from, from the weakest to the strongest.
enum SettingOrigin: Sendable, Equatable {
    /// The program's own default.
    case builtIn
    /// `settings = { … }` of the strategy.
    case strategy(file: String, line: Int?)
    /// A configuration file.
    case file(path: String, line: Int)
    /// An environment variable.
    case environment(name: String)
    /// The command line.
    case flag(name: String)

    /// The order of precedence: the higher one wins.
    var rank: Int {
        switch self {
        case .builtIn: 0
        case .strategy: 1
        case .file: 2
        case .environment: 3
        case .flag: 4
        }
    }

    /// The name of the kind, for programs.
    var kind: String {
        ["default", "strategy", "file", "environment", "flag"][rank]
    }

    /// The place, as messages name it.
    var text: String {
        switch self {
        case .builtIn: "default"
        case .strategy(let file, let line):
            escaped(file, limit: 256) + (line.map { ":\($0)" } ?? "")
        case .file(let path, let line): "\(escaped(path, limit: 256)):\(line)"
        case .environment(let name): escaped(name)
        case .flag(let name): name
        }
    }

    /// A wrong setting: 78, or 65 where a strategy is at fault; `section` stands where one of a
    /// file is meant.
    func refused(_ what: String?, _ reason: String, hint: String? = nil) -> Diagnosis {
        let code: ExitCode = if case .strategy = self { .data } else { .config }
        return Diagnosis(
            code, kind: "config", subject: text, place: what, reason: reason, hint: hint)
    }
}

/// A setting that is made somewhere: an option of the commands of a section, and its values.
struct Setting: Sendable, Equatable {
    /// The words of the commands it is for: `["data", "import"]`; empty for all.
    var section: [String]
    /// The option's key.
    var key: String
    /// Its values as the option takes them; `true` or `false` for a flag.
    var values: [String]
    var origin: SettingOrigin
}

/// The value of an option for one command line, and who decided it.
struct EffectiveSetting: Sendable {
    let option: OptionInfo
    /// The values; `nil` where nothing is set and the option has no default.
    let values: [String]?
    let origin: SettingOrigin
}

/// The options of sections, described by the parser once each.
struct OptionCatalog {
    private var known: [[String]: [OptionInfo]] = [:]

    /// The options of a section; the empty one is that of every command, `[general]`.
    mutating func options(_ node: CommandTree) -> [OptionInfo] {
        if let options = known[node.path] { return options }
        let options = node.path.isEmpty ? OptionInfo.general : node.options()
        known[node.path] = options
        return options
    }

    /// The names of a section's settings.
    mutating func keys(_ node: CommandTree) -> [String] { options(node).map(\.key) }
}
