import LotCore
import LotData
import LotEngine

/// Funding and mark prices of a run, as they are stored beside its bars.
struct PerpetualInputs {
    /// What the engine needs.
    private(set) var data = PerpetualData()
    /// What the manifest says of it; `nil` on spot.
    private(set) var identity: PerpetualIdentity?

    /// Opens what is stored for the rows `window` of `bars`.
    ///
    /// - Throws: 66 if no funding is stored, 65 if none of it lies in the window: a position would
    ///   have been held for nothing.
    init(_ request: RunRequest, _ bars: Bars, _ window: Range<Int>) throws(Diagnosis) {
        guard request.address.market == .perp else { return }
        var identity = PerpetualIdentity()
        if request.settings.perpetual.chargesFunding {
            data.funding = try PerpetualInputs.funding(request, bars, window, &identity)
        }
        data.marks = try PerpetualInputs.marks(request, bars, window, &identity)
        self.identity = identity
    }

    private static func funding(
        _ request: RunRequest, _ bars: Bars, _ window: Range<Int>,
        _ identity: inout PerpetualIdentity
    ) throws(Diagnosis) -> FundingSeries {
        let (store, address) = (request.workspace.store, try fundingAddress(request.address))
        let hint = "lot data import FILES… --as \(address), or --no-funding to leave it out"
        guard try store.exists(.funding(address)) else {
            throw Diagnosis(
                .noInput, kind: "funding.missing", subject: address.description,
                reason: "no funding rates are stored, which a position in a perpetual pays",
                hint: hint)
        }
        let start = bars.openTime[window.lowerBound]
        let end = bars.closeTime(window.upperBound - 1)
        let series = try store.openFunding(address, before: end).series
        identity.fundingDigest = series.identity
        identity.payments = series.count - series.firstIndex(atOrAfter: start)
        identity.fundingGaps = series.gaps(from: start, to: end)
        guard identity.payments > 0 || identity.fundingGaps.isEmpty else {
            throw Diagnosis(
                .data, kind: "funding.empty", subject: address.description,
                reason: "no funding rates from \(CivilTime.text(start)) to \(CivilTime.text(end))",
                hint: hint)
        }
        return series
    }

    private static func fundingAddress(
        _ address: SeriesAddress
    ) throws(Diagnosis) -> FundingAddress {
        do throws(SeriesAddressError) {
            return try FundingAddress(exchange: address.exchange, symbol: address.symbol)
        } catch {
            throw usage("--data", error.reason)
        }
    }

    /// Bars of the mark price, of the run's interval; `nil` where there are none.
    private static func marks(
        _ request: RunRequest, _ bars: Bars, _ window: Range<Int>,
        _ identity: inout PerpetualIdentity
    ) throws(Diagnosis) -> Bars? {
        let traded = request.address
        guard
            let address = try? SeriesAddress(
                exchange: traded.exchange, market: .perp, symbol: traded.symbol,
                interval: traded.interval, price: .mark),
            try request.workspace.store.exists(address)
        else { return nil }
        let stored = try request.workspace.store.open(address)
        let rows = stored.bars.firstIndex(atOrAfter: bars.closeTime(window.upperBound - 1))
        guard rows > 0 else { return nil }
        let marks = stored.bars.slice(0..<rows)
        identity.markDigest = try stored.identity(rows: rows)
        var next = 0
        for row in window {
            let time = bars.openTime[row]
            while next < rows, marks.openTime[next] < time { next += 1 }
            if next == rows || marks.openTime[next] != time { identity.missingMarks += 1 }
        }
        return marks
    }
}
