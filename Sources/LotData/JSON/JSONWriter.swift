/// Builds JSON text with a fixed order of members, so that equal values give equal bytes.
struct JSONWriter {
    private(set) var text = ""

    /// Adds text that is JSON already.
    mutating func raw(_ json: String) { text += json }

    /// Returns `value` as a JSON string.
    static func string(_ value: String) -> String {
        var result = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7f {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }

    /// Returns an object in one line; the values are JSON already.
    static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { string($0.0) + ": " + $0.1 }.joined(separator: ", ") + "}"
    }

    /// Returns an array with one element a line, indented by two spaces more than `indent`.
    static func lines(_ elements: [String], indent: String) -> String {
        guard !elements.isEmpty else { return "[]" }
        let body = elements.map { indent + "  " + $0 }.joined(separator: ",\n")
        return "[\n" + body + "\n" + indent + "]"
    }
}
