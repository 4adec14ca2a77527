import CSystem
import Glibc
import LotCore
import LotData
import LotReport

/// The files of a run before they have their names: a folder inside the run's own, so that each
/// takes its place by a rename within one file system.
struct RunStage {
    /// Its path.
    let path: String
    /// What it is filled with, in the order in which the files take their places.
    private(set) var names: [String] = []
    private let final: String

    private static let prefix = ".writing-"

    /// Whether a name in a run's folder is that of a stage.
    static func isStage(_ name: String) -> Bool { name.hasPrefix(prefix) }

    /// Makes an empty one, whose name nobody else has: what a killed process left is passed over,
    /// and so is that of a process with the same number in another container.
    init(in folder: String) throws(Diagnosis) {
        final = folder
        for number in 0..<1_000 {
            let path = "\(folder)/\(RunStage.prefix)\(getpid())-\(number)"
            if unsafe mkdir(path, 0o777) == 0 {
                self.path = path
                return
            }
            guard errno == EEXIST else { break }
        }
        throw OutputFolder.cannot("write", folder, errno)
    }

    /// Writes every file of a run, the manifest last.
    ///
    /// - Parameters:
    ///   - folder: The run.
    ///   - keptPage: The hash of a page that stays where it is.
    /// - Returns: The hash of the page that the manifest has.
    /// - Throws: 73, or 74 for a disk without room.
    mutating func fill(_ folder: RunFolder, keptPage: String?) throws(Diagnosis) -> String? {
        var hashes: [String] = []
        for file in folder.outputs { hashes.append(try write(file)) }
        for file in folder.companions { _ = try write(file) }
        var page = keptPage
        if let drawn = folder.page { page = try write(drawn) }
        _ = try write(folder.manifest(hashes: hashes, page: page))
        return page
    }

    /// Writes a file and returns its SHA-256.
    private mutating func write(_ file: RunFile) throws(Diagnosis) -> String {
        let place = path + "/" + file.name
        let shown = final + "/" + file.name
        if let slash = file.name.lastIndex(of: "/") {
            try NewFile.makeFolders(path + "/" + file.name[..<slash])
        }
        let descriptor = unsafe open(
            place, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw OutputFolder.cannot("write", shown, errno) }
        names.append(file.name)
        let hasher = SHA256Hasher()
        var problem: Int32 = 0
        unsafe file.write { piece in
            guard problem == 0 else { return }
            unsafe hasher.update(piece)
            problem = unsafe RunStage.put(piece, descriptor)
        }
        if close(descriptor) != 0, problem == 0 { problem = errno }
        guard problem == 0 else { throw OutputFolder.cannot("write", shown, problem) }
        return hasher.finishText()
    }

    /// Puts all of it on the disk.
    ///
    /// The disk is asked to begin with every file before the first is waited for: then what one
    /// waits for is most of what the others need, too.
    func sync() throws(Diagnosis) {
        var opened: [(name: String, descriptor: Int32)] = []
        defer { for file in opened { close(file.descriptor) } }
        for name in names {
            let descriptor = unsafe open(path + "/" + name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else {
                throw OutputFolder.cannot("write", final + "/" + name, errno)
            }
            opened.append((name, descriptor))
            // Where the file system does not know it, the wait below does all of it.
            _ = lot_begin_sync(descriptor)
        }
        for file in opened {
            let code = lot_fdatasync(file.descriptor)
            guard code >= 0 || code == -EINVAL else {
                throw OutputFolder.cannot("write", final + "/" + file.name, -code)
            }
        }
    }

    /// Gives a file its place.
    func move(_ name: String, to place: String) throws(Diagnosis) {
        if unsafe rename(path + "/" + name, place) != 0 {
            throw OutputFolder.cannot("write", place, errno)
        }
    }

    /// Removes what is left of it.
    func remove() { OutputFolder.removeTree(path) }

    /// Writes all of the bytes; returns 0 or an error number.
    private static func put(_ bytes: UnsafeRawBufferPointer, _ descriptor: Int32) -> Int32 {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe Glibc.write(
                descriptor, bytes.baseAddress.map { unsafe $0 + offset }, bytes.count - offset)
            if count > 0 { offset += count } else if errno != EINTR { return errno }
        }
        return 0
    }
}
