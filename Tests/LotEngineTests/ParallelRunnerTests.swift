import Synchronization
import Testing

@testable import LotEngine

@Suite struct ParallelRunnerTests {
    @Test(arguments: [1, 2, 3, 8], [1, 4, 100]) func `results stand at their numbers`(
        threads: Int, chunk: Int
    ) {
        let runner = ParallelRunner(threads: threads, chunk: chunk)
        for count in [0, 1, 5, 97] {
            let results = runner.run(count: count) { $0 * $0 }
            #expect(results == (0..<count).map { $0 * $0 })
        }
    }

    @Test func `every thread makes one worker and keeps it`() {
        let box = Counter()
        let results = ParallelRunner(threads: 2, chunk: 3).run(
            count: 50, makeWorker: { box.next() },
            { worker, index in (worker, index) })
        let workers = Set(results.compactMap { $0?.0 })
        #expect(workers.count == box.value)
        #expect((1...2).contains(workers.count))
        #expect(results.compactMap { $0?.1 } == Array(0..<50))
    }

    @Test(arguments: [1, 2]) func `after a cancel nothing is begun, and what was done is kept`(
        threads: Int
    ) {
        let cancel = CancelFlag()
        let results = ParallelRunner(threads: threads).run(count: 1_000, cancel: cancel) { index in
            if index == 10 { cancel.set() }
            return index
        }
        let done = results.compactMap(\.self)
        #expect(done.contains(10))
        #expect(done.count < 1_000)
        #expect(results.prefix(10).allSatisfy { $0 != nil })
        for (index, result) in results.enumerated() { #expect(result == nil || result == index) }
    }

    @Test func `a flag that was set before leaves everything undone`() {
        let cancel = CancelFlag()
        cancel.set()
        let results = ParallelRunner(threads: 2).run(count: 3, cancel: cancel) { $0 }
        #expect(results == [nil, nil, nil])
    }

    @Test func `progress rises to the number of items and is never told twice at once`() {
        let seen = Mutex<[Int]>([])
        _ = ParallelRunner(threads: 2, chunk: 4).run(
            count: 30, finished: { done in seen.withLock { $0.append(done) } }, { $0 })
        let told = seen.withLock { $0 }
        #expect(told.last == 30)
        #expect(told == told.sorted())
        #expect(told.count == 8)
    }

    private final class Counter: Sendable {
        private let count = Atomic<Int>(0)
        var value: Int { count.load(ordering: .relaxed) }
        func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).oldValue }
    }
}
