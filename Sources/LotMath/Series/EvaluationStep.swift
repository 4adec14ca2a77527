import LotCore

/// The memory of one tile: computed numbers and conditions by slot.
@unsafe
struct TileMemory {
    /// The place of the tile's first row in the first slot of numbers.
    var numbers: UnsafeMutablePointer<Double>
    /// Numbers from slot to slot.
    var stride: Int
    /// The first word of the first slot of conditions.
    var flags: UnsafeMutablePointer<UInt64>
    /// Words from slot to slot.
    var flagStride: Int
    /// First row of the tile.
    var start: Int
    /// Rows of the tile.
    var count: Int
}

/// One evaluator of the graph: the outputs of an indicator, or one operation.
///
/// Its view is used again for each tile, so that a tile costs no allocation. Not thread-safe: it
/// runs the tiles in order, one at a time.
@safe
final class EvaluationStep {
    /// Where a step finds what it reads.
    @unsafe
    private enum Place {
        /// The first row of a stored column.
        case column(UnsafePointer<Double>)
        /// A slot of numbers.
        case number(Int)
        /// A slot of conditions.
        case flag(Int)
    }

    private var runner: any TileRunner
    private let readPlaces: [Place]
    private let writePlaces: [Place]
    private var view = unsafe TileView(
        inputs: [], outputs: [], inputFlags: [], outputFlags: nil, count: 0)

    private init(
        _ runner: any TileRunner, _ inputs: [NodeID], _ outputs: [NodeID], _ maker: Maker
    ) {
        self.runner = runner
        unsafe readPlaces = inputs.map { unsafe maker.place(of: $0) }
        unsafe writePlaces = outputs.map { unsafe maker.place(of: $0) }
    }

    /// Evaluates a tile, which follows the one that it evaluated before.
    func run(_ memory: TileMemory) {
        unsafe view.count = memory.count
        unsafe view.inputs.removeAll(keepingCapacity: true)
        unsafe view.outputs.removeAll(keepingCapacity: true)
        unsafe view.inputFlags.removeAll(keepingCapacity: true)
        for index in unsafe readPlaces.indices {
            switch unsafe readPlaces[index] {
            case .column(let column): unsafe view.inputs.append(column + memory.start)
            case .number(let slot):
                unsafe view.inputs.append(UnsafePointer(memory.numbers + slot * memory.stride))
            case .flag(let slot):
                unsafe view.inputFlags.append(
                    UnsafePointer(memory.flags + slot * memory.flagStride))
            }
        }
        for index in unsafe writePlaces.indices {
            switch unsafe writePlaces[index] {
            case .column: preconditionFailure("stored columns are not written")
            case .number(let slot):
                unsafe view.outputs.append(memory.numbers + slot * memory.stride)
            case .flag(let slot):
                unsafe view.outputFlags = memory.flags + slot * memory.flagStride
            }
        }
        unsafe runner.run(view)
    }

    /// Makes the steps of a program.
    private struct Maker {
        let program: SeriesProgram
        let slots: NodeSlots
        let columns: SourceColumns

        @unsafe
        func place(of node: NodeID) -> Place {
            if case .field(let field) = program.nodes[Int(node)].operation, field.isStored {
                return unsafe .column(columns[field].start)
            }
            let flag = slots.flag[Int(node)]
            return unsafe flag >= 0 ? .flag(flag) : .number(slots.number[Int(node)])
        }
    }
}

extension EvaluationStep {
    /// The steps that evaluate the nodes of a source, in the order of the program.
    ///
    /// - Parameters:
    ///   - program: The graph.
    ///   - source: Which of its nodes.
    ///   - slots: Where they are kept.
    ///   - bars: The bars of the source.
    ///   - columns: Its columns, which must outlive the steps.
    ///   - others: The evaluators and clocks of the other sources, which nodes that align read.
    ///   - failure: Where functions say what they did wrong.
    /// - Returns: The steps; what they read is stored or made by steps before them.
    static func all(
        of program: SeriesProgram, _ source: SourceID, _ slots: NodeSlots, _ bars: Bars,
        _ columns: SourceColumns, others: [AlignedSource], _ failure: FunctionFailure
    ) -> [EvaluationStep] {
        let maker = Maker(program: program, slots: slots, columns: columns)
        var steps: [EvaluationStep] = []
        var pairs = ComparedPairs()
        var averaged: Set<NodeID> = []
        let simpleAverage = IndicatorRegistry.index(of: "sma")
        for (index, node) in program.nodes.enumerated() where node.source == source {
            let id = NodeID(index)
            switch node.operation {
            case .field(.openTime):
                steps.append(EvaluationStep(TimeRunner(bars.openTime), [], [id], maker))
            case .field, .constant: continue
            case .align, .alignCondition:
                let other = others[Int(program.nodes[Int(node.inputs[0])].source) - 1]
                let runner = AlignRunner(node.inputs[0], of: other)
                steps.append(EvaluationStep(runner, [], [id], maker))
            case .indicator(let definition, let parameters, let output):
                guard output == 0 else { continue }
                let indicator = IndicatorRegistry.all[definition]
                if definition == simpleAverage {
                    // Those of one input are one step, where the first of them stands.
                    if averaged.insert(node.inputs[0]).inserted {
                        steps.append(averages(definition, of: node.inputs[0], maker))
                    }
                    continue
                }
                let ids = indicator.outputs.indices.map { id + NodeID($0) }
                let runner = indicator.makeRunner(parameters.map(Double.init(bitPattern:)))
                steps.append(EvaluationStep(runner, node.inputs, ids, maker))
            case .defined(let series, let output):
                guard output == 0 else { continue }
                let ids = (0..<series.outputs).map { id + NodeID($0) }
                let runner = FunctionRunner(series, bars, failure)
                steps.append(EvaluationStep(runner, [], ids, maker))
            default:
                let runner = operatorRunner(node.operation, node.inputs, &pairs)
                steps.append(EvaluationStep(runner, node.inputs, [id], maker))
            }
        }
        return steps
    }

    /// Every simple average of an input.
    private static func averages(
        _ definition: Int, of input: NodeID, _ maker: Maker
    ) -> EvaluationStep {
        var (lengths, outputs): ([Int], [NodeID]) = ([], [])
        for (index, node) in maker.program.nodes.enumerated() where node.inputs == [input] {
            guard case .indicator(definition, let parameters, _) = node.operation else { continue }
            lengths.append(Int(Double(bitPattern: parameters[0])))
            outputs.append(NodeID(index))
        }
        var isStored = false
        if case .column = unsafe maker.place(of: input) { isStored = true }
        let runner = MovingAverages(lengths: lengths, isStored: isStored)
        return EvaluationStep(runner, [input], outputs, maker)
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
