/// Index of a node in a ``SeriesProgram``.
public typealias NodeID = Int32

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

    /// Whether the result is a condition (true or false) rather than a number.
    public var isCondition: Bool {
        switch self {
        case .above, .below, .crossesAbove, .crossesBelow, .and, .or, .not, .shiftCondition: true
        default: false
        }
    }

    /// Whether the operation can read inputs of these kinds, `true` for a condition.
    func accepts(_ conditions: [Bool]) -> Bool {
        switch self {
        case .field, .constant, .indicator: false
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
}

/// The expression graph of a strategy, hash-consed: equal expressions are one node.
///
/// Nodes are in topological order, since inputs must exist before a node that reads them.
public struct SeriesProgram: Sendable {
    /// All nodes; inputs come before users.
    public private(set) var nodes: [SeriesNode] = []
    /// For each node, the first row at which it has a value.
    public private(set) var warmUps: [Int] = []
    private var index: [SeriesNode: NodeID] = [:]

    /// An empty program.
    public init() {}

    /// The largest warm-up of any node: the first row at which every node has a value.
    public var warmUp: Int { warmUps.max() ?? 0 }

    /// Returns the node for a stored column.
    public mutating func field(_ field: PriceField) -> NodeID {
        intern(SeriesNode(operation: .field(field), inputs: []), warmUp: 0)
    }

    /// Returns the node for a constant.
    public mutating func constant(_ value: Double) -> NodeID {
        intern(SeriesNode(operation: .constant(value.bitPattern), inputs: []), warmUp: 0)
    }

    /// Returns the node for an operation on other nodes.
    ///
    /// - Parameters:
    ///   - operation: Any operation but a field, a constant or an indicator.
    ///   - inputs: As many nodes as the operation reads, numbers or conditions as it needs.
    /// - Returns: The node, the same one for an equal operation on equal inputs.
    public mutating func apply(_ operation: SeriesOperation, _ inputs: [NodeID]) -> NodeID {
        precondition(inputs.allSatisfy { $0 >= 0 && $0 < nodes.count }, "unknown input node")
        precondition(
            operation.accepts(inputs.map { nodes[Int($0)].operation.isCondition }),
            "an operation takes numbers or conditions, as many as it reads")
        var ready = inputs.map { warmUps[Int($0)] }.max() ?? 0
        switch operation {
        case .shift(let bars), .shiftCondition(let bars):
            precondition(bars >= 0, "a shift cannot look ahead")
            ready += bars
        case .crossesAbove, .crossesBelow: ready += 1
        default: break
        }
        return intern(SeriesNode(operation: operation, inputs: inputs), warmUp: ready)
    }

    /// Returns one node per output of an indicator of bars, or of one series.
    ///
    /// - Parameters:
    ///   - definition: Index of the indicator in ``IndicatorRegistry/all``.
    ///   - input: The series it reads; ignored for indicators over bars.
    ///   - parameters: One value per declared parameter, each within its range.
    /// - Returns: The nodes, in the order of the indicator's outputs.
    public mutating func indicator(
        _ definition: Int, input: NodeID?, parameters: [Double]
    ) -> [NodeID] {
        let inputs: [NodeID] = IndicatorRegistry.all[definition].inputs.map { kind in
            if case .column(let column) = kind { return field(column) }
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
    ///     where it reads one, numbers elsewhere.
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
            var reads = false
            if case .condition = kind { reads = true }
            precondition(
                nodes[Int(input)].operation.isCondition == reads,
                "an indicator takes numbers or conditions, as it needs")
            numbers.append(reads ? apply(.number, [input]) : input)
        }
        let ready =
            (numbers.map { warmUps[Int($0)] }.max() ?? 0) + indicator.warmUp(parameters)
        return indicator.outputs.indices.map { output in
            intern(
                SeriesNode(
                    operation: .indicator(
                        definition, parameters: parameters.map(\.bitPattern), output: output),
                    inputs: numbers), warmUp: ready)
        }
    }

    private mutating func intern(_ node: SeriesNode, warmUp: Int) -> NodeID {
        if let known = index[node] { return known }
        let id = NodeID(nodes.count)
        nodes.append(node)
        warmUps.append(warmUp)
        index[node] = id
        return id
    }
}
