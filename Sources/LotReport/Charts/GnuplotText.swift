/// Text inside a gnuplot command.
///
/// gnuplot runs commands from backticks and `system()` in double quotes, and expands nothing in
/// single quotes. So text stands in single quotes only, without control characters, and short.
///
/// A quote inside becomes a typographic one (U+2019). Doubling it, as gnuplot's manual says, is
/// not safe: gnuplot 5.4 reads `'''x'` as the empty text followed by something else, and text
/// that begins with a quote would break out. The charts' legends and captions never reach gnuplot
/// at all: they are HTML.
enum GnuplotText {
    /// Longest text that is passed on, in Unicode scalars.
    static let limit = 128

    /// Returns `text` as a gnuplot string.
    static func quoted(_ text: String) -> String {
        var result = "'"
        for scalar in text.unicodeScalars.filter(isPrintable).prefix(limit) {
            result.unicodeScalars.append(scalar == "'" ? "\u{2019}" : scalar)
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
