import LotCore
import LotEngine
import LotMath

/// The host's side of one script: collects what the script declares and carries out its calls.
final class ScriptHost: LuaHost {
    let file: ScriptFile
    /// The series that the strategy runs on; `nil` while only its declarations are read.
    private let address: SeriesAddress?
    /// The script's state, for the functions it defines.
    weak var state: LuaState?
    /// The bytes of every file that was read, by path relative to the script's folder.
    private(set) var bytesByPath: [String: [UInt8]]
    /// The series; taken away once the strategy has them.
    var program = SeriesProgram()
    private(set) var declared: [DeclaredParameter] = []
    private(set) var name = ""
    private(set) var form = ""
    /// What it sets of a run's settings, in the order of their names.
    private(set) var settings: [ScriptSetting] = []
    /// The symbols it wants to run over, as `--symbols` takes them; empty if it names none.
    private(set) var symbols = ""
    /// Whether the strategy listens to fills, and to changes of orders.
    private(set) var hasOnFill = false
    private(set) var hasOnOrder = false
    /// Why `where` does not hold; `nil` if it does.
    private(set) var unmet: String?
    private(set) var rules = Rules()
    /// For each condition, the node that holds it as 1 and 0: its history can be read.
    private(set) var numberOfCondition: [NodeID: NodeID] = [:]
    /// Whether conditions get such a node; only events read them.
    var readsConditions = false
    /// Where orders, prints and plots go; set for a run.
    var desk: OrderDesk?
    var notes: RunNotes?
    /// Printed before there was anywhere to print to.
    private(set) var earlyLines: [String] = []
    /// What the script's order handles show.
    var orders = OrderBook()
    /// The legs of a hedged symbol, and the one that the next order is for.
    var hedge: HedgeView?
    private var leg: PositionSide?
    /// Row and time of the newest closed bar.
    var row = 0
    var time: Int64 = 0
    var hasCommands: Bool { desk?.hasCommands ?? false }

    init(_ file: ScriptFile, _ address: SeriesAddress? = nil) {
        self.file = file
        self.address = address
        bytesByPath = [file.name: file.bytes]
    }

    /// What a script's main chunk declares, without a run: settings, symbols.
    static func declarations(
        of file: ScriptFile, _ limits: ScriptLimits
    ) throws(Diagnosis) -> ScriptHost {
        let host = ScriptHost(file)
        let state = try LuaState(host: host, fileName: file.name, seed: 0, limits: limits)
        try state.runPrelude(Prelude.text)
        try state.runScript(file.bytes, name: file.name)
        return host
    }

    func answer(_ operation: Int32, _ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
        guard let operation = HostOperation(rawValue: operation) else {
            throw LuaRefusal(reason: "unknown request \(operation)")
        }
        switch operation {
        case .require: return try require(arguments)
        case .print: return printed(arguments)
        case .plot: return plotted(arguments)
        case .declare: return try declare(arguments)
        case .field: return try field(arguments)
        case .apply: return try apply(arguments)
        case .indicator: return try indicator(arguments)
        case .constant: return node(program.constant(arguments.first?.number ?? .nan))
        case .nearest: return nearestName(arguments)
        case .order: return try submit(arguments)
        case .exit: return try exit(arguments)
        case .cancel: return cancel(arguments)
        case .rule: return try rule(arguments)
        case .rulePlot: return try plotRule(arguments)
        case .strategy: name = arguments.first?.text ?? ""
        case .form:
            form = arguments.first?.text ?? ""
            hasOnFill = arguments.count > 1 && arguments[1].flag == true
            hasOnOrder = arguments.count > 2 && arguments[2].flag == true
        case .whereHolds:
            unmet = arguments.first?.flag == true ? nil : arguments.last?.text
        case .lineOf: return lineOf(arguments)
        case .orderField: return orders.field(arguments)
        case .openOrders: return .text(orders.working)
        case .leg: leg = arguments.first?.text.flatMap(PositionSide.init(rawValue:))
        case .legField: return legField(arguments)
        case .source: return try source(arguments)
        case .define: return try define(arguments)
        case .setting: set(arguments)
        case .symbols: symbols = arguments.first?.text ?? ""
        }
        return .nothing
    }

