import LotCore
import LotData
import LotEngine
import LotMath
import LotOptimize
import LotReport
import LotScript

/// What a run is put together from, as it is asked for.
struct StitchRequest: Sendable {
    /// The study's identity, 64 hexadecimal digits.
    var study: String
    /// How it held data back.
    var scheme: String
    /// Which path it is, from 1, and how many there are.
    var path: Int
    var paths: Int
    /// The stretches in order of time, at least one.
    var stretches: [Stretch]

    /// A stretch of time and the parameters of it.
    struct Stretch: Sendable {
        var fold: Int
        var trial: Int
        var segment: Segment
        var parameters: [(String, String)]
    }
}

/// A run that is put together from stretches, each with parameters of its own, over one account.
///
/// Each stretch is a run of its own (`docs/optimize.md`): after warm-up on the bars before it,
/// without a position, closed at its end. It begins with the cash that the one before it ended
/// with.
struct StitchedPlan: RunPlan {
    let inputs: RunInputs
    let sources: [String: [UInt8]]
    let barCount: Int
    private let request: RunRequest
    private let stretches: [StitchRequest.Stretch]
    private let runner: StretchRunner
    private let isSynthetic: Bool

    /// Loads script and data, and makes the script of every stretch once, so that what is wrong
    /// with its parameters is known before anything runs.
    init(_ request: RunRequest, _ stitch: StitchRequest) throws(Diagnosis) {
        var plain = request
        plain.stitch = nil
        plain.parameters = stitch.stretches[0].parameters
        for index in plain.parts.indices { plain.parts[index].parameters = plain.parameters }
        let whole = try plain.plan()
        let plans = (whole as? PortfolioPlan)?.plans ?? (whole as? BacktestPlan).map { [$0] } ?? []
        let space = SearchSpace(dimensions: [])
        let parts = plans.map { TrialData($0, space) }
        self.request = request
        stretches = stitch.stretches
        runner = StretchRunner(parts: parts, settings: request.settings)
        isSynthetic = plans.contains { plan in
            plan.series.isSynthetic || plan.inputs.data.others.contains(where: \.isSynthetic)
        }
        var survey = StitchSurvey(whole)
        for stretch in stretches { try survey.add(stretch, parts) }
        inputs = survey.inputs(
            Stitching(
                study: stitch.study, scheme: stitch.scheme, path: stitch.path,
                paths: stitch.paths, stretches: survey.stretches))
        sources = survey.sources
        barCount = stretches.reduce(0) { sum, stretch in
            sum + parts.reduce(0) { $0 + $1.rows(stretch.segment).count }
        }
    }

    func run(
        progress: ((Int) -> Void)? = nil
    ) throws(Diagnosis) -> (result: RunResult, notes: RunNotesSnapshot) {
        var (result, notes) = runner.parts.count == 1 ? try single(progress) : try several(progress)
        result.stitching = inputs.stitching
        if isSynthetic {
            result.warnings.insert(
                "synthetic bars, made by lot data generate: no market's history", at: 0)
        }
        return (result, notes)
    }

    private func single(
        _ progress: ((Int) -> Void)?
    ) throws(Diagnosis) -> (RunResult, RunNotesSnapshot) {
        var joined: BacktestOutcome?
        var measured: [MetricInput] = []
        try forEachStretch(progress) { stretch, start throws(Diagnosis) in
            let found = try runner.single(stretch.parameters, over: stretch.segment, from: start)
            measured.append(runner.measured(found, over: stretch.segment))
            if joined == nil { joined = found } else { joined?.append(found, bars: barCount) }
            return found.equity.tracker
        }
        guard let joined else { throw StitchedPlan.nothing }
        let result = joined.result(
            strategy: inputs.strategy, data: inputs.data, instrument: request.instrument,
            settings: request.settings, engineVersion: lotVersion,
            bars: runner.parts[0].input.bars, joined: MetricInput(joining: measured))
        return (result, joined.notes)
    }

    private func several(
        _ progress: ((Int) -> Void)?
    ) throws(Diagnosis) -> (RunResult, RunNotesSnapshot) {
        var joined: PortfolioOutcome?
        var measured: [MetricInput] = []
        try forEachStretch(progress) { stretch, start throws(Diagnosis) in
            let found = try runner.together(stretch.parameters, over: stretch.segment, from: start)
            measured.append(runner.measured(found, over: stretch.segment))
            if joined == nil { joined = found } else { joined?.append(found, bars: barCount) }
            return found.account.equity.tracker
        }
        guard let joined else { throw StitchedPlan.nothing }
        let result = joined.result(
            strategy: inputs.strategy, data: inputs.data, portfolio: inputs.portfolio,
            settings: request.settings, engineVersion: lotVersion,
            bars: runner.parts.map(\.input.bars), joined: MetricInput(joining: measured))
        return (result, joined.account.notes)
    }

    /// The cash with which a stretch begins: what those before it left.
    ///
    /// - Throws: 64 if the account was ruined before.
    fileprivate func cash(before index: Int) throws(Diagnosis) -> Double {
        var cash = request.settings.startingCash
        var done = 0
        try forEachStretch(nil, count: index) { stretch, start throws(Diagnosis) in
            let tracker =
                runner.parts.count == 1
                ? try runner.single(stretch.parameters, over: stretch.segment, from: start)
                    .equity.tracker
                : try runner.together(stretch.parameters, over: stretch.segment, from: start)
                    .account.equity.tracker
            cash = tracker.last.equity
            done += 1
            return tracker
        }
        guard done == index, cash > 0 else {
            throw usage("--at", "the account was ruined before that time")
        }
        return cash
    }

