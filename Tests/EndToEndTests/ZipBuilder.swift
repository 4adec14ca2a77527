/// Makes small zip files whose entries are stored, with any name: also ones a tool would refuse.
enum ZipBuilder {
    /// Returns the bytes of an archive of `entries`.
    static func archive(_ entries: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            let offset = file.count
            let name = Array(entry.name.utf8)
            let shared: [UInt8] =
                le16(20) + le16(0) + le16(0) + le16(0) + le16(0x5821)
                + le32(crc32(entry.bytes)) + le32(entry.bytes.count) + le32(entry.bytes.count)
                + le16(name.count) + le16(0)
            file += le32(0x0403_4b50) + shared + name + entry.bytes
            directory +=
                le32(0x0201_4b50) + le16(0x0314) + shared + le16(0) + le16(0) + le16(0)
                + le32(0x81a4_0000) + le32(offset) + name
        }
        let end =
            le32(0x0605_4b50) + le16(0) + le16(0) + le16(entries.count) + le16(entries.count)
            + le32(directory.count) + le32(file.count) + le16(0)
        return file + directory + end
    }

    private static func le16(_ value: Int) -> [UInt8] {
        [UInt8(value & 0xff), UInt8(value >> 8 & 0xff)]
    }

    private static func le32(_ value: Int) -> [UInt8] {
        le16(value & 0xffff) + le16(value >> 16 & 0xffff)
    }

    private static func crc32(_ bytes: [UInt8]) -> Int {
        var crc: UInt32 = 0xffff_ffff
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xedb8_8320 : 0) }
        }
        return Int(crc ^ 0xffff_ffff)
    }
}
