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
        if let slash = path.lastIndex(of: "/") { try makeFolders(String(path[...slash])) }
        let temporary = try fill(path, text)
        let linked = unsafe link(temporary, path)
        let problem = errno
        unsafe unlink(temporary)
        guard linked == 0 else { throw problem == EEXIST ? taken : cannot(path, problem) }
    }

    /// Makes ready for a file that the user named: missing folders are made.
    ///
    /// - Parameters:
    ///   - path: The file to be.
    ///   - replaces: Whether the user said that it may take the place of another.
    /// - Throws: 73 where there is a file that is not empty and may not be replaced, or anything
    ///   but a file.
    static func prepare(_ path: String, replaces: Bool) throws(Diagnosis) {
        try check(path, hint: "--replace overwrites it, or name another file") { replaces }
        if let slash = path.lastIndex(of: "/") { try makeFolders(String(path[...slash])) }
    }

    /// Refuses a place where something is that may not be replaced.
    ///
    /// An empty file holds nothing that could be lost: scripts make one to have the name.
    static func check(
        _ path: String, hint: String, isOwn: () throws(Diagnosis) -> Bool
    ) throws(Diagnosis) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        let isFile = status.st_mode & S_IFMT == S_IFREG
        if isFile, status.st_size == 0 { return }
        let mayGo = isFile ? try isOwn() : false
        if mayGo { return }
        throw Diagnosis(
            .cannotCreate, kind: "output.exists", subject: escaped(path, limit: 256),
            reason: isFile ? "is there already" : "is there already, and is no regular file",
            hint: isFile ? hint : "name another file")
    }

    /// Replaces a file that is our own, or creates it.
    static func replace(_ path: String, _ text: String) throws(Diagnosis) {
        if let slash = path.lastIndex(of: "/") { try makeFolders(String(path[...slash])) }
        let temporary = try fill(path, text)
        if unsafe rename(temporary, path) != 0 {
            let problem = errno
            unsafe unlink(temporary)
            throw cannot(path, problem)
        }
    }

    /// Creates a file beside a place, from where it takes that place.
    ///
    /// Its name is nobody else's: what a killed process left is passed over, and so is the file of
    /// a process with the same number in another container.
    ///
    /// - Parameters:
    ///   - path: The place, named where something is wrong.
    ///   - mode: Permissions, before the process's mask.
    /// - Returns: The file's path, and a descriptor to write it.
    /// - Throws: 73, or 74 for a disk without room.
    static func beside(
        _ path: String, mode: mode_t
    ) throws(Diagnosis) -> (path: String, descriptor: Int32) {
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
        for number in 0..<1_000 {
            let name = "\(folder).new-\(getpid())-\(number)"
            let descriptor = unsafe open(
                name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
            if descriptor >= 0 { return (name, descriptor) }
            guard errno == EEXIST else { break }
        }
        throw cannot(path, errno)
    }

    /// Makes a folder and those above it, as far as they are missing.
    static func makeFolders(_ path: String) throws(Diagnosis) {
        let made = unsafe lot_make_folders(path)
        if made < 0 { throw cannot(path, -made) }
    }

    /// Puts the names in a folder on the disk.
    ///
    /// - Throws: 74 if the disk could not take them.
    static func syncFolder(_ path: String) throws(Diagnosis) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw cannot(path, errno) }
        defer { close(descriptor) }
        // EINVAL: a file system that has no such thing.
        if fsync(descriptor) != 0, errno != EINVAL { throw cannot(path, errno) }
    }

    /// Writes a whole file beside a place, and returns its path.
    private static func fill(_ path: String, _ text: String) throws(Diagnosis) -> String {
        let (temporary, descriptor) = try beside(path, mode: 0o644)
        var problem = Console.put(text, descriptor)
        if fsync(descriptor) != 0, problem == 0 { problem = errno }
        if close(descriptor) != 0, problem == 0 { problem = errno }
        guard problem == 0 else {
            unsafe unlink(temporary)
            throw cannot(path, problem)
        }
        return temporary
    }

    static func cannot(_ path: String, _ code: Int32) -> Diagnosis {
        Diagnosis(
            [EIO, ENOSPC, EDQUOT].contains(code) ? .io : .cannotCreate, kind: "output.create",
            subject: escaped(path, limit: 256),
            reason: "cannot be created: \(unsafe String(cString: strerror(code)))")
    }
}

/// Folders that were missing and were made: whoever gives up takes them back.
struct MadeFolders {
    private var made: [String] = []

    /// Makes a folder and those above it, as far as they are missing.
    ///
    /// - Returns: Which of them cannot be made, and why; `nil` if all are there.
    mutating func make(_ folder: String) -> (path: String, code: Int32)? {
        var path = folder.hasPrefix("/") ? "/" : ""
        for part in folder.split(separator: "/") {
            path += part
            if unsafe mkdir(path, 0o777) == 0 {
                if !made.contains(path) { made.append(path) }
            } else {
                let problem = errno
                guard InputFile.isFolder(path) else {
                    return (path, problem == EEXIST ? ENOTDIR : problem)
                }
            }
            path += "/"
        }
        return nil
    }

    /// Puts their names on the disk.
    func sync() throws(Diagnosis) {
        for path in made {
            let slash = path.lastIndex(of: "/")
            try NewFile.syncFolder(slash.map { String(path[...$0]) } ?? ".")
        }
    }

    /// Removes them, as far as they are empty.
    func takeBack() { for path in made.reversed() { unsafe rmdir(path) } }
}

/// Finds out whether files can be made in folders, before the work that will fill them is done.
///
/// A file is made and removed again, as modes do not tell of file systems that are read-only or on
/// another machine. Folders that were missing are left for the work to fill; whoever gives up
/// before that takes them back.
struct WriteProbe {
    private var made = MadeFolders()

    /// Tries a folder, and makes what is missing of it.
    ///
    /// - Parameters:
    ///   - folder: The folder, as the user will read it.
    ///   - hint: What to do where it cannot be.
    /// - Throws: 73, or 74 for a disk without room.
    mutating func check(folder: String, hint: String) throws(Diagnosis) {
        if let failure = made.make(folder) {
            throw WriteProbe.refused(folder: failure.path, failure.code, hint)
        }
        let file = folder + (folder.hasSuffix("/") ? "" : "/") + ".lot-probe-\(getpid())"
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
    func takeBack() { made.takeBack() }

    private static func refused(folder: String, _ code: Int32, _ hint: String) -> Diagnosis {
        var problem = NewFile.cannot(folder, code)
        problem.subject = "folder " + problem.subject
        problem.reason = "cannot be written: \(unsafe String(cString: strerror(code)))"
        problem.hint = hint
        return problem
    }
}
