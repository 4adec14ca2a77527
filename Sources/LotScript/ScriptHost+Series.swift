import LotCore
import LotEngine
import LotMath

/// Series and rules: what a script declares becomes nodes of its program.
extension ScriptHost {
    func node(_ id: NodeID) -> LuaValue { .number(Double(id)) }

    private func id(_ value: LuaValue) -> NodeID? { value.number.map { NodeID($0) } }

    func field(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
        let name = arguments.first?.text ?? ""
        guard let field = PriceField.allCases.first(where: { "\($0)" == name }) else {
            throw LuaRefusal(reason: "no column \"\(name)\"")
        }
        let source = arguments.count > 1 ? arguments[1].number ?? 0 : 0
        return node(program.field(field, of: SourceID(source)))
    }

    /// The source of a symbol and an interval, each that of the run where it is left out.
    func source(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
        guard let address else { throw LuaRefusal(reason: "ctx:series works in a run only") }
        var interval = address.interval
        if let name = arguments.last?.text {
            guard let named = Interval(name) else {
                throw LuaRefusal(
                    reason: "ctx:series: " + SeriesAddressError.badInterval(name).reason)
            }
            interval = named
        }
        let other: SeriesAddress
        do throws(SeriesAddressError) {
            other = try SeriesAddress(
                exchange: address.exchange, market: address.market,
                symbol: arguments.first?.text ?? address.symbol, interval: interval)
        } catch {
            throw LuaRefusal(reason: "ctx:series: " + error.reason)
        }
        guard other != address else { return node(mainSource) }
        guard program.sources.contains(other) || program.sources.count < 64 else {
            throw LuaRefusal(reason: "ctx:series: more than 64 other series")
        }
        return node(program.source(other))
    }

    /// The first output of a function that the state knows by a number.
    func define(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
        guard let state, arguments.count == 5, let number = arguments[0].number,
            let source = arguments[1].number, let outputs = arguments[2].number,
            let warmUp = arguments[3].number, let name = arguments[4].text
        else { throw LuaRefusal(reason: "no such function") }
        try checkSize()
        let series = DefinedSeries(
            ScriptFunction(state, number: Int32(number)), name: name, outputs: Int(outputs),
            warmUp: Int(warmUp))
        let nodes = program.defined(series, over: SourceID(source))
        return nodes.first.map { node($0) } ?? .nothing
    }

    func apply(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
        if arguments.first?.text == "align", let input = id(arguments[1]) {
            return aligned(input)
        }
        guard let name = arguments.first?.text,
            let operation = ScriptHost.operation(
                name, arguments.count > 3 ? arguments[3].number ?? 0 : 0)
        else { throw LuaRefusal(reason: "no such operation on series") }
        try checkSize()
        let inputs = arguments.dropFirst().prefix(2).compactMap { id($0) }
        let result = program.apply(operation, inputs)
        if operation.isCondition, readsConditions {
            numberOfCondition[result] = program.apply(.number, [result])
        }
        return node(result)
    }

    /// A node at the main bars, where rules and plots read it.
    func aligned(_ input: NodeID) -> LuaValue {
        let result = program.align(input)
        if program.nodes[Int(result)].operation.isCondition, readsConditions {
            numberOfCondition[result] = program.apply(.number, [result])
        }
        return node(result)
    }

    func indicator(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
        let numbers = arguments.compactMap(\.number)
        guard let index = numbers.first.map({ Int($0) }),
            IndicatorRegistry.all.indices.contains(index)
        else { throw LuaRefusal(reason: "no such indicator") }
        try checkSize()
        let inputs = IndicatorRegistry.all[index].inputs.count
        let nodes = program.indicator(
            index, inputs: numbers.dropFirst().prefix(inputs).map { NodeID($0) },
            parameters: Array(numbers.dropFirst(1 + inputs)))
        // Outputs are made in one go, so they follow each other.
        return nodes.first.map { node($0) } ?? .nothing
    }

    /// Each series costs memory outside the script's own limit.
    private func checkSize() throws(LuaRefusal) {
        guard program.nodes.count < 1_000 else {
            throw LuaRefusal(reason: "more than 1,000 series; a strategy needs far fewer")
        }
    }

    private static func operation(_ name: String, _ bars: Double) -> SeriesOperation? {
        switch name {
        case "add": .add
        case "subtract": .subtract
        case "multiply": .multiply
        case "divide": .divide
        case "maximum": .maximum
        case "minimum": .minimum
        case "above": .above
        case "below": .below
        case "crosses_above": .crossesAbove
        case "crosses_below": .crossesBelow
        case "and": .and
        case "or": .or
        case "not": .not
        case "number": .number
        case "shift": .shift(Int(bars))
        case "shift_condition": .shiftCondition(Int(bars))
        default: nil
        }
    }

    // MARK: Rules

    func rule(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
        guard let key = arguments.first?.text, let value = arguments.last?.number else {
            throw LuaRefusal(reason: "a rule needs a value")
        }
        switch key {
        case "enter_long": rules.enterLong = program.align(NodeID(value))
        case "exit_long": rules.exitLong = program.align(NodeID(value))
        case "enter_short": rules.enterShort = program.align(NodeID(value))
        case "exit_short": rules.exitShort = program.align(NodeID(value))
        case "stop_loss": rules.bracket.stopLoss = value
        case "take_profit": rules.bracket.takeProfit = value
        case "trailing_stop": rules.bracket.trailingStop = value
        case "max_bars": rules.bracket.maxBars = Int(value)
        default:
            guard let size = Size(kind: key, value) else {
                throw LuaRefusal(reason: "no rule \"\(key)\"")
            }
            rules.size = size
        }
        return .nothing
    }

    func plotRule(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
        guard let name = arguments.first?.text, let value = arguments.last?.number else {
            throw LuaRefusal(reason: "a plot needs a name and a series")
        }
        // As an answer: no line of the script runs that a refusal could point at.
        guard rules.plots.count < RunNotes.maxPlots else {
            return .text("plot: more than \(RunNotes.maxPlots) lines")
        }
        rules.plots.append((name: name, node: program.align(NodeID(value))))
        return .nothing
    }
}
