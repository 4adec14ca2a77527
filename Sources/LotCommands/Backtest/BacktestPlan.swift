import LotCore
import LotData
import LotEngine
import LotMath
import LotReport
import LotScript

/// A run that was asked for, checked and loaded: nothing can be refused after this but by the
/// script itself.
struct BacktestPlan {
    let request: RunRequest
    let series: StoredSeries
    let bars: Bars
    let window: Range<Int>
    let gaps: [Gap]
    /// The finer bars that are walked; `nil` for none.
    let detail: Bars?
    /// Other symbols and intervals that the script reads.
    let others: SourceBars
    let source: ScriptFile
    let script: ScriptStrategy
    /// Funding and mark prices, for a perpetual.
    let perpetual: PerpetualData
    /// Everything that decides the result.
    let inputs: RunInputs

    /// Loads script and data.
    init(_ request: RunRequest) throws(Diagnosis) {
        self.request = request
        // The script first: it is what the user is working on.
        source = try ScriptFile.load(path: request.script)
        series = try request.workspace.store.open(request.address)
        script = try BacktestPlan.strategy(source, request)
        let rows = try BacktestPlan.window(series, request.range)
        gaps = series.gaps(in: rows)
        try BacktestPlan.checkGaps(gaps, request.settings, request.address)
        try BacktestPlan.checkVolume(series, request.settings)
        let finer = try DetailSeries(request, series.bars, rows)
        detail = finer?.series.bars
        if request.settings.gaps == .fill, !series.gaps.isEmpty {
            let end = series.bars.openTime[rows.upperBound - 1]
            let start = series.bars.openTime[rows.lowerBound]
            bars = series.bars.fillingGaps()
            window = bars.firstIndex(atOrAfter: start)..<bars.firstIndex(atOrAfter: end) + 1
        } else {
            bars = series.bars
            window = rows
        }
        let beside = try PerpetualInputs(request, bars, window)
        perpetual = beside.data
        let end = bars.openTime[window.upperBound - 1]
        let program = script.strategy.program
        let identities: [OtherSeries]
        (others, identities) = try BacktestPlan.others(
            program, request,
            bars.openTime[window.lowerBound]...bars.closeTime(window.upperBound - 1))
        let firstDecision = min(
            window.upperBound, max(window.lowerBound, program.firstRow(over: bars, others)))
        inputs = RunInputs(
            engineVersion: lotVersion,
            strategy: StrategyIdentity(
                name: script.name, file: request.script,
                hashes: script.bytesByPath.mapValues { sha256Hex($0) },
                parameters: script.parameters, form: script.form),
            data: DataIdentity(
                address: series.address,
                digest: try series.identity(
                    rows: series.bars.firstIndex(atOrAfter: end) + 1),
                firstTime: bars.openTime[window.lowerBound], lastTime: end, bars: window.count,
                decisionBars: window.upperBound - firstDecision, gaps: gaps,
                perpetual: beside.identity,
                detail: try finer?.identity(), others: identities),
            instrument: request.instrument, settings: request.settings)
    }

    /// What the engine needs besides the strategy.
    var input: BacktestInput {
        BacktestInput(
            bars: bars, window: window, instrument: request.instrument,
            settings: request.settings, sources: others, perpetual: perpetual, detail: detail)
    }

    /// The other series that a program reads.
    ///
    /// - Parameters:
    ///   - program: The script's series.
    ///   - request: The run.
    ///   - time: From the first open to the last close of the window.
    /// - Returns: Their bars, and what is recorded of them, in the program's order.
    /// - Throws: 66 if one is not there; 65 for a hole with `--gaps error`.
    private static func others(
        _ program: SeriesProgram, _ request: RunRequest, _ time: ClosedRange<Int64>
    ) throws(Diagnosis) -> (SourceBars, [OtherSeries]) {
        let loader = OtherSeriesLoader(
            store: request.workspace.store, main: request.address, gaps: request.settings.gaps,
            origins: request.origins, time: time)
        var bars: [SeriesAddress: Bars] = [:]
        var identities: [OtherSeries] = []
        for address in program.sources {
            let (own, identity) = try loader.load(address)
            bars[address] = own
            identities.append(identity)
        }
        return (SourceBars(bars), identities)
    }

    /// Makes a fresh strategy of a script: each serves one run.
    static func strategy(
        _ source: ScriptFile, _ request: RunRequest
    ) throws(Diagnosis) -> ScriptStrategy {
        try ScriptStrategy(
            source, parameters: request.parameters, seed: request.settings.seed,
            address: request.address, positionMode: request.settings.perpetual.positionMode,
            limits: request.limits)
    }

    /// Runs the strategy, once, and gathers its result.
    ///
    /// - Parameter progress: Called now and then with the number of bars done.
    /// - Returns: The result, and the notes it was made of.
    /// - Throws: What the script does wrong.
    func run(
        progress: ((Int) -> Void)? = nil
    ) throws(Diagnosis) -> (result: RunResult, notes: RunNotesSnapshot) {
        let outcome = try runBacktest(script.strategy, input, progress: progress)
        var result = outcome.result(
            strategy: inputs.strategy, data: inputs.data, instrument: request.instrument,
            settings: request.settings, engineVersion: lotVersion, bars: bars)
        if series.isSynthetic || inputs.data.others.contains(where: \.isSynthetic) {
            result.warnings.insert(
                "synthetic bars, made by lot data generate: no market's history", at: 0)
        }
        return (result, outcome.notes)
    }

    private static func window(
        _ series: StoredSeries, _ range: TimeRange
    ) throws(Diagnosis) -> Range<Int> {
        let bars = series.bars
        let first = range.start.map { bars.firstIndex(atOrAfter: $0) } ?? 0
        let end = range.end.map { bars.firstIndex(atOrAfter: $0) } ?? bars.count
        guard first < end else {
            let wanted = [
                range.start.map { "from " + CivilTime.text($0) },
                range.end.map { "before " + CivilTime.text($0) },
            ].compactMap(\.self).joined(separator: " ")
            let stored =
                series.rows == 0
                ? "it has no rows"
                : "it has \(CivilTime.text(series.firstTime)) to \(CivilTime.text(series.lastTime))"
            throw Diagnosis(
                .noInput, kind: "range.empty", subject: series.address.description,
                reason: "no bars \(wanted): \(stored)",
                hint: "choose another range, or lot data import FILES… --as \(series.address)")
        }
        return first..<end
    }

    private static func checkGaps(
        _ gaps: [Gap], _ settings: RunSettings, _ address: SeriesAddress
    ) throws(Diagnosis) {
        guard settings.gaps == .error, let first = gaps.first else { return }
        let missing = gaps.reduce(0) { $0 + $1.bars }
        throw Diagnosis(
            .data, kind: "gaps", subject: address.description,
            place: CivilTime.text(first.from),
            reason: "\(counted(missing, "bar")) missing in \(counted(gaps.count, "gap"))"
                + ", and --gaps error",
            hint: "import them, or use --gaps hold or --gaps fill")
    }

    static func checkVolume(
        _ series: StoredSeries, _ settings: RunSettings
    ) throws(Diagnosis) {
        guard series.bars.volume == nil else { return }
        let isLimited = settings.volumeLimit != nil
        guard isLimited || settings.slippage.needsVolume else { return }
        throw Diagnosis(
            .data, kind: "volume.missing", subject: series.address.description,
            reason:
                "has no volume column, which the \(isLimited ? "volume limit" : "slippage") needs",
            hint: "use \(isLimited ? "--volume-limit off" : "--slippage bps:2"), "
                + "or import data with volumes")
    }
}
