import CSystem
import Glibc
import LotCore
import LotData
import LotReport

/// Writes the files of a run so that its folder never holds half of one.
///
/// Whoever writes holds the folder's lock, so that two runs into one folder come one after the
/// other. All files are written into a ``RunStage`` inside of it and put on the disk; only then
/// each takes its place by a rename, the manifest last, which says that all are there. What goes
/// wrong before the renames leaves the folder as it was.
struct OutputFolder {
    /// The folder, as the user will read it.
    let path: String

    private let isOwn: Bool

    /// Names a folder; nothing is created yet.
    ///
    /// - Parameters:
    ///   - path: Relative to the current folder, or absolute.
    ///   - isOwn: Whether the name is our own (below reports/); a folder that the user named must
    ///     be empty or hold an earlier run.
    init(_ path: String, isOwn: Bool) {
        self.path = path
        self.isOwn = isOwn
    }

    /// Creates the folder, parents included, and writes every file; Ctrl-C and SIGTERM wait until
    /// it is done, so that they leave the run complete or absent.
    ///
    /// - Parameters:
    ///   - folder: The run.
    ///   - syncs: Whether it waits until the disk has the run. One of many runs leaves that to a
    ///     ``sync(_:)`` after all of them: waiting for each would cost more than running it.
    /// - Throws: 73 if it cannot be made, or holds something that is not a run, or another run of
    ///   the same name; 74 without room; 75 while another process goes on writing there.
    func write(_ folder: RunFolder, syncs: Bool = true) throws(Diagnosis) {
        var signals = sigset_t()
        var before = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        var made = MadeFolders()
        do throws(Diagnosis) {
            let lock = try lock(&made)
            defer { close(lock.descriptor) }
            let earlier = try earlierRun(folder.id)
            if lock.isHeld { removeLeftovers() }
            var stage = try RunStage(in: path)
            do throws(Diagnosis) {
                let page = try stage.fill(folder, keptPage: keptPage(folder, earlier))
                if syncs { try stage.sync() }
                try replace(by: stage, page, hasSameScript: earlier?.id == folder.id, syncs)
            } catch {
                stage.remove()
                throw error
            }
            stage.remove()
        } catch {
            made.takeBack()
            throw error
        }
        if syncs { try made.sync() }
    }

