import Foundation
import LotTestSupport
import Testing

@testable import LotCore

/// Numbers and times as bytes, against the standard library's own text.
struct NumberBytesTests {
    private func text(_ body: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer()
        body(&buffer)
        return String(decoding: buffer.array, as: UTF8.self)
    }

    /// What `put(shortest:)` promises to write.
    private func expected(_ value: Double) -> String {
        let text = value.description
        let isWhole = text.hasSuffix(".0") && abs(value) < 1e15 && value != 0
        return isWhole || value.bitPattern == 0 ? String(text.dropLast(2)) : text
    }

    /// A number of one of the kinds that results are made of.
    private func number(_ random: inout SplitMix) -> Double {
        let sign = random.unit() < 0.5 ? -1.0 : 1.0
        switch random.next() % 8 {
        case 0: return Double(bitPattern: random.next())
        // Decimals with few places, and their neighbours.
        case 1, 2:
            let power = pow(10, Double(random.next() % 13))
            let value = sign * (random.unit() * 1e7 * power).rounded() / power
            return random.unit() < 0.5 ? value : value.nextUp
        // Every exponent of ten from 1e-22 to 1e17.
        case 3, 4: return sign * random.unit() * pow(10, Double(random.next() % 40) - 22)
        // Powers of two and their neighbours, where doubles stop being evenly spaced.
        case 5:
            let value = sign * scalbn(1, Int(random.next() % 130) - 75)
            return [value.nextDown, value, value.nextUp][Int(random.next() % 3)]
        // Powers of ten and their neighbours.
        case 6:
            let value = sign * pow(10, Double(random.next() % 40) - 22)
            return [value.nextDown, value, value.nextUp][Int(random.next() % 3)]
        default: return sign * (random.unit() * 1e17).rounded()
        }
    }

    @Test(arguments: 0..<4)
    func `numbers are written as the standard library would`(seed: Int) {
        let cases = ProcessInfo.processInfo.environment["LOT_FUZZ_CASES"].flatMap { Int($0) }
        var random = SplitMix(UInt64(seed))
        var wrong: [Double] = []
        for _ in 0..<max(10_000, (cases ?? 0) * 100) {
            let value = number(&random)
            guard value.isFinite, text({ $0.put(shortest: value) }) != expected(value) else {
                continue
            }
            wrong.append(value)
        }
        #expect(wrong == [])
    }

    @Test(arguments: 0..<4)
    func `plain numbers read back and have no exponent`(seed: Int) {
        var random = SplitMix(UInt64(seed))
        for _ in 0..<3_000 {
            let value = number(&random)
            guard value.isFinite else { continue }
            let text = text { $0.put(plain: value) }
            #expect(Double(text) == value && !text.contains("e"), "\(value)")
            if !value.description.contains("e") { #expect(text == expected(value)) }
        }
    }

    @Test(arguments: [
        (0, "0"), (-0.0, "-0.0"), (1e-4, "0.0001"), (1e-5, "1e-05"), (1.25e-7, "1.25e-07"),
        (99.61991999999998, "99.61991999999998"), (0.1 + 0.2, "0.30000000000000004"),
        (-0.041273336947333705, "-0.041273336947333705"), (12_345_678, "12345678"),
        (123_456_789.125, "123456789.125"), (9_007_199_254_740_992, "9007199254740992.0"),
        (1e15, "1000000000000000.0"), (.leastNonzeroMagnitude, "5e-324"), (1e16, "1e+16"),
    ])
    func `known numbers`(value: Double, text: String) {
        #expect(self.text { $0.put(shortest: value) } == text)
    }

    @Test func `whole numbers and times`() {
        var random = SplitMix(1)
        var numbers: [Int64] = [.min, .max, 0, -1]
        var power: Int64 = 1
        for _ in 0..<19 {
            numbers += [power - 1, power, power + 1, -power]
            power = power.multipliedReportingOverflow(by: 10).partialValue
        }
        for shift in 0..<63 { numbers.append(Int64(truncatingIfNeeded: random.next() >> shift)) }
        for number in numbers {
            #expect(text { $0.put(digits: number) } == String(number))
        }
        for _ in 0..<2_000 {
            let step: Int64 = [1, 1_000, 60_000, 86_400_000][Int(random.next() % 4)]
            let time = Int64(random.unit() * 3e14) / step * step - 10_000_000_000
            #expect(text { $0.put(time: time) } == CivilTime.text(time))
        }
    }

    @Test func `a buffer hands on its bytes in pieces, all and in order`() {
        final class Pieces { var sizes: [Int] = [], bytes: [UInt8] = [] }
        let pieces = Pieces()
        var whole = ByteBuffer(capacity: 1)
        var handed = unsafe ByteBuffer(piece: 100) { piece in
            pieces.sizes.append(piece.count)
            unsafe pieces.bytes.append(contentsOf: piece)
        }
        func write(_ buffer: inout ByteBuffer) {
            for number in 0..<500 {
                buffer.put(digits: Int64(number * number))
                buffer.put(UInt8(ascii: ","))
                buffer.put(shortest: Double(number) / 7)
                buffer.put(time: Int64(number) * 3_600_000)
                buffer.put(words: 0x41_4243, 3)
            }
            // Longer than the pieces.
            buffer.put(String(repeating: "x", count: 1_000))
            #expect(!buffer.put("a\nb") { $0 >= 0x20 })
            #expect(buffer.put("abc") { $0 >= 0x20 })
        }
        write(&whole)
        write(&handed)
        handed.flush()
        #expect(pieces.bytes == whole.array)
        #expect(pieces.bytes.count > 20_000 && pieces.sizes.count > 100)
    }
}
