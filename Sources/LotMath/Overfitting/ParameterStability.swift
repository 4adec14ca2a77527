/// How far the target falls in the neighbourhood of the best trial: a plateau or a peak.
///
/// Neighbours are the trials within a radius of the best in *every* dimension of the unit cube. A
/// neighbour's fall is `(loss − best loss) / |best loss|`: the share of the best target that is
/// lost there, above 1 where the target changes its sign. A neighbour whose target is undefined
/// (it failed, or broke a constraint) counts as a fall of 1.
///
/// Worked example: the best has a Sharpe ratio of 2.0 (loss −2), its four neighbours 1.9, 1.8, 1.5
/// and 0.8. They fall by 0.05, 0.10, 0.25 and 0.60: 0.25 on average, 0.60 at worst; two of four
/// keep 80 %; the plateau score is 0.75.
///
/// It needs trials near the best: a grid has them, a random sample of many dimensions has few or
/// none, and samplers that search near the best have many. ``neighbours`` says how far to trust
/// it.
///
/// - Complexity: O(trials · dimensions).
/// - SeeAlso: Pardo, "The Evaluation and Optimization of Trading Strategies", 2nd edition, 2008,
///   chapter 10 (robust plateaus against spikes).
public struct ParameterStability: Sendable, Equatable {
    /// Number of neighbours.
    public let neighbours: Int
    /// Mean fall over them; not a number without neighbours or with a best loss of 0.
    public let meanFall: Double
    /// Largest fall over them.
    public let worstFall: Double
    /// The share of neighbours that keep at least 80 % of the target.
    public let keptShare: Double
    /// The mean over neighbours of 1 − fall, kept between 0 and 1: 1 on a plateau, 0 where nothing
    /// is left of the target one step away.
    public let plateau: Double

    /// The share of a target that a neighbour is to keep.
    public static let kept = 0.8

    /// The radius of a dimension in the unit cube: a tenth of its range, or one step where steps
    /// are wider; 0 for a choice, whose values have no order.
    ///
    /// - Parameters:
    ///   - steps: Values of the dimension, `nil` if continuous.
    ///   - isOrdered: Whether values near each other are alike.
    /// - Returns: How far a neighbour may be, from 0 to 1.
    public static func radius(steps: Int?, isOrdered: Bool = true) -> Double {
        guard isOrdered else { return 0 }
        guard let steps, steps > 1 else { return 0.1 }
        return max(0.1, 1 / Double(steps - 1))
    }

    /// Looks around the best trial.
    ///
    /// - Parameters:
    ///   - coordinates: Of each trial, one number in 0...1 for each dimension, trial after trial.
    ///   - losses: Of each trial, smaller is better; not a number where undefined.
    ///   - best: The best trial's place, with a loss that is a number.
    ///   - radii: Of each dimension (``radius(steps:isOrdered:)``).
    public init(coordinates: [Double], losses: [Double], best: Int, radii: [Double]) {
        precondition(coordinates.count == losses.count * radii.count, "a number a dimension")
        let (center, size) = (best * radii.count, abs(losses[best]))
        var (count, sum, worst, kept, score) = (0, 0.0, -Double.infinity, 0, 0.0)
        for trial in losses.indices {
            let start = trial * radii.count
            var (isNear, isSame) = (true, true)
            for dimension in radii.indices {
                let distance = abs(
                    coordinates[start + dimension] - coordinates[center + dimension])
                // A step of a grid is a quotient: its last bits are not to decide.
                isNear = isNear && distance <= radii[dimension] + 1e-9
                isSame = isSame && distance <= 1e-12
            }
            // Another trial at the same place is the best once more, not a neighbour.
            guard isNear, !isSame else { continue }
            let fall = losses[trial].isNaN ? 1 : (losses[trial] - losses[best]) / size
            count += 1
            sum += fall
            worst = max(worst, fall)
            if fall <= 1 - Self.kept + 1e-12 { kept += 1 }
            score += min(1, max(0, 1 - fall))
        }
        let isDefined = count > 0 && size > 0 && size.isFinite
        let number = Double(count)
        neighbours = count
        meanFall = isDefined ? sum / number : .nan
        worstFall = isDefined ? worst : .nan
        keptShare = isDefined ? Double(kept) / number : .nan
        plateau = isDefined ? score / number : .nan
    }
}
