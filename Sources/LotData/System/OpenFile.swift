import CSystem
import Glibc
import LotCore

/// A failed system call: its `errno`.
struct SystemError: Error, Equatable {
    let code: Int32
}

/// What a descriptor or a name refers to.
struct FileStatus: Equatable {
    let isRegular: Bool
    let isFolder: Bool
    let size: Int64
    let device: UInt64
    let inode: UInt64
    /// When the content was written, in nanoseconds since 1970.
    let modified: Int64
    /// When anything of it was changed; nobody can set it.
    let changed: Int64

    init(_ raw: lot_file_status) {
        isRegular = raw.kind == Int32(LOT_REGULAR)
        isFolder = raw.kind == Int32(LOT_FOLDER)
        size = raw.size
        device = raw.device
        inode = raw.inode
        modified = raw.modified_ns
        changed = raw.changed_ns
    }
}

/// An open file or folder that closes itself; only reads here, see ``FileOperations`` for writes.
final class OpenFile: Sendable {
    let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { _ = lot_close(descriptor) }

    /// Takes over what a `lot_open_…` function returned.
    static func take(_ result: Int32) throws(SystemError) -> OpenFile {
        guard result >= 0 else { throw SystemError(code: -result) }
        return OpenFile(result)
    }

    static func folder(path: String) throws(SystemError) -> OpenFile {
        try take(unsafe lot_open_folder_path(path))
    }

    static func input(path: String) throws(SystemError) -> OpenFile {
        try take(unsafe lot_open_input_path(path))
    }

    func folder(_ name: String) throws(SystemError) -> OpenFile {
        try OpenFile.take(unsafe lot_open_folder(descriptor, name))
    }

    /// Opens a regular file below this folder for reading; a link, FIFO or folder is refused.
    func file(_ name: String) throws(SystemError) -> (file: OpenFile, size: Int64) {
        let opened = try OpenFile.take(unsafe lot_open_read(descriptor, name))
        let status = try opened.status()
        guard status.isRegular else { throw SystemError(code: ENXIO) }
        return (opened, status.size)
    }

    func status() throws(SystemError) -> FileStatus {
        var raw = lot_file_status()
        let result = unsafe lot_status(descriptor, &raw)
        guard result >= 0 else { throw SystemError(code: -result) }
        return FileStatus(raw)
    }

    /// The status of a name below this folder; `nil` if there is none.
    func status(of name: String) throws(SystemError) -> FileStatus? {
        var raw = lot_file_status()
        let result = unsafe lot_status_at(descriptor, name, &raw)
        if result == -ENOENT { return nil }
        guard result >= 0 else { throw SystemError(code: -result) }
        return FileStatus(raw)
    }

    /// Fills `buffer` from the current position; returns the count, short only at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        let result = unsafe lot_read_all(descriptor, base, buffer.count)
        guard result >= 0 else { throw SystemError(code: Int32(-result)) }
        return Int(result)
    }

    /// Reads up to `count` bytes at `offset`.
    func bytes(at offset: Int64, count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let result = unsafe bytes.withUnsafeMutableBytes { buffer -> Int64 in
            guard let base = buffer.baseAddress else { return 0 }
            return unsafe lot_pread_all(descriptor, base, count, offset)
        }
        guard result >= 0 else { throw SystemError(code: Int32(-result)) }
        bytes.removeLast(count - Int(result))
        return bytes
    }

    /// Goes back to the first byte.
    func rewind() throws(SystemError) {
        let result = lot_rewind(descriptor)
        guard result >= 0 else { throw SystemError(code: -result) }
    }

    /// The names in this folder, sorted by their bytes.
    func names() throws(SystemError) -> [String] {
        guard let list = unsafe lot_list_open(descriptor) else { throw SystemError(code: EIO) }
        defer { unsafe lot_list_close(list) }
        var names: [String] = []
        var buffer = [CChar](repeating: 0, count: 512)
        while true {
            let length = unsafe lot_list_next(list, &buffer, buffer.count)
            guard length >= 0 else { throw SystemError(code: -length) }
            if length == 0 { break }
            names.append(
                String(
                    decoding: buffer[..<Int(length)].map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
