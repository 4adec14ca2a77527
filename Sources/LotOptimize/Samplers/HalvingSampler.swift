/// Successive halving around a sampler that needs no answers: a round is a batch.
///
/// The first round is what the sampler proposes, every further one the best of the round before, in
/// the order in which they were proposed. Whoever follows the batches (a search that is resumed,
/// a shard) finds the same rounds.
public struct HalvingSampler: Sampler {
    private let plan: SuccessiveHalving
    private var base: any Sampler
    /// The round under way, from 0.
    public private(set) var rung = 0
    /// The points of the round, once the one before it is known.
    private var promoted: [Point] = []
    private var isAsked = false

    /// Rounds around a sampler whose ``Sampler/batch`` is `nil`.
    public init(_ plan: SuccessiveHalving, around base: any Sampler) {
        precondition(base.batch == nil, "a sampler that learns cannot be halved")
        self.plan = plan
        self.base = base
    }

    /// A round.
    public var batch: Int? {
        rung == 0 ? plan.rungs[0].candidates : max(1, promoted.count)
    }

    /// The share of the data of the round under way.
    public var share: Double { plan.rungs[min(rung, plan.rungs.count - 1)].share }

    /// As the sampler that proposes them.
    public var mayRepeat: Bool { base.mayRepeat }

    /// The points of the round, all at once; none after the last.
    public mutating func ask(_ limit: Int) -> [Point] {
        guard !isAsked else { return [] }
        isAsked = true
        return rung == 0 ? base.ask(plan.rungs[0].candidates) : promoted
    }

    /// Chooses who goes on.
    public mutating func tell(_ observations: [Observation]) {
        promoted = plan.promoted(observations, after: rung).map { observations[$0].point }
        rung += 1
        isAsked = promoted.isEmpty
    }

    /// A round hangs on the one before it.
    public mutating func skip(to number: Int) -> Bool { number == 0 && rung == 0 && !isAsked }
}
