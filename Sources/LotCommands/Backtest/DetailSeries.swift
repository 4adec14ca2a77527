import LotCore
import LotData
import LotEngine

/// The finer bars of `--detail`, opened and checked: the same symbol, and the whole window.
struct DetailSeries {
    let series: StoredSeries
    private let bars: Bars
    private let window: Range<Int>

    /// Opens the series that a run asks for; `nil` if it asks for none.
    ///
    /// - Parameters:
    ///   - request: The run.
    ///   - bars: Its stored bars.
    ///   - window: The rows it is over.
    /// - Throws: 64 if the interval does not divide the run's, 66 if nothing is stored, 65 if the
    ///   stored rows do not cover the window.
    init?(_ request: RunRequest, _ bars: Bars, _ window: Range<Int>) throws(Diagnosis) {
        guard let interval = request.detail else { return nil }
        let whole = request.address.interval
        guard interval.milliseconds < whole.milliseconds,
            whole.milliseconds % interval.milliseconds == 0
        else {
            throw usage(
                "--detail", "\(interval) does not divide the bars of \(whole)",
                hint: "use a shorter interval, such as 1m")
        }
        let main = request.address
        let address: SeriesAddress
        do throws(SeriesAddressError) {
            address = try SeriesAddress(
                exchange: main.exchange, market: main.market, symbol: main.symbol,
                interval: interval)
        } catch {
            throw usage("--detail", error.reason)
        }
        series = try request.workspace.store.open(address)
        self.bars = bars
        self.window = window
        try BacktestPlan.checkVolume(series, request.settings)
        let (start, end) = (bars.openTime[window.lowerBound], bars.closeTime(window.upperBound - 1))
        let fine = series.bars
        let isCovered =
            fine.count > 0 && fine.openTime[0] <= start && fine.closeTime(fine.count - 1) >= end
        guard isCovered else {
            let stored =
                fine.count == 0
                ? "it has no rows"
                : "it has \(CivilTime.text(fine.openTime[0])) to "
                    + CivilTime.text(fine.closeTime(fine.count - 1))
            throw Diagnosis(
                .data, kind: "detail.range", subject: address.description,
                reason: "does not cover the run, \(CivilTime.text(start)) to "
                    + "\(CivilTime.text(end)): \(stored)",
                hint: "lot data import FILES… --as \(address), or a shorter range")
        }
    }

    /// What a manifest says of it.
    ///
    /// - Complexity: O(bars of the window + finer bars).
    func identity() throws(Diagnosis) -> DetailIdentity {
        let end = series.bars.firstIndex(atOrAfter: bars.closeTime(window.upperBound - 1))
        return DetailIdentity(
            address: series.address, digest: try series.identity(rows: end),
            missingBars: countIncompleteBars(series.bars, in: bars, window))
    }
}
