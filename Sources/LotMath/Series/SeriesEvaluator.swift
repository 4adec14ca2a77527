public import LotCore

/// How far back a script may index a series: `series[0]` to `series[4999]`.
public let seriesHistory = 5_000

/// Runs a ``SeriesProgram`` over bars, tile after tile, oldest first.
///
/// Numbers of the newest tile and the ``seriesHistory`` rows before it can be read; conditions of
/// the newest tile only. Stored columns are read where they are mapped, without a copy.
///
/// Memory: 72 KiB a computed number, 512 B a condition, whatever the number of bars; 8 B a bar
/// more where a program reads volumes that were not stored (they are NaN).
/// Not thread-safe; each run has its own.
@safe
public final class SeriesEvaluator {
    /// The graph that is evaluated.
    public let program: SeriesProgram
    /// Rows evaluated so far.
    public private(set) var rows = 0
    /// First row of the newest tile.
    public private(set) var tileStart = 0

    private let bars: Bars
    private var steps: [Step] = []
    private let numbers: UnsafeMutablePointer<Double>
    private let flags: UnsafeMutablePointer<UInt64>
    /// Rows before the newest tile that can be read.
    private let history: Int
    private let stride: Int
    private let wordsPerTile = tileCapacity / 64
    private var numberSlot: [Int]
    private var flagSlot: [Int]
    private let missingVolume: Column<Double>?
    /// Row that the first number of each slot belongs to.
    private var slotStart: Int

    @safe
    private struct Step {
        var runner: any TileRunner
        var inputs: [NodeID]
        var outputs: [NodeID]
    }

    /// Prepares the evaluation of `program` over `bars` from row 0.
    ///
    /// - Parameters:
    ///   - program: The graph to evaluate.
    ///   - bars: What it reads.
    ///   - history: Rows before the newest tile that will be read: none for conditions alone, which
    ///     then need 32 KiB a computed number and stay in the cache.
    public init(_ program: SeriesProgram, bars: Bars, history: Int = seriesHistory) {
        self.program = program
        self.bars = bars
        self.history = history
        stride = history + tileCapacity
        slotStart = -history
        numberSlot = []
        flagSlot = []
        var numberCount = 0
        var flagCount = 0
        for node in program.nodes {
            var slot = -1
            if case .field(let field) = node.operation, field.isStored {
                numberSlot.append(-1)
                flagSlot.append(-1)
                continue
            }
            if node.operation.isCondition {
                slot = flagCount
                flagCount += 1
                flagSlot.append(slot)
                numberSlot.append(-1)
            } else {
                slot = numberCount
                numberCount += 1
                numberSlot.append(slot)
                flagSlot.append(-1)
            }
        }
        let usesVolume = program.nodes.contains { $0.operation == .field(.volume) }
        missingVolume =
            usesVolume && bars.volume == nil
            ? Column([Double](repeating: .nan, count: bars.count)) : nil
        unsafe numbers = .allocate(capacity: max(1, numberCount * stride))
        unsafe numbers.initialize(repeating: .nan, count: max(1, numberCount * stride))
        unsafe flags = .allocate(capacity: max(1, flagCount * wordsPerTile))
        unsafe flags.initialize(repeating: 0, count: max(1, flagCount * wordsPerTile))
        steps = SeriesEvaluator.makeSteps(program, bars)
        fillConstants()
    }

    deinit {
        unsafe numbers.deallocate()
        unsafe flags.deallocate()
    }

    /// Evaluates the next `count` rows (fewer at the end of the bars), 1...``tileCapacity``.
    ///
    /// - Complexity: O(count · nodes).
    public func advance(_ count: Int = tileCapacity) {
        precondition((1...tileCapacity).contains(count))
        let first = rows
        let length = min(count, bars.count - first)
        guard length > 0 else { return }
        makeRoom(for: length, at: first)
        tileStart = first
        rows = first + length
        for index in steps.indices {
            let view = unsafe view(of: steps[index], count: length)
            unsafe steps[index].runner.run(view)
        }
    }

    /// Returns the address at which `base[row]` is the node's value.
    ///
    /// - Parameter node: A number, not a condition.
    /// - Returns: An address for rows from `max(0, tileStart - seriesHistory)` up to `rows`, valid
    ///   until the next ``advance(_:)``.
    @unsafe
    public func base(_ node: NodeID) -> UnsafePointer<Double> {
        if case .field(let field) = program.nodes[Int(node)].operation, field.isStored {
            return unsafe column(field).start
        }
        let slot = numberSlot[Int(node)]
        precondition(slot >= 0, "a condition has no numbers")
        return unsafe UnsafePointer(numbers + slot * stride - slotStart)
    }

