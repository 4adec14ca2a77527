import LotCore

/// The header of a column file: NumPy's format 1.0 padded to 4,096 bytes, so that the data start
/// on a page.
///
/// The shape is a field of fixed width padded with spaces, so bringing it up to date is one small
/// write. Its number is for other programs; `lot` reads row counts from `series.json` only.
/// - SeeAlso: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".
enum NpyHeader {
    /// Bytes before the first element.
    static let size = 4_096
    /// Digits and spaces of the shape; Int64.max has 19 digits.
    static let shapeWidth = 20
    /// Where the shape's field starts.
    static let shapeOffset = 10 + prefix(descriptor: "<f8").utf8.count

    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    private static func prefix(descriptor: String) -> String {
        "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': ("
    }

    /// The shape's field for `rows` rows: digits, padded with spaces on the left.
    static func shape(rows: Int) -> [UInt8] {
        let digits = Array(String(rows).utf8)
        return [UInt8](repeating: 0x20, count: max(0, shapeWidth - digits.count)) + digits
    }

    /// The whole header of a column with `rows` rows.
    static func bytes(_ column: SeriesColumn, rows: Int) -> [UInt8] {
        let length = size - 10
        var bytes = magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)]
        bytes += Array(prefix(descriptor: column.descriptor).utf8)
        bytes += shape(rows: rows)
        bytes += Array(",), }".utf8)
        bytes += [UInt8](repeating: 0x20, count: size - 1 - bytes.count)
        return bytes + [0x0a]
    }

    /// Returns why `header` is not the header of `column`, or `nil` if it is.
    ///
    /// Everything but the shape's digits must be as written; those must be a number.
    static func problem(_ header: [UInt8], column: SeriesColumn) -> String? {
        guard header.count >= magic.count + 4 else {
            return "\(grouped(header.count)) bytes, a column file has at least \(grouped(size))"
        }
        guard header.starts(with: magic) else {
            return "not a .npy column (starts \"\(escaped(bytes: header.prefix(8)))\")"
        }
        guard header[6] == 1, header[7] == 0 else {
            return "NumPy format \(header[6]).\(header[7]), this lot reads 1.0"
        }
        guard header.count == size else {
            return "\(grouped(header.count)) bytes, a column file has at least \(grouped(size))"
        }
        var expected = bytes(column, rows: 0)
        let field = shapeOffset..<(shapeOffset + shapeWidth)
        let digits = header[field].drop { $0 == 0x20 }
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return "header damaged (shape \"\(escaped(bytes: header[field]))\")"
        }
        expected.replaceSubrange(field, with: header[field])
        return header == expected ? nil : difference(header, column: column)
    }

    private static func difference(_ header: [UInt8], column: SeriesColumn) -> String {
        let text = String(decoding: header[10..<min(96, header.count)], as: UTF8.self)
        let foreign = column.descriptor.replacingFirst("<", with: ">")
        if text.contains("'\(foreign)'") { return "written big-endian, not supported" }
        if let found = text.split(separator: "'", omittingEmptySubsequences: false).dropFirst(3)
            .first, text.hasPrefix("{'descr': '"), found != column.descriptor
        {
            return "element type \"\(escaped(found))\", expected \"\(column.descriptor)\""
        }
        if text.contains("'fortran_order': True") { return "stored in Fortran order" }
        return "header damaged (not as lot writes it)"
    }
}

extension String {
    /// Returns the string with its first character exchanged if it is `old`.
    fileprivate func replacingFirst(_ old: Character, with new: Character) -> String {
        first == old ? String(new) + dropFirst() : self
    }
}
