/// Reads the tags of an XML document one after the other; just enough for gnuplot's SVG.
///
/// Comments, declarations and processing instructions are skipped. It never fails: what is not
/// understood is skipped too.
struct XMLScanner {
    enum Event: Equatable {
        case start(String, [String: String], isEmpty: Bool)
        case end(String)
        case text
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Returns the next tag or stretch of text; `nil` at the end.
    mutating func next() -> Event? {
        guard position < bytes.count else { return nil }
        guard bytes[position] == UInt8(ascii: "<") else {
            position = find(UInt8(ascii: "<"), from: position)
            return .text
        }
        let end = endOfTag(from: position + 1)
        let body = bytes[(position + 1)..<end]
        position = min(bytes.count, end + 1)
        guard let first = body.first, first != UInt8(ascii: "!"), first != UInt8(ascii: "?") else {
            return .text
        }
        if first == UInt8(ascii: "/") {
            return .end(String(decoding: body.dropFirst(), as: UTF8.self))
        }
        let isEmpty = body.last == UInt8(ascii: "/")
        return tag(isEmpty ? body.dropLast() : body, isEmpty: isEmpty)
    }

    /// Returns the text up to the closing tag `name`, entities decoded, tags inside dropped.
    mutating func textUntilEnd(_ name: String) -> String {
        var text: [UInt8] = []
        while position < bytes.count {
            if bytes[position] != UInt8(ascii: "<") {
                let end = find(UInt8(ascii: "<"), from: position)
                text += bytes[position..<end]
                position = end
            } else if next() == .end(name) {
                break
            }
        }
        return decode(String(decoding: text, as: UTF8.self))
    }

    private func tag(_ body: ArraySlice<UInt8>, isEmpty: Bool) -> Event {
        var index = body.startIndex
        let name = word(body, &index)
        var attributes: [String: String] = [:]
        while index < body.endIndex {
            let key = word(body, &index)
            while index < body.endIndex, body[index] == 0x20 { index += 1 }
            guard index < body.endIndex, body[index] == UInt8(ascii: "=") else {
                index += 1
                continue
            }
            index += 1
            while index < body.endIndex, body[index] == 0x20 { index += 1 }
            guard index < body.endIndex else { break }
            let quote = body[index]
            guard quote == 0x22 || quote == 0x27 else { continue }
            let start = index + 1
            let end = body[start...].firstIndex(of: quote) ?? body.endIndex
            attributes[key] = String(decoding: body[start..<end], as: UTF8.self)
            index = end + 1
        }
        return .start(name, attributes, isEmpty: isEmpty)
    }

    private func word(_ body: ArraySlice<UInt8>, _ index: inout Int) -> String {
        let space: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
        while index < body.endIndex, space.contains(body[index]) { index += 1 }
        let start = index
        while index < body.endIndex, !space.contains(body[index]),
            body[index] != UInt8(ascii: "=")
        {
            index += 1
        }
        return String(decoding: body[start..<index], as: UTF8.self)
    }

    /// The `>` that ends a tag, not one inside quotes.
    private func endOfTag(from start: Int) -> Int {
        var quote: UInt8 = 0
        for index in start..<max(start, bytes.count) {
            let byte = bytes[index]
            if quote != 0 {
                if byte == quote { quote = 0 }
            } else if byte == 0x22 || byte == 0x27 {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return index
            }
        }
        return bytes.count
    }

    private func find(_ byte: UInt8, from start: Int) -> Int {
        bytes[start...].firstIndex(of: byte) ?? bytes.count
    }

    private func decode(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
        var result = ""
        var rest = text[...]
        while let first = rest.first {
            let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")]
            if let (entity, character) = entities.first(where: { rest.hasPrefix($0.0) }) {
                result += character
                rest = rest.dropFirst(entity.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
