public import LotCore

/// A setting of a run that a script makes for itself.
///
/// `settings = { fee = 0.0004 }` of `lot.strategy`; it holds where the user sets nothing else.
public struct ScriptSetting: Sendable, Equatable {
    /// A value as the script wrote it.
    public enum Value: Sendable, Equatable {
        /// A finite number.
        case number(Double)
        /// A text.
        case text(String)
        /// `true` or `false`.
        case flag(Bool)
    }

    /// The name, not yet compared with anything.
    public let name: String
    /// One value, or those of a list.
    public internal(set) var values: [Value]
    /// The line it stands on, where it could be found.
    public let line: Int?

    /// Runs the main part of a script to learn the settings it makes.
    ///
    /// - Parameters:
    ///   - file: The script.
    ///   - limits: Time of the call and memory of the state.
    /// - Returns: The settings in the order of their names.
    /// - Throws: A ``Diagnosis`` (65) for what is wrong with the script.
    /// - Complexity: one more load of the script, about half a millisecond, unless the text can
    ///   make no settings.
    public static func read(
        _ file: ScriptFile, limits: ScriptLimits = ScriptLimits()
    ) throws(Diagnosis) -> [ScriptSetting] {
        guard canMakeSettings(file.bytes) else { return [] }
        return try ScriptHost.declarations(of: file, limits).settings
    }

    /// Whether the word stands anywhere, or a part of the script is in another file.
    private static func canMakeSettings(_ bytes: [UInt8]) -> Bool {
        ["settings", "require"].contains { word in
            let wanted = Array(word.utf8)
            var start = bytes.startIndex
            while let found = bytes[start...].firstIndex(of: wanted[0]) {
                if bytes[found...].starts(with: wanted) { return true }
                start = found + 1
            }
            return false
        }
    }
}
