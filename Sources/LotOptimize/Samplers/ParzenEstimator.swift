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
/// for steps; and for names the observed one's with the rest spread evenly.
struct ParzenEstimator: Sendable {
    private let axes: [ParzenAxis]
    /// Sums of the kernels' weights up to each.
    private var cumulative: [Double] = []
    private var logWeights: [Double] = []
    /// For each kernel and dimension: centre (or index), width (or the share of the other names),
    /// logarithm of what the density is divided by.
    private var centers: [Double] = []
    private var widths: [Double] = []
    private var logScales: [Double] = []

    /// A density of observations in the unit cube, with weights, and the wide kernel of weight 1.
    init(_ points: [[Double]], weights: [Double], _ axes: [ParzenAxis]) {
        self.axes = axes
        let total = weights.reduce(1, +)
        var sum = 0.0
        for weight in weights + [1] {
            sum += weight / total
            cumulative.append(sum)
            logWeights.append(log(weight / total))
        }
        let columns = axes.indices.map { axis in
            Self.widths(points.map { $0[axis] }, axes[axis])
        }
        for kernel in 0...points.count {
            for axis in axes.indices {
                add(kernel < points.count ? points[kernel][axis] : nil, columns[axis][kernel], axis)
            }
        }
    }

    private mutating func add(_ place: Double?, _ width: Double, _ axis: Int) {
        switch axes[axis] {
        case .names(let count):
            centers.append(place.map { ($0 * Double(count)).rounded(.down) } ?? -1)
            logScales.append(0)
        case .line, .cells:
            let center = place ?? 0.5
            centers.append(center)
            let mass = normalCumulative((1 - center) / width) - normalCumulative(-center / width)
            logScales.append(log(mass))
        }
        widths.append(width)
    }

    /// The widths of a dimension's kernels, the wide one's last.
    ///
    /// - SeeAlso: Watanabe, "Tree-structured Parzen estimator: understanding its algorithm
    ///   components", arXiv:2304.11127, 3.3; the constants are Optuna's.
    private static func widths(
        _ places: [Double], _ axis: ParzenAxis
    ) -> [Double] {
        let count = places.count
        if case .names = axis {
            // The share of the wide kernel that each observation lends to all names.
            return [Double](repeating: 1 / Double(count + 1), count: count) + [1]
        }
        // Many observations do not make a kernel a needle: at least a hundredth of the range.
        let least = 1 / min(100, 2 + Double(count))
        let order = places.enumerated().sorted {
            $0.element == $1.element ? $0.offset < $1.offset : $0.element < $1.element
        }
        var result = [Double](repeating: 1, count: count + 1)
        for rank in order.indices {
            let here = order[rank].element
            let below = rank > 0 ? here - order[rank - 1].element : here
            let above = rank + 1 < count ? order[rank + 1].element - here : 1 - here
            let isEnd = rank == 0 || rank + 1 == count
            let inner = rank == 0 ? above : below
            let width = isEnd && count > 1 ? inner : max(below, above)
            result[order[rank].offset] = min(1, max(least, width))
        }
        result[count] = 1
        return result
    }

    /// Draws a place in the unit cube.
    func drawn(_ random: inout Xoshiro256) -> [Double] {
        let share = random.unit() * (cumulative.last ?? 1)
        let kernel = cumulative.firstIndex { share < $0 } ?? cumulative.count - 1
        return axes.indices.map { axis in
            let place = kernel * axes.count + axis
            let uniform = random.unit()
            switch axes[axis] {
            case .names(let count):
                let own = centers[place]
                // The observed name has weight 1, all have the lent share; see `logKernel`.
                let lent = widths[place] * Double(count)
                let isOwn = own >= 0 && uniform * (1 + lent) < 1
                let index = isOwn ? own : Double(random.below(count))
                return (index + 0.5) / Double(count)
            case .line, .cells:
                let (center, width) = (centers[place], widths[place])
                let low = normalCumulative(-center / width)
                let high = normalCumulative((1 - center) / width)
                let normal = normalQuantile(low + uniform * (high - low))
                return min(1, max(0, center + width * normal))
            }
        }
    }

    /// The logarithm of the density at a place.
    ///
    /// - Complexity: O(kernels · dimensions).
    func logDensity(_ place: [Double]) -> Double {
        var logs = logWeights
        var greatest = -Double.infinity
        for kernel in logs.indices {
            for axis in axes.indices {
                logs[kernel] += logKernel(kernel * axes.count + axis, axes[axis], place[axis])
            }
            greatest = max(greatest, logs[kernel])
        }
        guard greatest > -.infinity else { return greatest }
        return greatest + log(logs.reduce(0) { $0 + exp($1 - greatest) })
    }

    private func logKernel(_ kernel: Int, _ axis: ParzenAxis, _ place: Double) -> Double {
        let (center, width) = (centers[kernel], widths[kernel])
        switch axis {
        case .names(let count):
            guard center >= 0 else { return -log(Double(count)) }
            let isOwn = (place * Double(count)).rounded(.down) == center
            return log((width + (isOwn ? 1 : 0)) / (1 + width * Double(count)))
        case .line:
            let distance = (place - center) / width
            return -0.5 * distance * distance - log(width * (2 * Double.pi).squareRoot())
                - logScales[kernel]
        case .cells(let count):
            let half = 0.5 / Double(count)
            // On the side where the tail is small, so that far cells do not cancel to 0.
            let away = abs(place - center)
            let mass =
                normalCumulative((half - away) / width) - normalCumulative((-half - away) / width)
            return log(max(mass, 1e-300)) - logScales[kernel]
        }
    }
}
