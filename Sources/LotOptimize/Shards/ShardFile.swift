import CSystem
import Glibc
public import LotCore

/// The file of one shard: a journal while it grows, then whole.
///
/// Each batch is one frame that is on the disk when ``append(_:fold:)`` returns. A task that is
/// killed and begun anew goes on behind the last good frame. One process works on a shard: the lock
/// on its journal ends with the process, however it ends.
public struct ShardFile: ~Copyable {
    /// What the shard is.
    public let header: ShardHeader
    private let folder: String
    private let path: String
    private var descriptor: Int32
    private var count: Int

    /// The name of a whole shard.
    public static func name(_ shard: Int, of count: Int) -> String {
        "shard-\(shard)-of-\(count).lotshard"
    }

    /// Opens the journal of a shard, or begins one; trials that are in it already go to `known`.
    ///
    /// - Parameters:
    ///   - folder: The folder of the shards; it is made.
    ///   - header: What the shard is.
    ///   - known: Takes the trials of an earlier try.
    /// - Returns: The journal, locked.
    /// - Throws: 73 or 74 if the file cannot be made or read.
    public static func open(
        in folder: String, _ header: ShardHeader, known: (ShardTrial) -> Void
    ) throws(Diagnosis) -> ShardFile {
        let path = folder + "/" + name(header.shard, of: header.count) + ".part"
        try makeFolders(folder)
        let opened = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard opened >= 0 else { throw problem(path, "cannot be created", errno) }
        var file = ShardFile(header: header, folder: folder, path: path, descriptor: opened)
        // Two tasks of one shard, as after a requeue that came too early: the second is refused.
        try lock(opened, path)
        let content = ShardFormat.read(try read(path))
        if let content, content.header.study == header.study,
            content.header.budget == header.budget, !content.isWhole
        {
            for trial in content.trials { known(trial) }
            file.count = content.trials.count
            try file.cut(content.length)
        } else {
            try file.cut(0)
            try file.write(ShardFormat.beginning(header))
        }
        return file
    }

    /// Takes the lock of a journal, which is still there by its name then.
    private static func lock(_ descriptor: Int32, _ path: String) throws(Diagnosis) {
        let busy = Diagnosis(
            .tryLater, kind: "shard.busy", subject: escaped(path, limit: 512),
            reason: "another process works on this shard")
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            if errno == EWOULDBLOCK { throw busy }
            throw Diagnosis(
                .cannotCreate, kind: "shard.lock", subject: escaped(path, limit: 512),
                reason: "cannot be locked: \(unsafe String(cString: strerror(errno)))",
                hint: "mount the folder with locks (Lustre: flock), or name another with "
                    + "--shard-folder")
        }
        // The process before us may have given the file its final name in the meantime: what we
        // have locked is then the whole shard, which must not be touched.
        var (mine, named) = (stat(), stat())
        guard unsafe fstat(descriptor, &mine) == 0, unsafe stat(path, &named) == 0,
            mine.st_ino == named.st_ino, mine.st_dev == named.st_dev
        else { throw busy }
    }

    private init(header: ShardHeader, folder: String, path: String, descriptor: Int32) {
        self.header = header
        self.folder = folder
        self.path = path
        self.descriptor = descriptor
        count = 0
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Keeps trials: they are on the disk when this returns.
    ///
    /// - Throws: 74 if there is no room.
    public mutating func append(_ trials: [Trial], fold: Int) throws(Diagnosis) {
        guard !trials.isEmpty else { return }
        try write(ShardFormat.trials(trials, fold: fold))
        count += trials.count
    }

    /// Says that the shard is whole and gives it its name.
    ///
    /// - Throws: 74 if there is no room.
    public mutating func finish() throws(Diagnosis) {
        try write(ShardFormat.end(count))
        let final = folder + "/" + ShardFile.name(header.shard, of: header.count)
        guard unsafe rename(path, final) == 0 else {
            throw ShardFile.problem(final, "cannot be written", errno)
        }
        close(descriptor)
        descriptor = -1
        let opened = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if opened >= 0 {
            fsync(opened)
            close(opened)
        }
    }

    private mutating func cut(_ length: Int) throws(Diagnosis) {
        guard ftruncate(descriptor, off_t(length)) == 0,
            lseek(descriptor, off_t(length), SEEK_SET) >= 0
        else { throw ShardFile.problem(path, "cannot be written", errno) }
    }

    private mutating func write(_ bytes: [UInt8]) throws(Diagnosis) {
        var offset = 0
        while offset < bytes.count {
            let done = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(
                    descriptor, buffer.baseAddress.map { unsafe $0 + offset },
                    buffer.count - offset)
            }
            if done < 0, errno == EINTR { continue }
            guard done > 0 else {
                throw ShardFile.problem(path, "cannot be written", done < 0 ? errno : EIO)
            }
            offset += done
        }
        guard fsync(descriptor) == 0 else {
            throw ShardFile.problem(path, "cannot be written", errno)
        }
    }

    private static func makeFolders(_ path: String) throws(Diagnosis) {
        let made = unsafe lot_make_folders(path)
        if made < 0 { throw problem(path, "cannot be created", -made) }
    }

    /// The bytes of a file; none if it is not there.
    static func read(_ path: String) throws(Diagnosis) -> [UInt8] {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return [] }
            throw problem(path, "cannot be read", errno)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let got = unsafe buffer.withUnsafeMutableBytes { target in
                unsafe Glibc.read(descriptor, target.baseAddress, target.count)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw problem(path, "cannot be read", errno) }
            if got == 0 { return bytes }
            bytes += buffer[..<got]
        }
    }

    private static func problem(_ path: String, _ what: String, _ code: Int32) -> Diagnosis {
        Diagnosis(
            [EIO, ENOSPC, EDQUOT].contains(code) ? .io : .cannotCreate, kind: "shard.file",
            subject: escaped(path, limit: 512),
            reason: "\(what): \(unsafe String(cString: strerror(code)))")
    }
}
