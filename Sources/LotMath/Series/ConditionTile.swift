import LotCore

/// The conditions of a program over one tile, as 64-bit words.
///
/// It lends memory of the evaluator that made it, which must live and must not reuse the tile's
/// memory meanwhile.
@safe
public struct ConditionTile {
    /// First row of the tile.
    public let start: Int
    private let base: UnsafePointer<UInt64>
    private let wordsPerTile: Int
    private let slots: UnsafePointer<Int>

    /// Lends words; `slots` has the slot of each condition by node.
    init(
        start: Int, words: UnsafePointer<UInt64>, wordsPerTile: Int, slots: UnsafePointer<Int>
    ) {
        self.start = start
        unsafe base = words
        self.wordsPerTile = wordsPerTile
        unsafe self.slots = slots
    }

    /// The address of a condition's words: row `start + i` is bit `i % 64` of word `i / 64`; bits
    /// beyond the tile's rows are unspecified.
    @unsafe
    public func words(of node: NodeID) -> UnsafePointer<UInt64> {
        let slot = unsafe slots[Int(node)]
        precondition(slot >= 0, "a number has no bits")
        return unsafe base + slot * wordsPerTile
    }
}

/// Where the nodes of a source keep their values.
@safe
final class NodeSlots: @unchecked Sendable {
    /// For each node, its slot among the computed numbers; -1 if it has none.
    let number: [Int]
    /// For each node, its slot among the conditions; -1 if it has none.
    let flag: [Int]
    /// ``flag``, at an address that stays while this lives.
    let flagTable: UnsafePointer<Int>
    let numberCount: Int
    let flagCount: Int

    init(_ program: SeriesProgram, _ source: SourceID) {
        var number = [Int](repeating: -1, count: program.nodes.count)
        var flag = number
        var (numberCount, flagCount) = (0, 0)
        for (index, node) in program.nodes.enumerated() where node.source == source {
            if case .field(let field) = node.operation, field.isStored { continue }
            if node.operation.isCondition {
                flag[index] = flagCount
                flagCount += 1
            } else {
                number[index] = numberCount
                numberCount += 1
            }
        }
        (self.number, self.flag) = (number, flag)
        (self.numberCount, self.flagCount) = (numberCount, flagCount)
        let table = UnsafeMutablePointer<Int>.allocate(capacity: max(1, flag.count))
        for (index, slot) in flag.enumerated() { unsafe (table + index).initialize(to: slot) }
        unsafe flagTable = UnsafePointer(table)
    }

    deinit { unsafe flagTable.deallocate() }
}

/// The stored columns of a source; where volumes are read but not stored, they are NaN.
struct SourceColumns: Sendable {
    private let bars: Bars
    private let missingVolume: Column<Double>?

    init(_ program: SeriesProgram, _ source: SourceID, _ bars: Bars) {
        self.bars = bars
        let usesVolume = program.nodes.contains {
            $0.operation == .field(.volume) && $0.source == source
        }
        missingVolume =
            usesVolume && bars.volume == nil
            ? Column([Double](repeating: .nan, count: bars.count)) : nil
    }

    /// The column of a field that is stored.
    subscript(field: PriceField) -> Column<Double> {
        switch field {
        case .open: bars.open
        case .high: bars.high
        case .low: bars.low
        case .close, .openTime: bars.close
        case .volume: bars.volume ?? missingVolume ?? bars.close
        }
    }
}
