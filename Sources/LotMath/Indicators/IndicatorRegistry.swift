/// Every indicator that scripts can use, by name.
public enum IndicatorRegistry {
    /// All definitions, in the order of the documentation; a definition's index is stable within
    /// a build.
    public static let all: [IndicatorDefinition] = [
        SimpleMovingAverage.definition,
        ExponentialMovingAverage.definition,
        WeightedMovingAverage.definition,
        RelativeStrengthIndex.definition,
        MovingAverageConvergenceDivergence.definition,
        BollingerBands.definition,
        AverageTrueRange.definition,
        StandardDeviation.definition,
        StandardDeviation.talibDefinition,
        RateOfChange.definition,
        Highest.definition,
        Lowest.definition,
        DonchianChannel.definition,
    ]

    private static let indexes = Dictionary(
        uniqueKeysWithValues: all.enumerated().map { ($1.name, $0) })

    /// Returns the index in ``all`` of the indicator called `name`.
    public static func index(of name: String) -> Int? { indexes[name] }
}
