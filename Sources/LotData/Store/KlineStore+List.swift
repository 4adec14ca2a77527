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
    /// Bytes of the folder's files.
    public var bytes: Int64
    /// When rows were last written, in milliseconds since 1970; 0 where that is not known.
    public var changedMs: Int64
    /// The state of its files.
    ///
    /// As long as this is the same, so is everything else here. Any change of a file changes it,
    /// by whomever, short of two within one tick of the kernel's clock.
    public var stamp: String

    /// Describes a series that can be opened.
    ///
    /// - Parameters:
    ///   - address: The series.
    ///   - stamp: The state of its files.
    public init(address: DatasetAddress, stamp: String) {
        self.init(folder: address.folder, stamp: stamp)
        self.address = address
    }

    init(folder: String, stamp: String) {
        self.folder = folder
        self.stamp = stamp
        (rows, missingBars, gaps, bytes, changedMs) = (0, 0, 0, 0, 0)
        columns = []
        isSynthetic = false
    }
}

extension KlineStore {
    /// Finds every series below the datasets folder, in the order of their folders' names.
    ///
    /// Folders copied in by hand are found; damaged ones are listed with their problem. A
    /// datasets folder that does not exist holds nothing.
    /// - Parameter known: What an earlier call returned, by folder: a series whose stamp is still
    ///   the same is not opened again.
    /// - Returns: A line for each series.
    /// - Throws: 74 or 77 if a folder cannot be read.
    /// - Complexity: O(series), no pass over their data.
    public func list(known: [String: SeriesSummary] = [:]) throws(Diagnosis) -> [SeriesSummary] {
        guard let top = try openRoot() else { return [] }
        var result: [SeriesSummary] = []
        do {
            for exchange in try folders(in: top) {
                for market in Market.allCases.map(\.rawValue).sorted() {
                    guard let markets = try subfolder(exchange.file, market) else { continue }
                    for symbol in try folders(in: markets) {
                        for series in try folders(in: symbol.file) {
                            let path = [exchange.name, market, symbol.name, series.name]
                            let old = known[path.joined(separator: "/")]
                            if let summary = summary(path, series.file, old) {
                                result.append(summary)
                            }
                        }
                    }
                }
            }
        } catch {
            throw systemDiagnosis(error.code, subject: "datasets", doing: "listing")
        }
        return result
    }

    /// Describes one series; `nil` if there is no folder of it.
    public func summary(of address: DatasetAddress) throws(Diagnosis) -> SeriesSummary? {
        let place = SeriesPlace(address)
        guard let folder = try openFolder(place) else { return nil }
        return summary(place.parents + [place.name], folder, nil)
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
    private func summary(
        _ path: [String], _ folder: OpenFile, _ known: SeriesSummary?
    ) -> SeriesSummary? {
        let names = (try? folder.names()) ?? []
        let isSeries = names.contains { $0 == SeriesManifest.fileName || $0.hasSuffix(".npy") }
        guard isSeries, !path[3].hasSuffix(".new") else { return nil }
        // Taken before the files are read: what changes meanwhile is read again the next time.
        let state = FolderState(folder, names)
        if let known, known.stamp == state.stamp { return known }
        var summary = SeriesSummary(
            folder: escaped(path.joined(separator: "/"), limit: 256), stamp: state.stamp)
        summary.bytes = state.bytes
        summary.changedMs = state.written / 1_000_000
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

/// The state of a folder's files, from their status alone.
private struct FolderState {
    /// A hash (FNV-1a, 64 bits) over names, sizes, inodes and the times of the last change.
    let stamp: String
    let bytes: Int64
    /// When `series.json` was written, in nanoseconds since 1970.
    let written: Int64

    init(_ folder: OpenFile, _ names: [String]) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        var (bytes, written): (Int64, Int64) = (0, 0)
        for name in names.sorted() {
            guard let status = (try? folder.status(of: name)) ?? nil else { continue }
            for byte in name.utf8 { add(byte) }
            for word in [
                UInt64(bitPattern: status.size), UInt64(bitPattern: status.changed),
                status.inode, status.device,
            ] {
                for shift in stride(from: 0, to: 64, by: 8) {
                    add(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
                }
            }
            bytes += status.size
            if name == SeriesManifest.fileName { written = status.modified }
        }
        self.bytes = bytes
        self.written = written
        let text = String(hash, radix: 16)
        stamp = String(repeating: "0", count: 16 - text.count) + text
    }
}
