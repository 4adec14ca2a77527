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
