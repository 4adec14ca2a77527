import LotCore

/// What TPE knows of the trials: the best, the latest, and a sample of the others.
struct ParzenMemory: Sendable {
    struct Entry: Sendable {
        var observation: Observation
        /// In the unit cube.
        var place: [Double]
    }

    /// At most so many trials are good.
    static let mostGood = 50
    private static let latest = 25

    private let seed: UInt64
    private let limit: Int
    /// How many trials it was told.
    private(set) var told = 0
    /// The best, best first, as many as can be good.
    private var best: [Entry] = []
    /// The latest of the others.
    private var recent: [Entry] = []
    /// Older ones: those with the least hashes, which is a sample without order or favour.
    private var sample: [(key: UInt64, entry: Entry)] = []
    /// Where the greatest hash of a full sample is.
    private var greatest = 0

    init(seed: UInt64, limit: Int) {
        self.seed = seed
        self.limit = max(1, limit)
    }

    private var goodCount: Int { min(Self.mostGood, best.count, (15 * told + 99) / 100) }

    /// The best 15 in 100, at most 50, best first.
    var good: [Entry] { Array(best.prefix(goodCount)) }

    /// The others that are remembered, by number.
    var bad: [Entry] {
        Self.ordered(best.dropFirst(goodCount) + recent + sample.map { $0.entry })
    }

    private static func ordered(_ entries: [Entry]) -> [Entry] {
        entries.sorted { $0.observation.number < $1.observation.number }
    }

    mutating func add(_ observation: Observation, at place: [Double]) {
        told += 1
        let entry = Entry(observation: observation, place: place)
        let rank = best.firstIndex { observation.isBetter(than: $0.observation) } ?? best.count
        best.insert(entry, at: rank)
        guard best.count > Self.mostGood else { return }
        recent.append(best.removeLast())
        guard recent.count > Self.latest else { return }
        let oldest = recent.indices.min {
            recent[$0].observation.number < recent[$1].observation.number
        }
        if let oldest { keep(recent.remove(at: oldest)) }
    }

    private mutating func keep(_ entry: Entry) {
        let number = UInt64(bitPattern: Int64(entry.observation.number))
        let key = Xoshiro256.mix(Xoshiro256.mix(seed &+ 1) ^ number)
        if sample.count < limit {
            sample.append((key, entry))
        } else if key < sample[greatest].key {
            sample[greatest] = (key, entry)
        } else {
            return
        }
        if sample.count == limit {
            greatest = sample.indices.max { sample[$0].key < sample[$1].key } ?? 0
        }
    }
}
