/// Numbers and times as bytes, without a string in between: files hold hundreds of thousands.
extension ByteBuffer {
    /// Writes a whole number.
    ///
    /// - Complexity: O(digits).
    package mutating func put(digits value: Int64) {
        if value < 0 { put(UInt8(ascii: "-")) }
        put(whole: value.magnitude)
    }

    /// Writes a number in as few digits as read back to the same value: what `description`
    /// gives, but whole numbers without `.0`, and -0 with its sign.
    ///
    /// - Parameter value: A finite number.
    package mutating func put(shortest value: Double) {
        // Of decimals with up to 15 digits no two are the same double, so one that reads back to
        // the value, without zeros at its end, is the shortest there is. Most prices are such.
        let size = abs(value)
        if size < 1e7 {
            let scaled = UInt64(size * 1e8 + 0.5)
            if Double(scaled) / 1e8 == size, size >= 1e-4 || value.bitPattern == 0 {
                if value < 0 { put(UInt8(ascii: "-")) }
                return put(hundredMillionths: scaled)
            }
        }
        guard ShortestDecimal.range.contains(size) else { return put(other: value) }
        if value < 0 { put(UInt8(ascii: "-")) }
        put(ShortestDecimal(size), allowsExponent: true)
    }

    /// Writes a number as ``put(shortest:)`` does, but never with an exponent, so that every
    /// reader of plain decimals can read it back.
    ///
    /// - Parameter value: A finite number.
    package mutating func put(plain value: Double) {
        let size = abs(value)
        if size >= 1e-4 || !ShortestDecimal.range.contains(size) {
            return size >= 1e-4 && size < 1e15 || size == 0
                ? put(shortest: value) : put(withoutExponent: value.description)
        }
        if value < 0 { put(UInt8(ascii: "-")) }
        put(ShortestDecimal(size), allowsExponent: false)
    }

    /// Writes a time in ISO 8601, UTC, as ``CivilTime/text(_:)`` has it.
    package mutating func put(time: Int64) {
        guard time % 60_000 == 0, 0..<endOfFourDigitYears ~= time else {
            return put(CivilTime.text(time))
        }
        let (day, inDay) = time.quotientAndRemainder(dividingBy: millisecondsPerDay)
        if day != newestDay { begin(day: day) }
        put(words: newestDate, 11)
        let minutes = UInt64(truncatingIfNeeded: inDay / 60_000)
        let pairs = (minutes / 60) | (minutes % 60) << 24
        // Each pair of digits in its byte and the next: 103 / 1024 is a tenth for two digits.
        let tens = ((pairs &* 103) >> 10) & 0x0f00_000f
        let digits = tens | (pairs &- 10 &* tens) << 8
        let zeros = UInt64(UInt8(ascii: "0")) &* 0x01_0100_0101
        let marks = UInt64(UInt8(ascii: ":")) << 16 | UInt64(UInt8(ascii: "Z")) << 40
        put(word: digits | zeros | marks, 6)
    }

    /// Writes the date of a time, or its year and month, or its year: 10, 7 or 4 characters of
    /// ``CivilTime/dateText(_:)``.
    package mutating func put(date time: Int64, _ length: Int = 10) {
        guard 0..<endOfFourDigitYears ~= time else {
            return put(String(CivilTime.dateText(time).prefix(length)))
        }
        let day = time / millisecondsPerDay
        if day != newestDay { begin(day: day) }
        put(words: newestDate, length)
    }

    private mutating func begin(day: Int64) {
        let date = CivilTime.date(days: Int(day))
        let number = UInt64(date.year * 10_000 + date.month * 100 + date.day)
        let digits = eightDigits(number) | asciiZeros
        let hyphen = UInt128(UInt8(ascii: "-"))
        newestDay = day
        newestDate = UInt128(digits & 0xffff_ffff) | hyphen << 32
        newestDate |= UInt128(digits >> 32 & 0xffff) << 40 | hyphen << 56
        newestDate |= UInt128(digits >> 48) << 64 | UInt128(UInt8(ascii: "T")) << 80
    }

    @inline(__always)
    private mutating func put(whole value: UInt64) {
        if value < 100_000_000 {
            let digits = eightDigits(value)
            let zeros = min(7, digits.trailingZeroBitCount >> 3)
            put(word: (digits | asciiZeros) >> UInt64(8 &* zeros), 8 &- zeros)
        } else {
            let (rest, low) = value.quotientAndRemainder(dividingBy: 100_000_000)
            if rest < 100_000_000 {
                let digits = eightDigits(rest)
                let zeros = digits.trailingZeroBitCount >> 3
                put(word: (digits | asciiZeros) >> UInt64(8 &* zeros), 8 &- zeros)
            } else {
                let (first, middle) = rest.quotientAndRemainder(dividingBy: 100_000_000)
                for place in [UInt64(1_000), 100, 10, 1] where first >= place {
                    put(UInt8(ascii: "0") + UInt8(first / place % 10))
                }
                put(word: eightDigits(middle) | asciiZeros, 8)
            }
            put(word: eightDigits(low) | asciiZeros, 8)
        }
    }

