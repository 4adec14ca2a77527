import ArgumentParser
import LotCore
import LotData
import LotReport

/// `lot completions`: the script that lets a shell complete commands, options and series.
struct CompletionsCommand: Command, IgnoresConfiguration {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print the completion script of a shell: bash, zsh or fish.",
        discussion: """
            make install puts them where shells look. Without it:

              bash  lot completions bash > ~/.local/share/bash-completion/completions/lot
              zsh   lot completions zsh > ~/.zfunc/_lot      (with ~/.zfunc in fpath)
              fish  lot completions fish > ~/.config/fish/completions/lot.fish
            """)

    @Argument(
        help: ArgumentHelp("bash, zsh or fish.", valueName: "shell"),
        completion: .list(["bash", "zsh", "fish"]))
    var shell: String

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        guard let shell = CompletionShell(rawValue: shell) else {
            throw usage("<shell>", "\"\(escaped(shell))\" is not known", hint: "bash, zsh or fish")
        }
        try console.write(LotCommand.completionScript(for: shell) + "\n")
        return 0
    }
}

/// What a shell offers that has to be looked up; it never complains.
enum Completion {
    /// The stored series of the workspace.
    static let series = CompletionKind.custom { words, _, _ in
        let workspace = Workspace(root: root(words))
        let found = (try? workspace.store.list()) ?? []
        let names = found.compactMap { $0.address?.description }
        // To zsh, what follows a colon describes what is before it.
        guard CompletionShell.requesting == .zsh else { return names }
        return names.map { $0.split(separator: ":").joined(separator: "\\:") }
    }

    /// The runs of the workspace.
    static let runs = CompletionKind.custom { words, _, _ in
        InputFile.names(in: Workspace.path(root(words), "reports")).filter {
            !$0.hasPrefix(".") && $0 != "README.md"
        }
    }

    private static func root(_ words: [String]) -> String {
        let path = ConfigPlace.inWorkspace(words)
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

/// `lot schema`: what a program that reads results needs.
struct SchemaCommand: Command, IgnoresConfiguration {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema (draft 2020-12) of result.json.",
        discussion: """
            Examples:
              lot schema > result.schema.json
            """)

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        try console.write(String(decoding: ResultJSON.renderSchema(), as: UTF8.self))
        return 0
    }
}
