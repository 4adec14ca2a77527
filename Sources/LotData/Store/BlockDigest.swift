import LotCore

/// The digests of a column: one per block of 65,536 rows, the first 128 bits of its SHA-256.
enum BlockDigest {
    /// Rows of a block; the last one may be shorter.
    static let rows = 65_536

    /// Returns how many blocks `rows` rows take.
    static func count(rows: Int) -> Int { rows / Self.rows + (rows % Self.rows == 0 ? 0 : 1) }

    /// Returns the digest of some bytes as 32 hexadecimal digits.
    static func of(_ bytes: UnsafeRawBufferPointer) -> String {
        let hasher = SHA256Hasher()
        unsafe hasher.update(bytes)
        return hexadecimal(hasher.finish().prefix(16))
    }

    /// Returns the digests of all blocks of a column.
    static func all(_ words: [UInt64]) -> [String] {
        unsafe words.withUnsafeBytes { unsafe all($0) }
    }

    private static func all(_ bytes: UnsafeRawBufferPointer) -> [String] {
        var digests: [String] = []
        for start in stride(from: 0, to: bytes.count, by: rows * 8) {
            let end = min(start + rows * 8, bytes.count)
            unsafe digests.append(of(UnsafeRawBufferPointer(rebasing: bytes[start..<end])))
        }
        return digests
    }

    /// Returns the digest of rows `range` of a mapped column file.
    static func of(_ file: MappedFile, rows range: Range<Int>) -> String {
        let start = NpyHeader.size + range.lowerBound * 8
        let end = NpyHeader.size + range.upperBound * 8
        return unsafe file.withBytes { bytes in
            unsafe of(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        }
    }
}
