import LotCore
import LotData

/// Finds the bars of the other symbols and intervals that a strategy asks for.
///
/// A series that is stored is taken as it is stored. Otherwise it is made exactly of finer bars:
/// those of the run, if they are of its symbol and divide it, else the coarsest that are stored.
/// What was taken is recorded, and a run read back from its manifest takes the same.
struct OtherSeriesLoader {
    let store: KlineStore
    /// The series of the run.
    let main: SeriesAddress
    let gaps: GapPolicy
    /// What each series was made of when the run was made first.
    var origins: [SeriesAddress: SeriesAddress] = [:]
    /// From the first open to the last close of the run's window, milliseconds since the epoch.
    let time: ClosedRange<Int64>

    /// The bars of a series, and what is recorded of them.
    ///
    /// - Throws: 66 if it is not stored and there is nothing that it could be made of; 65 for a
    ///   hole with `--gaps error`, and for a damaged series.
    func load(_ address: SeriesAddress) throws(Diagnosis) -> (bars: Bars, identity: OtherSeries) {
        let stored = try store.open(try origin(of: address))
        var bars = stored.bars
        let used = closed(bars)
        let holes = stored.gaps.filter { $0.to > time.lowerBound && $0.from < time.upperBound }
        if gaps == .error, let first = holes.first {
            throw Diagnosis(
                .data, kind: "gaps", subject: stored.address.description,
                place: CivilTime.text(first.from),
                reason: "\(counted(holes.reduce(0) { $0 + $1.bars }, "bar")) missing in "
                    + "\(counted(holes.count, "gap")), and --gaps error",
                hint: "import them, or use --gaps hold or --gaps fill")
        }
        if gaps == .fill { bars = bars.fillingGaps() }
        if stored.address != address { bars = bars.resampled(to: address.interval) }
        let identity = OtherSeries(
            address: address, origin: stored.address, digest: try stored.identity(rows: used),
            bars: closed(bars), isSynthetic: stored.isSynthetic)
        return (bars, identity)
    }

    /// Number of bars that had closed at the last close of the run.
    private func closed(_ bars: Bars) -> Int {
        bars.firstIndex(atOrAfter: time.upperBound - bars.interval.milliseconds + 1)
    }

    /// The stored series that a series is taken from or made of.
    private func origin(of address: SeriesAddress) throws(Diagnosis) -> SeriesAddress {
        if let origin = origins[address] { return origin }
        if try store.exists(address) { return address }
        if main.with(address.interval) == address, address.interval.isMultiple(of: main.interval) {
            return main
        }
        for interval in Interval.all.reversed() where address.interval.isMultiple(of: interval) {
            let finer = address.with(interval)
            if try store.exists(finer) { return finer }
        }
        let missing = store.missing(address)
        throw Diagnosis(
            .noInput, kind: missing.kind, subject: missing.subject,
            reason: missing.reason + ", nor a finer one that divides it; "
                + "the strategy asks for it with ctx:series", hint: missing.hint)
    }
}

extension StoredSeries {
    /// Whether rows were made by `lot data generate`.
    var isSynthetic: Bool { sources.contains { $0.kind == SyntheticKlines.sourceKind } }
}
