import Glibc
import LotCore
import LotReport

/// How results are printed.
enum OutputFormat: String, CaseIterable, Sendable {
    /// Aligned text for people.
    case table
    /// One JSON value.
    case json
    /// Lines of comma-separated values.
    case csv
}

/// Where a command writes: payload to standard output, everything else to standard error.
struct Console: Sendable {
    /// Suppresses everything but the payload and errors.
    var isQuiet = false
    /// Says more on standard error.
    var isVerbose = false
    /// Whether colour may be used on standard output.
    var usesColor = false
    /// Whether errors are printed as JSON too.
    var format = OutputFormat.table

    /// Whether standard error is a terminal, so that progress can be drawn.
    static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }

    /// Width of the terminal on standard output; 100 where it is none.
    static var width: Int {
        var size = winsize()
        let known = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return known ? Int(size.ws_col) : 100
    }

    /// Writes payload to standard output.
    ///
    /// - Throws: 74 if it cannot be written, on a full disk for example. A reader that went away
    ///   is no error: SIGPIPE ends the process quietly.
    func write(_ text: String) throws(Diagnosis) {
        let problem = Console.put(text, STDOUT_FILENO)
        guard problem != 0 else { return }
        throw Diagnosis(
            .io, kind: "output.write", subject: "standard output",
            reason: "cannot be written: \(unsafe String(cString: strerror(problem)))",
            hint: "free space, or write elsewhere")
    }

    /// Writes a remark to standard error, unless the user wants quiet.
    func note(_ text: String) {
        if !isQuiet { Console.put(text + "\n", STDERR_FILENO) }
    }

    /// Writes a detail to standard error if the user asked for more.
    func detail(_ text: String) {
        if isVerbose { Console.put(text + "\n", STDERR_FILENO) }
    }

    /// Writes an error: one line on standard error, or an object on it with `--format json`.
    func fail(_ diagnosis: Diagnosis) {
        var text = ""
        if format == .json {
            text = Console.json(diagnosis) + "\n"
        } else {
            text = "lot: " + diagnosis.message + "\n"
            for line in diagnosis.details { text += "  " + line + "\n" }
        }
        Console.put(text, STDERR_FILENO)
    }

    /// Writes all of `text` and returns 0, or the error number that stopped it.
    @discardableResult
    static func put(_ text: String, _ descriptor: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            var offset = 0
            while offset < bytes.count {
                let count = unsafe Glibc.write(
                    descriptor, bytes.baseAddress.map { unsafe $0 + offset }, bytes.count - offset)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return count < 0 ? errno : EIO }
                offset += count
            }
            return 0
        }
    }

    private static func json(_ diagnosis: Diagnosis) -> String {
        var json = JSONWriter()
        json.object(inline: true) { json in
            field(&json, "code", Int(diagnosis.code.rawValue))
            field(&json, "kind", diagnosis.kind)
            field(&json, "subject", diagnosis.subject)
            if let place = diagnosis.place { field(&json, "place", place) }
            field(&json, "reason", diagnosis.reason)
            if let hint = diagnosis.hint { field(&json, "hint", hint) }
            guard !diagnosis.details.isEmpty else { return }
            json.key("details")
            json.array { json in
                for line in diagnosis.details { json.value(line) }
            }
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
