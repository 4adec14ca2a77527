import LotCore

extension TOMLReader {
    /// Reads a value; spaces before it have been skipped.
    mutating func value(depth: Int) throws(TOMLError) -> TOMLValue {
        guard depth <= TOMLReader.maximumDepth else {
            throw error("nested deeper than \(TOMLReader.maximumDepth)")
        }
        switch peek {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try string())
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "{"): return .table(try inlineTable(depth: depth))
        default: return try word()
        }
    }

    private mutating func array(depth: Int) throws(TOMLError) -> [TOMLValue] {
        offset += 1
        var elements: [TOMLValue] = []
        while true {
            guard try skipBlankLines() else { throw expected("\"]\"") }
            if take("]") { return elements }
            if !elements.isEmpty {
                guard take(",") else { throw expected("\",\" or \"]\"") }
                guard try skipBlankLines() else { throw expected("\"]\"") }
                if take("]") { return elements }
            }
            elements.append(try value(depth: depth + 1))
        }
    }

    private mutating func inlineTable(depth: Int) throws(TOMLError) -> TOMLTable {
        offset += 1
        let table = TOMLBuilder(.header)
        skipSpaces()
        if take("}") { return table.table }
        while true {
            skipSpaces()
            try keyValue(into: table, depth: depth + 1)
            skipSpaces()
            if take("}") { return table.table }
            guard take(",") else { throw expected("\",\" or \"}\"") }
        }
    }

    // MARK: Texts

    private mutating func string() throws(TOMLError) -> String {
        if take("\"\"\"") { return try multiLine(quote: UInt8(ascii: "\"")) }
        if take("'''") { return try multiLine(quote: UInt8(ascii: "'")) }
        return try singleLineString()
    }

    /// Reads `"…"` or `'…'`.
    mutating func singleLineString() throws(TOMLError) -> String {
        let quote = peek ?? 0
        offset += 1
        var text: [UInt8] = []
        while let byte = peek, byte != 0x0a, byte != 0x0d {
            if byte == quote {
                offset += 1
                return String(decoding: text, as: UTF8.self)
            }
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                try escape(into: &text)
            } else {
                try plain(byte, into: &text)
            }
        }
        throw expected("the closing quote")
    }

    private mutating func multiLine(quote: UInt8) throws(TOMLError) -> String {
        _ = takeNewline()
        var text: [UInt8] = []
        while let byte = peek {
            if byte == quote, peek(1) == quote, peek(2) == quote {
                // Up to two quotes may stand right before the closing three.
                var count = 3
                while count < 5, peek(count) == quote { count += 1 }
                offset += count
                text += [UInt8](repeating: quote, count: count - 3)
                return String(decoding: text, as: UTF8.self)
            }
            if takeNewline() {
                text.append(0x0a)
            } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                if !skipLineEnd() { try escape(into: &text) }
            } else {
                try plain(byte, into: &text)
            }
        }
        throw expected("the closing quotes")
    }

    /// Takes a backslash at the end of a line and all white space after it.
    private mutating func skipLineEnd() -> Bool {
        var probe = self
        probe.offset += 1
        probe.skipSpaces()
        guard probe.takeNewline() else { return false }
        repeat { probe.skipSpaces() } while probe.takeNewline()
        self = probe
        return true
    }

    private mutating func plain(_ byte: UInt8, into text: inout [UInt8]) throws(TOMLError) {
        guard byte >= 0x20 && byte != 0x7f || byte == 0x09 else {
            throw error("a control character in a text")
        }
        text.append(byte)
        offset += 1
    }

    private mutating func escape(into text: inout [UInt8]) throws(TOMLError) {
        let simple: [UInt8: UInt8] = [
            UInt8(ascii: "b"): 0x08, UInt8(ascii: "t"): 0x09, UInt8(ascii: "n"): 0x0a,
            UInt8(ascii: "f"): 0x0c, UInt8(ascii: "r"): 0x0d, UInt8(ascii: "\""): 0x22,
            UInt8(ascii: "\\"): 0x5c,
        ]
        let letter = peek(1) ?? 0
        if let byte = simple[letter] {
            text.append(byte)
            offset += 2
            return
        }
        let length = letter == UInt8(ascii: "u") ? 4 : letter == UInt8(ascii: "U") ? 8 : 0
        let digits = bytes[min(offset + 2, bytes.count)...].prefix(length)
        guard length > 0, digits.count == length,
            digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
            let scalar = Unicode.Scalar(code)
        else { throw error("unknown escape; a backslash is written \\\\") }
        text += Array(String(Character(scalar)).utf8)
        offset += 2 + length
    }

    // MARK: Words

    /// Reads `true`, `false`, a number, or a time.
    private mutating func word() throws(TOMLError) -> TOMLValue {
        let start = offset
        while let byte = peek, TOMLReader.isWord(byte) { offset += 1 }
        // A date and a time of day may be apart by a space.
        if offset - start == 10, bytes[start + 4] == UInt8(ascii: "-"), peek == 0x20,
            let next = peek(1), (0x30...0x39).contains(next)
        {
            offset += 1
            while let byte = peek, TOMLReader.isWord(byte) { offset += 1 }
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        let value = TOMLNumber.value(text)
        guard let value else {
            offset = start
            throw expected(
                text.isEmpty
                    ? "a value after \"=\""
                    : "a value (a text stands in quotes)")
        }
        return value
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
            || (0x61...0x7a).contains(byte) || [0x2b, 0x2d, 0x2e, 0x3a, 0x5f].contains(byte)
    }
}
