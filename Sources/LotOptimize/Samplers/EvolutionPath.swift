import Glibc

/// The normal distribution that CMA-ES moves over the unit cube, and how it learns.
///
/// Names are those of the tutorial; every default is its own (active form, table 1).
///
/// - SeeAlso: Hansen, "The CMA evolution strategy: a tutorial", arXiv:1604.00772, 2016.
struct EvolutionPath: Sendable {
    /// λ, points of a generation.
    let lambda: Int
    private let size: Int
    private let weights: [Double]
    private let muEff: Double
    private let cSigma: Double
    private let dSigma: Double
    private let cC: Double
    private let c1: Double
    private let cMu: Double
    private(set) var mean: [Double]
    /// σ.
    private(set) var step: Double
    private(set) var covariance: [Double]
    private var pathSigma: [Double]
    private var pathC: [Double]
    private var eigen: SymmetricEigen
    private var generation = 0

    /// E‖N(0, I)‖.
    private var chi: Double {
        let n = Double(size)
        return n.squareRoot() * (1 - 1 / (4 * n) + 1 / (21 * n * n))
    }

    init(mean: [Double], step: Double, lambda: Int) {
        let n = Double(mean.count)
        size = mean.count
        self.mean = mean
        self.step = step
        self.lambda = lambda
        let half = lambda / 2
        let raw = (1...lambda).map { log((Double(lambda) + 1) / 2) - log(Double($0)) }
        func effective(_ part: ArraySlice<Double>) -> Double {
            let sum = part.reduce(0, +)
            return sum * sum / part.reduce(0) { $0 + $1 * $1 }
        }
        let muEff = effective(raw[..<half])
        let muEffMinus = effective(raw[half...])
        self.muEff = muEff
        cSigma = (muEff + 2) / (n + muEff + 5)
        dSigma = 1 + 2 * max(0, ((muEff - 1) / (n + 1)).squareRoot() - 1) + cSigma
        cC = (4 + muEff / n) / (n + 4 + 2 * muEff / n)
        let c1 = 2 / ((n + 1.3) * (n + 1.3) + muEff)
        let cMu = min(
            1 - c1, 2 * (0.25 + muEff + 1 / muEff - 2) / ((n + 2) * (n + 2) + muEff))
        (self.c1, self.cMu) = (c1, cMu)
        let least = min(
            1 + c1 / cMu, 1 + 2 * muEffMinus / (muEff + 2), (1 - c1 - cMu) / (n * cMu))
        let positive = raw.reduce(0) { $0 + max(0, $1) }
        let negative = -raw.reduce(0) { $0 + min(0, $1) }
        weights = raw.map { $0 >= 0 ? $0 / positive : $0 * least / negative }
        covariance = (0..<(size * size)).map { [size] in $0 / size == $0 % size ? 1 : 0 }
        pathSigma = [Double](repeating: 0, count: size)
        pathC = pathSigma
        eigen = SymmetricEigen(covariance, size: size)
    }

    /// The point that standard normal numbers stand for.
    func point(_ normals: [Double]) -> [Double] {
        let scaled = zip(normals, eigen.values).map { $0 * max(0, $1).squareRoot() }
        return zip(mean, eigen.rotated(scaled)).map { $0 + step * $1 }
    }

    /// Standard deviation along an axis.
    func deviation(_ axis: Int) -> Double {
        step * max(0, covariance[axis * size + axis]).squareRoot()
    }

    /// C^(−1/2) · y.
    private func whitened(_ y: [Double]) -> [Double] {
        let parts = zip(eigen.unrotated(y), eigen.values).map { $0 / max($1, 1e-300).squareRoot() }
        return eigen.rotated(parts)
    }

    /// Learns from a generation's points, best first.
    mutating func learn(_ sorted: [[Double]]) {
        generation += 1
        let n = Double(size)
        var ys = sorted.map { point in zip(point, mean).map { ($0 - $1) / step } }
        let norms = ys.map { y in whitened(y).reduce(0) { $0 + $1 * $1 } }
        // A point that came from outside the distribution must not tear it (Hansen 2011,
        // "Injecting external solutions into CMA-ES").
        let longest = n.squareRoot() + 2 * n / (n + 2)
        for place in ys.indices where norms[place] > longest * longest {
            let scale = longest / norms[place].squareRoot()
            ys[place] = ys[place].map { $0 * scale }
        }
        let half = lambda / 2
        var move = [Double](repeating: 0, count: size)
        for place in 0..<min(half, ys.count) {
            for axis in 0..<size { move[axis] += weights[place] * ys[place][axis] }
        }
        let white = whitened(move)
        for axis in 0..<size {
            mean[axis] += step * move[axis]
            pathSigma[axis] =
                (1 - cSigma) * pathSigma[axis]
                + (cSigma * (2 - cSigma) * muEff).squareRoot() * white[axis]
        }
        let length = pathSigma.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let decay = (1 - pow(1 - cSigma, 2 * Double(generation + 1))).squareRoot()
        let isSteady = length / decay < (1.4 + 2 / (n + 1)) * chi
        for axis in 0..<size {
            pathC[axis] =
                (1 - cC) * pathC[axis]
                + (isSteady ? (cC * (2 - cC) * muEff).squareRoot() * move[axis] : 0)
        }
        adapt(ys, norms.map { min($0, longest * longest) }, isSteady)
        step *= exp(min(1, cSigma / dSigma * (length / chi - 1)))
    }

    private mutating func adapt(_ ys: [[Double]], _ norms: [Double], _ isSteady: Bool) {
        let n = Double(size)
        let lost = isSteady ? 0 : cC * (2 - cC)
        let kept = 1 + c1 * lost - c1 - cMu * weights.reduce(0, +)
        let scaled = ys.indices.map { place in
            weights[place] >= 0 ? weights[place] : weights[place] * n / max(norms[place], 1e-300)
        }
        for row in 0..<size {
            for column in 0...row {
                var value = kept * covariance[row * size + column] + c1 * pathC[row] * pathC[column]
                for place in ys.indices {
                    value += cMu * scaled[place] * ys[place][row] * ys[place][column]
                }
                covariance[row * size + column] = value
                covariance[column * size + row] = value
            }
        }
        eigen = SymmetricEigen(covariance, size: size)
    }

    /// Widens an axis to a least standard deviation; correlations stay.
    mutating func widen(_ axis: Int, to least: Double) {
        let now = deviation(axis)
        guard now < least, now > 0 else { return }
        for other in 0..<size {
            covariance[axis * size + other] *= least / now
            covariance[other * size + axis] *= least / now
        }
        eigen = SymmetricEigen(covariance, size: size)
    }

    /// Whether the distribution has become too thin or too long to go on.
    var isDegenerate: Bool {
        let (low, high) = (eigen.values.min() ?? 1, eigen.values.max() ?? 1)
        return !(low > 0) || high > 1e14 * low || step * high.squareRoot() < 1e-12
            || !step.isFinite
    }
}
