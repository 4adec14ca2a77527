import Glibc
public import LotCore

/// A strategy's source text, read and checked, before anything in it runs.
public struct ScriptFile: Sendable {
    /// Largest script that is read: 1 MiB.
    public static let maximumBytes = 1 << 20

    /// The path as the user gave it.
    public let path: String
    /// The file's name, as messages show it.
    public let name: String
    /// The folder that `require` is confined to.
    public let folder: String
    /// The bytes, valid UTF-8 without NUL.
    public let bytes: [UInt8]

    /// Takes a script from memory, for tests and for scripts that are no file.
    ///
    /// - Throws: A ``Diagnosis`` (65) if the text is too long, no UTF-8, or precompiled.
    public init(name: String, folder: String = ".", bytes: [UInt8]) throws(Diagnosis) {
        path = name
        self.name = name
        self.folder = folder
        self.bytes = bytes
        try ScriptFile.check(bytes, name: escaped(name))
    }

    /// Reads a script.
    ///
    /// - Parameter path: A regular file of at most 1 MiB.
    /// - Returns: The file, its text checked.
    /// - Throws: A ``Diagnosis``: 66 if there is no such file, 65 if it is not Lua source text.
    public static func load(path: String) throws(Diagnosis) -> ScriptFile {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        let name = parts.last.map(String.init) ?? path
        let shown = escaped(path)
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let missing = errno == ENOENT || errno == ENOTDIR
            throw Diagnosis(
                missing ? .noInput : .io, kind: "script.open", subject: shown,
                reason: missing ? "no such file" : systemReason(errno),
                hint: missing
                    ? "give the path of a strategy, such as strategies/sma_cross.lua" : nil)
        }
        defer { close(descriptor) }
        let bytes = try read(descriptor, name: shown)
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        try check(bytes, name: shown)
        return ScriptFile(path: path, name: name, folder: folder, bytes: bytes)
    }

    private init(path: String, name: String, folder: String, bytes: [UInt8]) {
        self.path = path
        self.name = name
        self.folder = folder
        self.bytes = bytes
    }

    /// Reads an open file after checking that it is a regular one of a size that is allowed.
    static func read(_ descriptor: Int32, name: String) throws(Diagnosis) -> [UInt8] {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw Diagnosis(
                .io, kind: "script.read", subject: name, reason: systemReason(errno))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Diagnosis(
                .data, kind: "script.type", subject: name, reason: "not a regular file")
        }
        guard status.st_size <= maximumBytes else { throw tooLong(name, Int(status.st_size)) }
        // One byte more than there is shows the end, and a file that has grown since.
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
        var count = 0
        while count <= maximumBytes {
            if count == bytes.count {
                bytes += repeatElement(0, count: maximumBytes + 1 - count)
            }
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(
                    descriptor, buffer.baseAddress.map { unsafe $0 + count },
                    buffer.count - count)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else {
                throw Diagnosis(
                    .io, kind: "script.read", subject: name, reason: systemReason(errno))
            }
            if got == 0 { break }
            count += got
        }
        guard count <= maximumBytes else { throw tooLong(name, count) }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Refuses what is not the source text of a script.
    static func check(_ bytes: [UInt8], name: String) throws(Diagnosis) {
        if bytes.count > maximumBytes { throw tooLong(name, bytes.count) }
        if bytes.starts(with: [0x1b]) {
            throw Diagnosis(
                .data, kind: "script.bytecode", subject: name,
                reason: "precompiled Lua is not accepted", hint: "give source text")
        }
        if let index = bytes.firstIndex(of: 0) {
            throw Diagnosis(
                .data, kind: "script.nul", subject: name,
                place: "line \(line(of: index, in: bytes))",
                reason: "holds a NUL byte: not a text file")
        }
        if let index = firstInvalid(bytes) {
            throw Diagnosis(
                .data, kind: "script.utf8", subject: name,
                place: "line \(line(of: index, in: bytes))", reason: "is not UTF-8",
                hint: "save it as UTF-8")
        }
    }

    private static func tooLong(_ name: String, _ count: Int) -> Diagnosis {
        Diagnosis(
            .data, kind: "script.size", subject: name,
            reason: "\(grouped(count)) bytes, a script has at most 1 MiB")
    }

    private static func line(of index: Int, in bytes: [UInt8]) -> Int {
        1 + bytes[..<index].count { $0 == 0x0a }
    }

    private static func firstInvalid(_ bytes: [UInt8]) -> Int? {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var index = 0
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): index += UTF8.width(scalar)
            case .emptyInput: return nil
            case .error: return min(index, bytes.count - 1)
            }
        }
    }

    static func systemReason(_ number: Int32) -> String {
        guard let text = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: text)
    }
}