    /// Puts everything that was written below a folder on the disk, by one call for all of it.
    ///
    /// - Throws: 74 if the disk could not take it.
    static func sync(_ path: String) throws(Diagnosis) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw cannot("write", path, errno) }
        defer { close(descriptor) }
        let code = lot_sync_all(descriptor)
        if code < 0 { throw cannot("write", path, -code) }
    }

    // MARK: Who may write

    /// How often the lock is asked for, a hundredth of a second apart: longer than any run takes
    /// to be written.
    private static let patience = 3_000

    /// Creates the folder and takes its lock, which ends with the descriptor and with the process.
    ///
    /// Where a file system has no locks, `isHeld` is false: names of their own still keep apart
    /// what two write, and the last one wins.
    private func lock(
        _ made: inout MadeFolders
    ) throws(Diagnosis) -> (descriptor: Int32, isHeld: Bool) {
        for _ in 0..<OutputFolder.patience {
            if let failure = made.make(path) {
                throw OutputFolder.cannot("create", failure.path, failure.code)
            }
            let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else {
                if errno == ENOENT { continue }
                throw OutputFolder.cannot("create", path, errno)
            }
            let code = lot_lock(descriptor)
            // Whoever held it may have failed, and taken the folder back.
            if code != -EWOULDBLOCK, InputFile.isSame(descriptor, path) {
                return (descriptor, code == 0)
            }
            close(descriptor)
            if code == -EWOULDBLOCK { usleep(10_000) }
        }
        throw Diagnosis(
            .tryLater, kind: "output.busy", subject: escaped(path, limit: 256),
            reason: "another process is writing a run there",
            hint: "run again when it has ended, or name another folder with --output")
    }

    /// The run that lies there.
    ///
    /// - Throws: 73 for what may not be replaced: files that are no run in a folder that the user
    ///   named, and below reports/ another run whose identity begins with the same digits.
    private func earlierRun(_ id: String) throws(Diagnosis) -> StoredRun? {
        let run = try? StoredRun(path)
        if isOwn, let run, run.id != id {
            throw Diagnosis(
                .cannotCreate, kind: "output.exists", subject: escaped(path, limit: 256),
                reason: "holds another run, whose identity begins like that of this one",
                hint: "move that folder away, or name another one with --output")
        }
        if isOwn || InputFile.exists(path + "/" + RunFolder.manifestName) { return run }
        let names = InputFile.names(in: path)
        // A process that was killed among its renames left a stage: the folder was a run's.
        guard names.isEmpty || names.contains(where: RunStage.isStage) else {
            throw Diagnosis(
                .cannotCreate, kind: "output.exists", subject: escaped(path, limit: 256),
                reason: "holds files that are not a run of lot",
                hint: "name an empty or new folder with --output")
        }
        return nil
    }

    /// Removes the stages of processes that were killed: no living one has any, as the lock is
    /// held.
    private func removeLeftovers() {
        for name in InputFile.names(in: path) where RunStage.isStage(name) {
            OutputFolder.removeTree(path + "/" + name)
        }
    }

    /// The hash of an earlier page of the very same run that still is what was drawn; `nil` where
    /// a new one comes, or there is none to keep.
    private func keptPage(_ folder: RunFolder, _ earlier: StoredRun?) -> String? {
        guard folder.page == nil, let earlier, earlier.id == folder.id, let hash = earlier.page,
            let bytes = try? earlier.file(RunFolder.pageName), sha256Hex(bytes) == hash
        else { return nil }
        return hash
    }

    // MARK: Renames

    /// Gives every file of the stage its place.
    ///
    /// - Parameters:
    ///   - stage: The new files.
    ///   - page: The hash of the page that the new manifest has; without one a page that lies
    ///     there is another run's.
    ///   - hasSameScript: Whether the script that lies there is that of this run.
    ///   - syncs: Whether the disk has the names before this returns.
    /// - Throws: 73 if something that is no file has the name of one, 74 if the disk fails.
    private func replace(
        by stage: RunStage, _ page: String?, hasSameScript: Bool, _ syncs: Bool
    ) throws(Diagnosis) {
        let manifest = path + "/" + RunFolder.manifestName
        if unsafe unlink(manifest) != 0, errno != ENOENT {
            throw OutputFolder.cannot("replace", manifest, errno)
        }
        for name in RunFolder.fileNames
        where !stage.names.contains(name) && (name != RunFolder.pageName || page == nil) {
            unsafe unlink(path + "/" + name)
        }
        if !hasSameScript { OutputFolder.removeTree(path + "/" + RunFolder.strategyFolder) }
        var folders: Set<String> = []
        for name in stage.names where name != RunFolder.manifestName {
            let final = path + "/" + name
            if let slash = name.lastIndex(of: "/") {
                let folder = path + "/" + name[..<slash]
                if folders.insert(folder).inserted { try NewFile.makeFolders(folder) }
            }
            try stage.move(name, to: final)
        }
        // The manifest vouches for the others: they have their names before it has its own.
        if syncs { for folder in folders.sorted() + [path] { try NewFile.syncFolder(folder) } }
        try stage.move(RunFolder.manifestName, to: manifest)
        if syncs { try NewFile.syncFolder(path) }
    }

    /// Removes a file, or a folder with all that is in it; links are not followed.
    static func removeTree(_ path: String) {
        guard unsafe unlink(path) != 0, errno == EISDIR else { return }
        for name in InputFile.names(in: path) { removeTree(path + "/" + name) }
        unsafe rmdir(path)
    }

    static func cannot(_ verb: String, _ path: String, _ code: Int32) -> Diagnosis {
        let isIO = [EIO, ENOSPC, EDQUOT].contains(code)
        return Diagnosis(
            isIO ? .io : .cannotCreate, kind: "output.\(verb)", subject: escaped(path, limit: 256),
            reason: "cannot \(verb): \(unsafe String(cString: strerror(code)))",
            hint: isIO ? "free space and run again" : "name another folder with --output")
    }
}
