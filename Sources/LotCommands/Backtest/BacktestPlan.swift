import LotCore
import LotData
import LotEngine
import LotMath
import LotScript

/// What `lot backtest` was asked for, checked and loaded: nothing can be refused after this but
/// by the script itself.
struct BacktestPlan {
    let workspace: Workspace
    let settings: RunSettings
    let series: StoredSeries
    let bars: Bars
    let window: Range<Int>
    let gaps: [Gap]
    let instrument: Instrument
    let script: ScriptStrategy
    let file: String

    /// Resolves flags, script and data.
    init(_ command: BacktestCommand) throws(Diagnosis) {
        let settings = try command.settings.settings()
        let range = try command.series.range()
        let address = try command.series.address()
        self.settings = settings
        workspace = try command.global.workspace()
        file = command.strategy
        // The script first: it is what the user is working on.
        let source = try ScriptFile.load(path: command.strategy)
        series = try workspace.store.open(address)
        let stored = try workspace.store.instrument(address)
        instrument = try command.settings.instrument(over: stored ?? Instrument())
        script = try ScriptStrategy(
            source, parameters: try BacktestPlan.overrides(command.param), seed: settings.seed,
            address: address,
            limits: ScriptLimits(
                callMilliseconds: command.limits.milliseconds,
                memoryBytes: command.limits.mebibytes << 20))
        let rows = try BacktestPlan.window(series, range)
        gaps = series.gaps(in: rows)
        try BacktestPlan.checkGaps(gaps, settings, address)
        try BacktestPlan.checkVolume(series, settings)
        if settings.gaps == .fill, !series.gaps.isEmpty {
            let end = series.bars.openTime[rows.upperBound - 1]
            let start = series.bars.openTime[rows.lowerBound]
            bars = series.bars.fillingGaps()
            window = bars.firstIndex(atOrAfter: start)..<bars.firstIndex(atOrAfter: end) + 1
        } else {
            bars = series.bars
            window = rows
        }
    }

    /// Runs the strategy and gathers its result.
    func run(_ console: Console) throws(Diagnosis) -> RunResult {
        let input = BacktestInput(
            bars: bars, window: window, instrument: instrument, settings: settings)
        var bar = ProgressBar(total: window.count)
        let shows = Console.showsProgress && !console.isQuiet
        let started = ProgressBar.seconds()
        let outcome = try runBacktest(script.strategy, input) { done in
            if shows { bar.update(done) }
        }
        bar.finish()
        let elapsed = ProgressBar.seconds() - started
        console.detail(
            "\(grouped(window.count)) bars in \(Int(elapsed * 1e6)) µs, "
                + "\(grouped(Int(Double(window.count) / elapsed))) bars/s")
        showLog(outcome.notes, console)
        return try result(outcome)
    }

    private func result(_ outcome: BacktestOutcome) throws(Diagnosis) -> RunResult {
        let end = bars.openTime[window.upperBound - 1]
        let usedRows = series.bars.firstIndex(atOrAfter: end) + 1
        let data = DataIdentity(
            address: series.address, digest: try series.identity(rows: usedRows),
            firstTime: bars.openTime[window.lowerBound], lastTime: end, bars: window.count,
            decisionBars: window.upperBound - outcome.firstDecisionRow, gaps: gaps)
        let identity = StrategyIdentity(
            name: script.name, file: file,
            hashes: script.bytesByPath.mapValues { sha256Hex($0) },
            parameters: script.parameters, form: script.form)
        var result = outcome.result(
            strategy: identity, data: data, instrument: instrument, settings: settings,
            engineVersion: lotVersion, bars: bars)
        if series.sources.contains(where: { $0.kind == SyntheticKlines.sourceKind }) {
            result.warnings.insert(
                "synthetic bars, made by lot data generate: no market's history", at: 0)
        }
        return result
    }

    /// Shows what the script printed: all with -v, else the first lines.
    private func showLog(_ notes: RunNotesSnapshot, _ console: Console) {
        let shown = console.isVerbose ? notes.log.count : min(20, notes.log.count)
        for line in notes.log.prefix(shown) {
            console.note((line.time.map { CivilTime.text($0) + "  " } ?? "") + line.text)
        }
        let hidden = notes.log.count - shown + notes.droppedLines
        if hidden > 0 { console.note("… \(grouped(hidden)) more lines (-v shows those kept)") }
    }

    private static func overrides(_ texts: [String]) throws(Diagnosis) -> [(String, String)] {
        var result: [(String, String)] = []
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw usage(
                    "--param", "\"\(escaped(text))\" is not name=value",
                    hint: "for example --param fast=10")
            }
            let name = String(parts[0])
            if result.contains(where: { $0.0 == name }) {
                throw usage("--param", "\"\(escaped(name))\" given twice", hint: "keep one")
            }
            result.append((name, String(parts[1])))
        }
        return result
    }

    private static func window(
        _ series: StoredSeries, _ range: (start: Int64?, end: Int64?)
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

    private static func checkVolume(
        _ series: StoredSeries, _ settings: RunSettings
    ) throws(Diagnosis) {
        guard series.bars.volume == nil, settings.volumeLimit != nil else { return }
        throw Diagnosis(
            .data, kind: "volume.missing", subject: series.address.description,
            reason: "has no volume column, which the volume limit needs",
            hint: "use --volume-limit off, or import data with volumes")
    }
}
