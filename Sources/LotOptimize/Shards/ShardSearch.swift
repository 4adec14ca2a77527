public import LotCore
public import LotEngine

/// One shard of a search: a slice of its trials.
///
/// A sampler that needs no answers is cut into slices of consecutive trials. One that learns is
/// followed batch by batch by every shard: each runs its slice of the batch and finds the others'
/// results in their files, in the same folder. Where those do not come, because the other tasks
/// wait in a queue or have died, the shard runs the missing points itself: a point's result is the
/// same wherever it is run, so that nothing depends on which shards ran at once, or in which order.
public struct ShardSearch {
    private var loop: SearchLoop
    private let fold: Int
    private let budget: Int
    private let shard: Int
    private let count: Int
    private let study: String
    /// Trials of this search that some shard has done, by number.
    private var known: [Int: Trial] = [:]
    private var batch = BatchSize()
    /// How many points may be run at once, given how many just were: what keeps memory bounded.
    public var mostPoints: @Sendable (Int) -> Int = { _ in BatchSize.range.upperBound }

    /// A shard of a search that has tried nothing.
    ///
    /// - Parameters:
    ///   - fold: The search.
    ///   - loop: What proposes points.
    ///   - budget: Trials of the whole search.
    ///   - header: Which shard of which study it is.
    public init(fold: Int, _ loop: SearchLoop, budget: Int, _ header: ShardHeader) {
        self.fold = fold
        study = header.study
        self.loop = loop
        self.budget = budget
        shard = header.shard
        count = header.count
    }

    /// Begins with batches of so many points at most.
    public mutating func begin(with points: Int) { batch.limit(points) }

    /// Takes a trial that an earlier try of this shard has done.
    public mutating func know(_ trial: Trial) { known[trial.number] = trial }

    /// Does the shard's part.
    ///
    /// - Parameters:
    ///   - runner: What runs points.
    ///   - file: Where trials are kept.
    ///   - others: Where the other shards are.
    ///   - cancel: Once set, no further batch is begun.
    ///   - clock: Seconds on a clock that only rises; it decides no result.
    ///   - wait: Waits a moment for the others.
    ///   - progress: Called with the number of trials that this shard knows.
    /// - Throws: What the runner and the files throw.
    public mutating func run(
        on runner: some TrialRunner, keeping file: inout ShardFile, beside others: ShardFolder,
        cancel: CancelFlag, clock: () -> Double, wait: () -> Void,
        progress: (Int) -> Void
    ) throws(Diagnosis) {
        if loop.isFree {
            try runSlice(on: runner, &file, cancel, clock, progress)
        } else {
            try follow(on: runner, &file, others, cancel, clock, wait, progress)
        }
    }

    /// The part of `size` things that is this shard's.
    private func slice(_ size: Int) -> Range<Int> {
        size * shard / count..<size * (shard + 1) / count
    }

    private mutating func runSlice(
        on runner: some TrialRunner, _ file: inout ShardFile, _ cancel: CancelFlag,
        _ clock: () -> Double, _ progress: (Int) -> Void
    ) throws(Diagnosis) {
        let range = slice(budget)
        var first = range.lowerBound
        while known[first] != nil { first += 1 }
        guard loop.skip(to: first) else { return }
        while loop.next < range.upperBound, !loop.isExhausted, !cancel.isSet {
            let start = clock()
            let points = loop.propose(min(batch.size, range.upperBound - loop.next))
            let trials = try loop.trials(points, first: loop.next, on: runner, cancel: cancel)
            guard !trials.isEmpty else { break }
            try file.append(trials.map { $0.sampled(of: budget) }, fold: fold)
            loop.accept(trials)
            batch.took(clock() - start, for: trials.count, most: mostPoints(trials.count))
            progress(loop.next - range.lowerBound)
        }
    }

    private mutating func follow(
        on runner: some TrialRunner, _ file: inout ShardFile, _ others: ShardFolder,
        _ cancel: CancelFlag, _ clock: () -> Double, _ wait: () -> Void,
        _ progress: (Int) -> Void
    ) throws(Diagnosis) {
        while loop.next < budget, !loop.isExhausted, !cancel.isSet {
            let first = loop.next
            let points = loop.propose(min(loop.batch ?? 1, budget - first))
            guard !points.isEmpty else { break }
            let own = slice(points.count).filter { known[first + $0] == nil }
            try run(own, of: points, first, on: runner, &file, cancel)
            try find(points, first, others, cancel, clock, wait)
            let left = points.indices.filter { known[first + $0] == nil }
            try run(left, of: points, first, on: runner, &file, cancel)
            let trials = points.indices.compactMap { known[first + $0] }
            guard trials.count == points.count else { break }
            guard zip(trials, points).allSatisfy({ $0.point == $1 }) else {
                throw Diagnosis(
                    .data, kind: "shard.differs", subject: escaped(others.path, limit: 512),
                    reason: "a shard tried other points than this one proposes",
                    hint: "they were made by different versions of lot; run all again")
            }
            for trial in trials { known[trial.number] = nil }
            loop.accept(trials)
            progress(loop.next)
        }
    }

    /// Points that are run between two writes.
    private static let piece = 256

    /// Runs some of the points of a batch and keeps them.
    private mutating func run(
        _ places: [Int], of points: [Point], _ first: Int, on runner: some TrialRunner,
        _ file: inout ShardFile, _ cancel: CancelFlag
    ) throws(Diagnosis) {
        // A round of successive halving is a long batch: it is kept piece by piece.
        for start in stride(from: 0, to: places.count, by: ShardSearch.piece) {
            guard !cancel.isSet else { return }
            let part = places[start..<min(places.count, start + ShardSearch.piece)]
            var trials = try loop.trials(
                part.map { points[$0] }, first: 0, on: runner, cancel: cancel)
            for (index, place) in zip(trials.indices, part) {
                trials[index].number = first + place
                trials[index] = trials[index].sampled(of: budget)
            }
            try file.append(trials, fold: fold)
            for trial in trials { known[trial.number] = trial }
        }
    }

    /// Waits for the rest of a batch as long as the others make progress.
    private mutating func find(
        _ points: [Point], _ first: Int, _ others: ShardFolder, _ cancel: CancelFlag,
        _ clock: () -> Double, _ wait: () -> Void
    ) throws(Diagnosis) {
        let patience = 3.0
        var since = clock()
        var last = -1
        while !cancel.isSet {
            for one in try others.shards(of: study) where one.header.shard != shard {
                for trial in one.trials
                where trial.fold == fold && trial.trial.number >= first {
                    known[trial.trial.number] = trial.trial
                }
            }
            let missing = points.indices.count { known[first + $0] == nil }
            if missing == 0 { return }
            if missing != last {
                last = missing
                since = clock()
            }
            if clock() - since > patience { return }
            wait()
        }
    }
}
