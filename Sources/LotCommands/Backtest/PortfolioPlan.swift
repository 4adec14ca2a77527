import LotCore
import LotData
import LotEngine
import LotMath
import LotReport
import LotScript

/// A run over several symbols and one account, checked and loaded: a plan for each symbol, in name
/// order.
struct PortfolioPlan: RunPlan {
    let request: RunRequest
    let plans: [BacktestPlan]
    let input: PortfolioInput
    let inputs: RunInputs

    /// Loads script and data of every symbol.
    init(_ request: RunRequest) throws(Diagnosis) {
        self.request = request
        var plans: [BacktestPlan] = []
        for part in request.parts { plans.append(try BacktestPlan(part)) }
        plans.sort { $0.name < $1.name }
        self.plans = plans
        input = PortfolioInput(plans.map(\.symbol), settings: request.settings)
        let symbols = plans.map {
            SymbolData(
                data: $0.inputs.data, instrument: $0.inputs.instrument,
                terms: SymbolTerms($0.inputs.settings))
        }
        var strategy = plans[0].inputs.strategy
        // A script may require other files for other symbols.
        for plan in plans { strategy.hashes.merge(plan.inputs.strategy.hashes) { one, _ in one } }
        inputs = RunInputs(
            engineVersion: lotVersion, strategy: strategy,
            data: PortfolioPlan.data(symbols, plans, input),
            instrument: Instrument(market: request.address.market), settings: request.settings,
            portfolio: symbols)
    }

    var sources: [String: [UInt8]] {
        plans.reduce(into: [:]) { $0.merge($1.script.bytesByPath) { one, _ in one } }
    }

    var barCount: Int { input.barCount }

    func run(
        progress: ((Int) -> Void)? = nil
    ) throws(Diagnosis) -> (result: RunResult, notes: RunNotesSnapshot) {
        let outcome = try runPortfolio(
            plans.map(\.script.strategy), input, progress: progress)
        var result = outcome.result(
            strategy: inputs.strategy, data: inputs.data, portfolio: inputs.portfolio,
            settings: request.settings, engineVersion: lotVersion, bars: plans.map(\.bars))
        if plans.contains(where: \.isSynthetic) {
            result.warnings.insert(
                "synthetic bars, made by lot data generate: no market's history", at: 0)
        }
        let most = min(plans.count, request.settings.maxOpenPositions ?? .max)
        if most > 1, plans[0].script.rules?.size == .equity(1) {
            result.warnings.append(
                "each entry takes all the equity, so the first symbol to enter leaves nothing to "
                    + "the others: give the rules a size, such as lot.equity(1/\(most))")
        }
        return (result, outcome.account.notes)
    }

    /// What the run is over as a whole.
    private static func data(
        _ symbols: [SymbolData], _ plans: [BacktestPlan], _ input: PortfolioInput
    ) -> DataIdentity {
        let digests = symbols.map { "\($0.data.address) \($0.data.digest)\n" }.joined()
        let firstDecision = plans.compactMap { plan in
            let row = plan.window.upperBound - plan.inputs.data.decisionBars
            return plan.window.contains(row) ? plan.bars.openTime[row] : nil
        }.min()
        var data = DataIdentity(
            address: symbols[0].data.address, digest: sha256Hex(Array(digests.utf8)),
            firstTime: symbols.map(\.data.firstTime).min() ?? 0,
            lastTime: symbols.map(\.data.lastTime).max() ?? 0, bars: input.stepCount(),
            decisionBars: firstDecision.map { input.stepCount(since: $0) } ?? 0,
            gaps: symbols.flatMap(\.data.gaps))
        data.symbols = symbols.map(\.data.address.symbol)
        return data
    }
}

extension BacktestPlan {
    /// What a run over several symbols calls this one.
    var name: String { request.address.symbol }

    /// What a run over several symbols needs of this one.
    fileprivate var symbol: PortfolioSymbol {
        let input = input
        return PortfolioSymbol(
            name: name, bars: input.bars, window: input.window, instrument: input.instrument,
            sources: input.sources, perpetual: input.perpetual, detail: input.detail,
            terms: SymbolTerms(input.settings))
    }

    fileprivate var isSynthetic: Bool {
        series.sources.contains { $0.kind == SyntheticKlines.sourceKind }
    }
}
