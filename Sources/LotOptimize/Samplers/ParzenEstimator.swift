import Glibc
import LotCore
import LotMath

/// How the values of one dimension lie in the unit interval.
enum ParzenAxis: Sendable {
    /// A continuum, or steps that are not equal there.
    case line
    /// Equal parts, one for each value.
    case cells(Int)
    /// Names without an order.
    case names(Int)

    init(_ dimension: Dimension) {
        switch (dimension.kind, dimension.count) {
        case (.choice, let count?), (.bool, let count?): self = .names(count)
        case (.float(_, _, true), _), (_, nil): self = .line
        case (_, let count?): self = .cells(count)
        }
    }
}

/// A density over the unit cube: a sum of kernels, one around each observation and a wide one.
///
/// A kernel is a product over dimensions: a normal density cut to [0, 1]; its mass over a part,
/// for steps; and for names the observed one's with the rest spread evenly. All are densities
/// relative to the uniform one, so that the wide kernel, which is about 1 everywhere, keeps the
/// sum from vanishing, and no logarithm of a kernel is needed.
///
/// What a dimension of steps or names contributes at one of its values is computed once for all
/// kernels and kept: the candidates of a batch share values.
struct ParzenEstimator: Sendable {
    private let axes: [ParzenAxis]
    /// The weight of each kernel, the wide one's first.
    private var weights: [Double] = []
    /// The same, less what the continuous dimensions' densities are divided by.
    private var factors: [Double] = []
    private var total = 0.0
    /// For each dimension and kernel.
    private var columns: [[Shape]]
    /// For each dimension and value that was asked for, the kernels' densities there.
    private var kept: [[Int: [Double]]]

    /// What a kernel is in one dimension.
    private struct Shape: Sendable {
        /// Where it stands; for names the index, -1 for all of them.
        var center: Double
        /// Its standard deviation; for names the share of each that is not its own.
        var width: Double
        /// Φ at the ends of the interval.
        var ends: (low: Double, high: Double)
        /// 1 / width: a division costs as much as all else that a candidate asks of a kernel.
        var slope: Double
        var mass: Double { ends.high - ends.low }

        init(center: Double, width: Double, ends: (low: Double, high: Double) = (0, 1)) {
            self.center = center
            self.width = width
            self.ends = ends
            slope = 1 / width
        }
    }

    /// A density of observations in the unit cube, with weights, and the wide kernel of weight 1.
    init(_ points: [[Double]], weights: [Double], _ axes: [ParzenAxis]) {
        self.axes = axes
        columns = axes.map { _ in [] }
        kept = axes.map { _ in [:] }
        append(weight: 1, axes.map { Self.shape(nil, 1, $0) })
        let widths = axes.indices.map { axis in
            Self.widths(points.map { $0[axis] }, axes[axis])
        }
        for (kernel, point) in points.enumerated() {
            append(
                weight: weights[kernel],
                axes.indices.map { Self.shape(point[$0], widths[$0][kernel], axes[$0]) })
        }
    }

    private mutating func append(weight: Double, _ shapes: [Shape]) {
        var factor = weight
        for (axis, shape) in shapes.enumerated() {
            columns[axis].append(shape)
            if case .line = axes[axis] {
                factor /= shape.width * shape.mass * (2 * Double.pi).squareRoot()
            }
        }
        weights.append(weight)
        factors.append(factor)
        total += weight
    }

    private static func shape(_ place: Double?, _ width: Double, _ axis: ParzenAxis) -> Shape {
        if case .names(let count) = axis {
            let index = place.map { ($0 * Double(count)).rounded(.down) }
            return Shape(center: index ?? -1, width: width)
        }
        let center = place ?? 0.5
        return Shape(
            center: center, width: width,
            ends: (cumulative(-center / width), cumulative((1 - center) / width)))
    }

    /// Φ, by the C library's erfc: cheaper than ``normalCumulative(_:)``, which gives more digits
    /// of far tails.
    private static func cumulative(_ x: Double) -> Double { 0.5 * erfc(-x * 0.5.squareRoot()) }

    /// Half of a sum of squares beyond which e⁻ˣ, times the 40 that a kernel reaches at most in
    /// each of 64 dimensions, is nothing beside the wide kernel.
    private static let nothing = 300.0

