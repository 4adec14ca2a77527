public import LotCore

/// A place in a space: for each dimension the value itself, or the index of a choice.
public struct Point: Sendable, Hashable {
    /// One number a dimension.
    public var coordinates: [Double]

    /// Takes coordinates.
    public init(_ coordinates: [Double]) { self.coordinates = coordinates }
}

/// Everything that a search may try.
public struct SearchSpace: Sendable, Hashable {
    /// The parameters, at least one.
    public var dimensions: [Dimension]

    /// Spans a space.
    public init(dimensions: [Dimension]) { self.dimensions = dimensions }

    /// Number of points; `nil` where a dimension is continuous, or there are 2⁵³ or more.
    public var gridCount: Int? {
        var product = 1
        for dimension in dimensions {
            guard let count = dimension.count else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: count)
            guard !overflow, next < 1 << 53 else { return nil }
            product = next
        }
        return product
    }

    /// The number of points, for a search that tries all.
    ///
    /// - Throws: 64 where a parameter has no step.
    public func requireGrid() throws(Diagnosis) -> Int {
        if let gridCount { return gridCount }
        if let endless = dimensions.first(where: { $0.count == nil }) {
            throw Diagnosis(
                .usage, kind: "usage", subject: "--sampler",
                reason: "grid needs a step for \(endless.name)",
                hint: "--parameter \(endless.name) MIN MAX STEP, or --sampler tpe")
        }
        throw Diagnosis(
            .usage, kind: "usage", subject: "--sampler",
            reason: "the grid has more points than can be counted",
            hint: "use larger steps, or --sampler sobol")
    }

    /// The point of a number; the last dimension runs fastest, so that neighbours share series.
    public func gridPoint(_ index: Int) -> Point {
        var rest = index
        var coordinates = [Double](repeating: 0, count: dimensions.count)
        for place in dimensions.indices.reversed() {
            let count = dimensions[place].count ?? 1
            coordinates[place] = dimensions[place].value(rest % count)
            rest /= count
        }
        return Point(coordinates)
    }

    /// The nearest point to a place in the unit cube.
    public func snapped(unit: [Double]) -> Point {
        Point(zip(dimensions, unit).map { $0.snapped($1) })
    }

    /// The place of a point in the unit cube.
    public func unit(_ point: Point) -> [Double] {
        zip(dimensions, point.coordinates).map { $0.unit($1) }
    }

    /// A coordinate as `--param` takes it.
    public func text(_ point: Point, _ dimension: Int) -> String {
        dimensions[dimension].text(point.coordinates[dimension])
    }
}