    /// Runs the stretches one after another, until the account is ruined.
    private func forEachStretch(
        _ progress: ((Int) -> Void)?, count: Int = .max,
        _ body: (StitchRequest.Stretch, AccountStart) throws(Diagnosis) -> EquityTracker
    ) throws(Diagnosis) {
        var start = AccountStart()
        var done = 0
        for stretch in stretches.prefix(count) {
            let tracker = try body(stretch, start)
            done += runner.time(stretch.segment).bars
            progress?(done)
            guard start.follow(tracker) else { break }
        }
    }

    private static let nothing = Diagnosis(
        .internalError, kind: "run.stitched", subject: "run", reason: "has no stretches")
}

extension RunRequest {
    /// The run of one piece in which a time lies: itself, or a stretch of what it is put together
    /// from, with the parameters of that stretch and the cash that it began with.
    ///
    /// - Parameter time: Milliseconds since the epoch.
    /// - Returns: A run that is explained as any other.
    /// - Throws: 64 for a time between two stretches, or outside all.
    /// - Complexity: Runs the stretches before it.
    func piece(at time: Int64) throws(Diagnosis) -> RunRequest {
        guard let stitch else { return self }
        let stretches = stitch.stretches
        guard
            let index = stretches.firstIndex(where: {
                $0.segment.start <= time && time < $0.segment.end
            })
        else {
            let (first, last) = (stretches[0].segment, stretches[stretches.count - 1].segment)
            throw usage(
                "--at", "\(CivilTime.text(time)) is in no stretch of the run",
                hint: "\(CivilTime.text(first.start)) to \(CivilTime.text(last.end))")
        }
        let cash = try StitchedPlan(self, stitch).cash(before: index)
        let stretch = stretches[index]
        func piece(of whole: RunRequest) -> RunRequest {
            var piece = whole
            piece.stitch = nil
            piece.parameters = stretch.parameters
            piece.settings.startingCash = cash
            piece.range = TimeRange(start: stretch.segment.start, end: stretch.segment.end)
            return piece
        }
        var whole = piece(of: self)
        whole.parts = parts.map(piece)
        return whole
    }
}

/// Gathers what stretches use: what the identity of the whole run is made of.
private struct StitchSurvey {
    private var whole: RunInputs
    private(set) var sources: [String: [UInt8]]
    private(set) var stretches: [Stitching.Stretch] = []
    /// Bars and bars that decide, of each symbol.
    private var bars: [Int]
    private var deciding: [Int]
    /// The same of the account, where it has several symbols.
    private var steps = (all: 0, deciding: 0)
    private var segments: [Segment] = []
    private var others: [[OtherSeries]]

    init(_ plan: any RunPlan) {
        whole = plan.inputs
        sources = plan.sources
        let count = max(1, plan.inputs.portfolio.count)
        bars = [Int](repeating: 0, count: count)
        deciding = bars
        others =
            plan.inputs.portfolio.isEmpty
            ? [plan.inputs.data.others] : plan.inputs.portfolio.map(\.data.others)
    }

    mutating func add(
        _ stretch: StitchRequest.Stretch, _ parts: [TrialData]
    ) throws(Diagnosis) {
        segments.append(stretch.segment)
        var named: [NamedParameter] = []
        var symbols: [PortfolioSymbol] = []
        var decision = Int64.max
        for (index, part) in parts.enumerated() {
            let script = try part.scripts.strategy(stretch.parameters)
            named = script.parameters
            for (path, bytes) in script.bytesByPath {
                sources[path] = bytes
                whole.strategy.hashes[path] = sha256Hex(bytes)
            }
            let program = script.strategy.program
            for address in program.sources
            where !others[index].contains(where: { $0.address == address }) {
                others[index].append(try part.scripts.others.identity(address))
            }
            var input = part.input
            input.window = part.rows(stretch.segment)
            guard !input.window.isEmpty else { continue }
            input.sources = try part.scripts.others.bars(program)
            let first = input.firstDecision(program)
            bars[index] += input.window.count
            deciding[index] += input.window.upperBound - first
            if first < input.window.upperBound {
                decision = min(decision, input.bars.openTime[first])
            }
            symbols.append(
                PortfolioSymbol(
                    name: part.name, bars: input.bars, window: input.window,
                    instrument: input.instrument))
        }
        if parts.count > 1, !symbols.isEmpty {
            let input = PortfolioInput(symbols, settings: whole.settings)
            steps.all += input.stepCount()
            if decision < .max { steps.deciding += input.stepCount(since: decision) }
        }
        stretches.append(
            Stitching.Stretch(
                fold: stretch.fold, trial: stretch.trial, start: stretch.segment.start,
                end: stretch.segment.end, parameters: named))
    }

    /// What decides the whole run.
    func inputs(_ stitching: Stitching) -> RunInputs {
        var inputs = whole
        inputs.stitching = stitching
        inputs.strategy.parameters = []
        if inputs.portfolio.isEmpty {
            inputs.data = data(inputs.data, 0)
        } else {
            for index in inputs.portfolio.indices {
                inputs.portfolio[index].data = data(inputs.portfolio[index].data, index)
            }
            inputs.data.gaps = inputs.portfolio.flatMap(\.data.gaps)
            (inputs.data.bars, inputs.data.decisionBars) = steps
        }
        return inputs
    }

    private func data(_ data: DataIdentity, _ index: Int) -> DataIdentity {
        var data = data
        data.bars = bars[index]
        data.decisionBars = deciding[index]
        data.others = others[index]
        data.gaps = data.gaps.flatMap { gap in segments.compactMap { gap.part(in: $0) } }
        return data
    }
}
