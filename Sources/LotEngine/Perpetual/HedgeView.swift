public import LotCore

/// What a strategy sees of the two legs of a hedged symbol; kept up to date by the run.
///
/// Not thread-safe: one run and its strategy share it.
public final class HedgeView {
    /// One leg.
    public struct Leg: Sendable, Equatable {
        /// Signed position in base currency: 0 or more for the long leg, 0 or less for the short.
        public var size = 0.0
        /// Average entry price; 0 while flat.
        public var entryPrice = 0.0
        /// Row of the bar of the first entry fill; -1 while flat.
        public var entryRow = -1
        /// Unrealised profit at the newest close, before the fees of leaving, in quote currency.
        public var profit = 0.0
        /// The mark price that would liquidate the leg; `nil` where none would, and in a run that
        /// nobody explains.
        public var liquidationPrice: Double?

        /// A leg without a position.
        public init() {}
    }

    /// The leg that is held by buying.
    public internal(set) var long = Leg()
    /// The leg that is held by selling.
    public internal(set) var short = Leg()

    /// Two legs without a position.
    public init() {}

    /// The leg on a side.
    public func leg(_ side: PositionSide) -> Leg { side == .long ? long : short }
}
