/// The exit codes that scripts and cron jobs can rely on (BSD `sysexits.h`, plus 1).
///
/// - SeeAlso: `docs/exit-codes.md`
public enum ExitCode: Int32, Sendable {
    /// A check ran and said no: `--assert`, `verify`.
    case failed = 1
    /// Wrong flag or argument.
    case usage = 64
    /// Bad content of a file: data, script, archive.
    case data = 65
    /// A file or a series is missing.
    case noInput = 66
    /// A service is down after retries.
    case unavailable = 69
    /// A bug of `lot` itself.
    case internalError = 70
    /// Output exists already or cannot be created.
    case cannotCreate = 73
    /// Input/output error: disk full, device error.
    case io = 74
    /// Try again later: a lock is held, a file changed while it was read.
    case tryLater = 75
    /// A peer answered nonsense.
    case protocolError = 76
    /// Not permitted: login, role, file mode, sandbox.
    case permission = 77
    /// Bad configuration or environment variable.
    case config = 78
}

/// What went wrong, where, why, and what to do about it: the one form of every error message.
///
/// Rendered as `lot: <subject>: <place>: <reason>; <hint>` on stderr, or as a JSON object with
/// `--format json`. Text that came from outside must have passed ``escaped(_:limit:)``.
public struct Diagnosis: Error, Equatable, Sendable {
    /// The exit code the command ends with.
    public var code: ExitCode
    /// A stable dotted name for programs, for example `kline.digest`.
    public var kind: String
    /// The file, series or flag that is at fault.
    public var subject: String
    /// The place inside it: `line 9, column "close"`, `row 4,711`.
    public var place: String?
    /// Why it was refused.
    public var reason: String
    /// What the user can do.
    public var hint: String?
    /// Further lines shown under the message, such as a script's traceback.
    public var details: [String]

    /// Makes a diagnosis; every part is plain text without line breaks, save `details`.
    public init(
        _ code: ExitCode, kind: String, subject: String, place: String? = nil, reason: String,
        hint: String? = nil, details: [String] = []
    ) {
        self.code = code
        self.kind = kind
        self.subject = subject
        self.place = place
        self.reason = reason
        self.hint = hint
        self.details = details
    }

    /// The message without the leading `lot: `, in one line.
    public var message: String {
        var text = subject
        if let place { text += ": " + place }
        text += ": " + reason
        if let hint { text += "; " + hint }
        return text
    }
}

/// An error that can say what to do: every error enum of the libraries conforms.
public protocol Diagnosable: Error {
    /// The message, exit code and hint for the user.
    var diagnosis: Diagnosis { get }
}

extension Diagnosis: Diagnosable {
    /// The diagnosis itself.
    public var diagnosis: Diagnosis { self }
}

/// Returns `text` safe to print: control characters and invalid input shown as `\xNN`, cut after
/// `limit` bytes of the original with `…`.
///
/// - Complexity: O(`limit`).
public func escaped(_ text: some StringProtocol, limit: Int = 64) -> String {
    escaped(bytes: text.utf8, limit: limit)
}

/// Returns bytes of unknown origin as printable text; see ``escaped(_:limit:)``.
public func escaped(bytes: some Sequence<UInt8>, limit: Int = 64) -> String {
    var head: [UInt8] = []
    var cut = false
    for byte in bytes {
        if head.count == limit {
            cut = true
            break
        }
        head.append(byte)
    }
    var result = ""
    var offset = 0
    var iterator = head.makeIterator()
    var parser = Unicode.UTF8.ForwardParser()
    while true {
        switch parser.parseScalar(from: &iterator) {
        case .valid(let encoded):
            offset += encoded.count
            append(Unicode.UTF8.decode(encoded), to: &result)
        case .error(let length):
            // A character that the limit has cut in two is left out.
            let isCutEnd = cut && offset + length == head.count
            for byte in head[offset..<(offset + length)] where !isCutEnd {
                result += hexadecimal(UInt32(byte))
            }
            offset += length
        case .emptyInput: return cut ? result + "…" : result
        }
    }
}

/// Appends a character, or its code where a terminal would obey it instead of showing it: control
/// characters, line separators, and marks that turn the direction of writing.
private func append(_ scalar: Unicode.Scalar, to text: inout String) {
    switch scalar.value {
    case 0..<0x20, 0x7f...0x9f, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069:
        text += hexadecimal(scalar.value)
    default: text.unicodeScalars.append(scalar)
    }
}

private func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return "\\x" + (digits.count < 2 ? "0" : "") + digits
}

/// Returns `value` with a comma between groups of three digits: `69,632`.
public func grouped(_ value: some BinaryInteger) -> String {
    let digits = String(value.magnitude)
    var result = ""
    for (index, character) in digits.enumerated() {
        if index > 0, (digits.count - index).isMultiple(of: 3) { result += "," }
        result.append(character)
    }
    return value < 0 ? "-" + result : result
}

/// Returns a count with its noun: `1 bar`, `1,440 bars`.
public func counted(_ count: Int, _ noun: String) -> String {
    "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
}

/// Returns the candidate nearest to `word` by edit distance, or `nil` when none is near.
///
/// Near means at most a third of the word's length, at least 1 and at most 3 edits; capital and
/// small letters are the same. Nothing is near a word of more than 128 bytes: no name is as long,
/// and a script may ask for any.
/// - Complexity: O(candidates · length²).
public func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
    guard word.utf8.count <= 128 else { return nil }
    let limit = min(3, max(1, word.count / 3))
    var best: (distance: Int, name: String)?
    for candidate in candidates where candidate.utf8.count <= 131 {
        let distance = editDistance(
            Array(word.lowercased().utf8), Array(candidate.lowercased().utf8))
        if distance <= limit, distance < best?.distance ?? Int.max {
            best = (distance, candidate)
        }
    }
    return best?.name
}

/// Levenshtein's distance with adjacent transpositions counted as one edit.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    if abs(a.count - b.count) > 3 { return Int.max }
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 0..<a.count {
        var row = [i + 1]
        for j in 0..<b.count {
            var cost = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                cost = min(cost, beforeLast[j - 1] + 1)
            }
            row.append(cost)
        }
        beforeLast = last
        last = row
    }
    return last[b.count]
}
