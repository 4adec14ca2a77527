public import LotCore

/// Index of a node in a ``SeriesProgram``.
public typealias NodeID = Int32

/// The bars that a node is evaluated over: 0 for the run's own, ``mainSource``, and from 1 on the
/// other series that a ``SeriesProgram`` names.
public typealias SourceID = Int32

/// The run's own bars.
public let mainSource: SourceID = 0

/// A stored column.
public enum PriceField: Int, Sendable, Hashable, CaseIterable {
    /// First price.
    case open
    /// Highest price.
    case high
    /// Lowest price.
    case low
    /// Last price.
    case close
    /// Traded quantity.
    case volume
    /// When the bar opens, in milliseconds since the epoch: whole numbers, exact as doubles.
    case openTime

    /// Whether the column is stored as doubles; times are turned into doubles tile by tile.
    var isStored: Bool { self != .openTime }
}

/// An operation on series; all are causal, there is none that can look ahead.
public enum SeriesOperation: Sendable, Hashable {
    /// A stored column.
    case field(PriceField)
    /// The same number at every bar, by its bit pattern.
    case constant(UInt64)
    /// Output `output` of an indicator (index in ``IndicatorRegistry/all``).
    case indicator(Int, parameters: [UInt64], output: Int)
    /// Output `output` of a function of the script.
    case defined(DefinedSeries, output: Int)
    /// a + b
    case add
    /// a − b
    case subtract
    /// a · b
    case multiply
    /// a / b
    case divide
    /// The larger of a and b; NaN if either is.
    case maximum
    /// The smaller of a and b; NaN if either is.
    case minimum
    /// The value so many bars ago.
    case shift(Int)
    /// Condition: a > b.
    case above
    /// Condition: a < b.
    case below
    /// Condition: a > b now, and a ≤ b one bar ago; no NaN among the four.
    case crossesAbove
    /// Condition: a < b now, and a ≥ b one bar ago; no NaN among the four.
    case crossesBelow
    /// Condition: both.
    case and
    /// Condition: either.
    case or
    /// Condition: not.
    case not
    /// The condition so many bars ago; false before the first bar.
    case shiftCondition(Int)
    /// 1 where the condition holds, 0 elsewhere: a condition whose history can be read.
    case number
    /// A number of another source at the main bars: that of its newest bar which has closed.
    case align
    /// A condition of another source at the main bars: that of its newest bar which has closed.
    case alignCondition

    /// Whether the result is a condition (true or false) rather than a number.
    public var isCondition: Bool {
        switch self {
        case .above, .below, .crossesAbove, .crossesBelow, .and, .or, .not, .shiftCondition,
            .alignCondition:
            true
        default: false
        }
    }

    /// Whether the operation can read inputs of these kinds, `true` for a condition.
    func accepts(_ conditions: [Bool]) -> Bool {
        switch self {
        case .field, .constant, .indicator, .defined, .align, .alignCondition: false
        case .and, .or: conditions == [true, true]
        case .not, .shiftCondition, .number: conditions == [true]
        case .shift: conditions == [false]
        default: conditions == [false, false]
        }
    }
}

/// A node of the expression graph.
public struct SeriesNode: Sendable, Hashable {
    /// What it does.
    public let operation: SeriesOperation
    /// The nodes it reads, all with smaller indexes.
    public let inputs: [NodeID]
    /// The bars whose rows it has a value for; its inputs have the same, unless it aligns one.
    public let source: SourceID
}

/// The expression graph of a strategy, hash-consed: equal expressions are one node.
///
/// Nodes are in topological order, since inputs must exist before a node that reads them. A node
/// belongs to one source. What is made of nodes of one source happens in the bars of that source;
/// nodes of different sources meet at the main bars, where each has the value of its newest bar
/// that has closed (``SeriesOperation/align``). A constant belongs wherever it is used.
public struct SeriesProgram: Sendable {
    /// All nodes; inputs come before users.
    public private(set) var nodes: [SeriesNode] = []
    /// For each node, the first row of its source at which it has a value; an aligned node counts
    /// as ready from row 0, since only the data can tell: ``readyRows(over:_:)``.
    public private(set) var warmUps: [Int] = []
    /// The series besides the run's own; the source of the first is 1.
    public private(set) var sources: [SeriesAddress] = []
    /// For each node, by how many rows it is ready later than its inputs.
    private var delays: [Int] = []
    private var index: [SeriesNode: NodeID] = [:]

    /// An empty program.
    public init() {}

    /// The largest warm-up of any node over the main bars, in rows: the first row at which all have
    /// a value, if there is no other source.
    public var warmUp: Int {
        nodes.indices.map { nodes[$0].source == mainSource ? warmUps[$0] : 0 }.max() ?? 0
    }

    /// Returns the source of a series besides the run's own.
    public mutating func source(_ address: SeriesAddress) -> SourceID {
        if let known = sources.firstIndex(of: address) { return SourceID(known + 1) }
        sources.append(address)
        return SourceID(sources.count)
    }

