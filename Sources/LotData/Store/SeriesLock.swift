import CSystem
import Glibc
import LotCore

/// The one writer of a series, or of an exchange's rules: an flock on a file beside it, which says
/// who holds it.
///
/// The kernel frees the lock when the process ends, however it ends. The file stays, empty.
final class SeriesLock {
    private let file: OpenFile
    private let files: FileOperations

    private init(_ file: OpenFile, _ files: FileOperations) {
        self.file = file
        self.files = files
    }

    deinit {
        // Emptied before the descriptor closes; failing to say so harms nobody.
        try? files.truncate(file, to: 0)
        // Said aloud: a child process that another thread starts at this moment may hold a copy of
        // the descriptor until its exec, and closing ours would leave the lock to it.
        _ = lot_unlock(file.descriptor)
    }

    static func name(_ place: SeriesPlace) -> String { place.name + ".lock" }

    /// Takes the lock of a series in its symbol's folder, without waiting.
    ///
    /// - Throws: Exit code 75, naming the holder, if another writer has it.
    static func take(
        _ place: SeriesPlace, in parent: OpenFile, _ files: FileOperations
    ) throws(Diagnosis) -> SeriesLock {
        try take(name(place), of: place.subject(), in: parent, files)
    }

    /// Takes the lock of whatever a file called `name` guards.
    ///
    /// - Throws: Exit code 75, naming the holder, if another writer has it.
    static func take(
        _ name: String, of subject: String, in parent: OpenFile, _ files: FileOperations
    ) throws(Diagnosis) -> SeriesLock {
        do {
            for _ in 0..<8 {
                let file = try files.openLock(parent, name)
                guard try file.status().isRegular else { throw SystemError(code: ENXIO) }
                let result = lot_lock(file.descriptor)
                if result == -EWOULDBLOCK { throw held(by: file, subject) }
                guard result >= 0 else { throw SystemError(code: -result) }
                // Deleted by hand and made anew in between: that lock would guard nothing.
                guard try parent.status(of: name) == file.status() else { continue }
                let lock = SeriesLock(file, files)
                try files.truncate(file, to: 0)
                try files.write(Array("pid \(getpid()) on \(hostName())\n".utf8), to: file, at: 0)
                return lock
            }
            throw SystemError(code: EAGAIN)
        } catch let error as Diagnosis {
            throw error
        } catch let error as SystemError {
            throw systemDiagnosis(error.code, subject: subject, doing: "locking")
        } catch {
            throw systemDiagnosis(EIO, subject: subject, doing: "locking")
        }
    }

    private static func held(by file: OpenFile, _ subject: String) -> Diagnosis {
        let bytes = (try? file.bytes(at: 0, count: 256)) ?? []
        let holder = bytes.split(separator: 0x0a).first.map { escaped(bytes: $0) }
        return Diagnosis(
            .tryLater, kind: "kline.locked", subject: subject,
            reason: "another writer holds it (\(holder ?? "just started"))",
            hint: "wait until it is done and run again")
    }

    private static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard unsafe lot_host_name(&buffer, buffer.count) >= 0 else { return "unknown" }
        let name = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return escaped(bytes: name)
    }
}
