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

/// Finds out whether files can be made in folders, before the work that will fill them is done.
///
/// A file is made and removed again, as modes do not tell of file systems that are read-only or on
/// another machine. Folders that were missing are left for the work to fill; whoever gives up
/// before that takes them back.
struct WriteProbe {
    private var made: [String] = []

    /// Tries a folder, and makes what is missing of it.
    ///
    /// - Parameters:
    ///   - folder: The folder, as the user will read it.
    ///   - hint: What to do where it cannot be.
    /// - Throws: 73, or 74 for a disk without room.
    mutating func check(folder: String, hint: String) throws(Diagnosis) {
        var path = folder.hasPrefix("/") ? "/" : ""
        for part in folder.split(separator: "/") {
            path += part
            if unsafe mkdir(path, 0o777) == 0 {
                made.append(path)
            } else {
                let problem = errno
                guard InputFile.isFolder(path) else {
                    let reason = problem == EEXIST ? ENOTDIR : problem
                    throw WriteProbe.refused(folder: path, reason, hint)
                }
            }
            path += "/"
        }
        let file = path + ".lot-probe-\(getpid())"
        let descriptor = unsafe open(
            file, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw WriteProbe.refused(folder: folder, errno, hint) }
        close(descriptor)
        unsafe unlink(file)
    }

    /// Tries the place of a file.
    mutating func check(file: String, hint: String) throws(Diagnosis) {
        if InputFile.isFolder(file) {
            var problem = NewFile.cannot(file, EISDIR)
            problem.hint = hint
            throw problem
        }
        let slash = file.lastIndex(of: "/")
        try check(folder: slash.map { String(file[...$0]) } ?? ".", hint: hint)
    }

    /// Removes the folders that were made, as far as they are empty.
    func takeBack() { for path in made.reversed() { unsafe rmdir(path) } }

    private static func refused(folder: String, _ code: Int32, _ hint: String) -> Diagnosis {
        var problem = NewFile.cannot(folder, code)
        problem.subject = "folder " + problem.subject
        problem.reason = "cannot be written: \(unsafe String(cString: strerror(code)))"
        problem.hint = hint
        return problem
    }
}
