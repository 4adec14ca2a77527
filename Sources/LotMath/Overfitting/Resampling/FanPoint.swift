/// The account over resamples after some steps: days, or trades.
public struct FanPoint: Sendable, Equatable {
    /// Steps passed: 0 is the start, the number of steps the end.
    public let step: Int
    /// Account over starting account, of the resamples.
    public let growth: Band
    /// The same of the run itself.
    public let actual: Double

    /// Gathers the accounts of resamples.
    ///
    /// - Parameters:
    ///   - steps: Where the fan has a point, rising, from 0.
    ///   - changes: What each step did to the run's account, as a fraction of it.
    ///   - paths: The account of each resample at each of `steps`.
    /// - Returns: A point for each of `steps`.
    static func fan(_ steps: [Int], growth changes: [Double], of paths: [[Double]]) -> [FanPoint] {
        var actual = 1.0
        var passed = 0
        return steps.indices.map { index in
            while passed < steps[index] {
                actual *= 1 + changes[passed]
                passed += 1
            }
            return FanPoint(
                step: steps[index], growth: Band(of: paths.map { $0[index] }), actual: actual)
        }
    }
}

/// At most so many of the numbers 0 to `count`, evenly spaced, with both ends.
func fanSteps(_ count: Int, _ points: Int) -> [Int] {
    let steps = min(points - 1, count)
    return (0...steps).map { $0 * count / steps }
}
