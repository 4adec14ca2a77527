import CSystem
import Glibc
import LotCore
import LotData
import LotReport

/// Writes the files of a run so that a folder never holds half of one: each file is written
/// beside its place, synced and renamed; the manifest comes last and says that all are there.
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

    /// Creates the folder, parents included.
    ///
    /// - Throws: 73 if it cannot be made, or holds something that is not a run.
    private func create() throws(Diagnosis) {
        try makeFolders(path)
        guard InputFile.isFolder(path) else {
            throw OutputFolder.cannot("create", path, ENOTDIR)
        }
        guard !isOwn, !InputFile.names(in: path).isEmpty else { return }
        if unsafe access(path + "/manifest.json", F_OK) != 0 {
            throw Diagnosis(
                .cannotCreate, kind: "output.exists", subject: escaped(path, limit: 256),
                reason: "holds files that are not a run of lot",
                hint: "name an empty or new folder with --output")
        }
    }

    private func makeFolders(_ path: String) throws(Diagnosis) {
        let made = unsafe lot_make_folders(path)
        if made < 0 { throw OutputFolder.cannot("create", path, -made) }
    }

    /// Creates the folder and writes every file, each whole or not at all; Ctrl-C and SIGTERM wait
    /// until it is done, so that they leave the run complete or absent.
    func write(_ folder: RunFolder) throws(Diagnosis) {
        var signals = sigset_t()
        var before = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        try create()
        let manifest = path + "/manifest.json"
        if unsafe unlink(manifest) != 0, errno != ENOENT {
            throw OutputFolder.cannot("replace", manifest, errno)
        }
        var hashes: [String] = []
        for file in folder.outputs {
            let hasher = SHA256Hasher()
            try write(file, hasher)
            hashes.append(hasher.finishText())
        }
        for file in folder.companions { try write(file) }
        try write(folder.manifest(hashes: hashes))
    }

    private func write(_ file: RunFile, _ hasher: SHA256Hasher? = nil) throws(Diagnosis) {
        let final = path + "/" + file.name
        let slash = final.lastIndex(of: "/") ?? final.startIndex
        let temporary = String(final[..<slash]) + "/." + final[slash...].dropFirst() + ".new"
        if file.name.contains("/") { try makeFolders(String(final[..<slash])) }
        let descriptor = unsafe open(
            temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw OutputFolder.cannot("write", final, errno) }
        var problem: Int32 = 0
        unsafe file.write { piece in
            guard problem == 0 else { return }
            unsafe hasher?.update(piece)
            problem = unsafe OutputFolder.put(piece, descriptor)
        }
        if close(descriptor) != 0, problem == 0 { problem = errno }
        if problem == 0, unsafe rename(temporary, final) != 0 { problem = errno }
        guard problem == 0 else {
            unsafe unlink(temporary)
            throw OutputFolder.cannot("write", final, problem)
        }
    }

    /// Writes all of the bytes; returns 0 or an error number.
    private static func put(_ bytes: UnsafeRawBufferPointer, _ descriptor: Int32) -> Int32 {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe Glibc.write(
                descriptor, bytes.baseAddress.map { unsafe $0 + offset }, bytes.count - offset)
            if count > 0 { offset += count } else if errno != EINTR { return errno }
        }
        return 0
    }

    private static func cannot(_ verb: String, _ path: String, _ code: Int32) -> Diagnosis {
        let isIO = [EIO, ENOSPC, EDQUOT].contains(code)
        return Diagnosis(
            isIO ? .io : .cannotCreate, kind: "output.\(verb)", subject: escaped(path, limit: 256),
            reason: "cannot \(verb): \(unsafe String(cString: strerror(code)))",
            hint: isIO ? "free space and run again" : "name another folder with --output")
    }
}
