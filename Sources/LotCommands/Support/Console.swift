import Glibc
import LotCore

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
        var fields = [
            "\"code\":\(diagnosis.code.rawValue)", "\"kind\":\(quoted(diagnosis.kind))",
            "\"subject\":\(quoted(diagnosis.subject))",
        ]
        if let place = diagnosis.place { fields.append("\"place\":\(quoted(place))") }
        fields.append("\"reason\":\(quoted(diagnosis.reason))")
        if let hint = diagnosis.hint { fields.append("\"hint\":\(quoted(hint))") }
        if !diagnosis.details.isEmpty {
            let list = diagnosis.details.map(quoted).joined(separator: ",")
            fields.append("\"details\":[\(list)]")
        }
        return "{" + fields.joined(separator: ",") + "}"
    }

    /// `text` as a JSON string.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default:
                if scalar.value < 0x20 {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}
