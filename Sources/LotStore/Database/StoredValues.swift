internal import FoundationEssentials
internal import GRDB
import LotCore

#if _endian(big)
#error("numbers are stored little-endian, as they lie in memory")
#endif

/// A value in the file that is not what its column holds: the file was changed by other hands.
struct ForeignValue: Error {
    let column: Int
}

/// Reads columns without trusting the file: GRDB's own accessors end the process where a value
/// has another type.
extension Row {
    func integer(_ column: Int) throws -> Int64 {
        guard case .int64(let value) = (self[column] as DatabaseValue).storage else {
            throw ForeignValue(column: column)
        }
        return value
    }

    func optionalInteger(_ column: Int) throws -> Int64? {
        try hasNull(atIndex: column) ? nil : integer(column)
    }

    func count(_ column: Int) throws -> Int {
        guard let value = Int(exactly: try integer(column)), value >= 0 else {
            throw ForeignValue(column: column)
        }
        return value
    }

    func real(_ column: Int) throws -> Double {
        guard case .double(let value) = (self[column] as DatabaseValue).storage else {
            throw ForeignValue(column: column)
        }
        return value
    }

    func optionalReal(_ column: Int) throws -> Double? {
        try hasNull(atIndex: column) ? nil : real(column)
    }

    func text(_ column: Int) throws -> String {
        guard case .string(let value) = (self[column] as DatabaseValue).storage else {
            throw ForeignValue(column: column)
        }
        return value
    }

    func optionalText(_ column: Int) throws -> String? {
        try hasNull(atIndex: column) ? nil : text(column)
    }

    /// The numbers of a BLOB; none for NULL.
    func doubles(_ column: Int) throws -> [Double] {
        try withUnsafeData(atIndex: column) { data in
            guard let data else {
                guard hasNull(atIndex: column) else { throw ForeignValue(column: column) }
                return []
            }
            return try unsafe data.withUnsafeBytes { bytes in
                guard bytes.count.isMultiple(of: 8) else { throw ForeignValue(column: column) }
                return unsafe [Double](unsafeUninitializedCapacity: bytes.count / 8) { out, count in
                    unsafe UnsafeMutableRawBufferPointer(out).copyMemory(from: bytes)
                    count = bytes.count / 8
                }
            }
        }
    }
}

extension [Double] {
    /// The numbers as a BLOB.
    var stored: DatabaseValue {
        unsafe withUnsafeBytes { bytes in unsafe Data(bytes) }.databaseValue
    }
}

/// Text of a length that a column is meant for, cut between characters.
func limited(_ text: String, _ bytes: Int) -> String {
    guard text.utf8.count > bytes else { return text }
    var result = ""
    var length = 0
    for character in text {
        length += character.utf8.count
        if length > bytes - 3 { return result + "…" }
        result.append(character)
    }
    return result
}