    /// Takes a value of a setting: its first, or another of a list.
    private func set(_ arguments: [LuaValue]) {
        guard arguments.count > 1, let name = arguments[0].text else { return }
        let value: ScriptSetting.Value =
            switch arguments[1] {
            case .number(let number): .number(number)
            case .flag(let flag): .flag(flag)
            case .text(let text): .text(text)
            case .nothing: .text("")
            }
        if settings.last?.name == name {
            settings[settings.count - 1].values.append(value)
        } else {
            let line = arguments.count > 2 ? arguments[2].number.map { Int($0) } : nil
            settings.append(ScriptSetting(name: name, values: [value], line: line))
        }
    }

    // MARK: Files and words

    private func require(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
        let name = arguments.first?.text ?? ""
        do throws(Diagnosis) {
            let (path, bytes) = try ModuleReader.read(name, in: file.folder)
            bytesByPath[path] = bytes
            return .text(String(decoding: bytes, as: UTF8.self))
        } catch {
            throw LuaRefusal(reason: error.message)
        }
    }

    private func nearestName(_ arguments: [LuaValue]) -> LuaValue {
        guard let word = arguments.first?.text, let list = arguments.last?.text else {
            return .nothing
        }
        let names = list.split(separator: "\n").map(String.init)
        return nearest(to: word, in: names).map { .text($0) } ?? .nothing
    }

    /// The first line from `first` to `last` that holds a word, else the first line.
    private func lineOf(_ arguments: [LuaValue]) -> LuaValue {
        guard arguments.count == 4, let path = arguments[0].text, let first = arguments[1].number,
            let last = arguments[2].number, let word = arguments[3].text, first >= 1, !word.isEmpty,
            let bytes = bytesByPath[path]
        else { return arguments.count > 1 ? arguments[1] : .nothing }
        let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        for number in Int(first)...max(Int(first), min(Int(last), lines.count))
        where number <= lines.count {
            let line = String(decoding: lines[number - 1], as: UTF8.self)
            let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
            let isCode = !line.drop(while: { $0 == " " || $0 == "\t" }).hasPrefix("--")
            if isCode, words.contains(where: { $0 == word }) { return .number(Double(number)) }
        }
        return arguments[1]
    }

    // MARK: Prints and plots

    private func printed(_ arguments: [LuaValue]) -> LuaValue {
        let text = arguments.first?.text ?? ""
        if let notes {
            notes.print(text, time: time)
        } else if earlyLines.count < 1_000 {
            earlyLines.append(String(decoding: text.utf8.prefix(2_000), as: UTF8.self))
        }
        return .nothing
    }

    private func plotted(_ arguments: [LuaValue]) -> LuaValue {
        if let name = arguments.first?.text, let value = arguments.last?.number {
            notes?.plot(name, value, row: row, time: time)
        }
        return .nothing
    }

    // MARK: Parameters

    private func declare(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
        guard arguments.count == 8, let name = arguments[0].text, let kind = arguments[1].text
        else { throw LuaRefusal(reason: "a parameter needs a name and a kind") }
        let choices = arguments[7].text?.split(separator: "\n").map(String.init) ?? []
        let value: ParameterValue? =
            switch kind {
            case "int": arguments[2].number.flatMap { Int(exactly: $0) }.map { .int($0) }
            case "float": arguments[2].number.map { .float($0) }
            case "bool": arguments[2].flag.map { .bool($0) }
            default: arguments[2].text.map { .choice($0) }
            }
        guard let value else { throw LuaRefusal(reason: "parameter \"\(name)\": bad default") }
        declared.append(
            DeclaredParameter(
                name: name, defaultValue: value, minimum: arguments[3].number,
                maximum: arguments[4].number, step: arguments[5].number,
                isLogarithmic: arguments[6].flag ?? false, choices: choices))
        return .nothing
    }

    // MARK: Series

    private func node(_ id: NodeID) -> LuaValue { .number(Double(id)) }

