import LotCore

/// Evaluates the nodes of one source over its bars, tile after tile: the machinery of a
/// ``SeriesEvaluator``, which says how far each source goes.
///
/// Not thread-safe: it belongs to one evaluator.
@safe
final class SourceEvaluator: @unchecked Sendable {
    /// The bars of the source.
    let bars: Bars
    /// Rows evaluated so far.
    private(set) var rows = 0
    /// First row of the newest tile.
    private(set) var tileStart = 0

    private let program: SeriesProgram
    private let steps: [EvaluationStep]
    private var numbers: UnsafeMutablePointer<Double>
    private let flags: UnsafeMutablePointer<UInt64>
    /// Rows before the newest rows that can be read.
    private let history: Int
    /// Numbers of a slot.
    private var stride: Int
    /// Numbers between two slots that nobody uses.
    ///
    /// Slots at a distance of whole pages would compete for the same eight lines of the first-level
    /// cache, and a pass writes four of them at once.
    private static let gap = 72
    /// Most rows of a tile.
    private let tileRows: Int
    private let wordsPerTile: Int
    /// For each node, its slot among the numbers and among the conditions; -1 if it has none.
    private let slots: NodeSlots
    /// The conditions at the row before the newest tile, by slot.
    private var flagsBefore: [Bool]
    private let columns: SourceColumns
    /// Row that the first number of each slot belongs to.
    private var slotStart: Int

    /// Prepares the nodes of `source`.
    ///
    /// - Parameters:
    ///   - program: The graph.
    ///   - source: Which of its nodes.
    ///   - bars: What they read.
    ///   - history: Rows before the newest ones that will be read.
    ///   - tileRows: Most rows of a tile, 1...``tileCapacity``.
    ///   - others: The evaluators and clocks of the other sources, which nodes that align read.
    ///   - failure: Where functions say what they did wrong.
    init(
        _ program: SeriesProgram, _ source: SourceID, bars: Bars, history: Int,
        tileRows: Int = tileCapacity, others: [AlignedSource], _ failure: FunctionFailure
    ) {
        self.program = program
        self.bars = bars
        self.history = history
        self.tileRows = tileRows
        wordsPerTile = (tileRows + 63) / 64
        stride = history + tileRows + SourceEvaluator.gap
        slotStart = -history
        slots = NodeSlots(program, source)
        columns = SourceColumns(program, source, bars)
        flagsBefore = [Bool](repeating: false, count: slots.flagCount)
        let numberCount = max(1, slots.numberCount * stride)
        unsafe numbers = .allocate(capacity: numberCount)
        unsafe numbers.initialize(repeating: .nan, count: numberCount)
        let flagCount = max(1, slots.flagCount * wordsPerTile)
        unsafe flags = .allocate(capacity: flagCount)
        unsafe flags.initialize(repeating: 0, count: flagCount)
        steps = EvaluationStep.all(
            of: program, source, slots, bars, columns, others: others, failure)
        fillConstants()
    }

    deinit {
        unsafe numbers.deallocate()
        unsafe flags.deallocate()
    }

    /// Evaluates the rows up to `end`, which can all be read afterwards.
    ///
    /// - Complexity: O(rows · nodes); no allocation, but for more new rows at once than ever
    ///   before and than a tile has.
    func advance(to end: Int) {
        guard end > rows else { return }
        makeRoom(for: end - rows)
        while rows < end { evaluate(min(tileRows, end - rows)) }
    }

    /// Evaluates the rows up to `end`, of which only the last need be read afterwards.
    ///
    /// - Complexity: O(rows · nodes), no allocation.
    func skip(to end: Int) {
        while rows < end { advance(to: min(end, rows + tileRows)) }
    }

    private func evaluate(_ count: Int) {
        keepFlags()
        tileStart = rows
        rows += count
        let memory = unsafe TileMemory(
            numbers: numbers + (tileStart - slotStart), stride: stride, flags: flags,
            flagStride: wordsPerTile, start: tileStart, count: count)
        for step in steps { unsafe step.run(memory) }
    }

    // MARK: Reading

    /// The address at which `base[row]` is the number of a node of this source.
    @unsafe
    func base(_ node: NodeID) -> UnsafePointer<Double> {
        if case .field(let field) = program.nodes[Int(node)].operation, field.isStored {
            return unsafe columns[field].start
        }
        let slot = slots.number[Int(node)]
        precondition(slot >= 0, "a condition has no numbers")
        return unsafe UnsafePointer(numbers + slot * stride - slotStart)
    }

    /// The condition of a node of this source at a row of the newest tile or the one before it.
    @inline(__always)
    func flag(_ node: NodeID, at row: Int) -> Bool {
        let slot = slots.flag[Int(node)]
        let offset = row - tileStart
        precondition(slot >= 0 && offset >= -1 && row < rows)
        guard offset >= 0 else { return flagsBefore[slot] }
        let word = unsafe flags[slot * wordsPerTile + offset / 64]
        return word >> UInt64(offset % 64) & 1 == 1
    }

    /// The conditions over the newest tile, until the next.
    var conditions: ConditionTile {
        unsafe ConditionTile(
            start: tileStart, words: flags, wordsPerTile: wordsPerTile, slots: slots.flagTable)
    }

    // MARK: Memory

    /// Moves the newest ``history`` numbers to the front of each slot when `count` more rows would
    /// not fit behind them: once every ``tileRows`` rows, whatever the tiles.
    private func makeRoom(for count: Int) {
        if history + count > stride { grow(history + count) }
        guard rows + count - slotStart > stride else { return }
        let shift = rows - history - slotStart
        for slot in 0..<slots.numberCount {
            let start = unsafe numbers + slot * stride
            unsafe start.update(from: start + shift, count: history)
        }
        slotStart += shift
    }

    /// Makes every slot longer: for a hole in the main bars that others filled.
    private func grow(_ wanted: Int) {
        let count = max(1, slots.numberCount * wanted)
        let old = unsafe numbers
        unsafe numbers = .allocate(capacity: count)
        unsafe numbers.initialize(repeating: .nan, count: count)
        for slot in 0..<slots.numberCount {
            unsafe (numbers + slot * wanted).update(from: old + slot * stride, count: stride)
        }
        unsafe old.deallocate()
        stride = wanted
        fillConstants()
    }

    /// Constants are written once: every row of their slots has the same value.
    private func fillConstants() {
        for (index, node) in program.nodes.enumerated() where slots.number[index] >= 0 {
            guard case .constant(let bits) = node.operation else { continue }
            let start = unsafe numbers + slots.number[index] * stride
            unsafe start.update(repeating: Double(bitPattern: bits), count: stride)
        }
    }

    /// Keeps the conditions of the newest row: it will be the one before the newest tile.
    private func keepFlags() {
        guard rows > 0 else { return }
        let offset = rows - 1 - tileStart
        for slot in flagsBefore.indices {
            let word = unsafe flags[slot * wordsPerTile + offset / 64]
            flagsBefore[slot] = word >> UInt64(offset % 64) & 1 == 1
        }
    }
}
