/// What a run in a perpetual ran on besides its bars.
public struct PerpetualIdentity: Sendable, Hashable {
    /// Identity of the funding payments the run used, in hexadecimal; `nil` if none were charged.
    public var fundingDigest: String?
    /// Payments that fell due in the window, whether a position was held or not.
    public var payments: Int
    /// Stretches of the window without the payments that should be there.
    public var fundingGaps: [Gap]
    /// Identity of the stored mark-price bars the run used; `nil` where the traded price took their
    /// place.
    public var markDigest: String?
    /// Bars of the window without a mark price, where there is a series of it.
    public var missingMarks: Int

    /// Describes the data.
    public init(
        fundingDigest: String? = nil, payments: Int = 0, fundingGaps: [Gap] = [],
        markDigest: String? = nil, missingMarks: Int = 0
    ) {
        self.fundingDigest = fundingDigest
        self.payments = payments
        self.fundingGaps = fundingGaps
        self.markDigest = markDigest
        self.missingMarks = missingMarks
    }
}

extension FundingSeries {
    /// The longest time between two payments at the exchanges: eight hours.
    public static let longestInterval: Int64 = 8 * 3_600_000

    /// Stretches of a run without the payments that should be there.
    ///
    /// Intervals have changed from eight hours to four and one, so only more than eight hours
    /// count; `bars` is the number of payments that are missing at least.
    /// - Parameters:
    ///   - start: Open time of the first bar (milliseconds since the epoch).
    ///   - end: Close time of the last bar.
    /// - Returns: The stretches, oldest first.
    /// - Complexity: O(payments).
    public func gaps(from start: Int64, to end: Int64) -> [Gap] {
        let step = FundingSeries.longestInterval
        var gaps: [Gap] = []
        var last = start
        func look(_ next: Int64) {
            if next - last > step {
                gaps.append(Gap(from: last, to: next, bars: Int((next - last - 1) / step)))
            }
            last = next
        }
        for index in firstIndex(atOrAfter: start)..<count where times[index] < end {
            look(times[index])
        }
        look(end)
        return gaps
    }
}
