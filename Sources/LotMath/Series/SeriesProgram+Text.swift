import LotCore

extension SeriesProgram {
    /// The expression of a node as one would write it: `sma(close, 20)`, `(a & ~b)`.
    ///
    /// - Complexity: O(size of the expression written out), which repeats shared parts.
    public func text(of id: NodeID) -> String {
        let node = nodes[Int(id)]
        let inputs = node.inputs
        func input(_ index: Int) -> String { text(of: inputs[index]) }
        func infix(_ sign: String) -> String { "(\(input(0)) \(sign) \(input(1)))" }
        func call(_ name: String) -> String { "\(name)(\(input(0)), \(input(1)))" }
        switch node.operation {
        case .field(let field):
            return node.source == mainSource
                ? "\(field)" : name(of: node.source) + ".\(field)"
        case .constant(let bits): return SeriesProgram.short(Double(bitPattern: bits))
        case .indicator(let definition, let parameters, let output):
            return indicator(definition, parameters, output, inputs)
        case .add: return infix("+")
        case .subtract: return infix("-")
        case .multiply: return infix("*")
        case .divide: return infix("/")
        case .maximum: return call("max")
        case .minimum: return call("min")
        case .above: return "\(input(0)) above \(input(1))"
        case .below: return "\(input(0)) below \(input(1))"
        case .crossesAbove: return "\(input(0)) crosses above \(input(1))"
        case .crossesBelow: return "\(input(0)) crosses below \(input(1))"
        case .and: return infix("&")
        case .or: return infix("|")
        case .not: return "~(\(input(0)))"
        case .shift(let bars), .shiftCondition(let bars): return "shift(\(input(0)), \(bars))"
        case .number, .align, .alignCondition: return input(0)
        }
    }

    /// The name of a source as expressions show it: `ETHUSDT:4h`; `ctx` for the run's own.
    public func name(of source: SourceID) -> String {
        guard source != mainSource else { return "ctx" }
        let address = sources[Int(source) - 1]
        return "\(address.symbol):\(address.interval)"
    }

    private func indicator(
        _ definition: Int, _ parameters: [UInt64], _ output: Int, _ inputs: [NodeID]
    ) -> String {
        let indicator = IndicatorRegistry.all[definition]
        var arguments = parameters.map { SeriesProgram.short(Double(bitPattern: $0)) }
        if !indicator.readsBars {
            arguments = inputs.map { text(of: $0) } + arguments
        } else if let first = inputs.first, nodes[Int(first)].source != mainSource {
            arguments.insert(name(of: nodes[Int(first)].source), at: 0)
        }
        let name = indicator.name + "(" + arguments.joined(separator: ", ") + ")"
        return indicator.outputs.count > 1 ? name + "." + indicator.outputs[output] : name
    }

    /// A whole number without its ".0".
    private static func short(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? "\(value)"
    }
}
