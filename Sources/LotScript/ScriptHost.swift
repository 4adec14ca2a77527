import LotCore
import LotEngine
import LotMath

/// The host's side of one script: collects what the script declares and carries out its calls.
final class ScriptHost: LuaHost {
    let file: ScriptFile
    /// The series that the strategy runs on; `nil` while only its declarations are read.
    let address: SeriesAddress?
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
    var rules = Rules()
    /// For each condition, the node that holds it as 1 and 0: its history can be read.
    var numberOfCondition: [NodeID: NodeID] = [:]
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
    var leg: PositionSide?
    /// Row and time of the newest closed bar.
    var row = 0
    var time: Int64 = 0
    var hasCommands: Bool { desk?.hasCommands ?? false }

    init(_ file: ScriptFile, _ address: SeriesAddress? = nil) {
        self.file = file
        self.address = address
        bytesByPath = [file.name: file.bytes]
    }

    /// Forgets what came after the file ran.
    func rewind(_ program: SeriesProgram) {
        self.program = program
        rules = Rules()
        numberOfCondition = [:]
        readsConditions = false
        unmet = nil
        (desk, notes, hedge, leg) = (nil, nil, nil, nil)
        orders = OrderBook()
        (row, time) = (0, 0)
        earlyLines = []
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
        case .plot: return try plotted(arguments)
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
        let found = firstLine(of: Array(word.utf8), in: bytes, from: Int(first), to: Int(last))
        return found.map { .number(Double($0)) } ?? arguments[1]
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

    func plot(line: Int, _ value: Double, row: Int, time: Int64) {
        notes?.plot(line: line, value, row: row, time: time)
    }

    private func plotted(_ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue {
        guard let notes, let name = arguments.first?.text, let value = arguments.last?.number
        else { return .nothing }
        if notes.isOnePlotTooMany(name) {
            throw LuaRefusal(reason: "ctx:plot: more than \(RunNotes.maxPlots) lines")
        }
        return .number(Double(notes.plot(name, value, row: row, time: time)))
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
}
