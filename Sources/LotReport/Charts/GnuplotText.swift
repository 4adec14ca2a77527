/// Text inside a gnuplot command.
///
/// gnuplot runs commands from backticks and `system()` in double quotes, and expands nothing in
/// single quotes. So text stands in single quotes only, with quotes doubled, without control
/// characters, and short. The charts' legends and captions never reach gnuplot at all: they are
/// HTML.
enum GnuplotText {
    /// Longest text that is passed on, in Unicode scalars.
    static let limit = 128

    /// Returns `text` as a gnuplot string.
    static func quoted(_ text: String) -> String {
        var result = "'"
        for scalar in text.unicodeScalars.filter(isPrintable).prefix(limit) {
            if scalar == "'" { result.unicodeScalars.append("'") }
            result.unicodeScalars.append(scalar)
        }
        return result + "'"
    }

    /// Returns a number as gnuplot reads it; not-a-number and infinite become `NaN`.
    static func number(_ value: Double) -> String {
        value.isFinite ? value.description : "NaN"
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: false
        default: true
        }
    }
}
