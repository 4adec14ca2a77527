public import LotCore

/// What a resampling did.
public struct ResampleReport: Sendable, Equatable {
    /// The series read.
    public var source: SeriesAddress
    /// The series written.
    public var target: SeriesAddress
    /// Rows read.
    public var rowsRead: Int
    /// What the commit did.
    public var outcome: CommitOutcome
    /// Open time of the first bar made.
    public var firstTime: Int64
    /// Open time of the last bar made.
    public var lastTime: Int64
    /// Bars with missing parts, oldest first: left out, or made of the parts there are.
    public var incomplete: [IncompleteBar]
    /// What became of them.
    public var mode: IncompleteBars
}

/// A coarser bar some of whose parts are missing.
public struct IncompleteBar: Sendable, Equatable {
    /// Open time of the coarser bar.
    public var openTime: Int64
    /// Parts that are there.
    public var parts: Int
    /// Parts that a whole bar has.
    public var wholeParts: Int
}

extension KlineStore {
    /// Makes coarser bars of a stored series and stores them, in one commit.
    ///
    /// All columns are resampled: the first open, the extremes, the last close, the sums of
    /// volumes, amounts (as ``LotCore/DecimalSum``) and trades. A bar that has not ended with the
    /// last stored one, and one that the series begins in the middle of, is never made. The whole
    /// source is read each time, so what is stored of an earlier run is compared bit by bit: an
    /// equal bar stays, a new one is added, one that differs is a conflict.
    /// - Parameters:
    ///   - source: The series to read.
    ///   - target: The series to write; its interval must be a multiple of the source's.
    ///   - incomplete: What becomes of a bar some of whose parts are missing.
    ///   - replace: Whether a bar may take the place of a stored one with other values.
    /// - Returns: What was read and stored.
    /// - Throws: A ``LotCore/Diagnosis``: 64 for intervals that do not fit, 66 where there is no
    ///   source, 65 if no bar is complete, or as ``commit(_:to:sources:replace:)``.
    /// - Complexity: O(rows) time; memory is 72 bytes a bar made.
    @discardableResult
    public func resample(
        _ source: SeriesAddress, to target: SeriesAddress,
        incomplete: IncompleteBars = .leaveOut, replace: Bool = false
    ) throws(Diagnosis) -> ResampleReport {
        try requireMultiple(source, target)
        let series = try open(source)
        var columns: [(column: SeriesColumn, words: Column<UInt64>)] = []
        for column in series.columns {
            columns.append((column, try series.files.words(column)))
        }
        let place = SeriesPlace(target)
        var table = SeriesTable(place.layout, columns: series.columns)
        var found: [IncompleteBar] = []
        let parts = Int(target.interval.milliseconds / source.interval.milliseconds)
        for group in BarGroups(
            series.bars.openTime, of: source.interval, to: target.interval)
        {
            if !group.isComplete {
                found.append(
                    IncompleteBar(
                        openTime: group.openTime, parts: group.rows.count, wholeParts: parts))
                if incomplete == .leaveOut { continue }
            }
            guard let words = Resampler.row(group, columns) else {
                throw Diagnosis(
                    .data, kind: "resample.trades", subject: source.description,
                    place: CivilTime.text(group.openTime),
                    reason: "the numbers of trades add up to more than 63 bits hold")
            }
            table.append(time: group.openTime, words: words)
        }
        guard table.count > 0 else { throw Resampler.nothing(source, target, found.count) }
        let isSynthetic = series.sources.contains { $0.kind == SyntheticKlines.sourceKind }
        let origin = SeriesSource(
            kind: isSynthetic ? SyntheticKlines.sourceKind : Resampler.sourceKind,
            name: (isSynthetic ? "resampled from " : "") + source.description
                + (incomplete == .keep ? ", incomplete bars kept" : ""),
            sha256: try series.identity(columns: series.columns), rows: table.count,
            firstTime: table.time(0), lastTime: table.time(table.count - 1))
        let outcome = try commit(table, to: target, sources: [origin], replace: replace)
        return ResampleReport(
            source: source, target: target, rowsRead: series.rows, outcome: outcome,
            firstTime: origin.firstTime, lastTime: origin.lastTime, incomplete: found,
            mode: incomplete)
    }

    private func requireMultiple(
        _ source: SeriesAddress, _ target: SeriesAddress
    ) throws(Diagnosis) {
        guard target.interval.isMultiple(of: source.interval) else {
            let fitting = Interval.all.filter { $0.isMultiple(of: source.interval) }.map(\.name)
            throw Diagnosis(
                .usage, kind: "resample.interval", subject: target.description,
                reason: "bars of \(target.interval) are not made of whole bars of "
                    + source.interval.name,
                hint: fitting.isEmpty ? nil : "from it: " + fitting.joined(separator: " "))
        }
        guard source.price == target.price else {
            throw Diagnosis(
                .usage, kind: "resample.price", subject: target.description,
                reason: "one of them is of the mark price, the other of trades")
        }
    }
}

/// How a coarser row follows from its parts.
enum Resampler {
    /// How `series.json` marks resampled rows.
    static let sourceKind = "resampled"

    /// The bits of a coarser bar's columns; `nil` if the trades overflow.
    static func row(
        _ group: BarGroup, _ columns: [(column: SeriesColumn, words: Column<UInt64>)]
    ) -> [UInt64]? {
        var result = [UInt64](repeating: 0, count: SeriesLayout.maxColumns)
        for (column, words) in columns {
            let first = words[group.rows.lowerBound]
            let bits: UInt64?
            switch column {
            case .open: bits = first
            case .close: bits = words[group.rows.upperBound - 1]
            case .high: bits = extreme(words, group.rows) { max($0, $1) }
            case .low: bits = extreme(words, group.rows) { min($0, $1) }
            case .trades: bits = count(words, group.rows)
            case .volume, .quoteVolume, .takerBase: bits = sum(words, group.rows)
            case .openTime, .time, .rate, .markPrice: bits = 0
            }
            guard let bits else { return nil }
            result[column.index] = bits
        }
        return result
    }

    private static func extreme(
        _ words: Column<UInt64>, _ rows: Range<Int>, _ better: (Double, Double) -> Double
    ) -> UInt64 {
        var best = Double(bitPattern: words[rows.lowerBound])
        for row in rows.dropFirst() { best = better(best, Double(bitPattern: words[row])) }
        return best.bitPattern
    }

    private static func sum(_ words: Column<UInt64>, _ rows: Range<Int>) -> UInt64 {
        var sum = DecimalSum()
        for row in rows { sum.add(Double(bitPattern: words[row])) }
        return sum.value.bitPattern
    }

    private static func count(_ words: Column<UInt64>, _ rows: Range<Int>) -> UInt64? {
        var total: Int64 = 0
        for row in rows {
            let (next, overflows) = total.addingReportingOverflow(Int64(bitPattern: words[row]))
            if overflows { return nil }
            total = next
        }
        return UInt64(bitPattern: total)
    }

    static func nothing(
        _ source: SeriesAddress, _ target: SeriesAddress, _ incomplete: Int
    ) -> Diagnosis {
        Diagnosis(
            .data, kind: "resample.empty", subject: source.description,
            reason: incomplete > 0
                ? "no bar of \(target.interval) is complete: each of \(grouped(incomplete)) lacks "
                    + "parts"
                : "not one bar of \(target.interval) has all its time in the series",
            hint: incomplete > 0
                ? "import what is missing, or --partial makes bars of what is there" : nil)
    }
}
