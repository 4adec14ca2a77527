public import LotCore

/// What became of a point that a sampler proposed.
public struct Observation: Sendable {
    /// Number of the trial.
    public var number: Int
    /// The point.
    public var point: Point
    /// One number for each target, smaller is better; not a number where it is undefined.
    public var losses: [Double]
    /// By how much constraints are missed; 0 if all hold.
    public var violation: Double

    /// Gathers an observation.
    public init(number: Int, point: Point, losses: [Double], violation: Double) {
        self.number = number
        self.point = point
        self.losses = losses
        self.violation = violation
    }
}

/// Proposes points.
///
/// What it proposes depends on its seed, the space and what it was told, and on nothing else: not
/// on time, threads, or how many points are asked for at once.
public protocol Sampler: Sendable {
    /// Points that are proposed before the sampler wants to know what became of them; `nil` for
    /// one that never does.
    var batch: Int? { get }
    /// The next points, at most `limit`; none when the space is used up.
    mutating func ask(_ limit: Int) -> [Point]
    /// Takes what became of a whole batch, in order of numbers.
    mutating func tell(_ observations: [Observation])
    /// Jumps to trial `number` where nothing needs to be told before; false where it must.
    mutating func skip(to number: Int) -> Bool
    /// The round that the points under way belong to, from 0.
    var rung: Int { get }
    /// The share of the data that they run on, from the beginning; 1 is all.
    var share: Double { get }
    /// Whether a point may be proposed again in the same round.
    var mayRepeat: Bool { get }
}

extension Sampler {
    /// There is one round.
    public var rung: Int { 0 }
    /// It is over everything.
    public var share: Double { 1 }
    /// Points are all different.
    public var mayRepeat: Bool { false }
}

/// Whether a point may be tried.
public typealias PointFilter = @Sendable (Point) -> Bool

/// The samplers by their names.
public enum SamplerKind: String, Sendable, CaseIterable {
    /// Every point of a grid in turn.
    case grid
    /// Points at random.
    case random
    /// Points that fill the space evenly.
    case sobol
    /// Where good trials are dense.
    case tpe
    /// A normal distribution that follows good trials.
    case cmaes
    /// A population that moves towards the front of several targets.
    case nsga2

    /// Those that never need to be told.
    public static let modelFree: [SamplerKind] = [.grid, .random, .sobol]

    /// Bytes that a search remembers to tell points that come again from new ones.
    public func distinctBytes(_ space: SearchSpace, trials: Int) -> Int {
        let isCounted = space.dimensions.allSatisfy { $0.count != nil }
        return self == .cmaes || (self == .sobol && isCounted)
            ? DistinctPoints.bytes(space, trials: trials) : 0
    }

    /// Whether it can look for several targets at once: a model of one target cannot.
    public var takesSeveralTargets: Bool { self != .tpe && self != .cmaes }

    /// Makes one.
    ///
    /// - Throws: 64 where the space or the number of targets does not suit it.
    public func make(
        _ space: SearchSpace, seed: UInt64, targets: Int, _ filter: @escaping PointFilter
    ) throws(Diagnosis) -> any Sampler {
        guard targets <= 1 || takesSeveralTargets else {
            throw Diagnosis(
                .usage, kind: "usage", subject: "--sampler",
                reason: "\(rawValue) looks for one target, not \(targets)",
                hint: "--sampler nsga2")
        }
        switch self {
        case .grid: return GridSampler(space, count: try space.requireGrid(), filter)
        case .random: return RandomSampler(space, seed: seed, filter)
        case .sobol: return try SobolSampler(space, seed: seed, filter)
        case .tpe: return try TreeParzenSampler(space, seed: seed, .init(), filter)
        case .cmaes: return CovarianceSampler(space, seed: seed, filter)
        case .nsga2: return GeneticSampler(space, seed: seed, filter)
        }
    }
}
