import Glibc
public import LotCore

/// The tree-structured Parzen estimator (TPE): proposes where good trials are dense and others are
/// not.
///
/// The best ⌈0.15 n⌉ trials, at most 50, make one density l, the rest another, g; of 24 points
/// drawn from l the one with the greatest l/g is tried. The form is Optuna's default (one density
/// over all dimensions, widths by the distance to neighbours), with what golden runs of convergence
/// spoke for: more trials are good, and a good one weighs by its rank, ln(m + 1) - ln(i) for the
/// i-th of m, as the parents of CMA-ES do, so that a larger share costs no sharpness. The first 16
/// points are a scrambled Sobol sequence, and no point is tried twice. Trials that miss constraints
/// rank behind those that hold them, by how far; failed ones last.
///
/// The points of a batch come from one state of knowledge and differ because each is the best of
/// candidates of its own. To count those under way as bad ones (the constant liar of Ginsbourger,
/// Le Riche and Carraro 2010) was tried and made most golden runs worse, a few better: with
/// steps and names a liar beside a good value drives the rest of the batch away from it.
///
/// What a proposal costs does not grow with the study: of the trials that are not among the best,
/// g knows the latest 25 and a sample of 400 chosen by a hash of seed and number.
///
/// - SeeAlso: Bergstra, Bardenet, Bengio and Kégl, "Algorithms for hyper-parameter optimization",
///   NIPS 2011; Watanabe, arXiv:2304.11127, 2023 (weights by improvement are discussed there);
///   Hansen, "The CMA evolution strategy: a tutorial", arXiv:1604.00772, for weights by rank.
public struct TreeParzenSampler: Sampler {
    /// What can be set; the defaults are what `--sampler tpe` uses.
    public struct Settings: Sendable, Hashable {
        /// Trials before the first model.
        public var startup = 16
        /// Points proposed from one state of knowledge.
        public var batch = 8
        /// Points that compete for each proposal.
        public var candidates = 24
        /// How many of the trials that are not among the best are remembered.
        public var memory = 400

        /// The defaults.
        public init() {}
    }

    private let space: SearchSpace
    private let axes: [ParzenAxis]
    private let seed: UInt64
    private let filter: PointFilter
    private let settings: Settings
    private var startup: SobolSampler
    private var memory: ParzenMemory
    private var seen = SeenPoints()
    private var asked = 0

    /// A sampler that knows nothing.
    ///
    /// - Throws: A ``Diagnosis`` (64) for more than 64 dimensions.
    public init(
        _ space: SearchSpace, seed: UInt64, _ settings: Settings = Settings(),
        _ filter: @escaping PointFilter
    ) throws(Diagnosis) {
        self.space = space
        self.seed = seed
        self.settings = settings
        self.filter = filter
        axes = space.dimensions.map { ParzenAxis($0) }
        startup = try SobolSampler(space, seed: seed, filter)
        memory = ParzenMemory(seed: seed, limit: settings.memory)
    }

    /// Points of one state of knowledge: 8.
    public var batch: Int? { settings.batch }

    /// The next points, at most `limit`; none when every allowed point was tried.
    public mutating func ask(_ limit: Int) -> [Point] {
        let isStarting = memory.told < settings.startup
        var model = isStarting ? nil : makeModel()
        var points: [Point] = []
        while points.count < min(limit, settings.batch) {
            var random = Xoshiro256(seed: seed, stream: asked)
            let proposed = isStarting ? begin() : propose(&model, &random)
            guard let point = proposed ?? space.drawn(filter, unlike: seen, &random) else { break }
            asked += 1
            seen.insert(point)
            points.append(point)
        }
        return points
    }

    /// Learns what became of a batch.
    public mutating func tell(_ observations: [Observation]) {
        for observation in observations {
            memory.add(observation, at: space.unit(observation.point))
        }
    }

    /// A learner cannot jump.
    public mutating func skip(to number: Int) -> Bool { number == 0 && asked == 0 }

    private mutating func begin() -> Point? {
        startup.ask(1).first { !seen.contains($0) }
    }

    /// What is known before a batch.
    private struct Model {
        var good: ParzenEstimator
        var bad: ParzenEstimator

        /// The logarithm of l/g.
        mutating func score(_ place: [Double]) -> Double {
            log(good.density(place)) - log(bad.density(place))
        }
    }

    private func makeModel() -> Model {
        let (good, bad) = (memory.good, memory.bad)
        return Model(
            good: ParzenEstimator(
                good.map { $0.place }, weights: Self.weights(ranks: good.count), axes),
            bad: ParzenEstimator(
                bad.map { $0.place }, weights: Self.weights(ages: bad.count), axes))
    }

    /// Of the good ones, best first: falling with the logarithm of the rank, 1 in the mean.
    private static func weights(ranks count: Int) -> [Double] {
        let raw = (1...max(1, count)).map { log(Double(count + 1)) - log(Double($0)) }
        let mean = raw.reduce(0, +) / Double(raw.count)
        return raw.map { $0 / mean }
    }

    /// The latest 25 weigh 1, those before less, down to 1/n for the first.
    private static func weights(ages count: Int) -> [Double] {
        guard count > 25 else { return [Double](repeating: 1, count: count) }
        let ramp = count - 25
        let least = 1 / Double(count)
        return (0..<count).map { index in
            guard index < ramp, ramp > 1 else { return index < ramp ? least : 1 }
            return least + (1 - least) * Double(index) / Double(ramp - 1)
        }
    }

    private func propose(_ model: inout Model?, _ random: inout Xoshiro256) -> Point? {
        var best: (score: Double, point: Point)?
        var found = 0
        for _ in 0..<(settings.candidates * 20) where found < settings.candidates {
            guard let place = model?.good.drawn(&random) else { break }
            let point = space.snapped(unit: place)
            guard filter(point), !seen.contains(point) else { continue }
            found += 1
            let score = model?.score(space.unit(point)) ?? -.infinity
            if score > best?.score ?? -.infinity { best = (score, point) }
        }
        return best?.point
    }
}