    private func id(_ value: LuaValue) -> NodeID? { value.number.map { NodeID($0) } }

    private func field(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
        let name = arguments.first?.text ?? ""
        guard let field = PriceField.allCases.first(where: { "\($0)" == name }) else {
            throw LuaRefusal(reason: "no column \"\(name)\"")
        }
        let source = arguments.count > 1 ? arguments[1].number ?? 0 : 0
        return node(program.field(field, of: SourceID(source)))
    }

    /// The source of a symbol and an interval, each that of the run where it is left out.
    private func source(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
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
    private func define(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
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

    private func apply(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
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
    private func aligned(_ input: NodeID) -> LuaValue {
        let result = program.align(input)
        if program.nodes[Int(result)].operation.isCondition, readsConditions {
            numberOfCondition[result] = program.apply(.number, [result])
        }
        return node(result)
    }

    private func indicator(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
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

    private func rule(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
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

    private func plotRule(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
        guard let name = arguments.first?.text, let value = arguments.last?.number else {
            throw LuaRefusal(reason: "a plot needs a name and a series")
        }
        rules.plots.append((name: name, node: program.align(NodeID(value))))
        return .nothing
    }

    // MARK: Orders

    private func submit(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
        guard let desk, arguments.count == 15,
            let side = arguments[0].text.flatMap(Side.init(rawValue:)),
            let type = arguments[1].text.flatMap(OrderType.init(rawValue:)),
            let kind = arguments[2].text, let amount = arguments[3].number,
            let size = Size(kind: kind, amount),
            let timeInForce = arguments[7].text.flatMap(TimeInForce.init(rawValue:))
        else { throw LuaRefusal(reason: "orders can be sent during a run only") }
        let bracket = Bracket(
            stopLoss: arguments[10].number, takeProfit: arguments[11].number,
            trailingStop: arguments[12].number, maxBars: arguments[13].number.map { Int($0) })
        let request = OrderRequest(
            side, type: type, size: size, price: arguments[4].number,
            stopPrice: arguments[5].number, trailingStop: arguments[6].number,
            timeInForce: timeInForce, postOnly: arguments[8].flag ?? false,
            reduceOnly: arguments[9].flag ?? false, bracket: bracket,
            tag: arguments[14].text ?? "", positionSide: leg)
        leg = nil
        let id = desk.submit(request)
        orders.send(id, request, time: time)
        return .number(Double(id))
    }

    private func exit(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
        guard let desk else { throw LuaRefusal(reason: "orders can be sent during a run only") }
        let tag = arguments.first?.text ?? ""
        let id = desk.exit(tag: tag, leg)
        leg = nil
        orders.sendExit(id, tag: tag, time: time)
        return .number(Double(id))
    }

    /// A field of a leg: its side, then the field's name.
    private func legField(_ arguments: [LuaValue]) -> LuaValue {
        guard let hedge, let name = arguments.last?.text,
            let side = arguments.first?.text.flatMap(PositionSide.init(rawValue:))
        else { return .nothing }
        let leg = hedge.leg(side)
        switch name {
        case "flat": return .flag(leg.size == 0)
        case "size": return .number(leg.size)
        case "entry_price": return .number(leg.entryPrice)
        case "bars": return .number(leg.entryRow < 0 ? 0 : Double(row - leg.entryRow))
        case "pnl": return .number(leg.profit)
        default: return .nothing
        }
    }

    private func cancel(_ arguments: [LuaValue]) -> LuaValue {
        switch arguments.first {
        case .text(let tag): desk?.cancel(tag: tag)
        case .number(let id): desk?.cancel(id: Int(id))
        default: break
        }
        return .nothing
    }
}

extension Size {
    /// A size by the name of the function that made it: `equity`, `quote`, `base`, `risk`.
    fileprivate init?(kind: String, _ value: Double) {
        switch kind {
        case "equity": self = .equity(value)
        case "quote": self = .quote(value)
        case "base": self = .base(value)
        case "risk": self = .risk(value)
        default: return nil
        }
    }
}
