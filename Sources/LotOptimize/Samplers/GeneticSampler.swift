import Glibc
import LotCore

/// NSGA-II: a population that moves towards the whole front of several targets.
///
/// 50 random points begin. Then each generation of 50 children comes from the 50 best of parents
/// and children so far, by fronts and within a front by crowding: two tournaments choose parents,
/// simulated binary crossover (probability 0.9, η = 20) and polynomial mutation (each dimension
/// with probability 1/n, η = 20) make a child. Steps snap; choices are swapped and, in mutation,
/// drawn anew. A child that was tried before is mutated again. Constraints by domination: what
/// holds them wins, then what misses them less; failed trials last.
///
/// - SeeAlso: Deb, Pratap, Agarwal and Meyarivan 2002 (``ParetoFront``); Deb and Agrawal,
///   "Simulated binary crossover for continuous search space", Complex Systems 9, 1995.
public struct GeneticSampler: Sampler {
    private let space: SearchSpace
    private let seed: UInt64
    private let filter: PointFilter
    private let size: Int
    private var seen = SeenPoints()
    private var asked = 0
    private var parents: [Individual] = []

    private struct Individual: Sendable {
        var observation: Observation
        var front: Int
        var crowding: Double

        func wins(over other: Individual) -> Bool {
            front != other.front
                ? front < other.front
                : crowding != other.crowding
                    ? crowding > other.crowding
                    : observation.number < other.observation.number
        }
    }

    /// A population that is not born yet.
    ///
    /// - Parameters:
    ///   - space: What is searched.
    ///   - seed: Equal seeds give equal searches.
    ///   - size: Points of a generation, at least 2.
    ///   - filter: Which points may be tried.
    public init(
        _ space: SearchSpace, seed: UInt64, size: Int = 50, _ filter: @escaping PointFilter
    ) {
        self.space = space
        self.seed = seed
        self.filter = filter
        self.size = max(2, size)
    }

    /// A generation.
    public var batch: Int? { size }

    /// The points of a generation; fewer or none when every allowed point was tried.
    public mutating func ask(_ limit: Int) -> [Point] {
        var points: [Point] = []
        while points.count < min(limit, size) {
            var random = Xoshiro256(seed: seed, stream: asked)
            let born = parents.count > 1 ? child(&random) : nil
            guard let point = born ?? space.drawn(filter, unlike: seen, &random) else { break }
            asked += 1
            seen.insert(point)
            points.append(point)
        }
        return points
    }

    /// Chooses the next parents of these and the last ones.
    public mutating func tell(_ observations: [Observation]) {
        let all = parents.map(\.observation) + observations
        parents = []
        for (front, members) in ParetoFront.layers(all).enumerated() {
            guard parents.count < size else { break }
            let crowding = ParetoFront.crowding(members, all)
            var individuals = members.indices.map {
                Individual(
                    observation: all[members[$0]], front: front, crowding: crowding[$0])
            }
            individuals.sort { $0.wins(over: $1) }
            parents += individuals.prefix(size - parents.count)
        }
    }

    /// A learner cannot jump.
    public mutating func skip(to number: Int) -> Bool { number == 0 && asked == 0 }

    private func tournament(_ random: inout Xoshiro256) -> [Double] {
        let a = parents[random.below(parents.count)]
        let b = parents[random.below(parents.count)]
        return space.unit((a.wins(over: b) ? a : b).observation.point)
    }

    private func child(_ random: inout Xoshiro256) -> Point? {
        let (a, b) = (tournament(&random), tournament(&random))
        var unit = a
        if random.unit() < 0.9 {
            for axis in unit.indices { cross(&unit[axis], b[axis], axis, &random) }
        }
        for _ in 0..<200 {
            mutate(&unit, &random)
            let point = space.snapped(unit: unit)
            if filter(point), !seen.contains(point) { return point }
        }
        return nil
    }

    private func cross(
        _ mine: inout Double, _ other: Double, _ axis: Int, _ random: inout Xoshiro256
    ) {
        guard random.unit() < 0.5 else { return }
        guard !space.dimensions[axis].isCategorical else {
            mine = other
            return
        }
        let u = random.unit()
        let spread = pow(u <= 0.5 ? 2 * u : 1 / (2 * (1 - u)), 1 / 21)
        let sign = random.unit() < 0.5 ? 1.0 : -1
        mine = min(1, max(0, 0.5 * ((1 + sign * spread) * mine + (1 - sign * spread) * other)))
    }

    private func mutate(_ unit: inout [Double], _ random: inout Xoshiro256) {
        for axis in unit.indices where random.unit() * Double(unit.count) < 1 {
            let u = random.unit()
            guard !space.dimensions[axis].isCategorical else {
                unit[axis] = u
                continue
            }
            let (below, above) = (unit[axis], 1 - unit[axis])
            // Deb's form with bounds: the step never leads beyond a range.
            if u < 0.5 {
                unit[axis] += pow(2 * u + (1 - 2 * u) * pow(1 - below, 21), 1 / 21) - 1
            } else {
                unit[axis] += 1 - pow(2 * (1 - u) + (2 * u - 1) * pow(1 - above, 21), 1 / 21)
            }
            unit[axis] = min(1, max(0, unit[axis]))
        }
    }
}
