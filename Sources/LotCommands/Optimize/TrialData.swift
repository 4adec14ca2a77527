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
            let bar = gap.bars > 0 ? (gap.to - gap.from) / Int64(gap.bars) : 1
            return sum
                + segments.reduce(0) { part, segment in
                    let (from, to) = (max(gap.from, segment.start), min(gap.to, segment.end))
                    return part + (from < to ? Int((to - from) / max(1, bar)) : 0)
                }
        }
    }
}
