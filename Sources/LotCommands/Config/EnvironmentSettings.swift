import LotCore

/// Reads settings from variables called `LOT__SECTION__KEY`.
enum EnvironmentSettings {
    /// What every such variable begins with.
    static let prefix = "LOT__"

    /// The settings that variables make; an empty variable is as one that is not set.
    ///
    /// - Parameters:
    ///   - variables: Names and values, names with ``prefix``.
    ///   - catalog: The options of sections.
    /// - Returns: A setting for each variable.
    /// - Throws: 78 for a name that is not known, or a value of another kind.
    static func read(
        _ variables: [(name: String, value: String)], catalog: inout OptionCatalog
    ) throws(Diagnosis) -> [Setting] {
        var settings: [Setting] = []
        for (name, value) in variables where !value.isEmpty {
            let setting = try self.setting(name, value, &catalog)
            let earlier = settings.first {
                $0.section == setting.section && $0.key == setting.key
            }
            if let earlier {
                throw setting.origin.refused(
                    nil, "says the same as \(earlier.origin.text)", hint: "keep one")
            }
            settings.append(setting)
        }
        return settings
    }

    private static func setting(
        _ name: String, _ value: String, _ catalog: inout OptionCatalog
    ) throws(Diagnosis) -> Setting {
        let origin = SettingOrigin.environment(name: name)
        let parts = parts(name)
        guard parts.count >= 2, !parts.contains("") else {
            throw origin.refused(
                nil, "is no setting", hint: "write LOT__SECTION__KEY, as LOT__BACKTEST__FEE")
        }
        var node = CommandTree.root
        for part in parts.dropLast() {
            if node.path.isEmpty, part == "general" { break }
            guard let child = node.child(part) else {
                let names = node.children.compactMap(\.path.last)
                throw ConfigFile.unknown(
                    part, "section", (node.path.isEmpty ? ["general"] : []) + names, origin)
            }
            node = child
        }
        let key = parts[parts.count - 1]
        guard let option = catalog.options(node).first(where: { $0.isCalled(key) }) else {
            let section = node.path.isEmpty ? "general" : node.path.joined(separator: ".")
            throw ConfigFile.unknown(key, "key", catalog.keys(node), origin, section: section)
        }
        if option.isFlag, value != "true", value != "false" {
            throw origin.refused(
                nil, "\"\(escaped(value))\" where it takes true or false")
        }
        let values =
            option.isRepeating
            ? value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            : [value]
        return Setting(section: node.path, key: option.key, values: values, origin: origin)
    }

    /// `["data", "import", "as"]` of `LOT__DATA__IMPORT__AS`.
    private static func parts(_ name: String) -> [String] {
        var parts = [""]
        var rest = name.dropFirst(prefix.count)
        while let character = rest.first {
            if rest.hasPrefix("__") {
                parts.append("")
                rest = rest.dropFirst(2)
            } else {
                parts[parts.count - 1].append(character)
                rest = rest.dropFirst()
            }
        }
        return parts.map { $0.lowercased().replacingUnderscores }
    }
}
