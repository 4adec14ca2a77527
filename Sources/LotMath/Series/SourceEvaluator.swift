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
    private let failure: FunctionFailure
    private var steps: [Step] = []
    private var numbers: UnsafeMutablePointer<Double>
    private let flags: UnsafeMutablePointer<UInt64>
    /// Rows before the newest rows that can be read.
    private let history: Int
    /// Numbers of a slot.
    private var stride: Int
    private let wordsPerTile = tileCapacity / 64
    /// For each node, its slot among the numbers and among the conditions; -1 if it has none.
    private let slots: Slots
    /// The conditions at the row before the newest tile, by slot.
    private var flagsBefore: [Bool]
    private let missingVolume: Column<Double>?
    /// Row that the first number of each slot belongs to.
    private var slotStart: Int

    /// One evaluator of the graph; its view is used again for each tile, so that a tile costs no
    /// allocation.
    @safe
    private final class Step {
        var runner: any TileRunner
        let inputs: [NodeID]
        let outputs: [NodeID]
        var view = unsafe TileView(
            inputs: [], outputs: [], inputFlags: [], outputFlags: nil, count: 0)

        init(runner: any TileRunner, inputs: [NodeID], outputs: [NodeID]) {
            self.runner = runner
            self.inputs = inputs
            self.outputs = outputs
        }
    }

    /// Where the nodes of a source keep their values.
    private struct Slots {
        var number: [Int]
        var flag: [Int]
        var numberCount = 0
        var flagCount = 0

        init(_ program: SeriesProgram, _ source: SourceID) {
            number = [Int](repeating: -1, count: program.nodes.count)
            flag = number
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
        }
    }

    /// Prepares the nodes of `source`.
    ///
    /// - Parameters:
    ///   - program: The graph.
    ///   - source: Which of its nodes.
    ///   - bars: What they read.
    ///   - history: Rows before the newest ones that will be read.
    ///   - others: The evaluators and clocks of the other sources, which nodes that align read.
    ///   - failure: Where functions say what they did wrong.
    init(
        _ program: SeriesProgram, _ source: SourceID, bars: Bars, history: Int,
        others: [AlignedSource], _ failure: FunctionFailure
    ) {
        self.program = program
        self.failure = failure
        self.bars = bars
        self.history = history
        stride = history + tileCapacity
        slotStart = -history
        slots = Slots(program, source)
        let usesVolume = program.nodes.contains {
            $0.operation == .field(.volume) && $0.source == source
        }
        missingVolume =
            usesVolume && bars.volume == nil
            ? Column([Double](repeating: .nan, count: bars.count)) : nil
        flagsBefore = [Bool](repeating: false, count: slots.flagCount)
        let numberCount = max(1, slots.numberCount * stride)
        unsafe numbers = .allocate(capacity: numberCount)
        unsafe numbers.initialize(repeating: .nan, count: numberCount)
        let flagCount = max(1, slots.flagCount * wordsPerTile)
        unsafe flags = .allocate(capacity: flagCount)
        unsafe flags.initialize(repeating: 0, count: flagCount)
        steps = makeSteps(source, others)
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
        while rows < end { evaluate(min(tileCapacity, end - rows)) }
    }

    /// Evaluates the rows up to `end`, of which only the last need be read afterwards.
    ///
    /// - Complexity: O(rows · nodes), no allocation.
    func skip(to end: Int) {
        while rows < end { advance(to: min(end, rows + tileCapacity)) }
    }

    private func evaluate(_ count: Int) {
        keepFlags()
        tileStart = rows
        rows += count
        for step in steps {
            place(step, count: count)
            unsafe step.runner.run(step.view)
        }
    }

    // MARK: Reading

    /// The address at which `base[row]` is the number of a node of this source.
    @unsafe
    func base(_ node: NodeID) -> UnsafePointer<Double> {
        if case .field(let field) = program.nodes[Int(node)].operation, field.isStored {
            return unsafe column(field).start
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

    /// The address of a condition's words over the newest tile.
    @unsafe
    func flagWords(_ node: NodeID) -> UnsafePointer<UInt64> {
        let slot = slots.flag[Int(node)]
        precondition(slot >= 0, "a number has no bits")
        return unsafe UnsafePointer(flags + slot * wordsPerTile)
    }

    private func column(_ field: PriceField) -> Column<Double> {
        switch field {
        case .open: bars.open
        case .high: bars.high
        case .low: bars.low
        case .close, .openTime: bars.close
        case .volume: bars.volume ?? missingVolume ?? bars.close
        }
    }

    // MARK: Memory

    /// Moves the newest ``history`` numbers to the front of each slot when `count` more rows would
    /// not fit behind them: once every ``tileCapacity`` rows, whatever the tiles.
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

    /// Points a step's view at the newest tile.
    private func place(_ step: Step, count: Int) {
        unsafe step.view.count = count
        unsafe step.view.inputs.removeAll(keepingCapacity: true)
        unsafe step.view.outputs.removeAll(keepingCapacity: true)
        unsafe step.view.inputFlags.removeAll(keepingCapacity: true)
        for input in step.inputs {
            let slot = slots.flag[Int(input)]
            if slot >= 0 {
                unsafe step.view.inputFlags.append(UnsafePointer(flags + slot * wordsPerTile))
            } else {
                unsafe step.view.inputs.append(base(input) + tileStart)
            }
        }
        for output in step.outputs {
            let slot = slots.flag[Int(output)]
            if slot >= 0 {
                unsafe step.view.outputFlags = flags + slot * wordsPerTile
            } else {
                unsafe step.view.outputs.append(
                    numbers + slots.number[Int(output)] * stride + (tileStart - slotStart))
            }
        }
    }

    // MARK: Steps

    private func makeSteps(_ source: SourceID, _ others: [AlignedSource]) -> [Step] {
        var steps: [Step] = []
        var pairs = ComparedPairs()
        for (index, node) in program.nodes.enumerated() where node.source == source {
            let id = NodeID(index)
            switch node.operation {
            case .field(.openTime):
                steps.append(Step(runner: TimeRunner(bars.openTime), inputs: [], outputs: [id]))
            case .field, .constant: continue
            case .align, .alignCondition:
                let other = others[Int(program.nodes[Int(node.inputs[0])].source) - 1]
                let runner = AlignRunner(node.inputs[0], of: other)
                steps.append(Step(runner: runner, inputs: [], outputs: [id]))
            case .indicator(let definition, let parameters, let output):
                guard output == 0 else { continue }
                let indicator = IndicatorRegistry.all[definition]
                let ids = indicator.outputs.indices.map { id + NodeID($0) }
                let runner = indicator.makeRunner(parameters.map(Double.init(bitPattern:)))
                steps.append(Step(runner: runner, inputs: node.inputs, outputs: ids))
            case .defined(let series, let output):
                guard output == 0 else { continue }
                let ids = (0..<series.outputs).map { id + NodeID($0) }
                steps.append(
                    Step(runner: FunctionRunner(series, bars, failure), inputs: [], outputs: ids))
            default:
                let runner = SourceEvaluator.operatorRunner(node.operation, node.inputs, &pairs)
                steps.append(Step(runner: runner, inputs: node.inputs, outputs: [id]))
            }
        }
        return steps
    }

    private static func operatorRunner(
        _ operation: SeriesOperation, _ inputs: [NodeID], _ pairs: inout ComparedPairs
    ) -> any TileRunner {
        switch operation {
        case .add: BinaryRunner(kind: .add)
        case .subtract: BinaryRunner(kind: .subtract)
        case .multiply: BinaryRunner(kind: .multiply)
        case .divide: BinaryRunner(kind: .divide)
        case .maximum: BinaryRunner(kind: .maximum)
        case .minimum: BinaryRunner(kind: .minimum)
        case .shift(let bars): ShiftRunner(bars: bars)
        case .above: pairs.runner(.above, inputs)
        case .below: pairs.runner(.below, inputs)
        case .crossesAbove: pairs.runner(.crossesAbove, inputs)
        case .crossesBelow: pairs.runner(.crossesBelow, inputs)
        case .and: LogicRunner(kind: .and)
        case .or: LogicRunner(kind: .or)
        case .not: LogicRunner(kind: .not)
        case .shiftCondition(let bars): ShiftConditionRunner(bars: bars)
        case .number: NumberRunner()
        case .field, .constant, .indicator, .defined, .align, .alignCondition:
            preconditionFailure("not an operator")
        }
    }
}
