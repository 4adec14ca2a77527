import Glibc
import LotCore

/// Monte Carlo over a run's days that keeps neighbouring days together: the stationary bootstrap.
///
/// A resample has as many days as the run. It begins at a day by lot; each next day is the one
/// that followed in the run with probability 1 − 1/b, else a new one by lot, the first day
/// following the last: blocks of geometric length, b days on average. So calm and wild times, and
/// losses in rows, stay as they were; which of them come, and how often, is left to chance.
///
/// The bands say what the same rules would have done in other times made of the same days. They
/// do not say that such times will come: what never happened in the window happens in no
/// resample. Choosing the best of many trials is not undone either: its days are the lucky ones.
///
/// - Complexity: O(days · resamples), about 5 ns each.
/// - SeeAlso: Politis and Romano, "The Stationary Bootstrap", Journal of the American Statistical
///   Association 89(428), 1994.
public struct StationaryBootstrap: Sendable, Equatable {
    /// What to draw, and how.
    public struct Settings: Sendable, Equatable {
        /// How many resamples, at least 1.
        public var resamples: Int
        /// b, at least 1; `nil` for ``stationaryBlockLength(_:)`` of the returns.
        public var blockLength: Double?
        /// Days of a year (periods, for intervals above a day), for annual figures.
        public var periodsPerYear: Double
        /// At most so many points of the fan, at least 2.
        public var fanPoints: Int
        /// Decides every draw; a resample has a generator of its own.
        public var seed: UInt64

        /// Gathers settings.
        public init(
            seed: UInt64, resamples: Int = 1_000, blockLength: Double? = nil,
            periodsPerYear: Double = 365, fanPoints: Int = 200
        ) {
            self.seed = seed
            self.resamples = max(1, resamples)
            self.blockLength = blockLength
            self.periodsPerYear = periodsPerYear
            self.fanPoints = max(2, fanPoints)
        }
    }

    /// Number of resamples.
    public let resamples: Int
    /// The mean block length that they were drawn with.
    public let blockLength: Double
    /// Final over starting account, less 1.
    public let totalReturn: Band
    /// `(1 + total return)^(periods a year / n) − 1`.
    public let cagr: Band
    /// Mean over sample deviation of returns, times √(periods a year); resamples without variation
    /// are left out.
    public let sharpe: Band
    /// Largest fall below the peak so far at a day's close: bars inside a day are not drawn, so it
    /// is at most the `max_drawdown` of the same days.
    public let maxDrawdown: Band
    /// The share of resamples that end below where they began.
    public let lossProbability: Double
    /// The account by day, for a chart: evenly spaced days with the first and the last.
    public let fan: [FanPoint]

    /// Resamples day returns; `nil` for fewer than two days, or one that lost the whole account.
    ///
    /// - Parameters:
    ///   - returns: Day returns of a run, oldest first (``MetricEvaluator/dayReturns``).
    ///   - settings: What to draw.
    ///   - runner: Who does the work; the result does not depend on it.
    public init?(
        _ returns: [Double], _ settings: Settings, runner: some PieceRunner = SerialRunner()
    ) {
        guard returns.count > 1, returns.allSatisfy({ $0.isFinite && $0 > -1 }) else { return nil }
        let length = max(1, settings.blockLength ?? stationaryBlockLength(returns))
        let days = fanSteps(returns.count, settings.fanPoints)
        let draw = Draw(returns: returns, restart: 1 / length, fanDays: days)
        let pieces = resamplePieces(settings.resamples)
        let seed = settings.seed
        let paths = runner.pieces(pieces.count) { piece in
            pieces[piece].map { draw.path(Xoshiro256(seed: seed, stream: $0)) }
        }.flatMap(\.self)
        let power = settings.periodsPerYear / Double(returns.count)
        let root = settings.periodsPerYear.squareRoot()
        resamples = settings.resamples
        blockLength = length
        totalReturn = Band(of: paths.map { $0.growth - 1 })
        cagr = Band(of: paths.map { pow($0.growth, power) - 1 })
        sharpe = Band(of: paths.map { $0.sharpe * root })
        maxDrawdown = Band(of: paths.map(\.drawdown))
        lossProbability = Double(paths.count { $0.growth < 1 }) / Double(paths.count)
        fan = FanPoint.fan(days, growth: returns, of: paths.map(\.fan))
    }

    /// One resample.
    private struct Path: Sendable {
        var growth = 1.0
        var drawdown = 0.0
        var sharpe = Double.nan
        var fan: [Double] = []
    }

    /// Makes resamples.
    private struct Draw: Sendable {
        let returns: [Double]
        /// 1 / b.
        let restart: Double
        let fanDays: [Int]
        /// Subtracted before sums, which then keep their digits.
        let center: Double
        /// Mean square below which returns do not vary.
        let roundingSquare: Double

        init(returns: [Double], restart: Double, fanDays: [Int]) {
            self.returns = returns
            self.restart = restart
            self.fanDays = fanDays
            center = returns.reduce(0, +) / Double(returns.count)
            roundingSquare = 1e-30
        }

        func path(_ generator: Xoshiro256) -> Path {
            var random = generator
            var path = Path()
            var (peak, sum, squares) = (1.0, 0.0, 0.0)
            var day = random.below(returns.count)
            var nextPoint = 0
            path.fan.reserveCapacity(fanDays.count)
            for passed in 1...returns.count {
                if nextPoint < fanDays.count, fanDays[nextPoint] < passed {
                    path.fan.append(path.growth)
                    nextPoint += 1
                }
                let change = returns[day]
                path.growth *= 1 + change
                peak = max(peak, path.growth)
                path.drawdown = max(path.drawdown, 1 - path.growth / peak)
                sum += change - center
                squares += (change - center) * (change - center)
                day = day + 1 < returns.count ? day + 1 : 0
                if random.unit() < restart { day = random.below(returns.count) }
            }
            path.fan.append(path.growth)
            let count = Double(returns.count)
            let mean = sum / count
            let variance = (squares - sum * mean) / (count - 1)
            if variance > roundingSquare {
                path.sharpe = (center + mean) / variance.squareRoot()
            }
            return path
        }
    }
}
