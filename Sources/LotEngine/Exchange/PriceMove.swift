import LotCore

/// A run's slippage model, resolved once into factors on the price (rule 11).
struct PriceMove: Sendable {
    private let buy: Double
    private let sell: Double
    /// Impact per squared share of the volume; 0 for models that do not look at it.
    private let impact: Double
    private let limit: Double
    /// Half of the quoted spread as a fraction of the middle; 0 for models without a quote.
    private let halfSpread: Double

    init(_ model: Slippage) {
        var (points, impact, limit, spread) = (0.0, 0.0, 0.0, 0.0)
        switch model {
        case .none: break
        case .basisPoints(let value): points = value
        case .halfSpread(let value): (points, spread) = (value / 2, value / 20_000)
        case .volumeShare(let most, let factor): (limit, impact) = (most, factor)
        }
        self.impact = impact
        self.limit = limit
        halfSpread = spread
        buy = 1 + points / 10_000 + impact * limit * limit
        sell = 1 + -points / 10_000 - impact * limit * limit
    }

    /// Whether the price of a fill depends on its share of the bar's volume.
    @inline(__always)
    var needsShare: Bool { impact > 0 }

    /// The factor from the middle of the book to the quote that a limit on `side` takes.
    @inline(__always)
    func quote(_ side: Side) -> Double { 1 + side.sign * halfSpread }

    /// The largest factor that a fill on `side` may have: orders are sized by it.
    @inline(__always)
    func worst(_ side: Side) -> Double { side == .buy ? buy : sell }

    /// The factor of a fill after which `quantity` of a bar's `volume` is taken.
    func factor(_ side: Side, quantity: Double, volume: Double) -> Double {
        let share = volume > 0 ? min(quantity / volume, limit) : limit
        return 1 + side.sign * impact * share * share
    }
}
