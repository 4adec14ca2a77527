import LotCore
import LotData

/// Reads `lot.toml`: sections are named like commands, keys like their options.
struct ConfigFile {
    /// The path, as messages name it.
    let path: String
    private(set) var settings: [Setting] = []
    private var catalog: OptionCatalog

    /// Reads and checks a whole file: a misspelt name is an error wherever it stands.
    ///
    /// - Throws: 66 if there is no such file, 77 if others may write to it, 78 for everything wrong
    ///   in it.
    init(_ path: String, catalog: inout OptionCatalog) throws(Diagnosis) {
        self.path = path
        self.catalog = catalog
        let bytes = try InputFile.read(path, limit: TOMLReader.maximumBytes, followsLinks: true)
        try ConfigFile.checkMode(path)
        let table: TOMLTable
        do throws(TOMLError) {
            table = try TOMLReader.parse(bytes)
        } catch {
            throw Diagnosis(
                .config, kind: "config.syntax",
                subject: "\(escaped(path, limit: 256)):\(error.line):\(error.column)",
                reason: error.reason)
        }
        for member in table.members { try section(member) }
        catalog = self.catalog
    }

    /// A file that others may write to is not the user's own word.
    private static func checkMode(_ path: String) throws(Diagnosis) {
        let mode = InputFile.permissions(path)
        guard mode.isWritableByOthers else { return }
        throw Diagnosis(
            .permission, kind: "config.mode", subject: escaped(path, limit: 256),
            reason: "writable by others (mode 0\(String(mode.bits, radix: 8)))",
            hint: "chmod go-w \(escaped(path, limit: 256))")
    }

    private func origin(_ line: Int) -> SettingOrigin { .file(path: path, line: line) }

    // MARK: Sections

    private mutating func section(_ member: TOMLMember) throws(Diagnosis) {
        let origin = origin(member.line)
        let names = ["general"] + CommandTree.root.children.compactMap(\.path.last)
        let name = member.name.replacingUnderscores
        guard names.contains(name) else {
            throw ConfigFile.unknown(member.name, "section", names, origin)
        }
        guard case .table(let table) = member.value else {
            throw origin.refused(nil, "\"\(name)\" is a section", hint: "write [\(name)]")
        }
        let node = CommandTree.root.child(name) ?? CommandTree.root
        try read(table, node)
    }

    private mutating func read(_ table: TOMLTable, _ node: CommandTree) throws(Diagnosis) {
        for member in table.members {
            if case .table(let inner) = member.value, !node.path.isEmpty,
                let child = node.child(member.name.replacingUnderscores)
            {
                try read(inner, child)
                continue
            }
            try setting(member, node)
        }
    }

    private mutating func setting(_ member: TOMLMember, _ node: CommandTree) throws(Diagnosis) {
        let origin = origin(member.line)
        let section = node.path.isEmpty ? "general" : node.path.joined(separator: ".")
        guard let option = catalog.options(node).first(where: { $0.isCalled(member.name) }) else {
            let keys = catalog.keys(node) + (node.path.isEmpty ? [] : childNames(node))
            throw ConfigFile.unknown(member.name, "key", keys, origin, section: section)
        }
        let earlier = settings.first { $0.section == node.path && $0.key == option.key }
        if let earlier {
            throw origin.refused(nil, "\"\(option.key)\" set twice (\(earlier.origin.text))")
        }
        guard let values = ConfigFile.values(member.value, option) else {
            throw origin.refused(
                "\(section).\(option.key)",
                "\(ConfigFile.kind(member.value)) where it takes \(option.wanted)")
        }
        settings.append(
            Setting(section: node.path, key: option.key, values: values, origin: origin))
    }

    private func childNames(_ node: CommandTree) -> [String] {
        node.children.compactMap(\.path.last)
    }

    /// A name that is not known, with the nearest that is.
    static func unknown(
        _ name: String, _ what: String, _ known: [String], _ origin: SettingOrigin,
        section: String? = nil
    ) -> Diagnosis {
        let shown = name.lowercased().replacingUnderscores
        let place = section.map { " in [\($0)]" } ?? ""
        let secrets = ["secret", "password", "passphrase", "token", "api-key", "private-key"]
        if secrets.contains(where: { shown.contains($0) }) {
            return origin.refused(
                nil, "\"\(escaped(name))\"\(place): secrets never stand in a configuration")
        }
        let elsewhere = [
            "home": "use --home or LOT_HOME", "config": "use --config",
            "yes": "a consent is given each time, on the command line",
        ][shown]
        let near = nearest(to: shown, in: known).map { "did you mean \"\($0)\"?" }
        return origin.refused(
            nil, "unknown \(what) \"\(escaped(name))\"\(place)",
            hint: elsewhere ?? near ?? "known: " + known.joined(separator: ", "))
    }

    // MARK: Values

    /// A value as the option takes it on the command line; `nil` if it is of another kind.
    static func values(_ value: TOMLValue, _ option: OptionInfo) -> [String]? {
        if option.isFlag {
            guard case .boolean(let flag) = value else { return nil }
            return [String(flag)]
        }
        if let single = scalar(value) { return [single] }
        guard option.isRepeating else { return nil }
        switch value {
        case .array(let elements):
            let texts = elements.compactMap(scalar)
            return texts.count == elements.count ? texts : nil
        case .table(let table) where option.valueName.contains("="):
            let texts = table.members.compactMap { member in
                assigned(member.value).map { member.name + "=" + $0 }
            }
            return texts.count == table.members.count ? texts : nil
        default: return nil
        }
    }

    private static func scalar(_ value: TOMLValue) -> String? {
        switch value {
        case .string(let text), .integer(let text), .time(let text): text
        case .float(let text): text.contains("e") ? Double(text).map(plainDecimal) : text
        case .boolean, .array, .table: nil
        }
    }

    /// What `name = value` may give a parameter: truth values too.
    private static func assigned(_ value: TOMLValue) -> String? {
        if case .boolean(let flag) = value { String(flag) } else { scalar(value) }
    }

    private static func kind(_ value: TOMLValue) -> String {
        switch value {
        case .string: "a text"
        case .integer, .float: "a number"
        case .boolean: "true or false"
        case .time: "a time"
        case .array: "a list"
        case .table: "a table"
        }
    }
}

extension OptionInfo {
    /// The kinds of values it takes, in words.
    var wanted: String {
        if isFlag { return "true or false" }
        if !isRepeating { return "a text or a number" }
        return valueName.contains("=") ? "a list of texts or a table" : "a text or a list of them"
    }
}
