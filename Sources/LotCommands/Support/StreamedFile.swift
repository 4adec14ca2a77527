import Glibc
import LotCore

/// A file that is written piece by piece beside its place and gets its name when it is whole.
///
/// What is left unfinished is removed.
struct StreamedFile: ~Copyable {
    private let path: String
    private let temporary: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []

    private static let piece = 1 << 20

    /// Begins a file; missing folders are made.
    ///
    /// - Throws: 73 if it cannot be created.
    init(_ path: String) throws(Diagnosis) {
        if let slash = path.lastIndex(of: "/") { try NewFile.makeFolders(String(path[...slash])) }
        let (beside, opened) = try NewFile.beside(path, mode: 0o666)
        self.path = path
        temporary = beside
        descriptor = opened
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unsafe unlink(temporary)
    }

    /// Adds bytes at the end.
    ///
    /// - Throws: 74 if there is no room.
    mutating func append(_ bytes: [UInt8]) throws(Diagnosis) {
        buffer += bytes
        if buffer.count >= StreamedFile.piece { try flush() }
    }

    /// Gives the file its name.
    ///
    /// - Throws: 74 if it cannot be written whole.
    mutating func finish() throws(Diagnosis) {
        try flush()
        var problem: Int32 = 0
        if fsync(descriptor) != 0 { problem = errno }
        if close(descriptor) != 0, problem == 0 { problem = errno }
        descriptor = -1
        if problem == 0, unsafe rename(temporary, path) != 0 { problem = errno }
        guard problem == 0 else {
            unsafe unlink(temporary)
            throw NewFile.cannot(path, problem)
        }
    }

    private mutating func flush() throws(Diagnosis) {
        var offset = 0
        while offset < buffer.count {
            let count = unsafe buffer.withUnsafeBytes { bytes in
                unsafe write(
                    descriptor, bytes.baseAddress.map { unsafe $0 + offset },
                    bytes.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw NewFile.cannot(path, count < 0 ? errno : EIO) }
            offset += count
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
