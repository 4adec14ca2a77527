import ArgumentParser
import LotCore
import LotData
import LotReport
import LotScript

/// `lot new`: files to begin with.
struct NewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Write a strategy from a template, or what an editor needs to check scripts.",
        subcommands: [NewStrategyCommand.self, NewAnnotationsCommand.self])
}

/// `lot new strategy`: a script that runs at once.
struct NewStrategyCommand: Command, IgnoresConfiguration {
    static let configuration = CommandConfiguration(
        commandName: "strategy",
        abstract: "Write strategies/NAME.lua from a commented template that runs at once.",
        discussion: """
            An existing file is never touched.

            Examples:
              lot new strategy my_cross
              lot new strategy my_dip --template events
              lot new strategy --list
            """)

    @Argument(
        help: ArgumentHelp(
            "The strategy's name: letters, digits, \".\", \"_\" and \"-\".", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp("What to begin with: rules, events or orders.", valueName: "name"),
        completion: .list(StrategyTemplate.allCases.map(\.rawValue)))
    var template: String = "rules"

    @Flag(help: "List the templates instead.")
    var list = false

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        if list {
            guard name == nil else {
                throw usage("--list", "writes nothing", hint: "leave the name out")
            }
            try listTemplates(console)
            return 0
        }
        guard let chosen = StrategyTemplate(rawValue: template) else {
            let known = StrategyTemplate.allCases.map(\.rawValue)
            throw usage(
                "--template", "\"\(escaped(template))\" is no template",
                hint: nearest(to: template, in: known).map { "did you mean \"\($0)\"?" }
                    ?? "known: " + known.joined(separator: ", "))
        }
        let name = try checkedName()
        let workspace = try global.workspace()
        let path = Workspace.path(workspace.root, "strategies/\(name).lua")
        try NewFile.write(path, chosen.text(name: name))
        switch console.format {
        case .json:
            try writeJSON(console) { json in
                json.object { json in
                    field(&json, "schema", "lot.new/1")
                    field(&json, "path", path)
                    field(&json, "template", chosen.rawValue)
                }
            }
        case .table, .csv: try console.write(path + "\n")
        }
        let stored = (try? workspace.store.list())?.lazy.filter { $0.problem == nil }
            .compactMap { $0.address?.bars }.first { $0.price == .trade }
        let series = stored?.description ?? "test:GENUSDT:1h"
        if stored == nil {
            console.note("no data yet: lot data generate --as \(series) --rows 20000 --seed 1")
        }
        console.note("run it: lot backtest \(escaped(path, limit: 256)) --data \(series)")
        return 0
    }

    private func checkedName() throws(Diagnosis) -> String {
        guard var name else {
            throw usage("<name>", "missing", hint: "for example lot new strategy my_cross")
        }
        if name.hasSuffix(".lua") { name = String(name.dropLast(4)) }
        let isPlain = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                || (0x61...0x7a).contains(byte) || [0x2e, 0x5f, 0x2d].contains(byte)
        }
        guard isPlain, (1...64).contains(name.utf8.count), name.first != "." else {
            throw usage(
                "<name>", "\"\(escaped(name))\" cannot name a strategy",
                hint: "use 1 to 64 letters, digits, \".\", \"_\" and \"-\"")
        }
        return name
    }

    private func listTemplates(_ console: Console) throws(Diagnosis) {
        switch console.format {
        case .table:
            var table = TextTable(["template", "what it shows"])
            for template in StrategyTemplate.allCases {
                table.add([template.rawValue, template.summary])
            }
            try console.write(table.text)
        case .csv:
            var csv = CSVWriter(header: ["template", "summary"])
            for template in StrategyTemplate.allCases {
                csv.text(template.rawValue)
                csv.text(template.summary)
                csv.endRow()
            }
            try console.write(String(decoding: csv.bytes, as: UTF8.self))
        case .json:
            try writeJSON(console) { json in
                json.array { json in
                    for template in StrategyTemplate.allCases {
                        json.object(inline: true) { json in
                            field(&json, "template", template.rawValue)
                            field(&json, "summary", template.summary)
                        }
                    }
                }
            }
        }
    }
}

/// `lot new annotations`: what lets an editor complete and check scripts.
struct NewAnnotationsCommand: Command, IgnoresConfiguration {
    static let configuration = CommandConfiguration(
        commandName: "annotations",
        abstract: "Write the names of the script library for editors (Lua language server).",
        discussion: """
            Writes .lot/library/lot.lua, which describes every name a strategy can use, and
            .luarc.json, which points the language server at it; an existing .luarc.json is not
            touched. Run it again after an upgrade of lot.

            Examples:
              lot new annotations
              lot new annotations --print
            """)

    @Flag(name: .customLong("print"), help: "Print the library file instead.")
    var prints = false

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        if prints {
            try console.write(ScriptAnnotations.library)
            return 0
        }
        let root = try global.workspace().root
        let library = Workspace.path(root, ScriptAnnotations.libraryPath)
        let settings = Workspace.path(root, ".luarc.json")
        try NewFile.replace(library, ScriptAnnotations.library)
        try console.write(library + "\n")
        let written = Array(ScriptAnnotations.settings.utf8)
        if InputFile.exists(settings) {
            let isOurs = (try? InputFile.read(settings, followsLinks: true)) == written
            if isOurs { return 0 }
            console.note(
                "\(settings) is there already: its \"workspace.library\" needs "
                    + "\"\(ScriptAnnotations.libraryFolder)\"")
        } else {
            try NewFile.write(settings, ScriptAnnotations.settings)
            try console.write(settings + "\n")
        }
        return 0
    }
}
