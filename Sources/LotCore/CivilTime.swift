/// Milliseconds in a UTC day.
public let millisecondsPerDay: Int64 = 86_400_000

/// Times as `lot` prints and reads them: UTC, proleptic Gregorian calendar, milliseconds since
/// 1970-01-01T00:00:00Z in an `Int64`.
///
/// - SeeAlso: Howard Hinnant, "chrono-compatible low-level date algorithms" (2021), for the
///   arithmetic of eras; ISO 8601 for the spelling.
public enum CivilTime {
    /// Returns the days since 1970-01-01 of a date; months 1...12, days 1...31.
    public static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// Returns year, month and day of a count of days since 1970-01-01.
    public static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// Returns `2024-01-31T09:05Z`, with seconds and milliseconds only where they are not zero.
    public static func text(_ time: Int64) -> String {
        let (quotient, remainder) = time.quotientAndRemainder(dividingBy: millisecondsPerDay)
        let (year, month, day) = date(days: Int(remainder < 0 ? quotient - 1 : quotient))
        let inDay = Int(remainder < 0 ? remainder + millisecondsPerDay : remainder)
        var result = "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))"
        result += "T\(pad(inDay / 3_600_000, 2)):\(pad(inDay / 60_000 % 60, 2))"
        if inDay % 60_000 != 0 { result += ":\(pad(inDay / 1_000 % 60, 2))" }
        if inDay % 1_000 != 0 { result += ".\(pad(inDay % 1_000, 3))" }
        return result + "Z"
    }

    /// Returns the date part of ``text(_:)``: `2024-01-31`.
    public static func dateText(_ time: Int64) -> String {
        String(text(time).prefix(while: { $0 != "T" }))
    }

    private static func pad(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Reads a time, always UTC.
    ///
    /// Forms: `20240131`, `2024-01-31`, `20240131T0905`, `2024-01-31T09:05[:30[.250]][Z]` (a space
    /// may stand for the `T`), or an epoch of ten (seconds) or thirteen (milliseconds) digits.
    ///
    /// - Returns: Milliseconds since the epoch.
    /// - Throws: ``CivilTimeError`` naming what is wrong with `text`.
    public static func parse(_ text: String) throws(CivilTimeError) -> Int64 {
        let bytes = Array(text.utf8)
        let digitsOnly = !bytes.isEmpty && bytes.allSatisfy(isDigit)
        if digitsOnly, bytes.count == 10 { return number(bytes[...]) * 1_000 }
        if digitsOnly, bytes.count == 13 { return number(bytes[...]) }
        let separator = bytes.firstIndex { $0 == UInt8(ascii: "T") || $0 == UInt8(ascii: " ") }
        let datePart = bytes[..<(separator ?? bytes.endIndex)]
        let dateDigits = datePart.filter { $0 != UInt8(ascii: "-") }
        let hyphens = datePart.indices.filter { datePart[$0] == UInt8(ascii: "-") }
        guard dateDigits.count == 8, dateDigits.allSatisfy(isDigit),
            hyphens.isEmpty || hyphens == [4, 7]
        else { throw .notATime(text) }
        let year = Int(number(dateDigits[0..<4]))
        let month = Int(number(dateDigits[4..<6]))
        let day = Int(number(dateDigits[6..<8]))
        guard (1...12).contains(month), (1...daysIn(month: month, year: year)).contains(day)
        else { throw .noSuchDay(text) }
        var result = Int64(days(year: year, month: month, day: day)) * millisecondsPerDay
        if let separator {
            result += try clock(bytes[(separator + 1)...], text)
        }
        return result
    }

    private static func clock(_ part: ArraySlice<UInt8>, _ text: String) throws(CivilTimeError)
        -> Int64
    {
        var body = part
        if body.last == UInt8(ascii: "Z") { body.removeLast() }
        var milliseconds: Int64 = 0
        let point = body.firstIndex(of: UInt8(ascii: "."))
        if let point {
            let fraction = body[(point + 1)...]
            guard fraction.count == 3, fraction.allSatisfy(isDigit) else { throw .notATime(text) }
            milliseconds = number(fraction)
            body = body[..<point]
        }
        let colons = body.indices.filter { body[$0] == UInt8(ascii: ":") }
            .map { $0 - body.startIndex }
        let digits = body.filter { $0 != UInt8(ascii: ":") }
        guard digits.allSatisfy(isDigit), digits.count == 6 || (digits.count == 4 && point == nil),
            colons.isEmpty || colons == (digits.count == 4 ? [2] : [2, 5])
        else { throw .notATime(text) }
        let hour = number(digits[0..<2])
        let minute = number(digits[2..<4])
        let second = digits.count == 6 ? number(digits[4..<6]) : 0
        guard hour < 24, minute < 60, second < 60 else { throw .notATime(text) }
        return ((hour * 60 + minute) * 60 + second) * 1_000 + milliseconds
    }

    private static func daysIn(month: Int, year: Int) -> Int {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64 {
        digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }
}

/// Why a text is not a time.
public enum CivilTimeError: Error, Equatable, Sendable {
    /// The text has none of the accepted forms.
    case notATime(String)
    /// The form is right, but the calendar has no such day.
    case noSuchDay(String)

    /// The reason in words, for a message.
    public var reason: String {
        switch self {
        case .notATime(let text):
            "\"\(escaped(text))\" is not a time (2024-01-31, 20240131, 2024-01-31T09:05 or epoch)"
        case .noSuchDay(let text): "\"\(escaped(text))\": no such day"
        }
    }
}
