import CSystem
import Glibc
import LotCore

/// Another program, run to its end without a shell: no word of the user is ever parsed by one.
struct ChildProgram {
    /// What it wrote and how it ended.
    struct Outcome {
        /// Exit code, or 128 + n after signal n.
        var code: Int32
        var out: String
        var err: String
    }

    /// Runs a program that is found in PATH.
    ///
    /// - Parameters:
    ///   - words: Its name and its arguments.
    ///   - seconds: After this time it is killed.
    /// - Returns: What came of it; `nil` if there is no such program.
    /// - Throws: 69 if it cannot be started or does not end.
    static func run(_ words: [String], seconds: Int) throws(Diagnosis) -> Outcome? {
        var bytes: [CChar] = []
        for word in words { bytes += word.utf8CString }
        var child = lot_child()
        let problem = unsafe lot_run_child(bytes, words.count, Int32(seconds * 1_000), &child)
        if problem == -ENOENT { return nil }
        guard problem == 0 else {
            throw Diagnosis(
                .unavailable, kind: "program.failed", subject: escaped(words[0]),
                reason: problem == -ETIMEDOUT
                    ? "no answer within \(seconds) s"
                    : "cannot be run: \(unsafe String(cString: strerror(-problem)))")
        }
        defer {
            close(child.out)
            close(child.err)
        }
        return Outcome(code: child.status, out: text(child.out), err: text(child.err))
    }

    private static func text(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    /// The absolute path of something that is there; `nil` if it is not.
    static func absolute(_ path: String) -> String? {
        guard let found = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    /// Makes a folder the current one; whether that could be done.
    static func enter(_ path: String) -> Bool { unsafe chdir(path) == 0 }

    /// Holds Ctrl-C and SIGTERM back, for ``signal(within:)`` to see.
    static func holdSignals() { lot_block_signals() }

    /// The signal that came or comes within a time; 0 if none.
    static func signal(within milliseconds: Int32) -> Int32 { lot_wait_signal(milliseconds) }

    /// Removes files of ours; those that are not there are no error.
    static func remove(_ paths: [String]) {
        for path in paths { unsafe unlink(path) }
    }

    /// Removes a folder if it is empty.
    static func removeFolder(_ path: String) { unsafe rmdir(path) }
}
