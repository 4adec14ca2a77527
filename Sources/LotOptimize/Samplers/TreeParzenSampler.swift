import Glibc
public import LotCore

/// The tree-structured Parzen estimator (TPE): proposes where good trials are dense and others are
/// not.
///
/// The best ⌈n/10⌉ trials, at most 25, make one density l, the rest another, g; of 24 points drawn
/// from l the one with the greatest l/g is tried. Defaults are Optuna's, with these choices: the
/// densities are joint over all dimensions (the default of Optuna 5), points of a batch that
/// is under way count as bad ones (constant liar), the first 16 points are a scrambled Sobol
/// sequence, and no point is tried twice. Trials that miss constraints rank behind those that hold
/// them, by how far; failed ones last.
///
/// What a proposal costs does not grow with the study: of the trials that are not among the best,
/// g knows the latest 25 and a sample of 400 chosen by a hash of seed and number.
///
/// - SeeAlso: Bergstra, Bardenet, Bengio and Kégl, "Algorithms for hyper-parameter optimization",
///   NIPS 2011; Watanabe, arXiv:2304.11127, 2023; for the liar Ginsbourger, Le Riche and Carraro,
///   "Kriging is well-suited to parallelize optimization", 2010.
public struct TreeParzenSampler: Sampler {
    /// What can be set; the defaults are what `--sampler tpe` uses.
    public struct Settings: Sendable, Hashable {
        /// Trials before the first model.
        public var startup = 16
        /// Points proposed from one state of knowledge.
        public var batch = 8
        /// Points that compete for each proposal.
        public var candidates = 24
        /// Whether one density spans all dimensions, or each dimension has its own.
        public var isJoint = true
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
        let models = isStarting ? [] : makeModels()
        var points: [Point] = []
        while points.count < min(limit, settings.batch) {
            var random = Xoshiro256(seed: seed, stream: asked)
            let proposed =
                isStarting ? begin() : propose(models, liars: points, &random)
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

    /// Dimensions that share a density.
    private var groups: [[Int]] {
        settings.isJoint ? [Array(axes.indices)] : axes.indices.map { [$0] }
    }

    private struct Model {
        var group: [Int]
        var good: ParzenEstimator
    }

    private func makeModels() -> [Model] {
        let good = memory.good
        return groups.map { group in
            Model(
                group: group,
                good: estimator(good.map { $0.place }, group, Self.weights(good.count)))
        }
    }

    private func estimator(
        _ places: [[Double]], _ group: [Int], _ weights: [Double]
    ) -> ParzenEstimator {
        ParzenEstimator(
            places.map { place in group.map { place[$0] } }, weights: weights,
            group.map { axes[$0] })
    }

    /// The latest 25 weigh 1, those before less, down to 1/n for the first.
    private static func weights(_ count: Int) -> [Double] {
        guard count > 25 else { return [Double](repeating: 1, count: count) }
        let ramp = count - 25
        let least = 1 / Double(count)
        return (0..<count).map { index in
            guard index < ramp, ramp > 1 else { return index < ramp ? least : 1 }
            return least + (1 - least) * Double(index) / Double(ramp - 1)
        }
    }

    private func propose(
        _ models: [Model], liars: [Point], _ random: inout Xoshiro256
    ) -> Point? {
        let bad = memory.bad.map { $0.place } + liars.map(space.unit)
        let weights = Self.weights(bad.count)
        let others = groups.map { estimator(bad, $0, weights) }
        if !settings.isJoint, let point = separate(models, others, &random) { return point }
        var best: (score: Double, point: Point)?
        var found = 0
        for _ in 0..<(settings.candidates * 20) where found < settings.candidates {
            var place = [Double](repeating: 0.5, count: axes.count)
            for model in models {
                for (axis, value) in zip(model.group, model.good.drawn(&random)) {
                    place[axis] = value
                }
            }
            let point = space.snapped(unit: place)
            guard filter(point), !seen.contains(point) else { continue }
            found += 1
            let unit = space.unit(point)
            var score = 0.0
            for (model, other) in zip(models, others) {
                let part = model.group.map { unit[$0] }
                score += model.good.logDensity(part) - other.logDensity(part)
            }
            if score > best?.score ?? -.infinity { best = (score, point) }
        }
        return best?.point
    }

    /// Each dimension chosen by itself, where conditions and novelty allow what comes out.
    private func separate(
        _ models: [Model], _ others: [ParzenEstimator], _ random: inout Xoshiro256
    ) -> Point? {
        var place = [Double](repeating: 0.5, count: axes.count)
        for (model, other) in zip(models, others) {
            var best = -Double.infinity
            for _ in 0..<settings.candidates {
                let axis = model.group[0]
                let drawn = model.good.drawn(&random)[0]
                let dimension = space.dimensions[axis]
                let unit = dimension.unit(dimension.snapped(drawn))
                let score = model.good.logDensity([unit]) - other.logDensity([unit])
                if score > best { (best, place[axis]) = (score, unit) }
            }
        }
        let point = space.snapped(unit: place)
        return filter(point) && !seen.contains(point) ? point : nil
    }
}
