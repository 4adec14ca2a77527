internal import CSystem
internal import Glibc
import LotCore

/// An `errno`.
struct StateError: Error, Equatable {
    static let missing = ENOENT

    let code: Int32

    var isMissing: Bool { code == ENOENT }
    var isThere: Bool { code == EEXIST }

    /// What it means for the user.
    func diagnosis(_ subject: String, doing: String) -> Diagnosis {
        let (exit, reason, hint): (ExitCode, String, String?) =
            switch code {
            case EACCES, EPERM: (.permission, "permission denied", "check the owner and mode")
            case EROFS: (.cannotCreate, "the file system is read-only", "set LOT_STATE to another")
            case ENOTDIR:
                (.cannotCreate, "a part of its path is not a folder", "set LOT_STATE to another")
            case ELOOP: (.permission, "it is a symbolic link", "remove it")
            case ENOSPC, EDQUOT: (.io, "the disk is full", "free some space and run again")
            case EMFILE, ENFILE: (.tryLater, "too many open files", "raise ulimit -n")
            case ENOENT: (.cannotCreate, "no such file or folder", "set LOT_STATE to another")
            default: (.io, "errno \(code)", nil)
            }
        return Diagnosis(
            exit, kind: "state.system", subject: subject, reason: "\(doing) failed: \(reason)",
            hint: hint)
    }
}

/// What is at a path of the state folder.
struct PlaceStatus {
    let isFolder: Bool
    let isRegular: Bool
    let mode: UInt32
    let owner: UInt32
    let fileSystem: Int64

    /// Whether this user owns it; root may use everybody's.
    var isOwn: Bool { owner == lot_user() || lot_user() == 0 }

    /// The name of the network file system it is on; `nil` on others.
    ///
    /// FUSE is not among them: encrypted folders of a local disk are FUSE too.
    var networkFileSystem: String? { PlaceStatus.networkFileSystems[fileSystem] }

    /// By the magic number of statfs(2).
    static let networkFileSystems: [Int64: String] = [
        0x6969: "nfs", 0xff53_4d42: "cifs", 0xfe53_4d42: "smb", 0x517b: "smb",
        0x5346_414f: "afs", 0x6b41_4653: "afs", 0x7375_7245: "coda", 0x564c: "ncp",
        0x0102_1997: "9p", 0x00c3_6400: "ceph", 0x0bd0_0bd0: "lustre", 0x4750_4653: "gpfs",
        0x1983_0326: "beegfs", 0xaad7_aaea: "panfs",
    ]
}

/// The system calls of the state folder; paths, since SQLite takes paths.
enum StateFiles {
    static func status(_ path: String) throws(StateError) -> PlaceStatus {
        var out = lot_place_status()
        try check(unsafe lot_place(path, &out))
        return PlaceStatus(
            isFolder: out.is_folder != 0, isRegular: out.is_regular != 0, mode: out.mode,
            owner: out.owner, fileSystem: out.file_system)
    }

    static func makeFolder(_ path: String) throws(StateError) {
        try check(unsafe lot_make_private_folder(path))
    }

    /// Makes an empty file that only its owner can read; false if it is there already.
    static func makeFile(_ path: String) throws(StateError) -> Bool {
        let result = unsafe lot_create_private_file(path)
        if result == -EEXIST { return false }
        try check(result)
        return true
    }

    /// Takes away what others could do with a file.
    static func makePrivate(_ path: String) throws(StateError) {
        try check(unsafe lot_make_private_file(path))
    }

    private static func check(_ result: Int32) throws(StateError) {
        if result < 0 { throw StateError(code: -result) }
    }
}

/// A file that one process at a time holds, by flock; the kernel lets go when the process ends,
/// however it ends.
final class StateLock: Sendable {
    private let path: String
    private let descriptor: Int32

    private init(_ path: String, _ descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        // Removed while it is held: whoever opened the old file finds another one at its path.
        _ = unsafe lot_unlink_path(path)
        // Said aloud: a child process that is just starting may hold a copy of the descriptor.
        _ = lot_unlock(descriptor)
        _ = lot_close(descriptor)
    }

    /// Takes the lock without waiting, or says who has it: `pid 4711`.
    static func take(_ path: String) throws(StateError) -> Result<StateLock, Holder> {
        for _ in 0..<64 {
            let descriptor = unsafe lot_open_private_lock(path)
            guard descriptor >= 0 else { throw StateError(code: -descriptor) }
            let result = lot_lock(descriptor)
            guard result >= 0 else {
                let holder = read(descriptor)
                _ = lot_close(descriptor)
                guard result == -EWOULDBLOCK else { throw StateError(code: -result) }
                return .failure(Holder(text: holder))
            }
            guard isAtPath(path, descriptor) else {
                _ = lot_close(descriptor)
                continue
            }
            let text = Array("pid \(getpid())\n".utf8)
            _ = lot_truncate(descriptor, 0)
            _ = unsafe text.withUnsafeBytes { bytes in
                unsafe lot_pwrite_all(descriptor, bytes.baseAddress, bytes.count, 0)
            }
            return .success(StateLock(path, descriptor))
        }
        throw StateError(code: EAGAIN)
    }

    /// Takes the lock, waiting for those who have it.
    ///
    /// - Throws: `EWOULDBLOCK` after half a minute.
    static func wait(_ path: String) throws(StateError) -> StateLock {
        for _ in 0..<3_000 {
            if case .success(let lock) = try take(path) { return lock }
            usleep(10_000)
        }
        throw StateError(code: EWOULDBLOCK)
    }

    /// Who has a lock.
    struct Holder: Error {
        /// `pid 4711`; empty in the moment between taking it and saying so.
        let text: String
    }

    private static func isAtPath(_ path: String, _ descriptor: Int32) -> Bool {
        var open = stat()
        var named = stat()
        return unsafe fstat(descriptor, &open) == 0 && lstat(path, &named) == 0
            && open.st_ino == named.st_ino && open.st_dev == named.st_dev
    }

    private static func read(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe lot_pread_all(descriptor, buffer.baseAddress, buffer.count, 0)
        }
        return escaped(bytes: bytes.prefix(max(0, Int(count))).prefix { $0 != 0x0a })
    }
}