    /// The widths of a dimension's kernels.
    ///
    /// - SeeAlso: Watanabe, "Tree-structured Parzen estimator: understanding its algorithm
    ///   components", arXiv:2304.11127, 3.3; the constants are Optuna's.
    private static func widths(_ places: [Double], _ axis: ParzenAxis) -> [Double] {
        let count = places.count
        if case .names = axis {
            // The share of the wide kernel that each observation lends to all names.
            return [Double](repeating: 1 / Double(count + 1), count: count)
        }
        // Many observations do not make a kernel a needle: at least a hundredth of the range.
        let least = 1 / min(100, 2 + Double(count))
        let order = places.enumerated().sorted {
            $0.element == $1.element ? $0.offset < $1.offset : $0.element < $1.element
        }
        var result = [Double](repeating: 1, count: count)
        for rank in order.indices {
            let here = order[rank].element
            let below = rank > 0 ? here - order[rank - 1].element : here
            let above = rank + 1 < count ? order[rank + 1].element - here : 1 - here
            let isEnd = rank == 0 || rank + 1 == count
            let inner = rank == 0 ? above : below
            let width = isEnd && count > 1 ? inner : max(below, above)
            result[order[rank].offset] = min(1, max(least, width))
        }
        return result
    }

    /// Draws a place in the unit cube.
    func drawn(_ random: inout Xoshiro256) -> [Double] {
        var rest = random.unit() * total
        var kernel = 0
        while kernel + 1 < weights.count, rest >= weights[kernel] {
            rest -= weights[kernel]
            kernel += 1
        }
        return axes.indices.map { axis in
            let shape = columns[axis][kernel]
            let uniform = random.unit()
            switch axes[axis] {
            case .names(let count):
                // The observed name has weight 1, all have the lent share; see `density`.
                let lent = shape.width * Double(count)
                let isOwn = shape.center >= 0 && uniform * (1 + lent) < 1
                let index = isOwn ? shape.center : Double(random.below(count))
                return (index + 0.5) / Double(count)
            case .line, .cells:
                let normal = normalQuantile(shape.ends.low + uniform * shape.mass)
                return min(1, max(0, shape.center + shape.width * normal))
            }
        }
    }

    /// The density at a place, relative to the uniform one.
    ///
    /// - Complexity: O(kernels · dimensions); at most one exponential a kernel where a
    ///   dimension is continuous.
    mutating func density(_ place: [Double]) -> Double {
        var products = factors
        var squares: [Double] = []
        for (axis, kind) in axes.enumerated() {
            switch kind {
            case .line:
                if squares.isEmpty { squares = [Double](repeating: 0, count: products.count) }
                let here = place[axis]
                for (kernel, shape) in columns[axis].enumerated() {
                    let distance = (here - shape.center) * shape.slope
                    squares[kernel] += distance * distance
                }
            case .cells(let count), .names(let count):
                let value = min(count - 1, Int(place[axis] * Double(count)))
                multiply(&products, by: axis, value)
            }
        }
        for (kernel, square) in squares.enumerated() {
            products[kernel] *= square < 2 * Self.nothing ? exp(-0.5 * square) : 0
        }
        return products.reduce(0, +) / total
    }

    private mutating func multiply(_ products: inout [Double], by axis: Int, _ value: Int) {
        if kept[axis][value] == nil {
            kept[axis][value] = columns[axis].map { Self.density($0, at: value, axes[axis]) }
        }
        guard let column = kept[axis][value] else { return }
        for kernel in products.indices { products[kernel] *= column[kernel] }
    }

    private static func density(_ shape: Shape, at value: Int, _ axis: ParzenAxis) -> Double {
        switch axis {
        case .line: return 1
        case .names(let count):
            guard shape.center >= 0 else { return 1 }
            let own = Double(value) == shape.center ? 1.0 : 0
            return (shape.width + own) / (1 + shape.width * Double(count)) * Double(count)
        case .cells(let count):
            // On the side where the tail is small, so that far values do not cancel to 0.
            let half = 0.5 / Double(count)
            let away = abs((Double(value) + 0.5) / Double(count) - shape.center)
            let near = (half - away) * shape.slope
            guard near * near < 2 * Self.nothing || near > 0 else { return 0 }
            let mass = cumulative(near) - cumulative((-half - away) * shape.slope)
            return mass / shape.mass * Double(count)
        }
    }
}
