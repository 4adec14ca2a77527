import LotCore

/// What cross-validation keeps of each trial of a study: Σr and Σr² of its day returns in blocks
/// of days, the same blocks for all.
///
/// A Sharpe ratio of any set of blocks follows from these sums, so that no trial needs to be run
/// again, nor its days be kept: 256 bytes a trial.
public struct TrialBlocks: Sendable, Equatable {
    /// Days in each block, oldest first.
    public let lengths: [Int]
    /// Σr of each block, then Σr² of each block, for each trial that was kept.
    private(set) var sums: [Double] = []
    /// The numbers of the trials that were kept, as the caller counts them.
    public private(set) var numbers: [Int] = []
    /// Trials that were offered and have no sums: those that failed or lost everything.
    public private(set) var excluded = 0

    /// No trial yet.
    ///
    /// - Parameter lengths: Days in each block (``BlockSums/lengths(days:blocks:)``); an even
    ///   number of blocks, at most 16.
    public init(lengths: [Int]) {
        precondition(
            lengths.count % 2 == 0 && (2...16).contains(lengths.count), "2 to 16 blocks, even")
        self.lengths = lengths
    }

    /// Number of trials that were kept.
    public var count: Int { numbers.count }

    /// Adds a trial.
    ///
    /// - Parameters:
    ///   - sums: Σr of each block, then Σr² of each (``MetricEvaluator/appendBlockSums(to:)``);
    ///     a trial with one that is not finite is counted as excluded.
    ///   - number: What the caller calls the trial.
    public mutating func add(_ sums: some Collection<Double>, number: Int) {
        precondition(sums.count == 2 * lengths.count, "two sums a block")
        guard sums.allSatisfy(\.isFinite) else { return excluded += 1 }
        self.sums.append(contentsOf: sums)
        numbers.append(number)
    }

    /// Makes room for trials to come.
    public mutating func reserve(_ trials: Int) {
        sums.reserveCapacity(trials * 2 * lengths.count)
        numbers.reserveCapacity(trials)
    }

    /// Each trial's Sharpe ratio a day over all blocks, not annualised; not a number where its
    /// returns do not vary (s² ≥ (1 − 10⁻¹²) n q).
    ///
    /// - Complexity: O(trials · blocks).
    public var sharpes: [Double] {
        let days = Double(lengths.reduce(0, +))
        return (0..<count).map { trial in
            let row = row(trial)
            let sum = row.prefix(lengths.count).reduce(0, +)
            let square = row.suffix(lengths.count).reduce(0, +)
            guard sum * sum < days * (1 - 1e-12) * square else { return .nan }
            return sum / days / ((square - sum * sum / days) / (days - 1)).squareRoot()
        }
    }

    /// The sums of one trial.
    func row(_ trial: Int) -> ArraySlice<Double> {
        let width = 2 * lengths.count
        return sums[trial * width..<(trial + 1) * width]
    }
}

/// Which trials of a large study keep their block sums: a sample that does not depend on the
/// order in which trials come, nor on how they were spread over machines.
///
/// Every trial has a priority, a random number that its own number and the seed decide; the
/// sample is the trials with the smallest ones. So each new trial either displaces one or is
/// passed over, and samples of two shards together hold the sample of both (bottom-k sampling).
///
/// - SeeAlso: Cohen and Kaplan, "Summarizing data using bottom-k sketches", PODC 2007.
public enum TrialSample {
    /// The most trials whose sums are kept.
    public static let limit = 100_000

    /// The priority of a trial; different for different trials of one seed.
    public static func priority(of number: Int, seed: UInt64) -> UInt64 {
        let start = Xoshiro256.mix(seed &+ 0x6373_6376)
        return Xoshiro256.mix(start ^ UInt64(bitPattern: Int64(number)))
    }

    /// Whether the sums of a trial are worth keeping in a study of so many: always up to ``limit``,
    /// beyond it for the share of trials with the smallest priorities that just fills the sample.
    ///
    /// A hundredth of the room is left free, so that chance does not overfill it.
    public static func keeps(_ number: Int, of count: Int, seed: UInt64) -> Bool {
        guard count > limit else { return true }
        let share = 0.99 * Double(limit) / Double(count)
        return Double(priority(of: number, seed: seed)) < share * 0x1p64
    }

    /// The sample of the trials `0..<count`, in order.
    ///
    /// - Complexity: O(count · log count).
    public static func numbers(of count: Int, limit: Int = limit, seed: UInt64) -> [Int] {
        guard count > limit else { return Array(0..<max(0, count)) }
        let ranked = (0..<count).map { (priority: priority(of: $0, seed: seed), number: $0) }
            .sorted { $0.priority < $1.priority }
        return ranked.prefix(limit).map(\.number).sorted()
    }
}
