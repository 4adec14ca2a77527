import CFastFloat
import LotCore

/// The slow path of CSV: one line as an array of bytes.
enum CSVLine {
    /// Splits a line at its commas; a field in double quotes may hold commas and doubled quotes.
    static func fields(
        _ bytes: [UInt8], line: Int, place: ImportPlace
    ) throws(Diagnosis) -> [[UInt8]] {
        if bytes.contains(0) { throw place.bad("nul", line: line, "holds a NUL byte; refused") }
        var fields: [[UInt8]] = []
        var index = 0
        while true {
            var field: [UInt8] = []
            if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
                index += 1
                while true {
                    guard index < bytes.count else {
                        throw place.bad("quote", line: line, "a quoted field does not end")
                    }
                    if bytes[index] != UInt8(ascii: "\"") {
                        field.append(bytes[index])
                        index += 1
                    } else if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\"") {
                        field.append(bytes[index])
                        index += 2
                    } else {
                        index += 1
                        break
                    }
                }
                guard index == bytes.count || bytes[index] == UInt8(ascii: ",") else {
                    throw place.bad("quote", line: line, "text after a closing quote")
                }
            } else {
                let end = bytes[index...].firstIndex(of: UInt8(ascii: ",")) ?? bytes.count
                field = Array(bytes[index..<end])
                index = end
                guard !field.contains(UInt8(ascii: "\"")) else {
                    throw place.bad("quote", line: line, "a quote inside an unquoted field")
                }
            }
            fields.append(field)
            if index == bytes.count { return fields }
            index += 1
        }
    }

    /// The value of a field that is digits with at most one point; `nil` for anything else.
    static func decimal(_ bytes: [UInt8]) -> Double? {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            var value = 0.0
            let end = unsafe base + buffer.count
            return unsafe lot_scan_decimal(base, end, &value) == end ? value : nil
        }
    }

    /// The value of a field that is a number of JSON's grammar, such as `-0.0001` or `1e-05`; `nil`
    /// for anything else.
    static func number(_ bytes: [UInt8]) -> Double? {
        var reader = JSONReader(bytes)
        guard let range = try? reader.number(), range == 0..<bytes.count else { return nil }
        var value = 0.0
        let failed = unsafe bytes.withUnsafeBufferPointer { buffer -> Bool in
            guard let base = buffer.baseAddress else { return true }
            return unsafe lot_json_number(base, base + buffer.count, &value) != 0
        }
        return failed ? nil : value
    }

    /// The value of a field of 1 to 18 digits; `nil` for anything else.
    static func integer(_ bytes: [UInt8]) -> Int64? {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            var value: Int64 = 0
            let end = unsafe base + buffer.count
            return unsafe lot_scan_integer(base, end, &value) == end ? value : nil
        }
    }
}
