import LotCore

/// Writes zip archives byte by byte, sound ones and hostile ones.
struct ZipBuilder {
    /// What an entry claims and holds.
    struct Entry {
        var name: String
        var packed: [UInt8]
        var size: UInt32
        var crc: UInt32
        var method: UInt16
        var flags: UInt16 = 0
        var system: UInt8 = 3
        var mode: UInt32 = 0o100644

        /// An entry that is stored without compression.
        init(_ name: String, _ text: String) {
            self.name = name
            packed = Array(text.utf8)
            size = UInt32(packed.count)
            crc = ZipBuilder.crc32(packed)
            method = 0
        }

        /// 400,000 times "1", deflated to 406 bytes (made with zlib, level 9).
        init(bomb name: String) {
            self.name = name
            packed = [237, 193, 49, 1, 0, 0, 0, 194, 160, 76, 235, 95, 206, 20, 126, 64, 1]
            packed += [UInt8](repeating: 0, count: 386) + [192, 223, 0]
            size = 400_000
            crc = 0x1241_0a1c
            method = 8
        }
    }

    /// The archive's bytes.
    static func bytes(_ entries: [Entry]) -> [UInt8] {
        var file = [UInt8]()
        var directory = [UInt8]()
        for entry in entries {
            let offset = UInt32(file.count)
            let common =
                le(entry.flags) + le(entry.method) + le(UInt16(0)) + le(UInt16(0x21))
                + le(entry.crc) + le(UInt32(entry.packed.count)) + le(entry.size)
                + le(UInt16(entry.name.utf8.count)) + le(UInt16(0))
            file += le(UInt32(0x0403_4b50)) + le(UInt16(20)) + common
            file += Array(entry.name.utf8) + entry.packed
            directory += le(UInt32(0x0201_4b50)) + [20, entry.system] + le(UInt16(20)) + common
            directory += le(UInt16(0)) + le(UInt16(0)) + le(UInt16(0))
            directory += le(entry.mode << 16) + le(offset) + Array(entry.name.utf8)
        }
        let count = UInt16(entries.count)
        return file + directory + le(UInt32(0x0605_4b50)) + le(UInt16(0)) + le(UInt16(0))
            + le(count) + le(count) + le(UInt32(directory.count)) + le(UInt32(file.count))
            + le(UInt16(0))
    }

    private static func le(_ value: some FixedWidthInteger) -> [UInt8] {
        (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    /// CRC-32 as zip uses it.
    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xffff_ffff
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
