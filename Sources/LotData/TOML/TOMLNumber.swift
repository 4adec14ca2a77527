/// The words of TOML that are no texts: truth values, numbers, dates and times.
enum TOMLNumber {
    /// The value of a word; `nil` if it is none.
    static func value(_ text: String) -> TOMLValue? {
        if text == "true" || text == "false" { return .boolean(text == "true") }
        return integer(text) ?? float(text) ?? (isTime(text) ? .time(text) : nil)
    }

    private static func integer(_ text: String) -> TOMLValue? {
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where text.hasPrefix(prefix) {
            guard let digits = grouped(text.dropFirst(2), radix: radix) else { return nil }
            return Int64(digits, radix: radix).map { .integer(String($0)) }
        }
        let digits = unsigned(text)
        guard let plain = grouped(digits, radix: 10), plain == "0" || plain.first != "0"
        else { return nil }
        return Int64((text.hasPrefix("-") ? "-" : "") + plain).map { .integer(String($0)) }
    }

    private static func float(_ text: String) -> TOMLValue? {
        let sign = text.hasPrefix("-") ? "-" : ""
        let rest = unsigned(text)
        if rest == "inf" || rest == "nan" { return .float(sign + rest) }
        let halves = rest.split(
            maxSplits: 1, omittingEmptySubsequences: false, whereSeparator: { "eE".contains($0) })
        let parts = halves[0].split(
            separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2 || parts.count == 2,
            let whole = grouped(parts[0], radix: 10), whole == "0" || whole.first != "0"
        else { return nil }
        var result = sign + whole
        if parts.count == 2 {
            guard let fraction = grouped(parts[1], radix: 10) else { return nil }
            result += "." + fraction
        }
        if halves.count == 2 {
            guard let exponent = grouped(unsigned(halves[1]), radix: 10) else { return nil }
            result += "e" + (halves[1].hasPrefix("-") ? "-" : "") + exponent
        }
        return .float(result)
    }

    private static func unsigned(_ text: some StringProtocol) -> String {
        String(text.hasPrefix("+") || text.hasPrefix("-") ? text.dropFirst() : text.dropFirst(0))
    }

    /// Digits without the `_` between them; `nil` if anything else is there.
    private static func grouped(_ text: some StringProtocol, radix: Int) -> String? {
        let groups = text.split(separator: "_", omittingEmptySubsequences: false)
        let isNumber = groups.allSatisfy { group in
            !group.isEmpty
                && group.allSatisfy { $0.isASCII && Int(String($0), radix: radix) != nil }
        }
        return isNumber ? groups.joined() : nil
    }

    // MARK: Times

    /// Whether a word is a date, a time of day, or both, with or without an offset (RFC 3339).
    private static func isTime(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        if bytes.count >= 10, isDay(bytes[..<10]) {
            guard bytes.count > 10 else { return true }
            return [0x54, 0x74, 0x20].contains(bytes[10]) && isClock(bytes[11...], offset: true)
        }
        return isClock(bytes[...], offset: false)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard !bytes.isEmpty, bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(String(decoding: bytes, as: UTF8.self))
    }

    private static func isDay(_ bytes: ArraySlice<UInt8>) -> Bool {
        let start = bytes.startIndex
        guard bytes[start + 4] == 0x2d, bytes[start + 7] == 0x2d,
            let year = number(bytes[start..<(start + 4)]),
            let month = number(bytes[(start + 5)..<(start + 7)]), (1...12).contains(month),
            let day = number(bytes[(start + 8)..<(start + 10)])
        else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...days[month - 1]).contains(day)
    }

    private static func isClock(_ bytes: ArraySlice<UInt8>, offset allowsOffset: Bool) -> Bool {
        var rest = bytes
        guard let hour = pair(&rest), hour < 24, take(0x3a, &rest), let minute = pair(&rest),
            minute < 60, take(0x3a, &rest), let second = pair(&rest), second <= 60
        else { return false }
        if take(0x2e, &rest) {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return false }
            rest = rest.dropFirst(digits.count)
        }
        if rest.isEmpty { return true }
        guard allowsOffset else { return false }
        if take(0x5a, &rest) || take(0x7a, &rest) { return rest.isEmpty }
        guard take(0x2b, &rest) || take(0x2d, &rest), let hours = pair(&rest), hours < 24,
            take(0x3a, &rest), let minutes = pair(&rest), minutes < 60
        else { return false }
        return rest.isEmpty
    }

    private static func take(_ byte: UInt8, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.first == byte else { return false }
        rest = rest.dropFirst()
        return true
    }

    private static func pair(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard rest.count >= 2, let value = number(rest.prefix(2)) else { return nil }
        rest = rest.dropFirst(2)
        return value
    }
}
