public import LotCore

/// Why an indicator cannot be evaluated.
public enum IndicatorError: Error, Equatable, Sendable, Diagnosable {
    /// No indicator has this name.
    case unknown(name: String)
    /// More values than the indicator has parameters.
    case tooManyParameters(name: String, count: Int, limit: Int)
    /// A value is outside its range, or not whole where it must be.
    case outOfRange(name: String, parameter: String, value: Double)

    /// The message, with exit code 64.
    public var diagnosis: Diagnosis {
        switch self {
        case .unknown(let name):
            let near = nearest(to: name, in: IndicatorRegistry.all.map(\.name))
            return Diagnosis(
                .usage, kind: "indicator.unknown", subject: escaped(name),
                reason: "no indicator has this name", hint: near.map { "did you mean \($0)?" })
        case .tooManyParameters(let name, let count, let limit):
            return Diagnosis(
                .usage, kind: "indicator.parameters", subject: escaped(name),
                reason: "\(count) parameters given, it has \(limit)")
        case .outOfRange(let name, let parameter, let value):
            return Diagnosis(
                .usage, kind: "indicator.range", subject: escaped(name), place: parameter,
                reason: "\(value) is not allowed", hint: "see docs/indicators.md")
        }
    }
}

/// Evaluates one indicator over whole columns, in batch.
///
/// - Parameters:
///   - name: Its name in ``IndicatorRegistry``.
///   - parameters: Values in the order of the call; those left out have their defaults.
///   - bars: What it reads.
///   - field: The column that indicators of a series read; a second series is the volume, a
///     level the open, a condition "this column is above the open".
/// - Returns: One array per output, as long as the bars, NaN where there is no value.
/// - Throws: ``IndicatorError`` if the name or a parameter is wrong.
/// - Complexity: O(bars).
public func evaluateIndicator(
    _ name: String, _ parameters: [Double] = [], over bars: Bars, field: PriceField = .close
) throws(IndicatorError) -> [[Double]] {
    guard let index = IndicatorRegistry.index(of: name) else { throw .unknown(name: name) }
    let values = try IndicatorRegistry.all[index].complete(parameters)
    var program = SeriesProgram()
    var series = [program.field(field), program.field(.volume)][...]
    let inputs: [NodeID] = IndicatorRegistry.all[index].inputs.map { input in
        switch input {
        case .column(let column): program.field(column)
        case .series: series.popFirst() ?? program.field(field)
        case .level: program.field(.open)
        case .condition: program.apply(.above, [program.field(field), program.field(.open)])
        }
    }
    let nodes = program.indicator(index, inputs: inputs, parameters: values)
    let evaluator = SeriesEvaluator(program, bars: bars)
    var outputs = [[Double]](repeating: [], count: nodes.count)
    for output in outputs.indices { outputs[output].reserveCapacity(bars.count) }
    while evaluator.rows < bars.count {
        evaluator.advance()
        for (output, node) in nodes.enumerated() {
            for row in evaluator.tileStart..<evaluator.rows {
                outputs[output].append(evaluator.value(node, at: row))
            }
        }
    }
    return outputs
}

/// Evaluates one indicator over values; see ``evaluateIndicator(_:_:over:field:)``.
///
/// An indicator over bars sees bars, a minute each, whose four prices and volume are the value.
public func evaluateIndicator(
    _ name: String, _ parameters: [Double] = [], over values: [Double]
) throws(IndicatorError) -> [[Double]] {
    guard let minute = Interval.all.first(where: { $0.name == "1m" }) else { return [] }
    let column = Column(values)
    let times = Column(values.indices.map { Int64($0) * minute.milliseconds })
    let bars = Bars(
        interval: minute, openTime: times, open: column, high: column, low: column,
        close: column, volume: column)
    return try evaluateIndicator(name, parameters, over: bars)
}

extension IndicatorDefinition {
    /// Returns `given` followed by the defaults of the parameters left out.
    ///
    /// - Throws: ``IndicatorError`` if there are too many, or one is out of its range.
    public func complete(_ given: [Double]) throws(IndicatorError) -> [Double] {
        guard given.count <= parameters.count else {
            throw .tooManyParameters(name: name, count: given.count, limit: parameters.count)
        }
        for (parameter, value) in zip(parameters, given)
        where !(value >= parameter.minimum && value <= parameter.maximum)
            || (parameter.isWhole && value != value.rounded())
        {
            throw .outOfRange(name: name, parameter: parameter.name, value: value)
        }
        var values = given
        for parameter in parameters.dropFirst(given.count) {
            let previous = parameter.followsPrevious ? values.last : nil
            values.append(previous ?? parameter.defaultValue)
        }
        return values
    }
}
