import Glibc
import LotCore

/// Reads whole files of a run's folder.
enum InputFile {
    /// The bytes of a regular file.
    ///
    /// - Parameters:
    ///   - path: Relative to the current folder, or absolute.
    ///   - limit: Most bytes that are read.
    ///   - followsLinks: Whether the last part of the path may be a link.
    /// - Returns: All its bytes.
    /// - Throws: 66 if there is no such file, 65 if it is none or too long, 74 if reading fails.
    static func read(
        _ path: String, limit: Int = 1 << 30, followsLinks: Bool = false
    ) throws(Diagnosis) -> [UInt8] {
        let descriptor = unsafe open(
            path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else { throw cannot(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw cannot(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else {
            throw Diagnosis(
                .data, kind: "file.type", subject: escaped(path, limit: 512),
                reason: "not a regular file of at most \(grouped(limit)) bytes")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(
                    descriptor, buffer.baseAddress.map { unsafe $0 + count }, buffer.count - count)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw cannot(path, errno) }
            if got == 0 { break }
            count += got
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// The beginning of a file that the system makes as it is read, at most 16 KiB; empty where
    /// there is none.
    static func systemText(_ path: String) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let got = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        }
        return String(decoding: bytes.prefix(max(0, got)), as: UTF8.self)
    }

    /// When the file was last written, in nanoseconds since the epoch; 0 if it is not there.
    ///
    /// For the order of a list only.
    static func modified(_ path: String) -> Int64 {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return 0 }
        return Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    }

    /// The absolute path of what is there, links resolved; of what is not, as it was given.
    static func absolute(_ path: String) -> String {
        guard let resolved = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// Whether a descriptor is of what a path leads to now.
    static func isSame(_ descriptor: Int32, _ path: String) -> Bool {
        var (opened, named) = (stat(), stat())
        return unsafe fstat(descriptor, &opened) == 0 && stat(path, &named) == 0
            && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino
    }

    /// Whether anything of that name is there, a link that leads nowhere too.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0
    }

    /// The permission bits of a file, and whether somebody else may write to it.
    ///
    /// A group of one's own, which has the number of its only member by convention, is nobody
    /// else.
    static func permissions(_ path: String) -> (bits: UInt32, isWritableByOthers: Bool) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return (0, false) }
        let isOwnGroup = status.st_gid == status.st_uid
        let dangerous = S_IWOTH | (isOwnGroup ? 0 : S_IWGRP)
        return (UInt32(status.st_mode & 0o7777), status.st_mode & dangerous != 0)
    }

    /// Whether there is a folder of that name.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a folder, sorted by their bytes; empty if there is no such folder.
    static func names(in path: String) -> [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func cannot(_ path: String, _ code: Int32) -> Diagnosis {
        let isMissing = code == ENOENT || code == ENOTDIR
        return Diagnosis(
            isMissing ? .noInput : code == ELOOP ? .data : .io, kind: "file.read",
            subject: escaped(path, limit: 512),
            reason: isMissing
                ? "no such file" : "cannot be read: \(unsafe String(cString: strerror(code)))")
    }
}
