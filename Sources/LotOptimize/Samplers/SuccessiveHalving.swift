import Glibc
public import LotCore

/// Many candidates on a short time range, the best of them on a longer one, the last on all of it.
///
/// A plan and a rule of promotion, nothing else: rung k of s + 1 tries ⌊n/ηᵏ⌋ candidates on the
/// share ηᵏ⁻ˢ of the window, so that every rung costs about the same. 81 candidates with η = 3 and
/// a least share of 1/27: 81 on 1/27, 27 on 1/9, 9 on 1/3, 3 on all; as much as 12 whole runs.
///
/// - SeeAlso: Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter
///   optimization", AISTATS 2016; Li et al., "Hyperband", Journal of Machine Learning Research
///   18(185), 2018.
public struct SuccessiveHalving: Sendable, Hashable {
    /// One round.
    public struct Rung: Sendable, Hashable {
        /// How many candidates it tries.
        public var candidates: Int
        /// The share of the window that they run on, from its beginning; 1 in the last rung.
        public var share: Double
    }

    /// The rounds, the shortest range first.
    public let rungs: [Rung]
    /// η: of so many one goes on.
    public let reduction: Int

    /// Plans rounds.
    ///
    /// - Parameters:
    ///   - candidates: How many begin.
    ///   - reduction: η: of so many one goes on; 3 is customary.
    ///   - leastShare: The shortest share of the window that says anything, above 0, at most 1.
    ///   - subject: The flag, for messages.
    /// - Throws: A ``Diagnosis`` (64) for numbers outside these ranges.
    public init(
        candidates: Int, reduction: Int = 3, leastShare: Double = 1.0 / 27, subject: String
    ) throws(Diagnosis) {
        func refused(_ reason: String) -> Diagnosis {
            Diagnosis(.usage, kind: "usage", subject: subject, reason: reason)
        }
        guard candidates >= 1 else { throw refused("\(candidates) candidates: at least 1") }
        guard reduction >= 2 else { throw refused("a reduction of \(reduction): at least 2") }
        guard leastShare > 0, leastShare <= 1 else {
            throw refused("a least share of \(leastShare): above 0, at most 1")
        }
        self.reduction = reduction
        var counts = [candidates]
        var share = 1.0
        // The hair above admits 1/27 as three thirds of a third.
        while share / Double(reduction) >= leastShare * (1 - 1e-9),
            let last = counts.last, last >= reduction
        {
            counts.append(last / reduction)
            share /= Double(reduction)
        }
        let last = counts.count - 1
        rungs = counts.enumerated().map { place, count in
            Rung(candidates: count, share: 1 / pow(Double(reduction), Double(last - place)))
        }
    }

    /// Runs of all rounds, of short ranges and long ones.
    public var runs: Int { rungs.reduce(0) { $0 + $1.candidates } }

    /// What all rounds cost, in runs over the whole window.
    public var cost: Double { rungs.reduce(0) { $0 + Double($1.candidates) * $1.share } }

    /// Who goes on.
    ///
    /// One target: the best (see ``Observation/isBetter(than:)``). Several: front by front, within
    /// a front those with the most room. Failed trials never go on, even if fewer do.
    ///
    /// - Parameters:
    ///   - observations: The results of a round.
    ///   - rung: Its place, from 0.
    /// - Returns: Places in `observations`, ascending; none after the last round.
    public func promoted(_ observations: [Observation], after rung: Int) -> [Int] {
        guard rungs.indices.contains(rung + 1) else { return [] }
        // A space that has fewer points than were asked for is divided in the same way.
        let count = min(rungs[rung + 1].candidates, max(1, observations.count / reduction))
        var order: [Int] = []
        if observations.first.map({ $0.losses.count > 1 }) == true {
            for front in ParetoFront.layers(observations) {
                let room = ParetoFront.crowding(front, observations)
                let sorted = front.indices.sorted {
                    room[$0] == room[$1] ? front[$0] < front[$1] : room[$0] > room[$1]
                }
                order += sorted.map { front[$0] }
            }
        } else {
            order = observations.indices.sorted {
                observations[$0].isBetter(than: observations[$1])
            }
        }
        return order.filter { observations[$0].isDefined }.prefix(count).sorted()
    }
}
