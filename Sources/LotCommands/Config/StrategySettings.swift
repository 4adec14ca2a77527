import LotCore
import LotScript

/// What a strategy sets for itself: the weakest word but the built-in defaults.
enum StrategySettings {
    /// The command as it is for one strategy.
    struct Applied<Command: RunningCommand> {
        let command: Command
        let configuration: Configuration
    }

    /// The configuration with what a script sets for itself; `nil` if it sets nothing.
    static func configuration<Command: RunningCommand>(
        _ configuration: Configuration, _ command: Command, _ script: String
    ) throws(Diagnosis) -> Configuration? {
        let own: Applied<Command>? = try applied(to: configuration, script, ScriptLimits())
        return own?.configuration
    }

    /// Puts the settings of a script below those of everybody else.
    ///
    /// - Returns: `nil` if the script makes none.
    /// - Throws: 65 for a setting that is not known or no strategy's to make; 66 if there is no
    ///   such script.
    static func applied<Command: RunningCommand>(
        to configuration: Configuration, _ script: String, _ limits: ScriptLimits
    ) throws(Diagnosis) -> Applied<Command>? {
        let file = try ScriptFile.load(path: script)
        let declared = try ScriptSetting.read(file, limits: limits)
        guard !declared.isEmpty else { return nil }
        let whole = try configuration.described()
        var settings: [Setting] = []
        for setting in declared {
            let made = try self.setting(setting, file.name, whole)
            if let earlier = settings.first(where: { $0.key == made.key }) {
                throw made.origin.refused(
                    nil, "\"\(made.key)\" set twice (\(earlier.origin.text))")
            }
            settings.append(made)
        }
        let own = whole.adding(settings)
        guard let command = try own.parsed() as? Command else {
            throw Diagnosis(
                .internalError, kind: "config", subject: script, reason: "is no run")
        }
        return Applied(command: command, configuration: own)
    }

    private static func setting(
        _ declared: ScriptSetting, _ file: String, _ configuration: Configuration
    ) throws(Diagnosis) -> Setting {
        let origin = SettingOrigin.strategy(file: file, line: declared.line)
        let options = configuration.strategyOptions
        guard let option = options.first(where: { $0.isCalled(declared.name) }) else {
            throw ConfigFile.unknown(declared.name, "setting", options.map(\.key), origin)
        }
        let isList = declared.values.count > 1
        let texts = declared.values.compactMap { value -> String? in
            switch value {
            case .flag(let flag): option.isFlag ? String(flag) : nil
            case .number(let number): option.isFlag ? nil : plainDecimal(number)
            case .text(let text): option.isFlag ? nil : text
            }
        }
        guard texts.count == declared.values.count, !isList || option.isRepeating else {
            throw origin.refused(
                "settings.\(option.key)", "a value of another kind: it takes \(option.wanted)")
        }
        return Setting(section: [], key: option.key, values: texts, origin: origin)
    }
}
