import Glibc
import LotCore
import LotMath

/// One way through the stretches that were held back: each is run with what a search chose without
/// it, with the cash that the stretch before it ended with.
///
/// Where every choice of k of N groups is held back once, each group is tested k/N · C(N, k) times,
/// and so many different paths cover the whole window.
///
/// - SeeAlso: M. López de Prado, "Advances in Financial Machine Learning", Wiley, 2018, 12.3-12.4.
public struct TestPath: Sendable {
    /// A stretch of a path.
    public struct Part: Sendable, Hashable {
        /// The fold that chose.
        public var fold: Int
        /// The trial that it chose.
        public var trial: Int
        /// The parameters of that trial.
        public var point: Point
        /// The stretch of time.
        public var segment: Segment
    }

    /// The stretches in order of time.
    public let parts: [Part]
    /// The search set of the whole path.
    public let metrics: [Double]

    /// Runs a path.
    ///
    /// One whose account is ruined ends there.
    init(
        _ parts: [Part], on runner: some TrialRunner, _ evaluator: inout MetricEvaluator
    ) throws(Diagnosis) {
        self.parts = parts
        var start = AccountStart()
        var runs: [MetricInput] = []
        for part in parts {
            let run = try runner.measure(part.point, over: part.segment, from: start)
            runs.append(run)
            guard start.follow(run.equity) else { break }
        }
        evaluator.evaluate(MetricInput(joining: runs))
        metrics = evaluator.values
    }

    /// Puts tests into paths: path p has the p-th test of every stretch, in order of time.
    ///
    /// Where a test reaches into the next one's stretch, as with steps that are shorter than tests,
    /// it ends where the next begins: the newer choice takes over, and no day counts twice.
    static func parts(_ tests: [Part]) -> [[Part]] {
        var byStretch: [Segment: [Part]] = [:]
        for test in tests { byStretch[test.segment, default: []].append(test) }
        let stretches = byStretch.keys.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
        let count = byStretch.values.map(\.count).min() ?? 0
        return (0..<count).map { path in
            stretches.indices.compactMap { index in
                guard var part = byStretch[stretches[index]]?[path] else { return nil }
                if index + 1 < stretches.count {
                    part.segment.end = min(part.segment.end, stretches[index + 1].start)
                }
                return part.segment.start < part.segment.end ? part : nil
            }
        }
    }

    /// The place of the median of losses, undefined ones being the largest; of an even number the
    /// worse of the two in the middle, of equal ones the first.
    static func median(_ losses: [Double]) -> Int? {
        guard !losses.isEmpty else { return nil }
        func key(_ index: Int) -> Double { losses[index].isNaN ? .infinity : losses[index] }
        let order = losses.indices.sorted { (key($0), $0) < (key($1), $1) }
        return order[losses.count / 2]
    }
}

/// How a figure varies over paths.
public struct PathSpread: Sendable, Equatable {
    /// The least value.
    public let least: Double
    /// The median.
    public let median: Double
    /// The greatest value.
    public let greatest: Double
    /// The mean.
    public let mean: Double
    /// The standard deviation over paths, divisor n − 1; `nil` below two.
    public let deviation: Double?
    /// The share of paths with a value below 0.
    public let negativeShare: Double

    /// Describes values; `nil` if there are none, or one is undefined.
    public init?(_ values: [Double]) {
        guard !values.isEmpty, values.allSatisfy(\.isFinite) else { return nil }
        let sorted = values.sorted()
        let (count, middle) = (values.count, values.count / 2)
        least = sorted[0]
        greatest = sorted[count - 1]
        median = count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        let mean = values.reduce(0, +) / Double(count)
        self.mean = mean
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        deviation = count > 1 ? (squares / Double(count - 1)).squareRoot() : nil
        negativeShare = Double(values.count { $0 < 0 }) / Double(count)
    }
}
