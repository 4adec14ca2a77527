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

    /// Opens a series for reading, without a pass over its data and without a copy.
    ///
    /// - Parameter address: Which series.
    /// - Returns: The series as committed when it was opened; later commits do not change it.
    /// - Throws: A ``LotCore/Diagnosis``: 66 where there is none (with the command that imports
    ///   it), 65 where a file is damaged, 75 where it was replaced too often while opening.
    /// - Complexity: O(blocks + gaps), well under a millisecond.
    public func open(_ address: SeriesAddress) throws(Diagnosis) -> StoredSeries {
        // A writer that swaps the folder removes the old one's files: ENOENT means look again.
        for _ in 0..<8 {
            guard let folder = try openFolder(address) else { throw missing(address) }
            if let series = try StoredSeries.open(folder, address: address) { return series }
        }
        guard let folder = try openFolder(address) else { throw missing(address) }
        if let absent = try StoredSeries.absentFile(folder, address: address) { throw absent }
        throw Diagnosis(
            .tryLater, kind: "kline.changed", subject: subject(address),
            reason: "changed while opening", hint: "run again")
    }

    /// Whether a folder of the series exists, whatever its state.
    public func exists(_ address: SeriesAddress) throws(Diagnosis) -> Bool {
        try openFolder(address) != nil
    }

    /// The diagnosis of a series that is not there.
    public func missing(_ address: SeriesAddress) -> Diagnosis {
        Diagnosis(
            .noInput, kind: "kline.missing", subject: address.description,
            reason: "no such series in \(escaped(root, limit: 256))",
            hint: "lot data import FILES… --as \(address)")
    }

    /// How messages name a series' folder, or a file in it.
    func subject(_ address: SeriesAddress, _ file: String? = nil) -> String {
        StoredSeries.subject(address, file)
    }

    /// Opens the folder of a series; `nil` if any folder on the way is missing.
    func openFolder(_ address: SeriesAddress) throws(Diagnosis) -> OpenFile? {
        guard let parent = try openParent(address) else { return nil }
        return try openBelow(parent, address.interval.name, subject: subject(address))
    }

    /// Opens the folder that holds a symbol's series and their locks.
    func openParent(_ address: SeriesAddress) throws(Diagnosis) -> OpenFile? {
        guard var folder = try openRoot() else { return nil }
        for name in [address.exchange, address.market.rawValue, address.symbol] {
            guard let next = try openBelow(folder, name, subject: subject(address)) else {
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