    /// Returns the node for a stored column.
    public mutating func field(
        _ field: PriceField, of source: SourceID = mainSource
    ) -> NodeID {
        precondition(source >= 0 && source <= sources.count, "unknown source")
        return intern(.field(field), [], source, delay: 0)
    }

    /// Returns the node for a constant.
    public mutating func constant(_ value: Double) -> NodeID {
        intern(.constant(value.bitPattern), [], mainSource, delay: 0)
    }

    /// Returns the node for an operation on other nodes.
    ///
    /// - Parameters:
    ///   - operation: Any operation but a field, a constant, an indicator or an alignment.
    ///   - inputs: As many nodes as the operation reads, numbers or conditions as it needs. If they
    ///     belong to different sources, they are aligned to the main bars.
    /// - Returns: The node, the same one for an equal operation on equal inputs.
    public mutating func apply(_ operation: SeriesOperation, _ inputs: [NodeID]) -> NodeID {
        precondition(inputs.allSatisfy { $0 >= 0 && $0 < nodes.count }, "unknown input node")
        precondition(
            operation.accepts(inputs.map { nodes[Int($0)].operation.isCondition }),
            "an operation takes numbers or conditions, as many as it reads")
        let (inputs, source) = together(inputs)
        var delay = 0
        switch operation {
        case .shift(let bars), .shiftCondition(let bars):
            precondition(bars >= 0, "a shift cannot look ahead")
            delay = bars
        case .crossesAbove, .crossesBelow: delay = 1
        default: break
        }
        return intern(operation, inputs, source, delay: delay)
    }

    /// Returns the node's values at the main bars: at each close those of the newest bar of its
    /// source that has closed by then; NaN or false before the first.
    ///
    /// - Returns: The node itself if it belongs to the main bars already.
    public mutating func align(_ node: NodeID) -> NodeID {
        let operation = nodes[Int(node)].operation
        guard nodes[Int(node)].source != mainSource else { return node }
        if case .constant = operation { return moved(node, to: mainSource) }
        return intern(
            operation.isCondition ? .alignCondition : .align, [node], mainSource, delay: 0)
    }

    /// Returns one node per output of an indicator of bars, or of one series.
    ///
    /// - Parameters:
    ///   - definition: Index of the indicator in ``IndicatorRegistry/all``.
    ///   - input: The series it reads; ignored for indicators over bars.
    ///   - source: The bars that an indicator over bars reads.
    ///   - parameters: One value per declared parameter, each within its range.
    /// - Returns: The nodes, in the order of the indicator's outputs.
    public mutating func indicator(
        _ definition: Int, input: NodeID?, of source: SourceID = mainSource, parameters: [Double]
    ) -> [NodeID] {
        let inputs: [NodeID] = IndicatorRegistry.all[definition].inputs.map { kind in
            if case .column(let column) = kind { return field(column, of: source) }
            guard let input else { preconditionFailure("indicator without input") }
            return input
        }
        return indicator(definition, inputs: inputs, parameters: parameters)
    }

    /// Returns one node per output of an indicator.
    ///
    /// - Parameters:
    ///   - definition: Index of the indicator in ``IndicatorRegistry/all``.
    ///   - inputs: One node for each of the definition's inputs, columns included; a condition
    ///     where it reads one, numbers elsewhere. If they belong to different sources, they are
    ///     aligned to the main bars.
    ///   - parameters: One value per declared parameter, each within its range.
    /// - Returns: The nodes, in the order of the indicator's outputs.
    public mutating func indicator(
        _ definition: Int, inputs: [NodeID], parameters: [Double]
    ) -> [NodeID] {
        let indicator = IndicatorRegistry.all[definition]
        precondition(parameters.count == indicator.parameters.count, "wrong parameter count")
        precondition(inputs.count == indicator.inputs.count, "wrong input count")
        var numbers: [NodeID] = []
        for (kind, input) in zip(indicator.inputs, inputs) {
            precondition(
                nodes[Int(input)].operation.isCondition == kind.isCondition,
                "an indicator takes numbers or conditions, as it needs")
            numbers.append(kind.isCondition ? apply(.number, [input]) : input)
        }
        let (read, source) = together(numbers)
        return indicator.outputs.indices.map { output in
            intern(
                .indicator(definition, parameters: parameters.map(\.bitPattern), output: output),
                read, source, delay: indicator.warmUp(parameters))
        }
    }

    /// Returns one node per output of a function over the bars of a source.
    public mutating func defined(
        _ series: DefinedSeries, over source: SourceID = mainSource
    ) -> [NodeID] {
        (0..<series.outputs).map {
            intern(.defined(series, output: $0), [], source, delay: series.warmUp)
        }
    }

