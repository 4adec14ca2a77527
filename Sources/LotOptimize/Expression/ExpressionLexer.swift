import LotCore

/// A word of an expression, and where it begins.
struct ExpressionToken: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case number(Double)
        case word(String)
        case text(String)
        case symbol(String)
        case end
    }

    var kind: Kind
    /// The byte it begins at, from 1.
    var place: Int
}

/// Cuts an expression into words.
struct ExpressionLexer {
    private let bytes: [UInt8]
    private let subject: String
    private var index = 0

    init(_ text: String, subject: String) {
        bytes = Array(text.utf8)
        self.subject = subject
    }

    /// All words; the last is the end.
    mutating func tokens() throws(Diagnosis) -> [ExpressionToken] {
        guard bytes.count <= 4_096 else { throw refused("is longer than 4096 bytes", at: 1) }
        var result: [ExpressionToken] = []
        while true {
            let token = try next()
            result.append(token)
            if token.kind == .end { return result }
        }
    }

    private mutating func next() throws(Diagnosis) -> ExpressionToken {
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
        let start = index
        guard index < bytes.count else { return ExpressionToken(kind: .end, place: start + 1) }
        let byte = bytes[index]
        let kind: ExpressionToken.Kind
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."): kind = try number()
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "_"):
            while index < bytes.count, isWord(bytes[index]) { index += 1 }
            kind = .word(String(decoding: bytes[start..<index], as: UTF8.self))
        case UInt8(ascii: "'"), UInt8(ascii: "\""): kind = try text(quote: byte)
        default: kind = try symbol()
        }
        return ExpressionToken(kind: kind, place: start + 1)
    }

    private func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private mutating func number() throws(Diagnosis) -> ExpressionToken.Kind {
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            let isExponent = byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E")
            let isSign =
                (byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")) && index > start
                && (bytes[index - 1] | 0x20) == UInt8(ascii: "e")
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            guard isDigit || isExponent || isSign || byte == UInt8(ascii: ".") else { break }
            index += 1
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw refused("\"\(text)\" is no number", at: start + 1)
        }
        return .number(value)
    }

    private mutating func text(quote: UInt8) throws(Diagnosis) -> ExpressionToken.Kind {
        let start = index + 1
        guard let end = bytes[start...].firstIndex(of: quote) else {
            throw refused("a quoted text does not end", at: start)
        }
        index = end + 1
        return .text(String(decoding: bytes[start..<end], as: UTF8.self))
    }

    private mutating func symbol() throws(Diagnosis) -> ExpressionToken.Kind {
        for length in [2, 1] where index + length <= bytes.count {
            let text = String(decoding: bytes[index..<index + length], as: UTF8.self)
            let known =
                ["<=", ">=", "==", "!=", "&&", "||", "**"] + "+-*/^<>()!,".map(String.init)
            if known.contains(text) {
                index += length
                return .symbol(text)
            }
        }
        let shown = escaped(bytes: bytes[index...].prefix(1))
        let hint =
            bytes[index] == UInt8(ascii: "=") ? "compare with ==" : "names, numbers and + - * / ^"
        throw refused("\"\(shown)\" has no meaning here", at: index + 1, hint: hint)
    }

    func refused(_ reason: String, at place: Int, hint: String? = nil) -> Diagnosis {
        Diagnosis(
            .usage, kind: "expression", subject: subject,
            place: "\"\(escaped(bytes: bytes, limit: 200))\", byte \(place)", reason: reason,
            hint: hint)
    }
}
