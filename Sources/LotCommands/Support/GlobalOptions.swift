import ArgumentParser
import CSystem
import Glibc
import LotCore
import LotData

/// Flags that every command has.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Folder that holds datasets/ and reports/ (default: LOT_HOME, else this folder).",
            valueName: "dir"), completion: .directory)
    var home: String?

    @Option(
        help: ArgumentHelp(
            "Settings in place of lot.toml in that folder (docs/configuration.md).",
            valueName: "file"), completion: .file(extensions: ["toml"]))
    var config: String?

    @Option(
        help: ArgumentHelp("Form of the output: table, json or csv.", valueName: "form"),
        completion: .list(OutputFormat.allCases.map(\.rawValue)))
    var format: String = "table"

    @Flag(name: [.customShort("q"), .long], help: "Print nothing but the result and errors.")
    var quiet = false

    @Flag(name: [.customShort("v"), .long], help: "Say more on standard error.")
    var verbose = false

    @Flag(name: .customLong("no-color"), help: "Use no colour (also: NO_COLOR).")
    var noColor = false

    /// The console these flags describe.
    func console() throws(Diagnosis) -> Console {
        guard let format = OutputFormat(rawValue: format) else {
            throw usage(
                "--format", "\"\(escaped(format))\" is not a form",
                hint: "use table, json or csv")
        }
        let plain = noColor || Environment.value("NO_COLOR") != nil
        return Console(
            isQuiet: quiet, isVerbose: verbose,
            usesColor: !plain && isatty(STDOUT_FILENO) == 1, format: format)
    }

    /// The workspace: `--home`, else `LOT_HOME`, else the current folder.
    func workspace() throws(Diagnosis) -> Workspace { try GlobalOptions.workspace(home: home) }

    /// The workspace that `--home` names, else `LOT_HOME`, else the current folder.
    static func workspace(home: String?) throws(Diagnosis) -> Workspace {
        if let home {
            guard !home.isEmpty else { throw usage("--home", "the folder's name is empty") }
            return Workspace(root: try folder(home, from: "--home"))
        }
        guard let fromEnvironment = Environment.value("LOT_HOME"), !fromEnvironment.isEmpty else {
            return Workspace(root: ".")
        }
        guard fromEnvironment.hasPrefix("/") else {
            throw Diagnosis(
                .config, kind: "environment", subject: "LOT_HOME=\(escaped(fromEnvironment))",
                reason: "must be absolute", hint: "give the whole path, or use --home")
        }
        return Workspace(root: try folder(fromEnvironment, from: "LOT_HOME"))
    }

    /// A workspace must be there: making it for a misspelt name would hide the data elsewhere.
    private static func folder(_ path: String, from source: String) throws(Diagnosis) -> String {
        var info = stat()
        guard unsafe stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else {
            throw Diagnosis(
                .noInput, kind: "workspace.missing",
                subject: "\(source) \(escaped(path, limit: 512))", reason: "no such folder",
                hint: "create it with mkdir, or name another")
        }
        return path
    }
}

extension Workspace {
    /// Where runs go, as the user will read it: `reports` in the current folder.
    var reports: String { Workspace.path(root, "reports") }

    /// Where the files of studies go.
    var studies: String { Workspace.path(root, "studies") }

    /// Where the shards of a study go.
    func shards(_ study: String) -> String { studies + "/" + study + "/shards" }

    /// The path of something in a folder, as the user will read it.
    static func path(_ root: String, _ name: String) -> String {
        switch root {
        case ".": name
        case _ where root.hasSuffix("/"): root + name
        default: root + "/" + name
        }
    }
}

/// The process environment.
enum Environment {
    /// The value of a variable; `nil` if it is not set.
    static func value(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// The variables whose names begin with `prefix`, sorted by name.
    static func all(prefix: String) -> [(name: String, value: String)] {
        var result: [(name: String, value: String)] = []
        var index = 0
        while let entry = unsafe lot_environment(index) {
            index += 1
            let text = unsafe String(cString: entry)
            if text.hasPrefix(prefix), let sign = text.firstIndex(of: "=") {
                result.append((String(text[..<sign]), String(text[text.index(after: sign)...])))
            }
        }
        return result.sorted { $0.name < $1.name }
    }
}