    /// The node's value at `row`, which must lie in the newest tile or the history before it.
    public func value(_ node: NodeID, at row: Int) -> Double {
        precondition(row >= 0 && row < rows && row >= tileStart - history)
        return unsafe base(node)[row]
    }

    /// The condition at `row`, which must lie in the newest tile.
    @inline(__always)
    public func flag(_ node: NodeID, at row: Int) -> Bool {
        let slot = flagSlot[Int(node)]
        let offset = row - tileStart
        precondition(slot >= 0 && offset >= 0 && row < rows)
        let word = unsafe flags[slot * wordsPerTile + offset / 64]
        return word >> UInt64(offset % 64) & 1 == 1
    }

    /// Returns the condition's bits over the newest tile.
    ///
    /// Row `tileStart + i` is bit `i % 64` of word `i / 64`; bits beyond the tile's rows are
    /// unspecified.
    public func words(_ node: NodeID) -> [UInt64] {
        let slot = flagSlot[Int(node)]
        precondition(slot >= 0, "a number has no bits")
        let count = (rows - tileStart + 63) / 64
        return unsafe Array(
            UnsafeBufferPointer(start: flags + slot * wordsPerTile, count: count))
    }

    /// Returns the address of the condition's words over the newest tile, laid out as in
    /// ``words(_:)``, valid until the evaluator goes.
    @unsafe
    public func flagWords(_ node: NodeID) -> UnsafePointer<UInt64> {
        let slot = flagSlot[Int(node)]
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

    /// Moves the newest ``seriesHistory`` numbers to the front of each slot when `count` rows from
    /// `first` on would not fit behind them: once every ``tileCapacity`` rows, whatever the tiles.
    private func makeRoom(for count: Int, at first: Int) {
        guard first + count - slotStart > stride else { return }
        let shift = first - history - slotStart
        for slot in numberSlot where slot >= 0 {
            let start = unsafe numbers + slot * stride
            unsafe start.update(from: start + shift, count: history)
        }
        slotStart += shift
    }

    /// Constants are written once: every row of their slots has the same value.
    private func fillConstants() {
        for (index, node) in program.nodes.enumerated() {
            guard case .constant(let bits) = node.operation else { continue }
            let start = unsafe numbers + numberSlot[index] * stride
            unsafe start.update(repeating: Double(bitPattern: bits), count: stride)
        }
    }

    private func view(of step: Step, count: Int) -> TileView {
        var view = unsafe TileView(
            inputs: [], outputs: [], inputFlags: [], outputFlags: nil, count: count)
        for input in step.inputs {
            let slot = flagSlot[Int(input)]
            if slot >= 0 {
                unsafe view.inputFlags.append(UnsafePointer(flags + slot * wordsPerTile))
            } else {
                unsafe view.inputs.append(base(input) + tileStart)
            }
        }
        for output in step.outputs {
            let slot = flagSlot[Int(output)]
            if slot >= 0 {
                unsafe view.outputFlags = flags + slot * wordsPerTile
            } else {
                unsafe view.outputs.append(
                    numbers + numberSlot[Int(output)] * stride + (tileStart - slotStart))
            }
        }
        return unsafe view
    }

    private static func makeSteps(_ program: SeriesProgram, _ bars: Bars) -> [Step] {
        var steps: [Step] = []
        var pairs = ComparedPairs()
        for (index, node) in program.nodes.enumerated() {
            let id = NodeID(index)
            switch node.operation {
            case .field(.openTime):
                steps.append(Step(runner: TimeRunner(bars.openTime), inputs: [], outputs: [id]))
            case .field, .constant: continue
            case .indicator(let definition, let parameters, let output):
                guard output == 0 else { continue }
                let indicator = IndicatorRegistry.all[definition]
                let ids = indicator.outputs.indices.map { id + NodeID($0) }
                let runner = indicator.makeRunner(parameters.map(Double.init(bitPattern:)))
                steps.append(Step(runner: runner, inputs: node.inputs, outputs: ids))
            default:
                let runner = operatorRunner(node.operation, node.inputs, &pairs)
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
        case .field, .constant, .indicator: preconditionFailure("not an operator")
        }
    }
}
