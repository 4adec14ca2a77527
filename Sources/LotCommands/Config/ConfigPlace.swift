import LotCore
import LotData

/// Where the configuration of a command line is.
enum ConfigPlace {
    /// The file's name in a workspace.
    static let name = "lot.toml"

    /// The file for a command line: `--config FILE`, else `lot.toml` of the workspace if it is
    /// there.
    ///
    /// - Throws: 66 if the file that `--config` names is not there.
    static func file(_ arguments: [String]) throws(Diagnosis) -> String? {
        if let named = value("--config", arguments) {
            guard InputFile.exists(named) else {
                throw Diagnosis(
                    .noInput, kind: "config.missing", subject: escaped(named, limit: 512),
                    reason: "no such file", hint: "lot config init writes one")
            }
            return named
        }
        let path = inWorkspace(arguments)
        return InputFile.exists(path) ? path : nil
    }

    /// The path of `lot.toml` in the workspace of a command line, whether it is there or not.
    static func inWorkspace(_ arguments: [String]) -> String {
        let home = value("--home", arguments) ?? Environment.value("LOT_HOME") ?? ""
        return home.isEmpty || home == "."
            ? name : Workspace.path(home, name)
    }

    /// The value of an option among unparsed words.
    static func value(_ option: String, _ arguments: [String]) -> String? {
        let words = Array(arguments.prefix { $0 != "--" })
        for (index, word) in words.enumerated() {
            if word == option { return index + 1 < words.count ? words[index + 1] : nil }
            if word.hasPrefix(option + "=") { return String(word.dropFirst(option.count + 1)) }
        }
        return nil
    }
}
