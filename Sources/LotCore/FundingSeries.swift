/// The funding rates of a perpetual, oldest first.
///
/// At each time the holder of a long position pays `quantity · mark price · rate` to the holders of
/// short ones (a negative rate pays the other way). Times are whole minutes: exchanges stamp the
/// event some milliseconds late, and the store takes that away.
public struct FundingSeries: Sendable {
    /// When each payment is due, milliseconds since the epoch, strictly rising.
    public let times: Column<Int64>
    /// The rates, as fractions: 0.0001 is 0.01 %.
    public let rates: Column<Double>
    /// The mark prices that the payments were computed with, NaN where one is not known; `nil`
    /// where none is.
    public let markPrices: Column<Double>?
    /// The name of these payments in a run's manifest: 64 hexadecimal digits, by the rule that
    /// `docs/file-format.md` gives for klines.
    ///
    /// Empty for a series made in memory.
    public let identity: String

    /// Makes a series from columns of one length.
    public init(
        times: Column<Int64>, rates: Column<Double>, markPrices: Column<Double>? = nil,
        identity: String = ""
    ) {
        precondition(
            rates.count == times.count && markPrices?.count ?? times.count == times.count,
            "columns of different lengths")
        self.times = times
        self.rates = rates
        self.markPrices = markPrices
        self.identity = identity
    }

    /// Makes a series in memory, for tests.
    ///
    /// - Parameter payments: Times, rising strictly, with their rates.
    public init(_ payments: [(time: Int64, rate: Double)]) {
        self.init(
            times: Column(payments.map(\.time)), rates: Column(payments.map(\.rate)))
    }

    /// Number of payments.
    public var count: Int { times.count }

    /// Returns the index of the first payment at or after `time`; ``count`` if there is none.
    ///
    /// - Complexity: O(log n).
    public func firstIndex(atOrAfter time: Int64) -> Int {
        times.firstIndex(atOrAfter: time)
    }

    /// The mark price of a payment; `nil` where it is not known.
    public func markPrice(_ index: Int) -> Double? {
        guard let price = markPrices?[index], !price.isNaN else { return nil }
        return price
    }

    /// Some of the payments, as if nothing else had been stored; they share the memory and keep
    /// the identity of the whole.
    public func slice(_ range: Range<Int>) -> FundingSeries {
        FundingSeries(
            times: times.slice(range), rates: rates.slice(range),
            markPrices: markPrices?.slice(range), identity: identity)
    }
}
