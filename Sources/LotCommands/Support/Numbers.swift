/// Reads a plain decimal: digits, at most one point, at most one leading minus.
///
/// No exponent, no `nan`, no `inf`, no separators, whatever the locale.
func parseDecimal(_ text: some StringProtocol) -> Double? {
    var digits = 0
    var points = 0
    for (index, byte) in text.utf8.enumerated() {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
        case UInt8(ascii: "."): points += 1
        case UInt8(ascii: "-") where index == 0: break
        default: return nil
        }
    }
    guard digits > 0, digits <= 40, points <= 1 else { return nil }
    return Double(String(text))
}

/// Reads a whole number without sign.
func parseWhole(_ text: some StringProtocol) -> UInt64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return UInt64(String(text))
}

/// A finite number in plain decimals, without an exponent: `0.00001`.
func plainDecimal(_ value: Double) -> String {
    let text = "\(abs(value))"
    let sign = value < 0 ? "-" : ""
    let halves = text.split(separator: "e")
    let parts = halves[0].split(separator: ".")
    let fraction = parts.count > 1 && parts[1] != "0" ? String(parts[1]) : ""
    let digits = Array(String(parts[0]) + fraction)
    let exponent = halves.count > 1 ? Int(halves[1]) ?? 0 : 0
    // Where the point stands among the digits.
    let point = parts[0].count + exponent
    let zeros = String(repeating: "0", count: max(0, max(-point, point - digits.count)))
    if point <= 0 { return sign + "0." + zeros + String(digits) }
    if point >= digits.count { return sign + String(digits) + zeros }
    return sign + String(digits[..<point]) + "." + String(digits[point...])
}
