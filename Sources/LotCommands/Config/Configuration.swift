import ArgumentParser
import LotCore

/// How one command line is to be understood: its own words, and below them the environment, a
/// file, the strategy, and the built-in defaults.
///
/// What is set elsewhere becomes arguments that the same parser reads, so that an option means the
/// same wherever it is set, and a new option needs nothing here.
struct Configuration {
    /// The words of the command.
    let path: [String]
    /// The file in effect; `nil` if there is none.
    let file: String?
    /// The command's options with the values in effect; empty where nothing is set from outside.
    let effective: [EffectiveSetting]
    /// The whole command line, with what is set elsewhere.
    let arguments: [String]

    /// The words of the command line itself, from the first flag on.
    var given: [String] { Array(words.drop { !$0.hasPrefix("-") }) }

    private let options: [OptionInfo]
    private let words: [String]
    private let outer: [Setting]

    /// A command line as it stands.
    init(verbatim arguments: [String]) {
        path = []
        file = nil
        effective = []
        self.arguments = arguments
        (options, words, outer) = ([], arguments, [])
    }

    /// Finds out what is in effect for a command line of the process.
    ///
    /// - Parameters:
    ///   - arguments: What follows the program's name.
    ///   - describes: Whether every option is described even where nothing is set outside.
    /// - Throws: 78 for what is wrong in the environment or the file.
    init(_ arguments: [String], describes: Bool = false) throws(Diagnosis) {
        let node = CommandTree.named(by: arguments)
        let variables = Environment.all(prefix: EnvironmentSettings.prefix)
        let file = try ConfigPlace.file(arguments)
        guard !node.path.isEmpty, !(node.type is any IgnoresConfiguration.Type),
            describes || file != nil || !variables.isEmpty
        else {
            self.init(verbatim: arguments)
            return
        }
        var catalog = OptionCatalog()
        var settings =
            try file.map { path throws(Diagnosis) in
                try ConfigFile(path, catalog: &catalog).settings
            } ?? []
        settings += try EnvironmentSettings.read(variables, catalog: &catalog)
        self.init(
            path: node.path, words: Array(arguments.dropFirst(node.typed)),
            options: catalog.options(node), settings: settings, file: file)
    }

    /// Puts the layers over each other.
    ///
    /// - Parameters:
    ///   - path: The words of the command.
    ///   - words: What follows them on the command line.
    ///   - options: The command's options.
    ///   - settings: What is set outside the command line, for whatever command.
    ///   - file: The file in effect.
    init(
        path: [String], words: [String], options: [OptionInfo], settings: [Setting],
        file: String?
    ) {
        self.path = path
        self.file = file
        self.options = options
        self.words = words
        outer = settings
        let line = CommandLineScan(words, options: options)
        var chosen: [String: Setting] = [:]
        let applying = settings.filter { path.starts(with: $0.section) }
        // Stable: of one place, the section that names the command more closely comes last.
        let layers = applying.enumerated().sorted { one, other in
            let left = (one.element.origin.rank, one.element.section.count, one.offset)
            return left < (other.element.origin.rank, other.element.section.count, other.offset)
        }
        for (_, setting) in layers { chosen[setting.key] = setting }
        for setting in line.given { chosen[setting.key] = setting }
        Alternatives.settle(&chosen)
        effective = options.map { option in
            if let setting = chosen[option.key] {
                return EffectiveSetting(
                    option: option, values: setting.values, origin: setting.origin)
            }
            let values = option.isFlag ? ["false"] : option.defaultValue.map { [$0] }
            return EffectiveSetting(option: option, values: values, origin: .builtIn)
        }
        arguments = Configuration.arguments(path, line.words, effective)
    }

    /// The command line with the options that are set elsewhere: those that take one value first,
    /// those that would take words of the user as theirs last.
    private static func arguments(
        _ path: [String], _ words: [String], _ effective: [EffectiveSetting]
    ) -> [String] {
        var first: [String] = []
        var last: [String] = []
        for setting in effective where (1...3).contains(setting.origin.rank) {
            let name = "--" + setting.option.key
            if setting.option.isFlag {
                if setting.values == ["true"] { first.append(name) }
                continue
            }
            let texts = (setting.values ?? []).map { name + "=" + $0 }
            if setting.option.takesRest { last += texts } else { first += texts }
        }
        let end = words.firstIndex(of: "--") ?? words.count
        return path + first + words[..<end] + last + words[end...]
    }

    /// The same with what a strategy sets for itself, below everything else.
    func adding(_ settings: [Setting]) -> Configuration {
        Configuration(
            path: path, words: words, options: options, settings: settings + outer, file: file)
    }

    /// The options that a strategy may set, by key.
    var strategyOptions: [OptionInfo] { options.filter(\.isOfStrategies) }

    /// The same with every option described.
    func described() throws(Diagnosis) -> Configuration {
        options.isEmpty ? try Configuration(arguments, describes: true) : self
    }

    /// Parses the command.
    ///
    /// - Throws: What the parser complains of, named after the place where it is set.
    func parsed() throws(Diagnosis) -> any ParsableCommand {
        do {
            return try LotCommand.parseAsRoot(arguments)
        } catch {
            throw named(ParserComplaint.diagnosis(error))
        }
    }

    /// Whether an option that is set is set on the command line itself.
    func isOfCommandLine(_ key: String) -> Bool {
        let found = effective.first { $0.option.key == key }
        return !(1...3).contains(found?.origin.rank ?? 4)
    }

    /// The diagnosis with the place where the option at fault is set, if that is not the command
    /// line.
    func named(_ diagnosis: Diagnosis) -> Diagnosis {
        guard diagnosis.code == .usage else { return diagnosis }
        let found = effective.first { $0.option.names.contains(diagnosis.subject) }
        guard let found, (1...3).contains(found.origin.rank) else { return diagnosis }
        let what: String? = if case .environment = found.origin { nil } else { found.option.key }
        var result = found.origin.refused(what, diagnosis.reason, hint: diagnosis.hint)
        result.details = diagnosis.details
        return result
    }
}

/// A command that a broken configuration must not keep from its work.
protocol IgnoresConfiguration: ParsableCommand {}

/// Options that say the same in another way: whoever decides later decides alone.
///
/// With `data` in a file, `-p BTCUSDT -i 1h` on the command line means that pair, not a conflict.
enum Alternatives {
    private static let groups: [[Set<String>]] = [
        [["data"], ["pairs", "symbols", "exchange", "timeframe"]],
        [["pairs"], ["symbols"]],
        [["timerange"], ["start", "end"], ["window"]],
        [["fee"], ["fee-tiers"]],
        // A task of a cluster reads the same file as the command that submitted it.
        [["shard"], ["engine", "shards", "sbatch-arg", "attach"]],
    ]

    /// Drops what a setting of higher rank says in another way.
    static func settle(_ chosen: inout [String: Setting]) {
        for group in groups {
            let ranks = group.map { keys in keys.compactMap { chosen[$0]?.origin.rank }.max() ?? 0 }
            let highest = ranks.max() ?? 0
            for (keys, rank) in zip(group, ranks) where rank < highest {
                for key in keys { chosen[key] = nil }
            }
        }
    }
}
