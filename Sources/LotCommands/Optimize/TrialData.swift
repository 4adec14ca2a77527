import LotCore
import LotData
import LotEngine
import LotMath
import LotOptimize

/// The bars of one symbol of a study, with what makes strategies for them.
struct TrialData: Sendable {
    let name: String
    let scripts: TrialScripts
    /// Bars and settings; the window is all that the study may use.
    let input: BacktestInput
    let gaps: [Gap]

    /// Takes them from a loaded run.
    init(_ plan: BacktestPlan, _ space: SearchSpace) {
        let (bars, window) = (plan.bars, plan.window)
        let first = bars.openTime[window.lowerBound]
        let request = plan.request
        name = plan.name
        scripts = TrialScripts(
            space: space, source: plan.source, request: request, bars: bars,
            others: TrialSources(
                OtherSeriesLoader(
                    store: request.workspace.store, main: request.address,
                    gaps: request.settings.gaps, origins: request.origins,
                    time: first...bars.closeTime(window.upperBound - 1))))
        input = plan.input
        gaps = plan.gaps
    }

    /// The rows of a stretch.
    func rows(_ segment: Segment) -> Range<Int> { segment.rows(of: input.bars, in: input.window) }

    /// Bars that are missing in stretches.
    func missingBars(_ segments: [Segment]) -> Int {
        gaps.reduce(0) { sum, gap in
            segments.reduce(sum) { $0 + (gap.part(in: $1)?.bars ?? 0) }
        }
    }
}

extension Gap {
    /// What of it lies in a stretch; `nil` for nothing.
    func part(in segment: Segment) -> Gap? {
        let bar = bars > 0 ? (to - from) / Int64(bars) : 1
        var part = self
        part.from = max(from, segment.start)
        part.to = min(to, segment.end)
        guard part.from < part.to else { return nil }
        part.bars = Int((part.to - part.from) / max(1, bar))
        return part
    }
}
