import CSystem
import Glibc
import LotCore

/// Every change that the store makes on disk goes through here, one numbered operation each, so
/// that the crash tests can stop the writer at any of them.
struct FileOperations: Sendable {
    /// The tests' faults; `nil` in earnest.
    var faults: FaultPlan?

    /// The `errno` that a stopped writer sees; no code path handles it.
    static let stopped: Int32 = ECANCELED

    func createFolder(_ parent: OpenFile, _ name: String) throws(SystemError) {
        try run { unsafe lot_mkdir(parent.descriptor, name) }
    }

    func createFolder(path: String) throws(SystemError) {
        try run { unsafe lot_mkdir_path(path) }
    }

    func createFile(_ parent: OpenFile, _ name: String) throws(SystemError) -> OpenFile {
        try OpenFile.take(try run { unsafe lot_create_new(parent.descriptor, name) })
    }

    func openLock(_ parent: OpenFile, _ name: String) throws(SystemError) -> OpenFile {
        try OpenFile.take(try run { unsafe lot_open_lock(parent.descriptor, name) })
    }

    /// Opens an existing regular file for writing; nothing changes on disk.
    func openForWriting(_ parent: OpenFile, _ name: String) throws(SystemError) -> OpenFile {
        let file = try OpenFile.take(unsafe lot_open_write(parent.descriptor, name))
        guard try file.status().isRegular else { throw SystemError(code: ENXIO) }
        return file
    }

    func rename(_ folder: OpenFile, _ old: String, _ new: String) throws(SystemError) {
        try run { unsafe lot_rename(folder.descriptor, old, folder.descriptor, new) }
    }

    func move(_ name: String, from: OpenFile, to: OpenFile) throws(SystemError) {
        try run { unsafe lot_rename(from.descriptor, name, to.descriptor, name) }
    }

    /// Renames where the new name must not exist.
    func renameNew(_ folder: OpenFile, _ old: String, _ new: String) throws(SystemError) {
        try run { unsafe lot_rename_new(folder.descriptor, old, new) }
    }

    /// Swaps two names in one step.
    func exchange(_ folder: OpenFile, _ one: String, _ other: String) throws(SystemError) {
        try run { unsafe lot_exchange(folder.descriptor, one, other) }
    }

    func removeFile(_ folder: OpenFile, _ name: String) throws(SystemError) {
        try run { unsafe lot_unlink(folder.descriptor, name) }
    }

    func removeFolder(_ parent: OpenFile, _ name: String) throws(SystemError) {
        try run { unsafe lot_rmdir(parent.descriptor, name) }
    }

    func sync(_ file: OpenFile) throws(SystemError) {
        try run { lot_fsync(file.descriptor) }
    }

    func truncate(_ file: OpenFile, to size: Int64) throws(SystemError) {
        try run { lot_truncate(file.descriptor, size) }
    }

    func write(_ bytes: [UInt8], to file: OpenFile, at offset: Int64) throws(SystemError) {
        var failure: SystemError?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(SystemError) {
                unsafe try write(buffer, to: file, at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Writes all of `buffer` at `offset`; one operation.
    func write(
        _ buffer: UnsafeRawBufferPointer, to file: OpenFile, at offset: Int64
    ) throws(SystemError) {
        guard let base = buffer.baseAddress else { return }
        let fault = faults?.next()
        switch fault {
        case nil: break
        case .torn, .exit(torn: true):
            _ = unsafe lot_pwrite_all(file.descriptor, base, buffer.count / 2, offset)
            if fault != .torn { _exit(FaultPlan.exitCode) }
            throw SystemError(code: FileOperations.stopped)
        case .stop: throw SystemError(code: FileOperations.stopped)
        case .exit(torn: false): _exit(FaultPlan.exitCode)
        case .error(let code):
            _ = unsafe lot_pwrite_all(file.descriptor, base, buffer.count / 2, offset)
            throw SystemError(code: code)
        }
        let result = unsafe lot_pwrite_all(file.descriptor, base, buffer.count, offset)
        guard result >= 0 else { throw SystemError(code: Int32(-result)) }
    }

    @discardableResult
    private func run(_ operation: () -> Int32) throws(SystemError) -> Int32 {
        switch faults?.next() {
        case nil: break
        case .stop, .torn: throw SystemError(code: FileOperations.stopped)
        case .exit: _exit(FaultPlan.exitCode)
        case .error(let code): throw SystemError(code: code)
        }
        let result = operation()
        guard result >= 0 else { throw SystemError(code: -result) }
        return result
    }
}
