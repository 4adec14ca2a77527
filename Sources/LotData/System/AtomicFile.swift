import Glibc
import LotCore

/// A file that is written beside its place and takes it in one rename, or never.
final class AtomicFile {
    private let path: String
    private let folder: OpenFile
    private let name: String
    private let temporary: String
    private let file: OpenFile
    private let files: FileOperations
    private var size: Int64 = 0

    /// Creates the temporary file.
    ///
    /// - Parameters:
    ///   - path: The file to be; a regular file there will be replaced.
    ///   - files: How the disk is changed.
    /// - Throws: Exit code 73 if the folder is missing or something else has the name.
    init(_ path: String, _ files: FileOperations) throws(Diagnosis) {
        self.path = path
        self.files = files
        let slash = path.lastIndex(of: "/")
        name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        temporary = "." + name + ".new"
        let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let isName = !name.isEmpty && name != "." && name != ".."
        do throws(SystemError) {
            guard isName else { throw SystemError(code: EISDIR) }
            folder = try OpenFile.folder(path: parent)
            if let status = try folder.status(of: name), !status.isRegular {
                throw SystemError(code: ENXIO)
            }
            // What a killed export left.
            if try folder.status(of: temporary) != nil { try files.removeFile(folder, temporary) }
            file = try files.createFile(folder, temporary)
        } catch {
            throw AtomicFile.cannot(path, error)
        }
    }

    /// Adds bytes at the end.
    func append(_ bytes: [UInt8]) throws(Diagnosis) {
        do {
            try files.write(bytes, to: file, at: size)
            size += Int64(bytes.count)
        } catch {
            throw AtomicFile.cannot(path, error)
        }
    }

    /// Syncs the file and gives it its name.
    func commit() throws(Diagnosis) {
        do throws(SystemError) {
            try files.sync(file)
            try files.rename(folder, temporary, name)
            try files.sync(folder)
        } catch {
            throw AtomicFile.cannot(path, error)
        }
    }

    /// Removes what was written so far.
    func discard() { try? files.removeFile(folder, temporary) }

    private static func cannot(_ path: String, _ error: SystemError) -> Diagnosis {
        let problem = SystemProblem(error.code)
        let isIO = problem.exit == .io
        return Diagnosis(
            isIO ? .io : .cannotCreate, kind: "output.write", subject: escaped(path, limit: 1_024),
            reason: "cannot be written: \(problem.reason)",
            hint: isIO ? "free space and run again" : "name another file with --output")
    }
}
