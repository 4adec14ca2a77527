public import LotCore

/// A parameter as a script declares it: `fast = lot.int { 20, min = 5, max = 50, step = 5 }`.
public struct DeclaredParameter: Sendable, Hashable {
    /// The name in the script.
    public let name: String
    /// The value when nothing else is asked for; its case is the parameter's type.
    public let defaultValue: ParameterValue
    /// Smallest value, where the script gives one; for `int` and `float`.
    public let minimum: Double?
    /// Largest value, where the script gives one.
    public let maximum: Double?
    /// Distance of the values that a search tries.
    public let step: Double?
    /// Whether a search tries values evenly in their logarithm.
    public let isLogarithmic: Bool
    /// The names that a choice allows, the default first.
    public let choices: [String]

    /// Reads a value from the command line.
    ///
    /// - Parameters:
    ///   - text: A number, a name of the choice, `true` or `false`.
    ///   - file: The script, for the message.
    /// - Returns: A value of the parameter's type within its range.
    /// - Throws: A ``Diagnosis`` (64) saying what is wrong with it.
    public func value(parsing text: String, file: String) throws(Diagnosis) -> ParameterValue {
        let result: ParameterValue?
        let wanted: String
        switch defaultValue {
        case .int:
            wanted = "a whole number"
            result = Int(text).map { .int($0) }
        case .float:
            wanted = "a number"
            result = DeclaredParameter.decimal(text).map { .float($0) }
        case .bool:
            wanted = "true or false"
            result = text == "true" ? .bool(true) : text == "false" ? .bool(false) : nil
        case .choice:
            wanted = "one of " + choices.joined(separator: ", ")
            result = choices.contains(text) ? .choice(text) : nil
        }
        guard let result else {
            throw refused(file, "\"\(escaped(text))\" is not \(wanted)")
        }
        try checkRange(result, text, file)
        return result
    }

    private func checkRange(
        _ value: ParameterValue, _ text: String, _ file: String
    ) throws(Diagnosis) {
        let number: Double
        switch value {
        case .int(let whole): number = Double(whole)
        case .float(let value): number = value
        case .choice, .bool: return
        }
        guard number >= minimum ?? -.infinity, number <= maximum ?? .infinity else {
            let low = minimum.map(DeclaredParameter.text) ?? ""
            let high = maximum.map(DeclaredParameter.text) ?? ""
            throw Diagnosis(
                .usage, kind: "script.parameter", subject: file,
                reason: "parameter \"\(name)\" = \(escaped(text)) outside \(low)…\(high)",
                hint: "stay within, or change min and max in the script")
        }
    }

    private func refused(_ file: String, _ reason: String) -> Diagnosis {
        Diagnosis(
            .usage, kind: "script.parameter", subject: file,
            reason: "parameter \"\(name)\": \(reason)")
    }

    /// A whole number without its ".0".
    private static func text(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? "\(value)"
    }

    /// Reads `-12`, `0.5`, `1e-3`; no hexadecimal, no infinity, no surrounding space.
    private static func decimal(_ text: String) -> Double? {
        let allowed = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || [0x2b, 0x2d, 0x2e, 0x45, 0x65].contains(byte)
        }
        guard allowed, let value = Double(text), value.isFinite else { return nil }
        return value
    }
}
