/// The trials that no other dominates: what can be had of one target for how much of another.
public enum ParetoFront {
    /// The front of trials.
    ///
    /// Only feasible trials are in it; of equal ones all are.
    ///
    /// - Parameter observations: Trials of the same targets.
    /// - Returns: Places in `observations`, by the first loss, equals by place.
    /// - Complexity: O(n log n) for one or two targets, else O(n · front).
    public static func of(_ observations: [Observation]) -> [Int] {
        let feasible = observations.indices.filter { observations[$0].isFeasible }
        let sorted = feasible.sorted { a, b in
            let (left, right) = (observations[a].losses, observations[b].losses)
            return left == right ? a < b : left.lexicographicallyPrecedes(right)
        }
        guard let first = sorted.first else { return [] }
        if observations[first].losses.count <= 2 { return staircase(sorted, observations) }
        var front: [Int] = []
        // In this order nothing later dominates what is in the front already.
        for place in sorted
        where !front.contains(where: { observations[$0].dominates(observations[place]) }) {
            front.append(place)
        }
        return front
    }

    private static func staircase(_ sorted: [Int], _ observations: [Observation]) -> [Int] {
        var front: [Int] = []
        for place in sorted {
            if let last = front.last {
                let (low, here) = (observations[last].losses, observations[place].losses)
                guard here == low || here[here.count - 1] < low[low.count - 1] else { continue }
                if here.count == 1, here != low { continue }
            }
            front.append(place)
        }
        return front
    }

    /// The fronts one below the other: the first of all, the next of what is left, and so on.
    ///
    /// - Returns: Places in `observations`, each in one front, ascending within a front.
    /// - Complexity: O(n²) comparisons.
    /// - SeeAlso: Deb et al. 2002, III.A, "fast non-dominated sort".
    public static func layers(_ observations: [Observation]) -> [[Int]] {
        var dominated = [[Int]](repeating: [], count: observations.count)
        var dominators = [Int](repeating: 0, count: observations.count)
        for a in observations.indices {
            for b in observations.indices where observations[a].dominates(observations[b]) {
                dominated[a].append(b)
                dominators[b] += 1
            }
        }
        var layers: [[Int]] = []
        var current = observations.indices.filter { dominators[$0] == 0 }
        while !current.isEmpty {
            layers.append(current)
            var next: [Int] = []
            for a in current {
                for b in dominated[a] {
                    dominators[b] -= 1
                    if dominators[b] == 0 { next.append(b) }
                }
            }
            current = next.sorted()
        }
        return layers
    }

    /// How much room each trial of a front has to its neighbours; infinite at the ends.
    ///
    /// - SeeAlso: Deb et al. 2002, III.B, "crowding distance".
    static func crowding(_ front: [Int], _ observations: [Observation]) -> [Double] {
        var distances = [Double](repeating: 0, count: front.count)
        guard let first = front.first, front.count > 2 else {
            return [Double](repeating: .infinity, count: front.count)
        }
        for target in observations[first].losses.indices {
            func loss(_ place: Int) -> Double { observations[front[place]].losses[target] }
            let order = front.indices.sorted { a, b in
                loss(a) == loss(b) ? a < b : loss(a) < loss(b)
            }
            let span = loss(order[order.count - 1]) - loss(order[0])
            distances[order[0]] = .infinity
            distances[order[order.count - 1]] = .infinity
            guard span > 0, span.isFinite else { continue }
            for place in 1..<(order.count - 1) {
                distances[order[place]] += (loss(order[place + 1]) - loss(order[place - 1])) / span
            }
        }
        return distances
    }

    /// The area that the front of two targets dominates below a reference point.
    ///
    /// Of (0, 0.5) and (0.5, 0) below (1, 1): 1 × 0.5 + 0.5 × 0.5 = 0.75.
    ///
    /// - Parameters:
    ///   - observations: Trials of two targets.
    ///   - reference: The point beyond which nothing counts.
    /// - Returns: The area; 0 when no trial is below the point in both targets.
    public static func hypervolume(
        _ observations: [Observation], reference: (Double, Double)
    ) -> Double {
        var area = 0.0
        var height = reference.1
        for place in of(observations) where observations[place].losses.count == 2 {
            let losses = observations[place].losses
            guard losses[0] < reference.0, losses[1] < height else { continue }
            area += (reference.0 - losses[0]) * (height - losses[1])
            height = losses[1]
        }
        return area
    }
}