    /// The inputs of one operation in one source: their own if they share it, else the main one.
    private mutating func together(_ inputs: [NodeID]) -> ([NodeID], SourceID) {
        var shared: SourceID?
        for input in inputs {
            let node = nodes[Int(input)]
            if case .constant = node.operation { continue }
            if let known = shared, known != node.source {
                return (inputs.map { align($0) }, mainSource)
            }
            shared = node.source
        }
        let source = shared ?? mainSource
        return (inputs.map { moved($0, to: source) }, source)
    }

    /// The same constant in another source; any other node stays where it is.
    private mutating func moved(_ node: NodeID, to source: SourceID) -> NodeID {
        let operation = nodes[Int(node)].operation
        guard case .constant = operation else { return node }
        return intern(operation, [], source, delay: 0)
    }

    private mutating func intern(
        _ operation: SeriesOperation, _ inputs: [NodeID], _ source: SourceID, delay: Int
    ) -> NodeID {
        let node = SeriesNode(operation: operation, inputs: inputs, source: source)
        if let known = index[node] { return known }
        let id = NodeID(nodes.count)
        nodes.append(node)
        let own = inputs.filter { nodes[Int($0)].source == source }
        warmUps.append((own.map { warmUps[Int($0)] }.max() ?? 0) + delay)
        delays.append(delay)
        index[node] = id
        return id
    }
}

extension SeriesProgram {
    /// The part of the program that `roots` are made of, and where each node is in it (-1 if it is
    /// not); an indicator keeps all its outputs, and sources keep their numbers.
    ///
    /// - Complexity: O(nodes).
    public func pruned(to roots: [NodeID]) -> (program: SeriesProgram, places: [NodeID]) {
        var needed = [Bool](repeating: false, count: nodes.count)
        for root in roots { needed[Int(root)] = true }
        for index in nodes.indices.reversed() where needed[index] {
            for input in nodes[index].inputs { needed[Int(input)] = true }
            switch nodes[index].operation {
            case .indicator(let definition, _, let output):
                let lines = IndicatorRegistry.all[definition].outputs.count
                for line in 0..<lines { needed[index - output + line] = true }
            case .defined(let series, let output):
                for line in 0..<series.outputs { needed[index - output + line] = true }
            default: continue
            }
        }
        var program = SeriesProgram()
        program.sources = sources
        var places = [NodeID](repeating: -1, count: nodes.count)
        for (index, node) in nodes.enumerated() where needed[index] {
            places[index] = program.intern(
                node.operation, node.inputs.map { places[Int($0)] }, node.source,
                delay: delays[index])
        }
        return (program, places)
    }

    /// Takes all nodes of another program in: what both have is one node afterwards.
    ///
    /// - Parameter other: A program over the same bars.
    /// - Returns: Where each of its nodes is in this program.
    /// - Complexity: O(nodes of `other`).
    public mutating func merge(_ other: SeriesProgram) -> [NodeID] {
        let sources = [mainSource] + other.sources.map { source($0) }
        var places: [NodeID] = []
        places.reserveCapacity(other.nodes.count)
        for (index, node) in other.nodes.enumerated() {
            places.append(
                intern(
                    node.operation, node.inputs.map { places[Int($0)] },
                    sources[Int(node.source)], delay: other.delays[index]))
        }
        return places
    }

    /// Whether a node is computed by a function outside this library, which is no thread's own.
    public var usesFunctions: Bool {
        nodes.contains { if case .defined = $0.operation { true } else { false } }
    }

    /// For each node, the first main row at whose close it has a value.
    ///
    /// - Parameters:
    ///   - bars: The main bars.
    ///   - others: The bars of every other source.
    /// - Returns: Rows in `0...bars.count`; `bars.count` for what has no value over these bars, and
    ///   possibly more for a warm-up that is longer than the bars.
    /// - Complexity: O(nodes · log rows).
    public func readyRows(over bars: Bars, _ others: SourceBars) -> [Int] {
        var ready: [Int] = []
        ready.reserveCapacity(nodes.count)
        for (index, node) in nodes.enumerated() {
            guard node.source == mainSource else {
                let other = others.bars(of: node.source, in: self)
                ready.append(bars.firstRow(knowing: warmUps[index], of: other))
                continue
            }
            ready.append((node.inputs.map { ready[Int($0)] }.max() ?? 0) + delays[index])
        }
        return ready
    }

    /// The first main row at whose close every node has a value: where decisions begin.
    ///
    /// - Complexity: O(nodes · log rows).
    public func firstRow(over bars: Bars, _ others: SourceBars) -> Int {
        sources.isEmpty ? warmUp : readyRows(over: bars, others).max() ?? 0
    }
}

extension Bars {
    /// The first of these rows at whose close row `row` of other bars has closed; `count` if none.
    fileprivate func firstRow(knowing row: Int, of other: Bars) -> Int {
        guard row < other.count else { return count }
        return firstIndex(atOrAfter: other.closeTime(row) - interval.milliseconds)
    }
}
