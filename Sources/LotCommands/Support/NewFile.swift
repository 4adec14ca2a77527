import CSystem
import Glibc
import LotCore

/// Creates files that must not be there yet.
enum NewFile {
    /// Writes a whole file, or none.
    ///
    /// The text goes to a file beside the place, which then gets its name unless something has it
    /// already. Missing folders are made.
    ///
    /// - Throws: 73 if there is something of that name or it cannot be created, 74 if it cannot be
    ///   written.
    static func write(_ path: String, _ text: String) throws(Diagnosis) {
        let taken = Diagnosis(
            .cannotCreate, kind: "output.exists", subject: escaped(path, limit: 256),
            reason: "is there already", hint: "choose another name, or remove it first")
        if InputFile.exists(path) { throw taken }
        var folder = path[...]
        if let slash = path.lastIndex(of: "/") {
            folder = path[...slash]
            try makeFolders(String(folder))
        } else {
            folder = ""
        }
        let temporary = folder + ".new-\(getpid())"
        try fill(String(temporary), text, shown: path)
        let linked = unsafe link(String(temporary), path)
        let problem = errno
        unsafe unlink(String(temporary))
        guard linked == 0 else { throw problem == EEXIST ? taken : cannot(path, problem) }
    }

    /// Replaces a file that is our own, or creates it.
    static func replace(_ path: String, _ text: String) throws(Diagnosis) {
        let slash = path.lastIndex(of: "/")
        if let slash { try makeFolders(String(path[...slash])) }
        let temporary = (slash.map { String(path[...$0]) } ?? "") + ".new-\(getpid())"
        try fill(temporary, text, shown: path)
        if unsafe rename(temporary, path) != 0 {
            let problem = errno
            unsafe unlink(temporary)
            throw cannot(path, problem)
        }
    }

    /// Makes a folder and those above it, as far as they are missing.
    static func makeFolders(_ path: String) throws(Diagnosis) {
        let made = unsafe lot_make_folders(path)
        if made < 0 { throw cannot(path, -made) }
    }

    private static func fill(
        _ path: String, _ text: String, shown: String
    ) throws(Diagnosis) {
        let descriptor = unsafe open(
            path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw cannot(shown, errno) }
        var problem = Console.put(text, descriptor)
        if fsync(descriptor) != 0, problem == 0 { problem = errno }
        if close(descriptor) != 0, problem == 0 { problem = errno }
        guard problem == 0 else {
            unsafe unlink(path)
            throw cannot(shown, problem)
        }
    }

    static func cannot(_ path: String, _ code: Int32) -> Diagnosis {
        Diagnosis(
            [EIO, ENOSPC, EDQUOT].contains(code) ? .io : .cannotCreate, kind: "output.create",
            subject: escaped(path, limit: 256),
            reason: "cannot be created: \(unsafe String(cString: strerror(code)))")
    }
}
