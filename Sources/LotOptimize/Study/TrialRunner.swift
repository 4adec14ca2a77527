public import LotCore
public import LotEngine
public import LotMath

/// A stretch of time that trials run over, in milliseconds since the epoch.
public struct Segment: Sendable, Hashable {
    /// The first open time, included.
    public var start: Int64
    /// The end, excluded.
    public var end: Int64

    /// Takes a stretch.
    public init(_ time: Range<Int64>) {
        start = time.lowerBound
        end = time.upperBound
    }

    /// The first part of stretches: a share of their length, down to midnight UTC, so that day
    /// returns are of whole days; at least to the first midnight.
    public static func beginning(of segments: [Segment], share: Double) -> [Segment] {
        guard share < 1 else { return segments }
        let length = segments.reduce(0.0) { $0 + Double($1.end - $1.start) }
        var left = max(Double(millisecondsPerDay), length * share)
        var result: [Segment] = []
        for segment in segments where left > 0 {
            let length = Double(segment.end - segment.start)
            guard length > left else {
                result.append(segment)
                left -= length
                continue
            }
            let end = segment.start + Int64(left)
            let midnight =
                end - (end % millisecondsPerDay + millisecondsPerDay) % millisecondsPerDay
            if midnight > segment.start {
                result.append(Segment(segment.start..<midnight))
            } else if result.isEmpty {
                let day = min(segment.end, segment.start + millisecondsPerDay)
                result.append(Segment(segment.start..<day))
            }
            break
        }
        return result
    }

    /// The rows of bars that open in it, within a window.
    public func rows(of bars: Bars, in window: Range<Int>) -> Range<Int> {
        let first = max(window.lowerBound, bars.firstIndex(atOrAfter: start))
        let last = min(window.upperBound, bars.firstIndex(atOrAfter: end))
        return first..<max(first, last)
    }
}

/// Runs points: the one thing of a search that knows scripts and bars.
///
/// A point's outcome depends on nothing but the point and the segments: not on the others of its
/// batch, nor on the number of threads.
public protocol TrialRunner: Sendable {
    /// Points that share so much work that they should be run together; 1 if they share none.
    var sharedPoints: Int { get }

    /// Runs points over stretches of the data.
    ///
    /// - Parameters:
    ///   - points: What to run.
    ///   - segments: One stretch, or several in order of time that are joined into one result.
    ///   - keepsBlocks: Whether block sums are kept: ``TrialFinding/blocks``.
    ///   - cancel: Once set, no further run is begun.
    ///   - progress: Called now and then, from any thread, with the number of points done.
    /// - Returns: Outcomes by index; `nil` for points that were not run.
    /// - Throws: What is wrong with the data or the settings: it would be wrong for every point.
    func run(
        _ points: [Point], over segments: [Segment], keepsBlocks: Bool, cancel: CancelFlag,
        progress: @escaping @Sendable (Int) -> Void
    ) throws(Diagnosis) -> [TrialOutcome?]

    /// Runs one point over one stretch and returns what its metrics are computed from.
    ///
    /// - Parameters:
    ///   - point: What to run.
    ///   - segment: The stretch.
    ///   - start: The account at its beginning.
    /// - Returns: What its metrics are computed from.
    /// - Throws: What the script does wrong.
    func measure(
        _ point: Point, over segment: Segment, from start: AccountStart
    ) throws(Diagnosis) -> MetricInput
}

extension TrialRunner {
    /// Runs one point over one stretch, with the cash that every run begins with.
    ///
    /// - Parameters:
    ///   - point: What to run.
    ///   - segment: The stretch.
    /// - Returns: What its metrics are computed from.
    /// - Throws: What the script does wrong.
    public func measure(
        _ point: Point, over segment: Segment
    ) throws(Diagnosis) -> MetricInput {
        try measure(point, over: segment, from: AccountStart())
    }
}

/// The account with which a stretch begins: that of a fresh run, or what another stretch left.
public struct AccountStart: Sendable {
    /// The cash, in quote currency; `nil` is what the settings say.
    public private(set) var cash: Double?
    /// The largest equity so far; 0 for a fresh run.
    public private(set) var peak = 0.0
    private var first: Double?

    /// The start of a fresh run.
    public init() {}

    /// Goes on from where a run ended.
    ///
    /// - Parameter tracker: The run's equity.
    /// - Returns: Whether anything is left to go on with: a millionth of the first cash.
    public mutating func follow(_ tracker: EquityTracker) -> Bool {
        let begun = first ?? tracker.base.equity
        first = begun
        cash = tracker.last.equity
        peak = max(peak, tracker.peak)
        return tracker.last.equity > 1e-6 * begun
    }
}

extension TrialRunner {
    /// They share none.
    public var sharedPoints: Int { 1 }
}
