/// Every point of a grid that meets the conditions, in order of numbers.
public struct GridSampler: Sampler {
    private let space: SearchSpace
    private let count: Int
    private let filter: PointFilter
    private var next = 0

    /// A sampler at the beginning of the grid.
    public init(_ space: SearchSpace, count: Int, _ filter: @escaping PointFilter) {
        self.space = space
        self.count = count
        self.filter = filter
    }

    /// It never needs to be told.
    public var batch: Int? { nil }

    /// The next points, at most `limit`.
    public mutating func ask(_ limit: Int) -> [Point] {
        var points: [Point] = []
        while points.count < limit, next < count {
            let point = space.gridPoint(next)
            next += 1
            if filter(point) { points.append(point) }
        }
        return points
    }

    /// Learns nothing.
    public mutating func tell(_ observations: [Observation]) {}

    /// Jumps to a trial.
    ///
    /// - Complexity: O(`number`): the conditions decide which points have numbers.
    public mutating func skip(to number: Int) -> Bool {
        next = 0
        var left = number
        while left > 0, next < count {
            if filter(space.gridPoint(next)) { left -= 1 }
            next += 1
        }
        return left == 0
    }
}