    /// Writes a decimal with up to eight places.
    @inline(__always)
    private mutating func put(hundredMillionths value: UInt64) {
        let (whole, rest) = value.quotientAndRemainder(dividingBy: 100_000_000)
        put(whole: whole)
        guard rest > 0 else { return }
        put(UInt8(ascii: "."))
        let digits = eightDigits(rest)
        put(word: digits | asciiZeros, 8 &- digits.leadingZeroBitCount >> 3)
    }

    /// Writes a decimal as `description` would, or without an exponent.
    private mutating func put(_ decimal: ShortestDecimal, allowsExponent: Bool) {
        // The first digit, and those behind it without zeros at the end, the next one lowest.
        var (first, rest) = sixteenDigits(decimal.significand)
        // The place of the point, counted from the first digit of seventeen.
        var point = 17 + decimal.exponent
        if first == 0 {
            let zeros = rest.trailingZeroBitCount & ~7
            rest &>>= UInt128(truncatingIfNeeded: zeros)
            first = UInt8(truncatingIfNeeded: rest)
            rest &>>= 8
            point -= zeros >> 3 + 1
        }
        let count = 16 - rest.leadingZeroBitCount >> 3
        rest |= UInt128(asciiZeros) << 64 | UInt128(asciiZeros)
        first |= UInt8(ascii: "0")
        if point > 0 {
            put(first)
            let whole = point - 1
            put(words: rest, whole)
            guard count > whole else { return }
            put(UInt8(ascii: "."))
            put(words: rest &>> UInt128(truncatingIfNeeded: 8 &* whole), count - whole)
        } else if point > -4 || !allowsExponent {
            put(word: UInt64(UInt8(ascii: ".")) << 8 | UInt64(UInt8(ascii: "0")), 2)
            for _ in 0..<(-point) { put(UInt8(ascii: "0")) }
            put(first)
            put(words: rest, count)
        } else {
            put(first)
            if count > 0 { put(UInt8(ascii: ".")) }
            put(words: rest, count)
            put(word: UInt64(UInt8(ascii: "-")) << 8 | UInt64(UInt8(ascii: "e")), 2)
            let power = UInt8(1 - point)
            put(UInt8(ascii: "0") + power / 10)
            put(UInt8(ascii: "0") + power % 10)
        }
    }

    /// Writes what is rare: numbers of sixteen digits before the point and more, tiny ones, -0.
    @inline(never)
    private mutating func put(other value: Double) {
        let text = value.description
        put(
            abs(value) < 1e15 && text.hasSuffix(".0") && value != 0
                ? String(text.dropLast(2)) : text)
    }

    /// Writes a number from its description, whose exponent moves the point.
    private mutating func put(withoutExponent description: String) {
        let text = Array(description.utf8)
        guard let mark = text.firstIndex(of: UInt8(ascii: "e")) else {
            return put(text)
        }
        let exponent = Int(String(decoding: text[(mark + 1)...], as: UTF8.self)) ?? 0
        let digits = text[..<mark].filter { (0x30...0x39).contains($0) }
        let isNegative = text[0] == UInt8(ascii: "-")
        let point = text[..<mark].firstIndex(of: UInt8(ascii: ".")) ?? mark
        // The point's place in the digits, counted from their start.
        let whole = point - (isNegative ? 1 : 0) + exponent
        if isNegative { put(UInt8(ascii: "-")) }
        if whole <= 0 {
            put("0." + String(repeating: "0", count: -whole))
            put(digits)
        } else {
            // A double with an exponent above 0 is beyond 2^54, and has no places.
            put(digits + repeatElement(UInt8(ascii: "0"), count: max(0, whole - digits.count)))
        }
    }
}

/// Midnight of the first day whose year has five digits.
private let endOfFourDigitYears: Int64 = 253_402_300_800_000

/// `00000000`.
private let asciiZeros: UInt64 = 0x3030_3030_3030_3030

/// The eight digits of a number below 10^8, a byte each, the first lowest.
///
/// - SeeAlso: P. Khuong, "How to print integers really fast" (2017): all pairs of digits at once.
@inline(__always)
private func eightDigits(_ value: UInt64) -> UInt64 {
    assert(value < 100_000_000)
    let fours = (value / 10_000) | (value % 10_000) << 32
    // 10,486 / 2^20 is a hundredth for numbers below 10,000; 103 / 2^10 a tenth below 100.
    let hundreds = ((fours &* 10_486) >> 20) & 0x0000_007f_0000_007f
    let pairs = hundreds | (fours &- 100 &* hundreds) << 16
    let tens = ((pairs &* 103) >> 10) & 0x000f_000f_000f_000f
    return tens | (pairs &- 10 &* tens) << 8
}

/// The digits of a number below 10^17: the first of seventeen, and sixteen behind it, a byte each,
/// the first lowest.
@inline(__always)
private func sixteenDigits(_ value: UInt64) -> (first: UInt8, rest: UInt128) {
    let (upper, low) = value.quotientAndRemainder(dividingBy: 100_000_000)
    let (first, high) = upper.quotientAndRemainder(dividingBy: 100_000_000)
    let rest = UInt128(eightDigits(low)) << 64 | UInt128(eightDigits(high))
    return (UInt8(truncatingIfNeeded: first), rest)
}
