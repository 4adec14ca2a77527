import LotCore
import LotMath
import Synchronization

/// The sets of groups that have passed over the bars, whose metrics are still to be computed.
///
/// Metrics are a tenth of a sweep, and threads do not end together: one that has no group left
/// computes those of the others' sets. What comes of a set does not depend on who did it.
final class SweepSummaries<Finding: Sendable>: Sendable {
    /// Makes of a set what is kept of it.
    typealias Summarise = @Sendable (Int, MetricInput, inout MetricEvaluator) -> Finding

    /// A set, and its place in its group.
    private struct Item {
        var group: Int, place: Int
        var number: Int
        var input: MetricInput
    }

    /// A group under way.
    private struct Group {
        /// What nobody has taken yet; the last is taken first.
        var waiting: [Item]
        /// By place, what was made of its sets.
        var made: [(set: Int, finding: Finding)?]
        /// Sets that are not done.
        var left: Int
    }

    private struct State {
        /// By a number that never comes again; each thread has one at most.
        var groups: [Int: Group] = [:]
        var next = 0
    }

    private let state = Mutex(State())
    private let summarise: Summarise
    private let finished: @Sendable ([(set: Int, finding: Finding)]) -> Void

    /// - Parameters:
    ///   - summarise: Called once for each set, on any thread.
    ///   - finished: Called for each group when all its sets are done, on any thread.
    init(
        _ summarise: @escaping Summarise,
        finished: @escaping @Sendable ([(set: Int, finding: Finding)]) -> Void
    ) {
        self.summarise = summarise
        self.finished = finished
    }

    /// Computes the metrics of a group's sets, beside whoever helps.
    ///
    /// - Returns: When none of them waits any more; the last may be under way on other threads.
    func take(_ sets: [(Int, MetricInput)], _ evaluator: inout MetricEvaluator) {
        let group = state.withLock { state in
            let group = state.next
            state.next += 1
            state.groups[group] = Group(
                waiting: sets.indices.reversed().map { place in
                    Item(group: group, place: place, number: sets[place].0, input: sets[place].1)
                }, made: Array(repeating: nil, count: sets.count), left: sets.count)
            return group
        }
        while let item = state.withLock({ $0.groups[group]?.waiting.popLast() }) {
            run(item, &evaluator)
        }
    }

    /// Computes what waits, of any group, until nothing does.
    func help(_ evaluator: inout MetricEvaluator) {
        while let item = next() { run(item, &evaluator) }
    }

    private func next() -> Item? {
        state.withLock { state in
            state.groups.first { !$1.waiting.isEmpty }
                .flatMap { state.groups[$0.key]?.waiting.popLast() }
        }
    }

    private func run(_ item: Item, _ evaluator: inout MetricEvaluator) {
        let finding = summarise(item.number, item.input, &evaluator)
        let done = state.withLock { state -> Group? in
            state.groups[item.group]?.made[item.place] = (item.number, finding)
            state.groups[item.group]?.left -= 1
            guard state.groups[item.group]?.left == 0 else { return nil }
            return state.groups.removeValue(forKey: item.group)
        }
        if let done { finished(done.made.compactMap(\.self)) }
    }
}
