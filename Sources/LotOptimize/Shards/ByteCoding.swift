/// Appends numbers as little-endian bytes.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ value: some FixedWidthInteger) {
        var rest = value.littleEndian
        for _ in 0..<value.bitWidth / 8 {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    mutating func put(_ value: Double) { put(value.bitPattern) }

    mutating func put(_ values: [Double]) {
        put(UInt32(values.count))
        for value in values { put(value) }
    }

    mutating func put(_ text: String?) {
        let utf8 = Array((text ?? "").utf8.prefix(4_096))
        put(UInt32(utf8.count))
        bytes += utf8
    }
}

/// Reads them back; `nil` where there are too few.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private var index: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    var isAtEnd: Bool { index == bytes.endIndex }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
        let size = Value.bitWidth / 8
        guard bytes.endIndex - index >= size else { return nil }
        var value: Value = 0
        for byte in bytes[index..<index + size].reversed() {
            value = Value(truncatingIfNeeded: UInt64(truncatingIfNeeded: value) << 8 | UInt64(byte))
        }
        index += size
        return value
    }

    mutating func double() -> Double? { integer(UInt64.self).map(Double.init(bitPattern:)) }

    mutating func doubles() -> [Double]? {
        guard let count = integer(UInt32.self), Int(count) <= (bytes.endIndex - index) / 8 else {
            return nil
        }
        var values: [Double] = []
        values.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let value = double() else { return nil }
            values.append(value)
        }
        return values
    }

    mutating func text() -> String? {
        guard let count = integer(UInt32.self), Int(count) <= bytes.endIndex - index else {
            return nil
        }
        defer { index += Int(count) }
        return String(decoding: bytes[index..<index + Int(count)], as: UTF8.self)
    }
}

/// The checksum of a frame.
///
/// CRC-32C: G. Castagnoli, S. Bräuer, M. Herrmann, "Optimization of Cyclic Redundancy-Check Codes
/// with 24 and 32 Parity Bits", IEEE Transactions on Communications 41(6), 1993; RFC 3720, B.4.
///
/// - Complexity: O(bytes), a few nanoseconds each.
func crc32c(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var crc = UInt32.max
    for byte in bytes {
        crc = (crc >> 8) ^ crcTable[Int(UInt8(truncatingIfNeeded: crc) ^ byte)]
    }
    return ~crc
}

private let crcTable: [UInt32] = (0..<256).map { index in
    var value = UInt32(index)
    for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0x82f6_3b78 : value >> 1 }
    return value
}
