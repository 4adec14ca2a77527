/// The first line from `first` to `last`, counted from 1, on which a word stands by itself, outside
/// lines that are comments; at least the line `first` is looked at.
///
/// - Complexity: O(bytes).
func firstLine(of word: [UInt8], in text: [UInt8], from first: Int, to last: Int) -> Int? {
    var number = 1
    var start = 0
    while start <= text.count, number <= max(first, last) {
        let end = text[start...].firstIndex(of: 0x0a) ?? text.count
        if number >= first, holds(text[start..<end], word) { return number }
        number += 1
        start = end + 1
    }
    return nil
}

/// Whether a line is code and holds a word by itself.
private func holds(_ line: ArraySlice<UInt8>, _ word: [UInt8]) -> Bool {
    guard !line.drop(while: { $0 == 0x20 || $0 == 0x09 }).starts(with: [0x2d, 0x2d]) else {
        return false
    }
    var start = line.startIndex
    while start < line.endIndex {
        guard isPartOfWord(line[start]) else {
            start += 1
            continue
        }
        let end = line[start...].firstIndex { !isPartOfWord($0) } ?? line.endIndex
        if line[start..<end].elementsEqual(word) { return true }
        start = end
    }
    return false
}

/// Letters, digits, `_`, and every byte of a character beyond ASCII.
private func isPartOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
        true
    default: false
    }
}
