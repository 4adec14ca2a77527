/// Every indicator that scripts can use, by name.
public enum IndicatorRegistry {
    /// All definitions, group after group; a definition's index is stable within a build.
    public static let all: [IndicatorDefinition] = groups.flatMap(\.indicators)

    /// The definitions in the order of the documentation, under its headings.
    public static let groups: [(title: String, indicators: [IndicatorDefinition])] = [
        ("Averages", averages), ("Momentum", momentum), ("Trend", trend),
        ("Volatility and bands", bands), ("Volume", volume),
        ("Windows and statistics", windows), ("Events and bars", events),
    ]

    private static let averages = [
        SimpleMovingAverage.definition, ExponentialMovingAverage.definition,
        WeightedMovingAverage.definition, ExponentialMovingAverage.wilderDefinition,
        DoubleExponential.definition, TripleExponential.definition, TillsonAverage.definition,
        TriangularMovingAverage.definition, KaufmanAverage.definition,
        HullMovingAverage.definition, VolumeWeightedAverage.definition,
    ]

    private static let momentum = [
        RelativeStrengthIndex.definition, Stochastic.definition, Stochastic.fast,
        StochasticRSI.definition, MovingAverageConvergenceDivergence.definition,
        PercentagePriceOscillator.definition, AbsolutePriceOscillator.definition,
        Trix.definition, RateOfChange.definition, RateOfChangeRatio.fraction,
        RateOfChangeRatio.definition, Momentum.definition, ChandeMomentum.definition,
        CommodityChannelIndex.definition, WilliamsRange.definition,
        UltimateOscillator.definition, AwesomeOscillator.definition, MoneyFlowIndex.definition,
    ]

    private static let trend = [
        AverageDirectionalIndex.definition, DirectionalRating.definition,
        DirectionalIndex.definition, PlusIndex.definition, MinusIndex.definition,
        Aroon.definition, AroonOscillator.definition, ParabolicStop.definition,
        Supertrend.definition, Ichimoku.definition,
    ]

    private static let bands = [
        TrueRange.definition, AverageTrueRange.definition, NormalizedRange.definition,
        BollingerBands.definition, KeltnerChannel.definition, DonchianChannel.definition,
    ]

    private static let volume = [
        SessionAveragePrice.definition, OnBalanceVolume.definition, AccumulationLine.definition,
        ChaikinMoneyFlow.definition,
    ]

    private static let windows = [
        Highest.definition, Lowest.definition, MiddleOfWindow.definition,
        MiddleOfRange.definition, Sum.definition, StandardDeviation.definition,
        Variance.definition, StandardScore.definition, Percentile.definition,
        PercentRank.definition, LinearRegression.definition, Slope.definition,
        LinearRegression.intercept, LinearRegression.forecast, Correlation.definition,
    ]

    private static let events = [
        Momentum.change, Crossings.definition, RowsSince.definition, ValueWhen.definition,
        Pivot.definition, Pivot.low, HeikinAshi.definition,
    ]

    private static let indexes = Dictionary(
        uniqueKeysWithValues: all.enumerated().flatMap { index, indicator in
            ([indicator.name] + indicator.aliases).map { ($0, index) }
        })

    /// Returns the index in ``all`` of the indicator called `name`, or with it as another name.
    public static func index(of name: String) -> Int? { indexes[name] }
}
