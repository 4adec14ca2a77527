import Glibc
import LotCore
import LotMath

/// CMA-ES: a normal distribution over the unit cube that moves, stretches and turns to where good
/// trials are; strong where parameters act together and there are some hundreds of trials.
///
/// A generation is a batch: λ = 4 + ⌊3 ln n⌋ points of n dimensions. The first distribution has
/// its mean in the middle and σ = 1/6 of each range (Optuna's). A point beyond a range or against
/// the conditions is drawn again, up to 100 times, then cut to the range, or where conditions still
/// refuse it replaced by a random one. Steps are equal parts of a range: trials run at the nearest
/// value and the model learns from its middle, as Optuna's does, so that a value that is right
/// stays right; no axis becomes so thin that values beside the mean's are drawn less often than
/// once in n λ draws (the margin). Choices are such parts too, in their order: for choices that
/// matter, `tpe` suits better. When it has converged, it starts again at a random mean with twice
/// the λ (IPOP).
///
/// - SeeAlso: Hansen 2016 (``EvolutionPath``); Auger and Hansen, "A restart CMA evolution strategy
///   with increasing population size", CEC 2005; Hamano et al., "CMA-ES with margin", GECCO 2022.
public struct CovarianceSampler: Sampler {
    private let space: SearchSpace
    private let seed: UInt64
    private let filter: PointFilter
    private var path: EvolutionPath
    private var generation = 0
    private var restarts = 0
    /// The points of the generation under way, as drawn.
    private var drawn: [[Double]] = []
    /// The best of each generation since the last start.
    private var bests: [Double] = []

    /// A distribution that knows nothing.
    public init(_ space: SearchSpace, seed: UInt64, _ filter: @escaping PointFilter) {
        self.space = space
        self.seed = seed
        self.filter = filter
        let count = space.dimensions.count
        path = EvolutionPath(
            mean: [Double](repeating: 0.5, count: count), step: 1.0 / 6,
            lambda: Self.lambda(count))
    }

    private static func lambda(_ dimensions: Int) -> Int {
        4 + Int(3 * log(Double(max(1, dimensions))))
    }

    /// A generation; it doubles with each restart.
    public var batch: Int? { path.lambda }

    /// Draws of a narrow distribution fall on the same steps, or are cut at the same end.
    public var mayRepeat: Bool { true }

    /// The points of a generation; none when no point is allowed.
    public mutating func ask(_ limit: Int) -> [Point] {
        drawn = []
        var points: [Point] = []
        for index in 0..<min(limit, path.lambda) {
            var random = Xoshiro256(
                seed: Xoshiro256.mix(seed ^ UInt64(generation) &* 0x9e37_79b9_7f4a_7c15),
                stream: index)
            guard let (unit, point) = draw(&random) else { break }
            drawn.append(unit)
            points.append(point)
        }
        generation += 1
        return points
    }

    private func draw(_ random: inout Xoshiro256) -> ([Double], Point)? {
        var unit = path.mean
        for _ in 0..<100 {
            unit = path.point(
                path.mean.map { _ in normalQuantile(random.unit() + 0x1p-54) })
            guard unit.allSatisfy({ $0 >= 0 && $0 <= 1 }) else { continue }
            let point = space.snapped(unit: unit)
            if filter(point) { return (learned(unit, point), point) }
        }
        let cut = unit.map { min(1, max(0, $0)) }
        let point = space.snapped(unit: cut)
        if filter(point) { return (learned(cut, point), point) }
        return space.drawn(filter, unlike: SeenPoints(), &random).map { (space.unit($0), $0) }
    }

    /// What the model learns of a point: the middle of the part that was tried, where there are
    /// steps, and the place that was drawn, where there are none.
    private func learned(_ unit: [Double], _ point: Point) -> [Double] {
        let middle = space.unit(point)
        return unit.indices.map { axis in
            if case .cells = ParzenAxis(space.dimensions[axis]) { return middle[axis] }
            return unit[axis]
        }
    }

    /// Learns from a generation; one that is not whole teaches nothing.
    public mutating func tell(_ observations: [Observation]) {
        guard observations.count == drawn.count, drawn.count == path.lambda else { return }
        let order = observations.indices.sorted {
            observations[$0].isBetter(than: observations[$1])
        }
        path.learn(order.map { drawn[$0] })
        for axis in space.dimensions.indices { keepMargin(axis) }
        let best = observations[order[0]]
        bests.append(best.isFeasible ? best.losses[0] : .infinity)
        if path.isDegenerate || isFlat { restart() }
    }

    /// A learner cannot jump.
    public mutating func skip(to number: Int) -> Bool { number == 0 && generation == 0 }

    private mutating func keepMargin(_ axis: Int) {
        let count: Int
        switch ParzenAxis(space.dimensions[axis]) {
        case .line: return
        case .cells(let values), .names(let values): count = values
        }
        guard count > 1 else { return }
        // With the mean in the middle of its part, half a part away lies the next.
        let share = 1 / Double(path.lambda * space.dimensions.count)
        let quantile = normalQuantile(1 - min(0.5, share) / 2)
        path.widen(axis, to: 0.5 / Double(count) / quantile)
    }

    /// Whether the best of the last 10 + ⌈30 n / λ⌉ generations are the same.
    private var isFlat: Bool {
        let span = 10 + (30 * space.dimensions.count + path.lambda - 1) / path.lambda
        guard bests.count >= span else { return false }
        let last = bests.suffix(span)
        guard let low = last.min(), let high = last.max(), low.isFinite else { return false }
        return high - low <= 1e-12 * max(1, abs(low))
    }

    private mutating func restart() {
        restarts += 1
        bests = []
        var random = Xoshiro256(seed: Xoshiro256.mix(seed &+ 0x6970_6f70), stream: restarts)
        // Doubled at most six times: beyond, a generation would be a study of its own.
        let doubled = Self.lambda(space.dimensions.count) << min(restarts, 6)
        path = EvolutionPath(
            mean: space.dimensions.map { _ in random.unit() }, step: 1.0 / 6, lambda: doubled)
    }
}
