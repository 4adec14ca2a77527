/// Numbers and times as bytes, without a string in between: files hold hundreds of thousands.
extension [UInt8] {
    /// Appends a whole number.
    ///
    /// - Complexity: O(digits).
    package mutating func append(digits value: Int64) {
        append(addingCapacity: 24) { out in
            if value < 0 { out.append(UInt8(ascii: "-")) }
            put(value.magnitude, width: 1, into: &out)
        }
    }

    /// Appends a number in as few digits as read back to the same value: what `description`
    /// gives, but whole numbers without `.0`, and -0 with its sign.
    ///
    /// - Parameter value: A finite number.
    package mutating func append(shortest value: Double) {
        // Of decimals with up to 15 digits no two are the same double, so one that reads back to
        // the value, without zeros at its end, is the shortest there is.
        let size = abs(value)
        let scaled = (size * 1e8).rounded()
        guard scaled < 1e15, scaled / 1e8 == size,
            size >= 1e-4 || (size == 0 && value.sign == .plus)
        else { return append(longer: value) }
        let whole = UInt64(scaled) / 100_000_000
        var rest = UInt64(scaled) % 100_000_000
        append(addingCapacity: 32) { out in
            if value < 0 { out.append(UInt8(ascii: "-")) }
            put(whole, width: 1, into: &out)
            guard rest > 0 else { return }
            out.append(UInt8(ascii: "."))
            var decimals = 8
            while rest % 10 == 0 {
                rest /= 10
                decimals -= 1
            }
            put(rest, width: decimals, into: &out)
        }
    }

    /// Appends a number as ``append(shortest:)`` does, but never with an exponent, so that every
    /// reader of plain decimals can read it back.
    ///
    /// - Parameter value: A finite number.
    package mutating func append(plain value: Double) {
        let start = count
        append(shortest: value)
        guard let mark = self[start...].firstIndex(of: UInt8(ascii: "e")) else { return }
        let exponent = Int(String(decoding: self[(mark + 1)...], as: UTF8.self)) ?? 0
        var digits = self[start..<mark].filter { (0x30...0x39).contains($0) }
        let point = self[start..<mark].firstIndex(of: UInt8(ascii: "."))
        let isNegative = self[start] == UInt8(ascii: "-")
        // The point's place in the digits, counted from their start.
        let whole = (point ?? mark) - start - (isNegative ? 1 : 0) + exponent
        removeSubrange(start...)
        if isNegative { append(UInt8(ascii: "-")) }
        while digits.count > 1, digits.count > whole, digits.last == UInt8(ascii: "0") {
            digits.removeLast()
        }
        if whole <= 0 {
            append(contentsOf: "0.".utf8)
            append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -whole))
            append(contentsOf: digits)
        } else if whole >= digits.count {
            append(contentsOf: digits)
            append(contentsOf: repeatElement(UInt8(ascii: "0"), count: whole - digits.count))
        } else {
            append(contentsOf: digits[..<whole])
            append(UInt8(ascii: "."))
            append(contentsOf: digits[whole...])
        }
    }

    /// Appends a time in ISO 8601, UTC, as ``CivilTime/text(_:)`` has it.
    package mutating func append(time: Int64) {
        guard time >= 0, time % 60_000 == 0 else {
            return append(contentsOf: CivilTime.text(time).utf8)
        }
        let (day, inDay) = time.quotientAndRemainder(dividingBy: millisecondsPerDay)
        let date = CivilTime.date(days: Int(day))
        let minutes = UInt64(inDay / 60_000)
        append(addingCapacity: 32) { out in
            put(UInt64(date.year), width: 4, into: &out)
            out.append(UInt8(ascii: "-"))
            put(UInt64(date.month), width: 2, into: &out)
            out.append(UInt8(ascii: "-"))
            put(UInt64(date.day), width: 2, into: &out)
            out.append(UInt8(ascii: "T"))
            put(minutes / 60, width: 2, into: &out)
            out.append(UInt8(ascii: ":"))
            put(minutes % 60, width: 2, into: &out)
            out.append(UInt8(ascii: "Z"))
        }
    }

    private mutating func append(longer value: Double) {
        let text = value.description
        if abs(value) < 1e15, text.hasSuffix(".0"), value != 0 {
            append(contentsOf: text.utf8.dropLast(2))
        } else {
            append(contentsOf: text.utf8)
        }
    }
}

/// Writes the digits of `value`, with zeros in front up to `width`, at most 20.
private func put(_ value: UInt64, width: Int, into out: inout OutputSpan<UInt8>) {
    var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))
    var place = 20
    var rest = value
    while rest > 0 || 20 - place < width {
        place -= 1
        digits[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
    }
    for index in place..<20 { out.append(digits[index]) }
}
