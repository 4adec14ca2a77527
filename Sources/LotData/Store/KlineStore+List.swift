public import LotCore

/// One line of `lot data list`.
public struct SeriesSummary: Sendable, Equatable {
    /// The series; `nil` where the folder's place is no address.
    public var address: DatasetAddress?
    /// The folder below the datasets folder: `binance/spot/BTCUSDT/1h`.
    public var folder: String
    /// Rows committed; 0 where that could not be read.
    public var rows: Int
    /// Open time of the first row.
    public var firstTime: Int64?
    /// Open time of the last row.
    public var lastTime: Int64?
    /// Rows missing between them.
    public var missingBars: Int
    /// Number of holes.
    public var gaps: Int
    /// The columns stored.
    public var columns: [SeriesColumn]
    /// Whether some rows are generated, not measured.
    public var isSynthetic: Bool
    /// Why it cannot be opened; `nil` if it can.
    public var problem: Diagnosis?
}

extension KlineStore {
    /// Finds every series below the datasets folder, in the order of their folders' names.
    ///
    /// Folders copied in by hand are found; damaged ones are listed with their problem. A
    /// datasets folder that does not exist holds nothing.
    /// - Complexity: O(series), no pass over their data.
    public func list() throws(Diagnosis) -> [SeriesSummary] {
        guard let top = try openRoot() else { return [] }
        var result: [SeriesSummary] = []
        do {
            for exchange in try folders(in: top) {
                for market in Market.allCases.map(\.rawValue).sorted() {
                    guard let markets = try subfolder(exchange.file, market) else { continue }
                    for symbol in try folders(in: markets) {
                        for series in try folders(in: symbol.file) {
                            let path = [exchange.name, market, symbol.name, series.name]
                            if let summary = summary(path, series.file) { result.append(summary) }
                        }
                    }
                }
            }
        } catch {
            throw systemDiagnosis(error.code, subject: "datasets", doing: "listing")
        }
        return result
    }

    private func folders(
        in parent: OpenFile
    ) throws(SystemError) -> [(name: String, file: OpenFile)] {
        var result: [(name: String, file: OpenFile)] = []
        for name in try parent.names() where !name.hasPrefix(".") {
            if let file = try subfolder(parent, name) { result.append((name, file)) }
        }
        return result
    }

    private func subfolder(_ parent: OpenFile, _ name: String) throws(SystemError) -> OpenFile? {
        guard let status = try parent.status(of: name), status.isFolder else { return nil }
        return try parent.folder(name)
    }

    /// Describes the folder of a series; `nil` for other folders (leftovers of a swap).
    private func summary(_ path: [String], _ folder: OpenFile) -> SeriesSummary? {
        let names = (try? folder.names()) ?? []
        let isSeries = names.contains { $0 == SeriesManifest.fileName || $0.hasSuffix(".npy") }
        guard isSeries, !path[3].hasSuffix(".new") else { return nil }
        var summary = SeriesSummary(
            folder: escaped(path.joined(separator: "/"), limit: 256), rows: 0, missingBars: 0,
            gaps: 0, columns: [], isSynthetic: false)
        do throws(Diagnosis) {
            let address = try address(path)
            summary.address = address
            let manifest = try openFiles(SeriesPlace(address)).manifest
            summary.rows = manifest.rows
            summary.firstTime = manifest.firstTime
            summary.lastTime = manifest.lastTime
            summary.gaps = manifest.gaps.count
            summary.missingBars = manifest.gaps.reduce(0) { $0 + $1.bars }
            summary.columns = manifest.columns
            summary.isSynthetic = manifest.sources.contains {
                $0.kind == SyntheticKlines.sourceKind
            }
        } catch {
            summary.problem = error
        }
        return summary
    }

    private func address(_ path: [String]) throws(Diagnosis) -> DatasetAddress {
        do {
            guard let market = Market(rawValue: path[1]) else {
                throw SeriesAddressError.badMarket(path[1])
            }
            let address: DatasetAddress
            if market == .perp, path[3] == FundingAddress.name {
                address = .funding(try FundingAddress(exchange: path[0], symbol: path[2]))
            } else {
                let (interval, price) = try SeriesAddress.bars(path[3])
                address = .bars(
                    try SeriesAddress(
                        exchange: path[0], market: market, symbol: path[2], interval: interval,
                        price: price))
            }
            guard address.folder == path.joined(separator: "/") else {
                throw SeriesAddressError.badExchange(path[0])
            }
            return address
        } catch {
            let reason = (error as? SeriesAddressError)?.reason ?? "not an address"
            throw Diagnosis(
                .data, kind: "kline.place",
                subject: "datasets/" + escaped(path.joined(separator: "/"), limit: 256),
                reason: reason, hint: "rename the folder")
        }
    }
}
