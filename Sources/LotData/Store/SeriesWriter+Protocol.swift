import Glibc
import LotCore

/// The commit protocol of one series, under its lock.
///
/// A row exists when `series.json` counts it. Append: columns, fsync, `series.json` by temporary
/// file and rename, fsync of the folder, then the shapes. Everything else: a new folder, complete
/// and synced, that takes the series' name in one rename.
struct SeriesWriter {
    let place: SeriesPlace
    let parent: OpenFile
    let files: FileOperations
    let sources: [SeriesSource]

    /// Bytes written at once.
    private static let piece = 1 << 22

    private var name: String { place.name }
    private var newName: String { place.newName }

    /// Stores the first rows of a series.
    func create(_ table: SeriesTable) throws(Diagnosis) {
        let manifest = manifest(of: table, sources: sources, older: 0)
        try report("creating") { () throws(SystemError) in
            try discardLeftover()
            try buildFolder(table, manifest)
            try files.renameNew(parent, newName, name)
            try files.sync(parent)
        }
    }

    /// Puts a new folder with `table` in the place of the stored one.
    func rewrite(_ table: SeriesTable, from stored: ColumnFiles) throws(Diagnosis) {
        try stored.requireSound(0..<stored.rows)
        var manifest = manifest(
            of: table, sources: stored.manifest.sources, older: stored.manifest.olderSources)
        manifest.add(sources)
        try report("replacing") { () throws(SystemError) in
            try discardLeftover()
            try buildFolder(table, manifest)
            try files.exchange(parent, newName, name)
            try files.sync(parent)
        }
        // The commit is done; if the old rows cannot be removed now, the next commit does it.
        try? discardLeftover()
    }

    /// Adds `rows` of `table` after the stored rows.
    func append(
        _ table: SeriesTable, rows: Range<Int>, to stored: ColumnFiles
    ) throws(Diagnosis) {
        var manifest = stored.manifest
        manifest.rows += rows.count
        manifest.lastTime = table.time(rows.upperBound - 1)
        manifest.add(sources)
        var before = stored.manifest.lastTime
        for row in rows {
            if let gap = Gaps.between(before, table.time(row), step: place.layout.step) {
                manifest.gaps.append(gap)
            }
            before = table.time(row)
        }
        manifest.digests = []
        for column in stored.columns {
            let new = table.words[column.index][rows]
            let blocks = try digests(of: column, in: stored, adding: new)
            manifest.digests.append((column, blocks))
        }
        let total = manifest.rows
        let json = manifest.json()
        var columns: [OpenFile] = []
        try report("appending") { () throws(SystemError) in
            try discardLeftover()
            for column in stored.columns {
                let file = try files.openForWriting(stored.folder, column.fileName)
                columns.append(file)
                let offset = NpyHeader.size + stored.rows * 8
                try write(Array(table.words[column.index][rows]), to: file, at: Int64(offset))
                try files.sync(file)
            }
            try writeManifest(json, in: stored.folder)
        }
        // The commit is done. The shapes are for other programs, and a writer that is killed here
        // leaves them behind: every append writes them again.
        for file in columns {
            try? files.write(
                NpyHeader.shape(rows: total), to: file, at: Int64(NpyHeader.shapeOffset))
        }
    }

    /// The digests of a column after `new` rows; the stored part of the last block is read back
    /// and must still match its digest, so that damage is not sealed in.
    private func digests(
        of column: SeriesColumn, in stored: ColumnFiles, adding new: ArraySlice<UInt64>
    ) throws(Diagnosis) -> [String] {
        var blocks = stored.manifest.blocks(of: column)
        let start = stored.rows / BlockDigest.rows * BlockDigest.rows
        guard start < stored.rows else { return blocks + BlockDigest.all(Array(new)) }
        let file = try stored.map(column)
        let digest = BlockDigest.of(file, rows: start..<stored.rows)
        guard digest == blocks.removeLast() else {
            throw stored.damagedBlock(column, block: start / BlockDigest.rows)
        }
        let words = file.column(UInt64.self, offset: NpyHeader.size, count: stored.rows)
        let tail = (start..<stored.rows).map { words[$0] }
        return blocks + BlockDigest.all(tail + new)
    }

    private func manifest(
        of table: SeriesTable, sources: [SeriesSource], older: Int
    ) -> SeriesManifest {
        SeriesManifest(
            place: place, rows: table.count, firstTime: table.time(0),
            lastTime: table.time(table.count - 1),
            digests: table.columns.map { ($0, BlockDigest.all(table.words[$0.index])) },
            gaps: Gaps.all(table, step: place.layout.step), sources: sources,
            olderSources: older)
    }

    /// Writes and syncs a complete series under the temporary name.
    private func buildFolder(
        _ table: SeriesTable, _ manifest: SeriesManifest
    ) throws(SystemError) {
        try files.createFolder(parent, newName)
        let folder = try parent.folder(newName)
        for column in table.columns {
            let file = try files.createFile(folder, column.fileName)
            let header = NpyHeader.bytes(column, rows: table.count)
            try write(table.words[column.index], after: header, to: file, at: 0)
            try files.sync(file)
        }
        try writeManifest(manifest.json(), in: folder)
        try files.sync(parent)
    }

    /// Writes a header and words behind it, in pieces that end where the file has another 4 MiB.
    ///
    /// The page cache keeps what is written at once in the largest pages that lie whole in it, and
    /// maps each of 2 MiB by one fault where small ones take one for 64 KiB: a run over a mapped
    /// column of two years of minutes is a tenth faster for it.
    private func write(
        _ words: [UInt64], after header: [UInt8] = [], to file: OpenFile, at offset: Int64
    ) throws(SystemError) {
        var start = 0
        if !header.isEmpty {
            start = min(SeriesWriter.piece - header.count, words.count * 8)
            var first = header
            unsafe words.withUnsafeBytes { unsafe first += $0[..<start] }
            try files.write(first, to: file, at: offset)
        }
        let offset = offset + Int64(header.count)
        while start < words.count * 8 {
            let place = Int((offset + Int64(start)) % Int64(SeriesWriter.piece))
            let count = min(SeriesWriter.piece - place, words.count * 8 - start)
            var failure: SystemError?
            unsafe words.withUnsafeBytes { bytes in
                do throws(SystemError) {
                    let part = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
                    unsafe try files.write(part, to: file, at: offset + Int64(start))
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            start += count
        }
    }

    /// The moment of the commit: the rename.
    private func writeManifest(_ json: [UInt8], in folder: OpenFile) throws(SystemError) {
        if try folder.status(of: SeriesManifest.temporaryName) != nil {
            try files.removeFile(folder, SeriesManifest.temporaryName)
        }
        let file = try files.createFile(folder, SeriesManifest.temporaryName)
        try files.write(json, to: file, at: 0)
        try files.sync(file)
        try files.rename(folder, SeriesManifest.temporaryName, SeriesManifest.fileName)
        try files.sync(folder)
    }

    /// Removes the temporary folder of a swap (the old rows, or what a killed writer left), and
    /// what a killed delete left.
    ///
    /// Files that are not the store's are moved to the series' folder first.
    private func discardLeftover() throws(SystemError) {
        try files.removeLeftover(parent, newName, of: place)
        try files.removeLeftover(parent, place.deletedName, of: place)
    }

    private func report(
        _ doing: String, _ body: () throws(SystemError) -> Void
    ) throws(Diagnosis) {
        do {
            try body()
        } catch {
            throw systemDiagnosis(
                error.code, subject: place.subject(), doing: doing)
        }
    }
}
