public import LotCore
public import LotEngine
public import LotMath

/// A stretch of a series that trials run over, as rows of the bars.
public struct Segment: Sendable, Hashable {
    /// First row, included.
    public var start: Int
    /// End row, excluded.
    public var end: Int

    /// Takes rows.
    public init(_ rows: Range<Int>) {
        start = rows.lowerBound
        end = rows.upperBound
    }

    /// The rows.
    public var rows: Range<Int> { start..<end }
}

/// Runs points: the one thing of a search that knows scripts and bars.
///
/// A point's outcome depends on nothing but the point and the segments: not on the others of its
/// batch, nor on the number of threads.
public protocol TrialRunner: Sendable {
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
    func measure(_ point: Point, over segment: Segment) throws(Diagnosis) -> MetricInput
}
