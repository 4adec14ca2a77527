import Glibc
import LotCore

/// Finds the files that a script requires, inside the script's own folder only.
enum ModuleReader {
    /// Reads the module called `name`: letters, digits, `_` and `-`, folders separated by `/`, with
    /// or without `.lua`.
    ///
    /// Every folder on the way and the file itself are opened without following links.
    /// - Returns: The path relative to the folder, and the bytes.
    static func read(_ name: String, in folder: String) throws(Diagnosis) -> (String, [UInt8]) {
        let shown = "require \"\(escaped(name))\""
        func refused(_ reason: String, _ hint: String? = nil) -> Diagnosis {
            Diagnosis(.data, kind: "script.require", subject: shown, reason: reason, hint: hint)
        }
        let path = name.hasSuffix(".lua") ? name : name + ".lua"
        let parts = String(path.dropLast(4)).split(separator: "/", omittingEmptySubsequences: false)
        guard path.utf8.count <= 200, parts.allSatisfy({ isPlain($0) }) else {
            throw refused(
                "a module is a file of the strategy's own folder", "write require \"signals\"")
        }
        var current = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if current >= 0 { close(current) } }
        guard current >= 0 else { throw refused(ScriptFile.systemReason(errno)) }
        for part in parts.dropLast() {
            let next = unsafe openat(
                current, String(part), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            let reason = errno
            close(current)
            current = next
            guard next >= 0 else { throw refused(refusal(reason)) }
        }
        let file = (parts.last.map(String.init) ?? "") + ".lua"
        let descriptor = unsafe openat(
            current, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw refused(refusal(errno)) }
        defer { close(descriptor) }
        let bytes = try ScriptFile.read(descriptor, name: path)
        try ScriptFile.check(bytes, name: path)
        return (path, bytes)
    }

    private static func refusal(_ number: Int32) -> String {
        switch number {
        case ENOENT: "no such file in the strategy's folder"
        case ELOOP, ENOTDIR: "links out of the strategy's folder are not followed"
        default: ScriptFile.systemReason(number)
        }
    }

    private static func isPlain(_ part: Substring) -> Bool {
        !part.isEmpty
            && part.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                    || (0x61...0x7a).contains(byte) || byte == 0x5f || byte == 0x2d
            }
    }
}
