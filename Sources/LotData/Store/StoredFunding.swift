public import LotCore

/// A series of funding rates opened for reading.
public struct StoredFunding: Sendable {
    /// Which series it is.
    public let address: FundingAddress
    /// The payments, mapped, with their identity.
    public let series: FundingSeries
    let files: ColumnFiles

    /// Opens the payments before `end`.
    init(_ files: ColumnFiles, address: FundingAddress, end: Int64?) throws(Diagnosis) {
        self.address = address
        self.files = files
        let rows = end.map { files.times.firstIndex(atOrAfter: $0) } ?? files.rows
        let marks = try files.doubles(.markPrice).slice(0..<rows)
        let rates = try files.doubles(.rate).slice(0..<rows)
        if let bad = (0..<rows).first(where: { !rates[$0].isFinite }) {
            throw Diagnosis(
                .data, kind: "funding.damaged", subject: address.description,
                place: "row \(bad)", reason: "the rate is not a number",
                hint: "see lot data verify \(address); import the period again with --replace")
        }
        let isAnyKnown = (0..<rows).contains { !marks[$0].isNaN }
        series = FundingSeries(
            times: files.times.slice(0..<rows), rates: rates,
            markPrices: isAnyKnown ? marks : nil,
            identity: try files.identity(columns: files.columns, rows: rows))
    }

    /// Number of committed rows, also of those after the end.
    public var rows: Int { files.rows }

    /// Time of the first payment stored, milliseconds since the epoch.
    public var firstTime: Int64 { files.manifest.firstTime }

    /// Time of the last payment stored.
    public var lastTime: Int64 { files.manifest.lastTime }

    /// Stretches of more than eight hours, the longest interval of the exchanges, without a
    /// payment; `bars` counts the eight hours that fit.
    public var gaps: [Gap] { files.manifest.gaps }

    /// Where the rows came from, oldest first (the last 256).
    public var sources: [SeriesSource] { files.manifest.sources }
}
