import LotCore

/// Numbers as people read them: a fixed number of decimals, commas between thousands.
///
/// For display only: files hold shortest round-trip numbers (``JSONWriter``, ``CSVWriter``).
enum NumberText {
    /// What stands for an undefined value.
    static let undefined = "–"

    /// Writes a number with a fixed number of digits after the point.
    ///
    /// - Parameters:
    ///   - value: The number.
    ///   - decimals: Digits after the point, 0...9.
    ///   - grouping: Whether thousands are separated by commas.
    /// - Returns: The digits, or `–` if the number is not finite.
    static func fixed(_ value: Double, _ decimals: Int, grouping: Bool = true) -> String {
        guard value.isFinite else { return undefined }
        var power = 1.0
        for _ in 0..<decimals { power *= 10 }
        let scaled = (abs(value) * power).rounded()
        // Above 2^53 the digits after the point are not there to be shown.
        guard scaled < 9e15 else { return "\(value)" }
        let units = Int64(scaled)
        let divisor = Int64(power)
        let whole = units / divisor
        var text = grouping ? grouped(whole) : String(whole)
        if decimals > 0 {
            let digits = String(units % divisor)
            text += "." + String(repeating: "0", count: decimals - digits.count) + digits
        }
        return value < 0 && units != 0 ? "-" + text : text
    }

    /// Returns a price or quantity with as many decimals as the step has, or, without a step,
    /// with eight significant digits and no trailing zeros.
    static func quantity(_ value: Double, step: DecimalStep?) -> String {
        if let step, step.exponent <= 9 { return fixed(value, step.exponent) }
        guard value.isFinite else { return undefined }
        var size = abs(value)
        var decimals = 7
        while size >= 10, decimals > 0 {
            size /= 10
            decimals -= 1
        }
        var text = fixed(value, min(9, decimals + leadingZeros(value)))
        guard text.contains(".") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }

    /// Returns a number with so many significant digits and no trailing zeros: `0.01235`.
    static func significant(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : undefined }
        var size = abs(value)
        var decimals = digits - 1
        while size >= 10, decimals > 0 {
            size /= 10
            decimals -= 1
        }
        while size < 1, decimals < 9 {
            size *= 10
            decimals += 1
        }
        // Below 10⁻⁶ digits after the point would be lost.
        guard abs(value) >= 1e-6, abs(value) < 1e15 else { return "\(Float(value))" }
        var text = fixed(value, decimals)
        guard text.contains(".") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }

    /// Returns a percentage of a fraction: 0.1234 is `12.34 %`.
    static func percent(_ fraction: Double, decimals: Int = 2) -> String {
        guard fraction.isFinite else { return undefined }
        return fixed(fraction * 100, decimals) + " %"
    }

    /// Returns a length of time in its two largest units: `12 d 4 h`, `3 h 20 min`, `45 s`.
    static func duration(milliseconds: Double) -> String {
        guard milliseconds.isFinite, abs(milliseconds) < 1e15 else { return undefined }
        let seconds = Int64((abs(milliseconds) / 1_000).rounded())
        let sign = milliseconds < 0 ? "-" : ""
        let days = seconds / 86_400
        let hours = seconds / 3_600 % 24
        let minutes = seconds / 60 % 60
        if days > 0 { return sign + grouped(days) + " d" + (hours > 0 ? " \(hours) h" : "") }
        if hours > 0 { return sign + "\(hours) h" + (minutes > 0 ? " \(minutes) min" : "") }
        if minutes > 0 { return sign + "\(minutes) min" }
        return sign + "\(seconds) s"
    }

    /// Returns the number in as few digits as read back to the same value: `0.1`, `10000`.
    static func shortest(_ value: Double) -> String {
        guard value.isFinite else { return undefined }
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func leadingZeros(_ value: Double) -> Int {
        var size = abs(value)
        guard size > 0 else { return 0 }
        var zeros = 0
        while size < 1, zeros < 2 {
            size *= 10
            zeros += 1
        }
        return zeros
    }
}
