import Glibc
import Synchronization

/// A request to stop that any thread may make and every worker looks at between two items.
public final class CancelFlag: Sendable {
    private let flag = Atomic<Bool>(false)

    /// A flag that is not set.
    public init() {}

    /// Whether someone asked to stop.
    public var isSet: Bool { flag.load(ordering: .acquiring) }

    /// Asks to stop.
    public func set() { flag.store(true, ordering: .releasing) }
}

/// Does numbered pieces of work on several threads.
///
/// Items are given out in fixed chunks of consecutive numbers, and results stand at their numbers:
/// what comes back does not depend on the number of threads or on who was faster.
public struct ParallelRunner: Sendable {
    /// Threads that work, the calling one among them; at least 1.
    public let threads: Int
    /// Consecutive items that a worker takes at a time; at least 1.
    public let chunk: Int

    /// Processors that this machine has online.
    public static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Describes a runner; no thread is started yet.
    ///
    /// - Parameters:
    ///   - threads: Threads that work; values below 1 count as 1.
    ///   - chunk: Items taken at a time: more for items of microseconds, 1 for whole runs.
    public init(threads: Int = ParallelRunner.coreCount, chunk: Int = 1) {
        self.threads = max(1, threads)
        self.chunk = max(1, chunk)
    }

    /// Does `count` pieces of work and waits for them.
    ///
    /// - Parameters:
    ///   - count: Items, numbered from 0.
    ///   - cancel: Once set, no further item is begun; those under way are finished.
    ///   - makeWorker: Makes what a thread keeps between its items (an arena, an evaluator); called
    ///     on that thread, once, before its first item. A value may not carry a result from one
    ///     item to another, or results would depend on who did what.
    ///   - finished: Called after each chunk with the number of items done so far, from any worker
    ///     but never twice at once; for progress.
    ///   - work: Does the item of that number.
    /// - Returns: Results by number; `nil` for items that were not begun.
    /// - Complexity: The work, plus one lock for each chunk.
    public func run<Worker, Value: Sendable>(
        count: Int, cancel: CancelFlag = CancelFlag(),
        makeWorker: @escaping @Sendable () -> Worker,
        finished: (@Sendable (Int) -> Void)? = nil,
        _ work: @escaping @Sendable (inout Worker, Int) -> Value
    ) -> [Value?] {
        let board = Board<Value>(count: count)
        let chunk = chunk
        let body: @Sendable () -> Void = {
            var worker: Worker?
            while !cancel.isSet, let items = board.take(chunk) {
                var own = worker ?? makeWorker()
                var values: [Value] = []
                for item in items {
                    if cancel.isSet { break }
                    values.append(work(&own, item))
                }
                worker = own
                board.put(values, at: items.lowerBound, finished)
            }
        }
        let helpers = (1..<max(2, min(threads, count))).prefix(threads - 1)
            .compactMap { _ in SystemThread(body) }
        body()
        for helper in helpers { helper.join() }
        return board.results
    }

    /// Does `count` pieces of work that need nothing from each other; see
    /// ``run(count:cancel:makeWorker:finished:_:)``.
    public func run<Value: Sendable>(
        count: Int, cancel: CancelFlag = CancelFlag(),
        finished: (@Sendable (Int) -> Void)? = nil,
        _ work: @escaping @Sendable (Int) -> Value
    ) -> [Value?] {
        run(count: count, cancel: cancel, makeWorker: {}, finished: finished) { work($1) }
    }
}

/// What is still to do, and what came of the rest.
private final class Board<Value: Sendable>: Sendable {
    private struct State {
        var values: [Value?]
        var done = 0
    }

    private let count: Int
    private let next = Atomic<Int>(0)
    private let state: Mutex<State>

    init(count: Int) {
        self.count = count
        state = Mutex(State(values: [Value?](repeating: nil, count: count)))
    }

    /// The next chunk that nobody has; `nil` if none is left.
    func take(_ chunk: Int) -> Range<Int>? {
        let first = next.wrappingAdd(chunk, ordering: .relaxed).oldValue
        return first < count ? first..<min(count, first + chunk) : nil
    }

    func put(_ values: [Value], at first: Int, _ finished: (@Sendable (Int) -> Void)?) {
        state.withLock { state in
            for (offset, value) in values.enumerated() { state.values[first + offset] = value }
            state.done += values.count
            finished?(state.done)
        }
    }

    var results: [Value?] { state.withLock { $0.values } }
}
