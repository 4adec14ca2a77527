public import LotCore
import Glibc

/// What was deleted.
public struct DeletedSeries: Sendable, Equatable {
    /// The series.
    public var address: DatasetAddress
    /// Rows it had; `nil` where that could not be read.
    public var rows: Int?
    /// Bytes of its files.
    public var bytes: Int64
}

extension KlineStore {
    /// Removes a series, sound or damaged, and its lock file, under the writer's lock.
    ///
    /// The folder is renamed first, in one step: a reader sees the whole series or none, and a
    /// process that dies in the middle leaves a hidden folder that the next commit or delete
    /// removes. Folders of the symbol, market and exchange go when they are empty.
    /// - Parameter address: The series.
    /// - Returns: What was removed.
    /// - Throws: Exit code 66 if there is none, 73 if its folder holds files that are not the
    ///   store's, 75 while a writer is at work.
    @discardableResult
    public func delete(_ address: DatasetAddress) throws(Diagnosis) -> DeletedSeries {
        let place = SeriesPlace(address)
        guard let parent = try openParent(place), try openFolder(place) != nil else {
            throw missing(address)
        }
        let lock = try SeriesLock.take(place, in: parent, files)
        defer { withExtendedLifetime(lock) {} }
        guard let folder = try openFolder(place) else { throw missing(address) }
        var result = DeletedSeries(address: address, rows: nil, bytes: 0)
        result.rows = try? ColumnFiles.readManifest(folder, place)?.rows
        do {
            for name in try folder.names() {
                guard place.ownFiles.contains(name) else { throw foreign(place, name) }
                result.bytes += try folder.status(of: name)?.size ?? 0
            }
            try files.removeLeftover(parent, place.deletedName, of: place)
            try files.renameNew(parent, place.name, place.deletedName)
            try files.sync(parent)
            // From here on the series is gone; the rest is tidying up.
            try files.removeLeftover(parent, place.deletedName, of: place)
            try files.removeLeftover(parent, place.newName, of: place)
            try files.removeFile(parent, SeriesLock.name(place))
            try files.sync(parent)
        } catch let error as SystemError {
            throw systemDiagnosis(error.code, subject: place.subject(), doing: "deleting")
        } catch let error as Diagnosis {
            throw error
        } catch {
            throw systemDiagnosis(EIO, subject: place.subject(), doing: "deleting")
        }
        removeEmptyFolders(place)
        return result
    }

    private func foreign(_ place: SeriesPlace, _ name: String) -> Diagnosis {
        Diagnosis(
            .cannotCreate, kind: "delete.foreign", subject: place.subject(escaped(name)),
            reason: "is not a file of the store; nothing was deleted",
            hint: "move it elsewhere first")
    }

    /// Removes the symbol's folder and those above it, as far as they are empty.
    private func removeEmptyFolders(_ place: SeriesPlace) {
        guard let top = try? openRoot(), let exchange = try? top.folder(place.parents[0]),
            let market = try? exchange.folder(place.parents[1])
        else { return }
        // A folder that is not empty refuses to go: that is the check.
        try? files.removeFolder(market, place.parents[2])
        try? files.removeFolder(exchange, place.parents[1])
        try? files.removeFolder(top, place.parents[0])
    }
}

extension SeriesPlace {
    /// Name of the folder of a series that is being deleted; listings pass over it.
    var deletedName: String { "." + name + ".deleted" }

    /// The files that the store may have made in the series' folder.
    var ownFiles: Set<String> {
        Set(
            layout.columns.map(\.fileName)
                + [SeriesManifest.fileName, SeriesManifest.temporaryName])
    }
}

extension FileOperations {
    /// Removes a folder of the store's own files, if it is there; other files in it move to the
    /// series' folder first.
    func removeLeftover(
        _ parent: OpenFile, _ leftover: String, of place: SeriesPlace
    ) throws(SystemError) {
        guard try parent.status(of: leftover) != nil else { return }
        let folder = try parent.folder(leftover)
        for file in try folder.names() {
            if place.ownFiles.contains(file) {
                try removeFile(folder, file)
            } else {
                try move(file, from: folder, to: try parent.folder(place.name))
            }
        }
        try removeFolder(parent, leftover)
        try sync(parent)
    }
}
