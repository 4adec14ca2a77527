public import LotCore
import Glibc

/// The stored series below a datasets folder: open, list, verify, commit.
///
/// A value without state: every call looks at the disk. Any number of readers and one writer per
/// series may work at once, in any processes. The format is described in `docs/file-format.md`.
public struct KlineStore: Sendable {
    /// The datasets folder, which holds one folder per exchange.
    public let root: String
    /// How the store changes the disk.
    let files: FileOperations

    /// Names a store; nothing is opened or created.
    ///
    /// - Parameter root: The datasets folder, see ``Workspace/datasets``.
    public init(root: String) {
        self.init(root: root, faults: nil)
    }

    init(root: String, faults: FaultPlan?) {
        self.root = root
        files = FileOperations(faults: faults)
    }

    /// Opens a series of bars for reading, without a pass over its data and without a copy.
    ///
    /// - Parameter address: Which series.
    /// - Returns: The series as committed when it was opened; later commits do not change it.
    /// - Throws: A ``LotCore/Diagnosis``: 66 where there is none (with the command that imports
    ///   it), 65 where a file is damaged, 75 where it was replaced too often while opening.
    /// - Complexity: O(blocks + gaps), well under a millisecond.
    public func open(_ address: SeriesAddress) throws(Diagnosis) -> StoredSeries {
        try StoredSeries(openFiles(SeriesPlace(address)), address: address)
    }

    /// Opens a series of funding rates for reading.
    ///
    /// - Parameters:
    ///   - address: Which series.
    ///   - end: Payments at or after this time are left out of the series and of its identity, so
    ///     that what is stored later changes neither; `nil` is all.
    /// - Returns: The payments as committed when it was opened.
    /// - Throws: As ``open(_:)``.
    public func openFunding(
        _ address: FundingAddress, before end: Int64? = nil
    ) throws(Diagnosis) -> StoredFunding {
        try StoredFunding(openFiles(SeriesPlace(address)), address: address, end: end)
    }

    /// The stored funding rates of a perpetual, from the first on.
    ///
    /// - Parameters:
    ///   - exchange: Name of the exchange.
    ///   - symbol: The perpetual, in the exchange's spelling or the unified one.
    ///   - end: As for ``openFunding(_:before:)``.
    /// - Returns: The payments, with the identity that a run's manifest names.
    /// - Throws: As ``open(_:)``; 64 for a symbol that is none.
    public func funding(
        exchange: String, symbol: String, before end: Int64? = nil
    ) throws(Diagnosis) -> FundingSeries {
        let address: FundingAddress
        do throws(SeriesAddressError) {
            address = try FundingAddress(exchange: exchange, symbol: symbol)
        } catch {
            throw Diagnosis(
                .usage, kind: "kline.name", subject: escaped(symbol), reason: error.reason)
        }
        return try openFunding(address, before: end).series
    }

    /// Opens the files of a series of any kind.
    func openFiles(_ place: SeriesPlace) throws(Diagnosis) -> ColumnFiles {
        // A writer that swaps the folder removes the old one's files: ENOENT means look again.
        for _ in 0..<8 {
            guard let folder = try openFolder(place) else { throw missing(place.address) }
            if let files = try ColumnFiles.open(folder, place) { return files }
        }
        guard let folder = try openFolder(place) else { throw missing(place.address) }
        if let absent = try ColumnFiles.absentFile(folder, place) { throw absent }
        throw Diagnosis(
            .tryLater, kind: "kline.changed", subject: place.subject(),
            reason: "changed while opening", hint: "run again")
    }

    /// Whether a folder of the series exists, whatever its state.
    public func exists(_ address: DatasetAddress) throws(Diagnosis) -> Bool {
        try openFolder(SeriesPlace(address)) != nil
    }

    /// Whether a folder of the bars exists, whatever its state.
    public func exists(_ address: SeriesAddress) throws(Diagnosis) -> Bool {
        try exists(.bars(address))
    }

    /// The diagnosis of a series that is not there.
    public func missing(_ address: DatasetAddress) -> Diagnosis {
        Diagnosis(
            .noInput, kind: "kline.missing", subject: address.description,
            reason: "no such series in \(escaped(root, limit: 256))",
            hint: "lot data import FILES… --as \(address)")
    }

    /// The diagnosis of bars that are not there.
    public func missing(_ address: SeriesAddress) -> Diagnosis { missing(.bars(address)) }

    /// Opens the folder of a series; `nil` if any folder on the way is missing.
    func openFolder(_ place: SeriesPlace) throws(Diagnosis) -> OpenFile? {
        guard let parent = try openParent(place) else { return nil }
        return try openBelow(parent, place.name, subject: place.subject())
    }

    /// Opens the folder that holds a symbol's series and their locks.
    func openParent(_ place: SeriesPlace) throws(Diagnosis) -> OpenFile? {
        guard var folder = try openRoot() else { return nil }
        for name in place.parents {
            guard let next = try openBelow(folder, name, subject: place.subject()) else {
                return nil
            }
            folder = next
        }
        return folder
    }

    func openRoot() throws(Diagnosis) -> OpenFile? {
        do {
            return try OpenFile.folder(path: root)
        } catch {
            if error.code == ENOENT { return nil }
            throw systemDiagnosis(
                error.code, subject: escaped(root, limit: 256), doing: "opening")
        }
    }

    private func openBelow(
        _ folder: OpenFile, _ name: String, subject: String
    ) throws(Diagnosis) -> OpenFile? {
        do {
            return try folder.folder(name)
        } catch {
            if error.code == ENOENT { return nil }
            throw systemDiagnosis(error.code, subject: subject, doing: "opening")
        }
    }
}
