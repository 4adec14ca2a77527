public import LotCore
public import LotMath
import Synchronization

/// One of many rule sets that run over the same bars.
public struct RuleSet: Sendable {
    /// Its conditions, all nodes of one program.
    public var rules: Rules
    /// Rows before its first decision: the largest warm-up of the series that it declared.
    public var warmUp: Int

    /// Gathers a set.
    public init(_ rules: Rules, warmUp: Int) {
        self.rules = rules
        self.warmUp = warmUp
    }
}

/// How a sweep is cut into pieces; results do not depend on it.
public struct SweepLimits: Sendable {
    /// Most sets that one thread carries over the bars at a time.
    public var sets: Int
    /// Bytes that all threads together may hold for the days and trades of the sets under way.
    public var bytes: Int

    /// By default 128 sets a thread and 128 MiB.
    public init(sets: Int = 128, bytes: Int = 128 << 20) {
        self.sets = max(1, sets)
        self.bytes = bytes
    }
}

/// Runs any number of rule sets over one window, on several threads.
///
/// Sets form groups of those that read the same series (``SweepOrder``), one for each thread if
/// they are few. A group passes over the bars once: every distinct series and condition that its
/// sets read is computed once per tile, while it is in the cache, and read by all of them; each set
/// carries its account from tile to tile. A set's result is a pure function of the set and the
/// input: neither the number of threads nor the groups change a bit of it.
///
/// Memory does not grow with the number of sets or bars: a group that holds more than its share of
/// `limits.bytes` is begun anew as two halves, and later ones are cut before they begin. Only a
/// single set may hold more: 24 B a trade and a UTC day, twice that while arrays double.
///
/// Functions of a script (``DefinedSeries``) belong to one thread at a time: with them the whole
/// sweep runs on one.
///
/// A search that stores its trials takes them as they come:
/// ```swift
/// let scores = try runSweep(
///     sets, program: program, input, on: runner, cancel: interrupt,
///     batch: { trials in store.insert(trials) }
/// ) { number, metrics, evaluator in
///     evaluator.evaluate(metrics)
///     return evaluator.values
/// }
/// ```
///
/// - Parameters:
///   - sets: What to run, in any order.
///   - program: The graph that holds the nodes of all sets.
///   - input: Bars, window and settings.
///   - runner: The threads.
///   - limits: How large groups are.
///   - cancel: Once set, groups under way are dropped at their next tile, and none is begun.
///   - batch: Called with what was made of each group, some hundred sets in the order of their
///     numbers, as soon as all is made: each set once, on any thread but never twice at once. Which
///     groups come first depends on who is faster.
///   - summarise: What is kept of a set, called once for each on any thread: its number, what its
///     metrics are computed from, and an evaluator that belongs to the thread.
/// - Returns: What `summarise` made, by number; `nil` for sets that were not run.
/// - Throws: What a function of the script does wrong, in the first group where it does.
/// - Complexity: O(rows · nodes · groups that read them + sets · (words + visited bars)).
public func runSweep<Finding: Sendable>(
    _ sets: [RuleSet], program: SeriesProgram, _ input: BacktestInput, on runner: ParallelRunner,
    limits: SweepLimits = SweepLimits(), cancel: CancelFlag = CancelFlag(),
    batch: @escaping @Sendable ([(set: Int, finding: Finding)]) -> Void = { _ in },
    _ summarise: @escaping @Sendable (Int, MetricInput, inout MetricEvaluator) -> Finding
) throws(Diagnosis) -> [Finding?] {
    precondition(!input.isHedged, "a sweep has one position at a time")
    let threads = program.usesFunctions ? 1 : max(1, min(runner.threads, sets.count))
    let order = SweepOrder(sets, program, groupSize: limits.sets, threads: threads)
    let context = SweepContext(
        sets: sets, program: program, input: input, cancel: cancel,
        byteLimit: limits.bytes / threads)
    let results = Mutex([Finding?](repeating: nil, count: sets.count))
    let summaries = SweepSummaries(summarise) { made in
        results.withLock { results in
            for (set, finding) in made { results[set] = finding }
            batch(made)
        }
    }
    // Items beyond the groups: what a thread does when no group is left.
    let outcomes = ParallelRunner(threads: threads).run(
        count: order.groups.count + threads, cancel: cancel, makeWorker: { MetricEvaluator() }
    ) { evaluator, item -> Result<Void, Diagnosis> in
        guard item < order.groups.count else {
            summaries.help(&evaluator)
            return .success(())
        }
        do throws(Diagnosis) {
            try context.run(order.numbers[order.groups[item]]) { group in
                summaries.take(group, &evaluator)
            }
            return .success(())
        } catch {
            return .failure(error)
        }
    }
    for outcome in outcomes { try outcome?.get() }
    return results.withLock { $0 }
}
