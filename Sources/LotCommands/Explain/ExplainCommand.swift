import ArgumentParser
import LotCore
import LotEngine
import LotScript

/// `lot explain`: why a run did what it did at one bar.
struct ExplainCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say what a run saw and did at one bar, and why not more.",
        discussion: """
            The bar is the one that covers --at: 12:30 of hourly bars is the bar from 12:00 to
            13:00, whose decision was taken at 13:00 and acted from then on. The run is repeated
            from its manifest up to the bar after it.

            Examples:
              lot explain sma_cross-BTCUSDT-1h-3fd41c20 --at 2024-03-05T12:00
              lot explain 3fd4 --at 2024-03-05T12:00 --json
              lot explain 9a1c --at 2024-03-05T12:00 --symbol ETHUSDT
            """)

    @OptionGroup var argument: RunArgument

    @Option(help: ArgumentHelp("A time inside the bar: 2024-03-05T12:00.", valueName: "time"))
    var at: String

    @Option(help: ArgumentHelp("The symbol, of a run over several.", valueName: "symbol"))
    var symbol: String?

    @Flag(help: "The same as --format json.")
    var json = false

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let time: Int64
        do throws(CivilTimeError) {
            time = try CivilTime.parse(at)
        } catch {
            throw usage("--at", error.reason)
        }
        let workspace = try global.workspace()
        let run = try StoredRun.find(argument.run, in: workspace)
        let request = try run.request(in: workspace).piece(at: time)
        let (explanation, plan) = try explain(request, time)
        if json || console.format == .json {
            try writeJSON(console) {
                ExplanationJSON.write(explanation, run: run.name, into: &$0)
            }
        } else {
            try console.write(ExplanationText.render(explanation, plan))
        }
        return 0
    }

    private func explain(
        _ request: RunRequest, _ time: Int64
    ) throws(Diagnosis) -> (BarExplanation, BacktestPlan) {
        let names = request.parts.map(\.address.symbol)
        guard !names.isEmpty else {
            if symbol != nil {
                throw usage(
                    "--symbol", "the run is over one symbol, \(request.address.symbol)",
                    hint: "leave it out")
            }
            let plan = try BacktestPlan(request)
            let row = try row(at: time, plan)
            let explanation = try BarExplanation(
                plan.script.strategy, rules: plan.script.rules, input: plan.input, row: row)
            return (explanation, plan)
        }
        guard let symbol else {
            throw usage(
                "--symbol", "missing: the run is over several",
                hint: "one of " + names.prefix(12).joined(separator: ", "))
        }
        let name = symbol.uppercased().filter { $0 != "/" }
        let whole = try PortfolioPlan(request)
        guard let index = whole.plans.firstIndex(where: { $0.name == name }) else {
            throw usage(
                "--symbol", "\"\(escaped(symbol))\" is not in the run",
                hint: nearest(to: name, in: names).map { "did you mean \"\($0)\"?" }
                    ?? "one of " + names.prefix(12).joined(separator: ", "))
        }
        let plan = whole.plans[index]
        let explanation = try BarExplanation(
            whole.plans.map(\.script.strategy), symbol: index, rules: plan.script.rules,
            input: whole.input, row: try row(at: time, plan))
        return (explanation, plan)
    }

    /// The row of the run's bar that covers `time`.
    private func row(at time: Int64, _ plan: BacktestPlan) throws(Diagnosis) -> Int {
        let bars = plan.bars
        let next = bars.firstIndex(atOrAfter: time)
        let row = next < bars.count && bars.openTime[next] == time ? next : next - 1
        let first = CivilTime.text(bars.openTime[plan.window.lowerBound])
        let end = CivilTime.text(bars.closeTime(plan.window.upperBound - 1))
        guard plan.window.contains(row), time < bars.closeTime(plan.window.upperBound - 1) else {
            throw usage(
                "--at", "\(CivilTime.text(time)) is outside the run", hint: "\(first) to \(end)")
        }
        guard time < bars.closeTime(row) else {
            throw Diagnosis(
                .noInput, kind: "bar.missing", subject: plan.request.address.description,
                place: CivilTime.text(time), reason: "no bar is stored there",
                hint: "the bars around the gap open at \(CivilTime.text(bars.openTime[row])) and "
                    + CivilTime.text(bars.openTime[row + 1]))
        }
        return row
    }
}
