/// Every indicator that scripts can use, by name.
public enum IndicatorRegistry {
    /// All definitions, group after group; a definition's index is stable within a build.
    public static let all: [IndicatorDefinition] = groups.flatMap(\.indicators)

    /// The definitions in the order of the documentation, under its headings.
    public static let groups: [(title: String, indicators: [IndicatorDefinition])] = [
        (
            "Averages",
            [
                SimpleMovingAverage.definition, ExponentialMovingAverage.definition,
                WeightedMovingAverage.definition,
            ]
        ),
        (
            "Momentum",
            [
                RelativeStrengthIndex.definition, MovingAverageConvergenceDivergence.definition,
                RateOfChange.definition,
            ]
        ),
        (
            "Volatility and bands",
            [
                AverageTrueRange.definition, BollingerBands.definition,
                DonchianChannel.definition,
            ]
        ),
        (
            "Windows and statistics",
            [Highest.definition, Lowest.definition, StandardDeviation.definition]
        ),
    ]

    private static let indexes = Dictionary(
        uniqueKeysWithValues: all.enumerated().flatMap { index, indicator in
            ([indicator.name] + indicator.aliases).map { ($0, index) }
        })

    /// Returns the index in ``all`` of the indicator called `name`, or with it as another name.
    public static func index(of name: String) -> Int? { indexes[name] }
}
