public import LotCore
import LotMath

/// Why a strategy did what it did at one bar.
public struct BarExplanation: Sendable {
    /// A series and its value at the bar's close.
    public struct Value: Sendable, Equatable {
        /// The expression, or the script's name of a plotted line.
        public var name: String
        /// The value; NaN where it has none yet.
        public var value: Double

        /// Pairs a name with a value.
        public init(name: String, value: Double) {
            self.name = name
            self.value = value
        }
    }

    /// What a strategy saw of another series.
    public struct Other: Sendable, Equatable {
        /// As expressions name it: `ETHUSDT:4h`.
        public var name: String
        /// Its newest bar that had closed; `nil` before its first.
        public var bar: Bar?
        /// When that had closed (milliseconds since the epoch).
        public var closeTime: Int64?
    }

    /// A condition, and what it is made of.
    public struct Condition: Sendable, Equatable {
        /// The expression.
        public var text: String
        /// Whether it held at the bar's close.
        public var holds: Bool
        /// The conditions it combines; empty for a comparison.
        public var parts: [Condition]
        /// The numbers that a comparison compares.
        public var values: [Value]
    }

    /// A rule of the strategy.
    public struct Rule: Sendable, Equatable {
        /// `enter_long`, `exit_long`, `enter_short`, `exit_short`.
        public var name: String
        /// Its condition.
        public var condition: Condition
    }

    /// Why something that could have happened did not.
    public struct Veto: Sendable, Equatable {
        /// A word for programs: `warm_up`, `conflict`, `in_position`, `no_position`,
        /// `order_working`, `exit_working`, `rejected`.
        public var kind: String
        /// The same for people.
        public var text: String
    }

    /// The bar.
    public var bar: Bar
    /// When it closed and the decision was taken (milliseconds since the epoch).
    public var closeTime: Int64
    /// What it saw of other symbols and intervals, in the order of the script.
    public var others: [Other]
    /// Every series that the strategy declared, stored columns and constants aside.
    public var series: [Value]
    /// The conditions of an event strategy; of rules they are in ``rules``.
    public var conditions: [Condition]
    /// The rules, for a strategy of rules.
    public var rules: [Rule]
    /// Lines drawn at this bar.
    public var plots: [Value]
    /// Why something that could have happened did not.
    public var vetoes: [Veto]
    /// The account at the close, before the decision; `nil` during warm-up.
    public var account: AccountView?
    /// The long and the short leg at the close, in hedge mode; else empty.
    public var legs: [HedgeView.Leg]
    /// Orders that worked at the close, before the decision.
    public var openOrders: [Order]
    /// What happened inside the bar.
    public var inside: [OrderUpdate]
    /// The orders sent at the close, as they ended or stood one bar later.
    public var sent: [Order]
    /// What happened inside the next bar.
    public var after: [OrderUpdate]
    /// What was printed.
    public var log: [LogLine]
}

extension BarExplanation {
    /// Runs a strategy up to the bar after `row` and explains `row`.
    ///
    /// - Parameters:
    ///   - strategy: Fresh.
    ///   - rules: Its rules; `nil` for events.
    ///   - input: The run; what comes after the next bar is not looked at.
    ///   - row: A row of the run's window.
    /// - Throws: What the strategy throws.
    /// - Complexity: A run up to the row.
    public init(
        _ strategy: any Strategy, rules: Rules?, input: BacktestInput, row: Int
    ) throws(Diagnosis) {
        var cut = input
        cut.window = input.window.lowerBound..<min(row + 2, input.window.upperBound)
        try self.init(strategy, rules: rules, input: input, row: row) {
            (recorder) throws(Diagnosis) in try runBacktest(recorder, cut).orders
        }
    }

    /// Runs the strategies of several symbols up to the bar after `row` of one of them and
    /// explains it.
    ///
    /// - Parameters:
    ///   - strategies: Fresh ones, for the symbols of `input` in its order.
    ///   - symbol: Number of the symbol.
    ///   - rules: Its strategy's rules; `nil` for events.
    ///   - input: The run; what comes after the next bar is not looked at.
    ///   - row: A row of the symbol's window.
    /// - Throws: What a strategy throws.
    /// - Complexity: A run up to the row.
    public init(
        _ strategies: [any Strategy], symbol: Int, rules: Rules?, input: PortfolioInput, row: Int
    ) throws(Diagnosis) {
        let own = input.symbols[symbol]
        let next = min(row + 1, own.window.upperBound - 1)
        let cut = input.ending(before: own.bars.closeTime(next))
        let alone = BacktestInput(
            bars: own.bars, window: own.window, instrument: own.instrument,
            settings: input.settings, sources: own.sources, perpetual: own.perpetual)
        try self.init(strategies[symbol], rules: rules, input: alone, row: row) {
            (recorder) throws(Diagnosis) in
            var strategies = strategies
            strategies[symbol] = recorder
            return try runPortfolio(strategies, cut).account.orders
        }
    }

