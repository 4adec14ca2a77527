import LotCore
import LotMath
import Testing

/// The lowest and highest values of blocks, against the standard library's.
@Suite struct BlockRangeTests {
    @Test func `blocks have their lowest and highest values, the last one too`() {
        var random = SeededNumbers(11)
        let values = (0..<200).map { _ in random.unit() - 0.5 }
        let column = Column(values)
        let length = Column<Double>.blockLength
        for first in [0, 1, 7] {
            for count in 1...100 {
                let blocks = (count + length - 1) / length
                var lowest = [Double](repeating: .nan, count: blocks + 1)
                var highest = lowest
                unsafe column.blockRanges(
                    of: first..<first + count, lowest: &lowest, highest: &highest)
                for block in 0..<blocks {
                    let start = first + block * length
                    let own = values[start..<min(start + length, first + count)]
                    #expect(lowest[block] == own.min(), "\(first), \(count), block \(block)")
                    #expect(highest[block] == own.max(), "\(first), \(count), block \(block)")
                }
                // Nothing is written behind the last block.
                #expect(lowest[blocks].isNaN && highest[blocks].isNaN)
            }
        }
    }
}
