import LotCore

/// Numbers and times as bytes, without a string in between: files hold hundreds of thousands.
extension [UInt8] {
    /// Appends a whole number.
    ///
    /// - Complexity: O(digits).
    mutating func append(digits value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(digits: value.magnitude, width: 1)
    }

    /// Appends a number in as few digits as read back to the same value: what `description`
    /// gives, but whole numbers without `.0`, and -0 with its sign.
    ///
    /// - Parameter value: A finite number.
    mutating func append(shortest value: Double) {
        // Of decimals with up to 15 digits no two are the same double, so one that reads back to
        // the value, without zeros at its end, is the shortest there is.
        let size = abs(value)
        let scaled = (size * 1e8).rounded()
        guard scaled < 1e15, scaled / 1e8 == size,
            size >= 1e-4 || (size == 0 && value.sign == .plus)
        else { return append(longer: value) }
        if value < 0 { append(UInt8(ascii: "-")) }
        let (whole, rest) = UInt64(scaled).quotientAndRemainder(dividingBy: 100_000_000)
        append(digits: whole, width: 1)
        guard rest > 0 else { return }
        append(UInt8(ascii: "."))
        append(digits: rest, width: 8)
        while last == UInt8(ascii: "0") { removeLast() }
    }

    /// Appends a time in ISO 8601, UTC, as ``CivilTime/text(_:)`` has it.
    mutating func append(time: Int64) {
        guard time >= 0, time % 60_000 == 0 else {
            return append(contentsOf: CivilTime.text(time).utf8)
        }
        let (day, inDay) = time.quotientAndRemainder(dividingBy: millisecondsPerDay)
        let date = CivilTime.date(days: Int(day))
        append(digits: UInt64(date.year), width: 4)
        append(UInt8(ascii: "-"))
        append(digits: UInt64(date.month), width: 2)
        append(UInt8(ascii: "-"))
        append(digits: UInt64(date.day), width: 2)
        append(UInt8(ascii: "T"))
        append(digits: UInt64(inDay / 3_600_000), width: 2)
        append(UInt8(ascii: ":"))
        append(digits: UInt64(inDay / 60_000 % 60), width: 2)
        append(UInt8(ascii: "Z"))
    }

    private mutating func append(longer value: Double) {
        let text = value.description
        if abs(value) < 1e15, text.hasSuffix(".0"), value != 0 {
            append(contentsOf: text.utf8.dropLast(2))
        } else {
            append(contentsOf: text.utf8)
        }
    }

    /// Appends the digits of `value`, with zeros in front up to `width`.
    private mutating func append(digits value: UInt64, width: Int) {
        let start = count
        var rest = value
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        while count - start < width { append(UInt8(ascii: "0")) }
        self[start...].reverse()
    }
}