    /// Explains a row of a run that `run` repeats, up to the bar after it.
    private init(
        _ strategy: any Strategy, rules: Rules?, input: BacktestInput, row: Int,
        run: (BarRecorder) throws(Diagnosis) -> [Order]
    ) throws(Diagnosis) {
        precondition(input.window.contains(row))
        let end = input.window.upperBound
        let recorder = BarRecorder(strategy, row: row)
        let orders = try run(recorder)
        let reader = NodeReader(recorder)
        bar = input.bars[row]
        closeTime = input.bars.closeTime(row)
        others = reader.others
        series = reader.series
        conditions = rules == nil ? reader.topConditions : []
        self.rules = rules.map { reader.rules($0) } ?? []
        plots = recorder.plots.map { Value(name: $0.name, value: $0.value) }
        account = recorder.account
        legs = recorder.legs
        openOrders = recorder.openOrders
        inside = recorder.inside
        after = recorder.after
        // What works one bar later was ended by the cut, unless the run itself ends there.
        let standing = row + 2 < end ? recorder.standing : []
        sent = orders.filter { recorder.sent.contains($0.id) }.map { order in
            standing.first { $0.id == order.id } ?? order
        }
        log = recorder.log
        vetoes = []
        if recorder.account == nil {
            let rows = strategy.program.firstRow(over: input.bars, input.sources)
            let first = max(input.window.lowerBound, rows)
            let needed = counted(rows, "row")
            let when = first < end ? CivilTime.text(input.bars.closeTime(first)) : "never"
            vetoes.append(
                Veto(
                    kind: "warm_up",
                    text: "warm-up: the series need \(needed) before their first value; the first "
                        + "decision: \(when)"))
        } else {
            if rules != nil { vetoes += ruleVetoes() }
            vetoes += rejections()
        }
    }

    /// Why rules that held led to nothing.
    private func ruleVetoes() -> [Veto] {
        let holding = Set(rules.filter(\.condition.holds).map(\.name))
        var vetoes: [Veto] = []
        for (enter, blockers) in [
            ("enter_long", ["exit_long", "enter_short"]),
            ("enter_short", ["exit_short", "enter_long"]),
        ] where holding.contains(enter) {
            for other in blockers where holding.contains(other) {
                vetoes.append(
                    Veto(kind: "conflict", text: "\(enter) and \(other) hold at once: no entry"))
            }
        }
        if let exit = openOrders.first(where: { $0.request.reduceOnly }) {
            vetoes.append(
                Veto(
                    kind: "exit_working",
                    text: "exit order \(exit.id) is under way: nothing new is decided"))
            return vetoes
        }
        let entry = openOrders.first { $0.origin == .strategy && !$0.request.reduceOnly }
        let position = account?.position ?? 0
        let held: Side? = position == 0 ? entry?.request.side : position > 0 ? .buy : .sell
        for (rule, side) in [("enter_long", Side.buy), ("enter_short", .sell)]
        where holding.contains(rule) && held == side {
            let word = side == .buy ? "long" : "short"
            if position == 0, let entry {
                vetoes.append(
                    Veto(
                        kind: "order_working",
                        text: "\(rule) holds, but entry order \(entry.id) still works"))
            } else {
                vetoes.append(
                    Veto(
                        kind: "in_position", text: "\(rule) holds, but the position is \(word)"))
            }
        }
        for (rule, side) in [("exit_long", Side.buy), ("exit_short", .sell)]
        where holding.contains(rule) && held != side {
            let word = side == .buy ? "long" : "short"
            vetoes.append(
                Veto(kind: "no_position", text: "\(rule) holds, but there is no \(word) position"))
        }
        return vetoes
    }

    /// Orders of this bar that were refused.
    private func rejections() -> [Veto] {
        sent.filter { $0.status == .rejected }.map { order in
            Veto(
                kind: "rejected",
                text: "order \(order.id), \(RunWords.request(order.request)), was rejected: "
                    + order.reason)
        }
    }
}

/// Puts the recorded values of a program's nodes into words.
private struct NodeReader {
    let recorder: BarRecorder

    init(_ recorder: BarRecorder) { self.recorder = recorder }

    private var program: SeriesProgram { recorder.program }

    /// The newest closed bars of other sources.
    var others: [BarExplanation.Other] {
        program.sources.enumerated().map { index, address in
            let bar = recorder.otherBars[safe: index] ?? nil
            return BarExplanation.Other(
                name: program.name(of: SourceID(index + 1)), bar: bar,
                closeTime: bar.map { $0.openTime + address.interval.milliseconds })
        }
    }

    /// Numbers worth showing: indicators and what is made of them.
    var series: [BarExplanation.Value] {
        program.nodes.indices.compactMap { index in
            switch program.nodes[index].operation {
            case .field, .constant, .number, .align: return nil
            default:
                guard let value = recorder.numbers[safe: index] ?? nil else { return nil }
                return BarExplanation.Value(name: program.text(of: NodeID(index)), value: value)
            }
        }
    }

    /// Conditions that no other condition is made of.
    var topConditions: [BarExplanation.Condition] {
        var used: Set<NodeID> = []
        for node in program.nodes where node.operation.isCondition { used.formUnion(node.inputs) }
        return program.nodes.indices.map { NodeID($0) }
            .filter { program.nodes[Int($0)].operation.isCondition && !used.contains($0) }
            .map { condition($0) }
    }

    func rules(_ rules: Rules) -> [BarExplanation.Rule] {
        [
            ("enter_long", rules.enterLong), ("exit_long", rules.exitLong),
            ("enter_short", rules.enterShort), ("exit_short", rules.exitShort),
        ].compactMap { name, node in
            node.map { BarExplanation.Rule(name: name, condition: condition($0)) }
        }
    }

    private func condition(_ id: NodeID) -> BarExplanation.Condition {
        let node = program.nodes[Int(id)]
        // At the main bars a condition of another source is what it is there.
        if node.operation == .alignCondition { return self.condition(node.inputs[0]) }
        var condition = BarExplanation.Condition(
            text: program.text(of: id),
            holds: (recorder.conditions[safe: Int(id)] ?? nil) ?? false, parts: [], values: [])
        for input in node.inputs {
            let operation = program.nodes[Int(input)].operation
            if operation.isCondition {
                condition.parts.append(self.condition(input))
            } else if case .constant = operation {
                continue
            } else if let value = recorder.numbers[safe: Int(input)] ?? nil {
                condition.values.append(
                    BarExplanation.Value(name: program.text(of: input), value: value))
            }
        }
        return condition
    }
}
